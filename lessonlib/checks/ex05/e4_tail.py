"""Which time do 99 of 100 not exceed? `p99_ms(times_s)`, in milliseconds."""

import math

import numpy as np

from lessonlib.checks import Check, Mistake, case

PROMISES = (
    (
        "one slow request in fifty is seen",
        case(
            [0.004] * 30 + [0.5] + [0.004] * 19,
            gives=500.0,
            called="p99_ms of 49 requests of 0.004 s and one of 0.5 s",
            hint="how long did all but the slowest hundredth take?",
        ),
    ),
    (
        "one slow request in a thousand is not yet the p99",
        case(
            [0.004] * 600 + [2.0] + [0.004] * 399,
            gives=4.0,
            called="p99_ms of 999 requests of 0.004 s and one of 2 s",
            hint="99 of 100, not all of them",
        ),
    ),
    (
        "it is a time that happened, in milliseconds",
        case(
            [k / 1000 for k in range(200, 0, -1)],
            gives=198.0,
            called="p99_ms of 200 requests of 0.200, 0.199, ..., 0.001 s",
            hint="which rank is it, and in which unit?",
        ),
    ),
)


def _mean_of_slowest(times_s):
    slowest = sorted(times_s)[-max(len(times_s) // 100, 1) :]
    return 1000 * sum(slowest) / len(slowest)


MISTAKES = (
    Mistake(
        "mean",
        "this is still the mean, under another name. One parcel in fifty was far too "
        "late, and the mean moves by a hair: which time do 99 in 100 not exceed?",
        lambda times_s: 1000 * sum(times_s) / len(times_s),
    ),
    Mistake(
        "slowest",
        "this is the slowest of all. One unlucky request in a thousand decides it, and "
        "it gets worse the longer you measure. The p99 covers 99 in 100, not all 100",
        lambda times_s: 1000 * max(times_s),
    ),
    Mistake(
        "seconds",
        "the right request, but its time is in seconds. The name says ms",
        lambda times_s: sorted(times_s)[math.ceil(99 * len(times_s) / 100) - 1],
    ),
    Mistake(
        "median",
        "this is the time of the middle request, the p50: half of them are slower",
        lambda times_s: 1000 * sorted(times_s)[math.ceil(len(times_s) / 2) - 1],
    ),
    Mistake(
        "mean of the tail",
        "this is the mean of the slowest hundredth: again a time that nobody waited. "
        "The p99 is where that hundredth begins",
        _mean_of_slowest,
    ),
    Mistake(
        "blended",
        "numpy's percentile blends two neighbours unless told otherwise, so this is a "
        "time that nobody waited. Give it another method= for a time that happened",
        lambda times_s: 1000 * float(np.percentile(times_s, 99)),
    ),
)

tail = Check.table(
    title="bug hunt: a p99 that isn't one",
    name="p99_ms",
    promises=PROMISES,
    mistakes=MISTAKES,
)
