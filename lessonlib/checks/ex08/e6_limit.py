"""Which limit does the alarm get? `choose_limit(weeks, limits, most)` picks one."""

from typing import Any

import numpy as np

from lessonlib.checks import Case, Check, Mistake, case
from lessonlib.checks.probes import call
from lessonlib.watch.performance import cusum

USUAL = {"baseline": 0.07, "worse": 0.14}
NAMES = {81: "the first recording", 82: "the second", 83: "the third"}


def _weeks(seed: int) -> np.ndarray:
    """Return 40 healthy weeks of 600 labels each: True is a wrong answer."""
    return np.random.default_rng(seed).random((40, 600)) < USUAL["baseline"]


def _ask(answer: Any, seed: int, limits: list[float], most: float) -> Any:
    return call(answer, _weeks(seed), limits, most)


def _recording(
    seed: int, limits: list[float], most: float, *, gives: float, hint: str
) -> Case:
    called = f"choose_limit(weeks of {NAMES[seed]}, {limits}, {most})"
    return case(seed, limits, most, gives=gives, called=called, hint=hint)


COUNT = "for each limit, count the weeks with an alarm: what share is that?"
AT_MOST = "4 of 40 is a share of 0.1, and 0.1 is allowed"
SOONEST = "of the limits that are quiet enough, which is reached first?"

PROMISES = (
    (
        "the limit rings in at most the share `most` of the healthy weeks",
        _recording(81, [2, 3, 5, 7], 0.2, gives=5, hint=COUNT),
        _recording(82, [3.5, 4, 6, 7], 0.2, gives=6, hint=COUNT),
        _recording(83, [4, 4.5, 5], 0.1, gives=4.5, hint=AT_MOST),
    ),
    (
        "of the limits that do, it is the one that notices trouble soonest",
        _recording(83, [6, 4, 5, 4.5], 0.1, gives=4.5, hint=SOONEST),
        _recording(82, [7, 6, 5, 4], 0.15, gives=5, hint=SOONEST),
        _recording(81, [3, 3.5, 6], 0.9, gives=3, hint=SOONEST),
    ),
)


def _shares(weeks, limits):
    """Return for each limit the share of the weeks with an alarm."""
    peaks = np.array([cusum(week, **USUAL).level.max() for week in weeks])
    return {limit: float((peaks >= limit).mean()) for limit in limits}


def _quiet(weeks, limits, most):
    shares = _shares(weeks, limits)
    return [limit for limit in limits if shares[limit] <= most]


def _strict(weeks, limits, most):
    shares = _shares(weeks, limits)
    quiet = [limit for limit in limits if shares[limit] < most]
    return min(quiet, default=max(limits))


def _nearest(weeks, limits, most):
    shares = _shares(weeks, limits)
    return min(limits, key=lambda limit: abs(shares[limit] - most))


def _at_the_end(weeks, limits, most):
    ends = [cusum(week, **USUAL).level[-1] for week in weeks]
    return min(limit for limit in limits if np.mean(np.array(ends) >= limit) <= most)


MISTAKES = (
    Mistake(
        "the safest",
        "this is the highest limit. It rings for nothing least often, and it notices "
        "trouble last: the office has said how many false alarms it can take",
        lambda weeks, limits, most: max(limits),
    ),
    Mistake(
        "the quickest",
        "this is the lowest limit, however often it rings for nothing. What does "
        "`most` ask of it?",
        lambda weeks, limits, most: min(limits),
    ),
    Mistake(
        "less than most",
        "nearly: a limit that rings in exactly the share `most` of the weeks is quiet "
        "enough",
        _strict,
    ),
    Mistake(
        "nearest",
        "this is the limit whose share of false alarms comes nearest to `most`, from "
        "above or below. Above is too often",
        _nearest,
    ),
    Mistake(
        "the first that will do",
        "the first limit of the list that is quiet enough came back. The list is in no "
        "order, and another one of them may notice trouble sooner",
        lambda weeks, limits, most: _quiet(weeks, limits, most)[0],
    ),
    Mistake(
        "the end of the week",
        "only the sum at the end of each week was compared with the limit. An alarm "
        "that rang on Tuesday has rung, even if the sum fell again by Friday",
        _at_the_end,
    ),
)

limit = Check.table(
    title="set the alarm",
    name="choose_limit",
    promises=PROMISES,
    ask=_ask,
    also=((81, [0.5, 1, 3, 7], 0.2), (82, [1, 2, 7], 0.2)),
    mistakes=MISTAKES,
)
