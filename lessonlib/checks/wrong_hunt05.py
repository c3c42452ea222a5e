"""Wrong repairs of the bug hunts of notebook 05, and what to tell who makes them."""

import math
import time

import numpy as np

from lessonlib.checks import Mistake

# -- tail: the first is the lying original


def _mean_of_slowest(times_s):
    slowest = sorted(times_s)[-max(len(times_s) // 100, 1) :]
    return 1000 * sum(slowest) / len(slowest)


TAIL = (
    Mistake(
        "mean",
        "this is still the mean, under another name. One parcel in fifty was far too "
        "late, and the mean moves by a hair: which time do 99 in 100 not exceed?",
        lambda times_s: 1000 * sum(times_s) / len(times_s),
    ),
    Mistake(
        "slowest",
        "this is the slowest of all. One unlucky request in a thousand decides it, and "
        "the longer you measure the worse it gets: 99 in 100, not 100 in 100",
        lambda times_s: 1000 * max(times_s),
    ),
    Mistake(
        "seconds",
        "the right request, but its time is in seconds, and the name says ms",
        lambda times_s: sorted(times_s)[math.ceil(99 * len(times_s) / 100) - 1],
    ),
    Mistake(
        "median",
        "this is the time of the middle request, the p50: half of them are slower",
        lambda times_s: 1000 * sorted(times_s)[math.ceil(len(times_s) / 2) - 1],
    ),
    Mistake(
        "mean of the tail",
        "this is the mean of the slowest hundredth, not its border: again a time that "
        "nobody waited",
        _mean_of_slowest,
    ),
    Mistake(
        "blended",
        "numpy's percentile blends two neighbours unless told otherwise, so this is a "
        "time that nobody waited: it has another method= for a time that happened",
        lambda times_s: 1000 * float(np.percentile(times_s, 99)),
    ),
)


# -- warm: the first is the lying original


def _timed(work, clock, calls):
    times_s = []
    for _ in range(calls):
        began = clock()
        work()
        times_s.append(clock() - began)
    return times_s


def _running_total(work, clock, *, n, warm_up):
    for _ in range(warm_up):
        work()
    times_s, began = [], clock()
    for _ in range(n):
        work()
        times_s.append(clock() - began)
    return times_s


WARM = (
    Mistake(
        "no warm-up",
        "warm_up is not used yet: the 90 s of the first call are still in the report",
        lambda work, clock, *, n, warm_up: _timed(work, clock, n),
    ),
    Mistake(
        "warm-up out of n",
        "the warm-up is taken out of the n calls, so too few times come back: n are to "
        "be reported",
        lambda work, clock, *, n, warm_up: _timed(work, clock, n)[warm_up:],
    ),
    Mistake(
        "dropped at the end",
        "the right number of calls, but the last were dropped. Which calls are cold?",
        lambda work, clock, *, n, warm_up: _timed(work, clock, warm_up + n)[:n],
    ),
    Mistake(
        "dropped the slowest",
        "the slowest times were dropped, whenever they happened. A stall after the "
        "warm-up is no warm-up: parcels met it, so it stays",
        lambda work, clock, *, n, warm_up: sorted(_timed(work, clock, warm_up + n))[:n],
    ),
    Mistake(
        "another clock",
        "the clock that was handed in is never read. With a clock as an argument the "
        "function can be tested without waiting, as this check does",
        lambda work, clock, *, n, warm_up: _timed(work, time.perf_counter, warm_up + n)[
            warm_up:
        ],
    ),
    Mistake(
        "running total",
        "each time contains all calls before it: when does the stopwatch start again?",
        _running_total,
    ),
)


# -- late: the first is the lying original

LATE = (
    Mistake(
        "seconds against milliseconds",
        "the times are still seconds and the limit milliseconds, so 0.9 is compared "
        "with 50, and nobody is ever late. Bring both to one unit",
        lambda times_s, limit_ms: sum(t > limit_ms for t in times_s),
    ),
    Mistake(
        "the wrong way",
        "this makes the gap a million instead of a thousand: is a second more "
        "milliseconds, or fewer?",
        lambda times_s, limit_ms: sum(t / 1000 > limit_ms for t in times_s),
    ),
    Mistake(
        "on the limit",
        "a parcel on the limit is in time, and this counts it as late",
        lambda times_s, limit_ms: sum(1000 * t >= limit_ms for t in times_s),
    ),
    Mistake(
        "whole milliseconds",
        "the times were rounded to whole milliseconds first, and a parcel that is late "
        "by less than half of one slips through: compare first, round for the reader",
        lambda times_s, limit_ms: sum(round(1000 * t) > limit_ms for t in times_s),
    ),
    Mistake(
        "in time",
        "these are the parcels that were in time: the office asks for the others",
        lambda times_s, limit_ms: sum(1000 * t <= limit_ms for t in times_s),
    ),
    Mistake(
        "share",
        "this is the share of late parcels: the office asks how many",
        lambda times_s, limit_ms: (
            sum(1000 * t > limit_ms for t in times_s) / len(times_s)
        ),
    ),
)
