"""Was the learner's own week a good one? The answer is its report."""

import json
from typing import Any

from lessonlib.checks import Check, Mistake
from lessonlib.checks.ex11.written import expect_json
from lessonlib.checks.probes import Broken, Untouched, expect, outcomes
from lessonlib.intervals import wilson_interval

_FRIDAY = "Friday morning"
PARTS = ("misread", "p99_ms", "decisions", "evidence")


def _given(report: Any) -> dict[str, Any]:
    if not isinstance(report, dict):
        seen = f"the report is {type(report).__name__}, expected a dict"
        raise Broken(seen, "what does week_report return?")
    if Ellipsis in report.values():
        raise Untouched(...)
    if missing := [key for key in PARTS if key not in report]:
        seen = f"the report has no {', '.join(map(repr, missing))}"
        raise Broken(seen, "what does week_report return?")
    return report


def _missed(report: dict[str, Any], shift: str) -> bool:
    """Return whether the labels of a shift say that the target was surely missed."""
    right, n = map(int, report["evidence"][shift])
    return n > 0 and wilson_interval(right, n)[1] < 0.85


def _own_whole(report: Any) -> None:
    """it is JSON, of seven shifts played and six decided, with times in milliseconds"""
    expect_json(_given(report))
    hint = "did the week play to its end?"
    expect(len(report["p99_ms"]), 7, called="shifts in p99_ms", hint=hint)
    expect(len(report["decisions"]), 6, called="shifts in decisions", hint=hint)
    hint = "no answer takes less than a tenth of a millisecond: which unit is it?"
    slowest = max(map(float, report["p99_ms"].values()))
    expect(slowest > 0.5, True, called="the largest p99_ms above 0.5", hint=hint)


def _own_friday(report: Any) -> None:
    """where the labels say that Friday's model is bad, it is rolled back"""
    right, n = map(int, _given(report)["evidence"][_FRIDAY])
    hint = "evidence is a pair of counts for each shift: how many right, of how many"
    expect(0 <= right <= n and n >= 10, True, called=f"[{right}, {n}]", hint=hint)
    if _missed(report, _FRIDAY):
        hint = "what served until Thursday evening, and how did it do?"
        seen = report["decisions"][_FRIDAY]
        expect(seen, "roll back", called=f"the decision after {_FRIDAY}", hint=hint)


def _own_cost(report: Any) -> None:
    """it misreads no more parcels than the reference in the same run"""
    if "reference" not in report:
        raise Broken(
            'the report says nothing of the "reference"',
            'add {"misread": ...} of the week that reference() played',
        )
    mine, reference = (int(week["misread"]) for week in (report, report["reference"]))
    hint = "in which shift do you lose most? Put both weeks into plot_week"
    called = f"misread: {mine}, reference {reference}; no more than it"
    expect(mine <= reference, True, called=called, hint=hint)


def _own_shape(report: Any) -> list[Any]:
    parts = {
        "json": lambda: json.dumps(report) and True,
        "ms": lambda: max(report["p99_ms"].values()) > 0.5,
        "friday": lambda: report["decisions"][_FRIDAY],
        "labels": lambda: int(report["evidence"][_FRIDAY][1]) >= 10,
        "thursday": lambda: report["decisions"]["Thursday morning"],
        "cost": lambda: report["misread"] <= report["reference"]["misread"],
    }
    return outcomes(lambda part: parts[part](), [(part,) for part in parts])


_SHIFTS = ("Monday", "Tuesday", "Wednesday", "Thursday morning", "Thursday afternoon")


def _week(*, misread, plan, friday, labels, times_ms):
    names = (*_SHIFTS, _FRIDAY)
    decisions = dict.fromkeys(names, "keep")
    decisions |= {"Thursday morning": plan, _FRIDAY: friday}
    return {
        "misread": misread,
        "by_hand": 64,
        "late": 0,
        "p99_ms": dict.fromkeys((*names, "Friday afternoon"), times_ms),
        "decisions": decisions,
        "evidence": dict.fromkeys(names, [60, 62]) | {_FRIDAY: list(labels)},
        "reference": {"misread": 232},
    }


MISTAKES = (
    Mistake(
        "nobody watched",
        "nothing was done in the whole week, and it shows in the misread parcels. "
        "Which function is the office asked after each shift?",
        _week(misread=419, plan="keep", friday="keep", labels=(4, 31), times_ms=20.0),
    ),
    Mistake(
        "the winner stayed",
        "the model that won the table was kept on Friday, although the labels of its "
        "first shift say that it misreads most parcels. What served before it?",
        _week(
            misread=330, plan="retrain", friday="keep", labels=(4, 31), times_ms=20.0
        ),
    ),
    Mistake(
        "trained instead of rolled back",
        "on Friday a new model was trained, while a better one was ready to serve "
        "again within a second",
        _week(
            misread=230, plan="retrain", friday="retrain", labels=(4, 31), times_ms=20.0
        ),
    ),
    Mistake(
        "the table as evidence",
        "the evidence of Friday is the share from the offline table. Evidence is a "
        "pair of counts from the labels of the shift: how many right, of how many",
        _week(
            misread=230,
            plan="retrain",
            friday="roll back",
            labels=(0.97, 1),
            times_ms=20.0,
        ),
    ),
    Mistake(
        "seconds",
        "the largest p99_ms is a few hundredths: those are seconds. Multiply by 1000",
        _week(
            misread=230,
            plan="retrain",
            friday="roll back",
            labels=(4, 31),
            times_ms=0.02,
        ),
    ),
)

own = Check(
    title="your own week",
    promises=(_own_whole, _own_friday, _own_cost),
    probe=_own_shape,
    mistakes=MISTAKES,
)
