"""What became of the parcels? `fates(truth, status, said, response_s)` counts."""

from typing import Any

import numpy as np

from lessonlib.checks import Case, Check, Mistake, case
from lessonlib.checks.probes import call

KINDS = {  # a parcel: truth, status, said, response_s
    "right": (3, 200, 3, 0.01),
    "wrong": (3, 200, 8, 0.01),
    "refused": (3, 422, -3, 0.01),
    "refused late": (3, 503, -3, 0.7),
    "no answer": (3, -3, -3, 10.0),
    "no digit on it, and answered": (-1, 200, 8, 0.01),
    "right, on the limit": (3, 200, 3, 0.05),
    "right, and late": (3, 200, 3, 0.06),
    "wrong, and late": (3, 200, 8, 0.06),
}


def _ask(answer: Any, *kinds: str) -> dict[str, int]:
    columns = zip(*(KINDS[kind] for kind in kinds), strict=True)
    counts = call(answer, *map(np.array, columns))
    return {name: counts[name] for name in ("misread", "by_hand", "late")}


def _parcels(*kinds: str, hint: str, **counts: int) -> Case:
    called = f"fates of parcels that were {', '.join(kinds)}"
    expected = {"misread": 0, "by_hand": 0, "late": 0} | counts
    return case(*kinds, gives=expected, called=called, hint=hint)


PROMISES = (
    (
        "a parcel is misread if it was answered, and with a wrong digit",
        _parcels(
            *("right", "wrong", "wrong"),
            misread=2,
            hint="which of them got a digit at all?",
        ),
        _parcels(
            *("no digit on it, and answered", "wrong", "right"),
            misread=2,
            hint="can an answer to it be right?",
        ),
    ),
    (
        "a parcel without a good answer goes by hand, and is not misread",
        _parcels(
            *("refused", "refused late", "no answer", "right"),
            by_hand=3,
            hint="a refusal is no digit; and a server that is gone sends no status at "
            "all",
        ),
    ),
    (
        "late is what was answered after more than 50 ms, rightly or not",
        _parcels(
            *("right, on the limit", "right, and late", "right, and late"),
            "wrong, and late",
            misread=1,
            late=3,
            hint="in which unit is the time, and what of those that got no answer?",
        ),
    ),
)


def _counts(misread, by_hand, late):
    masks = {"misread": misread, "by_hand": by_hand, "late": late}
    return {name: int(mask.sum()) for name, mask in masks.items()}


def _refused_is_misread(truth, status, said, response_s):
    answered = status == 200
    return _counts(said != truth, ~answered, answered & (response_s > 0.05))


def _seconds_for_milliseconds(truth, status, said, response_s):
    answered = status == 200
    return _counts(answered & (said != truth), ~answered, answered & (response_s > 50))


def _late_without_an_answer(truth, status, said, response_s):
    answered = status == 200
    return _counts(answered & (said != truth), ~answered, response_s > 0.05)


def _only_refusals_by_hand(truth, status, said, response_s):
    answered = status == 200
    late = answered & (response_s > 0.05)
    return _counts(answered & (said != truth), status >= 400, late)


def _late_if_right(truth, status, said, response_s):
    answered, wrong = status == 200, said != truth
    late = answered & (response_s > 0.05) & ~wrong
    return _counts(answered & wrong, ~answered, late)


def _limit_is_late(truth, status, said, response_s):
    answered = status == 200
    late = answered & (response_s >= 0.05)
    return _counts(answered & (said != truth), ~answered, late)


MISTAKES = (
    Mistake(
        "refused is misread",
        "this counts refused parcels as misread. A refusal is no digit: the parcel "
        "goes to a clerk and arrives. Which of them were answered?",
        _refused_is_misread,
    ),
    Mistake(
        "seconds against milliseconds",
        "nobody is late here, as seconds are compared with 50. How many seconds are "
        "50 ms?",
        _seconds_for_milliseconds,
    ),
    Mistake(
        "late without an answer",
        "a parcel that was refused, or never answered, is counted twice: by hand, and "
        "as late. Late is an *answer* that came after the limit",
        _late_without_an_answer,
    ),
    Mistake(
        "only refusals go by hand",
        "a server that is gone sends no status of 400 or more; it sends nothing, and "
        "the parcel stands there. What do all parcels without a good answer have in "
        "common?",
        _only_refusals_by_hand,
    ),
    Mistake(
        "late only if right",
        "a wrong answer can be late as well, and this does not count it. The belt does "
        "not know yet which answers are wrong",
        _late_if_right,
    ),
    Mistake(
        "the limit is late",
        "an answer after exactly 50 ms still reaches the flap: the limit itself is in "
        "time",
        _limit_is_late,
    ),
)

fates = Check.table(
    title="what became of the parcels",
    name="fates",
    promises=PROMISES,
    ask=_ask,
    also=[(kind,) for kind in KINDS],
    mistakes=MISTAKES,
)
