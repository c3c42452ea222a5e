"""Which time is at a rank? `ranked(times, p)` returns it."""

import math

import numpy as np

from lessonlib.checks import Check, Mistake, case

TIMES = [3, 1, 2, 10]


def _whole(p, n, rank):
    """Return the case of a rank that comes out whole."""
    return case(
        list(range(1, n + 1)),
        p,
        gives=rank,
        called=f"ranked([1, 2, ..., {n}], {p})",
        hint="print p / 100 * n and p * n / 100 for these two: are they equal?",
    )


PART = "p percent of n is p * n / 100, and part of a request counts as a whole one"
PLACE = "ranks count from 1, the places of a list from 0"

PROMISES = (
    (
        "the percentile is a time that happened, whatever the order of the times",
        case(TIMES, 50, gives=2, hint=PART),
        case(TIMES, 51, gives=3, hint=PART),
        case(TIMES, 75, gives=3, hint=PART),
        case(TIMES, 76, gives=10, hint=PART),
    ),
    (
        "the 100th percentile is the slowest time, and of one time it is that time",
        case([3, 1], 100, gives=3, hint=PLACE),
        case([8], 1, gives=8, hint=PLACE),
    ),
    (
        "a rank that comes out whole is not rounded up",
        _whole(28, 25, rank=7),
        _whole(7, 100, rank=7),
        _whole(55, 20, rank=11),
        _whole(14, 50, rank=7),
    ),
)


def _shared(times, p):
    rank = math.ceil(p / 100 * len(times))
    return sorted(times)[rank - 1]


def _rounded_down(times, p):
    return sorted(times)[max(int(p * len(times) / 100) - 1, 0)]


def _one_too_far(times, p):
    return sorted(times)[math.ceil(p * len(times) / 100)]


def _place_for_rank(times, p):
    return sorted(times)[p * len(times) // 100]


MISTAKES = (
    Mistake(
        "divided first",
        "nearly: p / 100 is not exact in a computer, so p / 100 * n can land a hair "
        "above a whole rank and be rounded up. In which order is nothing lost?",
        _shared,
    ),
    Mistake(
        "blended",
        "this blends two neighbours into a time that nobody waited. Here a percentile "
        "is one of the times: look for a rank, not for a place between two",
        lambda times, p: float(np.percentile(times, p)),
    ),
    Mistake(
        "rounded down",
        "the rank was rounded down, so fewer than p percent are covered. If 2.04 "
        "requests are p percent, how many are at least p percent?",
        _rounded_down,
    ),
    Mistake(
        "one too far",
        "the list has no such place at p = 100: ranks count from 1, and the first "
        "place of a list is 0",
        _one_too_far,
    ),
    Mistake(
        "place for rank",
        "p percent of n was used as the place in the list. The time at that place has "
        "p percent *before* it, so it comes one too late: compare with the rank in the "
        "lesson",
        _place_for_rank,
    ),
    Mistake(
        "mean",
        "this is the mean, whatever p is. Which of the ordered times has p percent of "
        "all times up to it?",
        lambda times, p: sum(times) / len(times),
    ),
)

rank = Check.table(
    title="the time at a rank",
    name="ranked",
    promises=PROMISES,
    also=((TIMES, 1), (TIMES, 25), (TIMES, 99), (TIMES, 100)),
    mistakes=MISTAKES,
)
