"""Keep, retrain or roll back? `friday(now, before, table)`, of two shifts' labels."""

from typing import Any

from lessonlib.checks import Check, Mistake
from lessonlib.checks.probes import call, expect, outcomes
from lessonlib.friday.office import ShiftAccuracy

Labels = tuple[str, int, int]  # the version, how many right, of how many

_TABLE = {"rival": 0.97, "retrained": 0.94}


def _decided(answer: Any, now: Labels, before: Labels | None) -> Any:
    shift_before = None if before is None else ShiftAccuracy(*before)
    return call(answer, ShiftAccuracy(*now), shift_before, dict(_TABLE))


def _expect_decided(
    answer: Any, now: Labels, before: Labels | None, expected: str, hint: str
) -> None:
    seen = _decided(answer, now, before)
    if str(seen) not in ("keep", "retrain", "roll back"):
        hint = 'the office knows "keep", "retrain" and "roll back", in this spelling'
    shown = None if before is None else ShiftAccuracy(*before)
    called = f"friday(now={now[0]}, {ShiftAccuracy(*now)}; "
    called += f"before={shown and shown.version}, "
    expect(seen, expected, called=f"{called}{shown})", hint=hint)


_WELL = ("retrained", 90, 100)


def _friday_keeps(friday: Any) -> None:
    """while the target of 0.85 may still be met, nothing is done"""
    hint = "the upper end of the interval: how good may the model still be?"
    _expect_decided(friday, ("rival", 9, 12), _WELL, "keep", hint)
    _expect_decided(friday, ("retrained", 80, 100), None, "keep", hint)


def _friday_back(friday: Any) -> None:
    """a new version that is surely worse than the one before is rolled back"""
    hint = "what did the table measure, and what do the labels of this shift measure?"
    _expect_decided(friday, ("rival", 4, 31), _WELL, "roll back", hint)
    _expect_decided(friday, ("rival", 4, 31), ("retrained", 58, 102), "roll back", hint)


def _friday_retrains(friday: Any) -> None:
    """if no other version was surely better, it is time to retrain"""
    hint = "would the version before do any better on this mail?"
    _expect_decided(friday, ("retrained", 11, 28), _WELL, "retrain", hint)
    _expect_decided(friday, ("rival", 40, 100), ("retrained", 41, 100), "retrain", hint)
    _expect_decided(friday, ("rival", 4, 31), None, "retrain", hint)


def _by_the_table(now, before, table):
    if before is not None and table[now.version] < table[before.version]:
        return "roll back"
    return "keep"


def _by_shares(now, before, table):
    if now.right / now.n >= 0.85:
        return "keep"
    if before is not None and before.version != now.version:
        if before.right / before.n > now.right / now.n:
            return "roll back"
    return "retrain"


def _never_back(now, before, table):
    return "keep" if now.interval[1] >= 0.85 else "retrain"


def _always_back(now, before, table):
    if now.interval[1] >= 0.85:
        return "keep"
    changed = before is not None and before.version != now.version
    return "roll back" if changed else "retrain"


def _same_version_back(now, before, table):
    if now.interval[1] >= 0.85:
        return "keep"
    if before is not None and before.interval[0] > now.interval[1]:
        return "roll back"
    return "retrain"


def _lower_end(now, before, table):
    if now.interval[0] >= 0.85:
        return "keep"
    if before is not None and before.version != now.version:
        if before.interval[0] > now.interval[1]:
            return "roll back"
    return "retrain"


MISTAKES = (
    Mistake(
        "promoted by the table",
        "this decides by the offline table. It was made of mail from the old camera; "
        "the labels on the desk are from the mail that the model reads now",
        _by_the_table,
    ),
    Mistake(
        "shares without intervals",
        "this takes each share at its word. Nine right of twelve may be an excellent "
        "model with bad luck: what does the interval say?",
        _by_shares,
    ),
    Mistake(
        "never back",
        "this retrains even where the version before was surely better. To roll back "
        "takes a second, and what comes back has been tried",
        _never_back,
    ),
    Mistake(
        "back to something as bad",
        "this rolls back whenever the version has changed. Was the one before surely "
        "better? If not, what would be won?",
        _always_back,
    ),
    Mistake(
        "back to itself",
        "this rolls back although the version did not change between the two shifts: "
        "then the world did, and an older version knows it even less",
        _same_version_back,
    ),
    Mistake(
        "the lower end",
        "this acts unless the model is *surely* good, and with thirty labels hardly "
        "any model is. Act when it is surely *not* good: which end of the interval?",
        _lower_end,
    ),
)

friday = Check(
    title="Friday noon",
    promises=(_friday_keeps, _friday_back, _friday_retrains),
    probe=lambda answer: outcomes(
        lambda now, before: str(_decided(answer, now, before)),
        [(("rival", right, 30), _WELL) for right in (3, 15, 20, 24, 29)]
        + [(("retrained", right, 30), _WELL) for right in (3, 15, 24, 29)]
        + [(("rival", 9, 30), (v, 33, 100)) for v in ("retrained", "rival")]
        + [(("rival", 4, 31), ("retrained", 9, 60)), (("rival", 3, 30), None)],
    ),
    mistakes=MISTAKES,
)
