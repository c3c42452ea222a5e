"""Which time is at a rank of buckets? `read_off(q, ends, at_most)` estimates it."""

import math
from typing import Any

from lessonlib.checks import Check, Mistake, case
from lessonlib.checks.probes import call, to_digits


def _ask(answer: Any, q: float, ends: list[float], at_most: list[int]) -> Any:
    return to_digits(call(answer, q, ends, at_most))


ENDS = [0.01, 0.02, 0.05, math.inf]
EVEN = [40, 60, 80, 100]
INSIDE = "how far into its bucket is the rank: halfway, or a quarter of the way?"

PROMISES = (
    (
        "within a bucket the times count as evenly spread",
        case(0.5, ENDS, EVEN, gives=0.015, hint=INSIDE),
        case(0.7, ENDS, EVEN, gives=0.035, hint=INSIDE),
        case(0.25, [1.0, 3.0, math.inf], [0, 8, 8], gives=1.5, hint=INSIDE),
    ),
    (
        "the first bucket begins at 0, and a rank on the edge is the bucket's end",
        case(0.1, ENDS, EVEN, gives=0.0025, hint="what is below the first end?"),
        case(0.6, ENDS, EVEN, gives=0.02, hint="rank 60: the last of its bucket"),
    ),
    (
        "in the bucket without an end, it is the last finite end",
        case(
            0.95,
            ENDS,
            EVEN,
            gives=0.05,
            hint="halfway to infinity is infinity. What do you know for sure?",
        ),
    ),
)


def _reader(within):
    """Return an answer that reads a bucket by its two ends alone."""

    def read_off(q, ends, at_most):
        low = 0.0
        for end, count in zip(ends, at_most, strict=True):
            if count >= q * at_most[-1]:
                return low if math.isinf(end) else within(low, end)
            low = end

    return read_off


def _share_of_all(q, ends, at_most):
    rank, low = q * at_most[-1], 0.0
    for end, count in zip(ends, at_most, strict=True):
        if count >= rank:
            return low if math.isinf(end) else low + (end - low) * rank / count
        low = end


def _endless(q, ends, at_most):
    rank, low, below = q * at_most[-1], 0.0, 0
    for end, count in zip(ends, at_most, strict=True):
        if count >= rank:
            return low + (end - low) * (rank - below) / (count - below)
        low, below = end, count


MISTAKES = (
    Mistake(
        "upper end",
        "this gives the end of the bucket, too slow by up to its width. How far into "
        "the bucket is the rank?",
        _reader(lambda low, end: end),
    ),
    Mistake(
        "lower end",
        "this gives the beginning of the bucket, as if all its times were the "
        "shortest. How far into the bucket is the rank?",
        _reader(lambda low, end: low),
    ),
    Mistake(
        "middle",
        "this gives the middle of the bucket, wherever in it the rank is",
        _reader(lambda low, end: (low + end) / 2),
    ),
    Mistake(
        "share of all",
        "the way into the bucket is measured by all the counts so far. Those below the "
        "bucket aren't in it: subtract them from both numbers of the fraction",
        _share_of_all,
    ),
    Mistake(
        "endless",
        "nearly: in the last bucket this goes part of the way to infinity. All you "
        "know there is that it took longer than the last finite end",
        _endless,
    ),
)

bucket = Check.table(
    title="a percentile from buckets",
    name="read_off",
    promises=PROMISES,
    ask=_ask,
    also=((1.0, [1.0, 2.0, math.inf], [0, 5, 5]),),
    mistakes=MISTAKES,
)
