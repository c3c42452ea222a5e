"""Whom to wake? `on_alarm(errors, total, ...)` looks at two windows of an afternoon."""

from collections.abc import Iterable
from typing import Any

import numpy as np

from lessonlib.checks import Case, Check, Mistake, case
from lessonlib.checks.probes import call
from lessonlib.watch.alerts import trailing_share

Afternoon = tuple[list[int], list[int]]  # errors and all parcels, for each minute


def _afternoon(
    bad: Iterable[int], *, n: int = 20, failed: int = 10, total: int = 10
) -> Afternoon:
    errors = [failed if minute in bad else 0 for minute in range(n)]
    return errors, [total] * n


BLIP = _afternoon({8}, failed=5)  # half of a minute: 25 % of two minutes, 8 % of six
OUTAGE = _afternoon(range(8, 13))
SLOW = _afternoon(range(4, 20), total=20, failed=1)
NIGHT = ([1, 0, 0, 0, 0, 0, 0, 0], [1, 100, 100, 100, 100, 100, 100, 100])
EDGE = ([0, 0, 0, 0, 6, 0], [10] * 6)  # 6 of 60: exactly the limit
AGAIN = _afternoon({3, 4, 12})
GONE = ([0] * 7 + [10, 0, 0, 0, 0, 0, 2], [10] * 14)  # 7 is not in the six of 13


def _ask(answer: Any, errors: list[int], total: list[int]) -> Any:
    rule = {"limit": 0.1, "long_min": 6, "short_min": 2}
    return call(answer, np.array(errors), np.array(total), **rule)


def _alarms(afternoon: Afternoon, minutes: list[int], *, what: str, hint: str) -> Case:
    called = f"on_alarm of {what}, limit=0.1, long_min=6, short_min=2"
    return case(*afternoon, gives=minutes, called=called, hint=hint)


BOTH = "does it matter, and does it still go on? both must be true"

PROMISES = (
    (
        "a blip of a minute wakes nobody, and a slow burn neither",
        _alarms(
            BLIP,
            [],
            what="20 minutes of 10 parcels, 5 of which fail in minute 8",
            hint=BOTH,
        ),
        _alarms(
            SLOW,
            [],
            what="20 minutes of 20 parcels, one of which fails from minute 4 on",
            hint=BOTH,
        ),
    ),
    (
        "an outage does, while it goes on and a minute longer, but not half an hour",
        _alarms(
            OUTAGE,
            [8, 9, 10, 11, 12, 13],
            what="20 minutes of 10 parcels, all of which fail from minute 8 to 12",
            hint="the last 2 minutes end the alarm: minute 13 still has 12 in its "
            "window",
        ),
        _alarms(
            GONE,
            [7, 8],
            what="14 minutes of 10 parcels, 10 of which fail in minute 7 and 2 in "
            "minute 13",
            hint="the last 6 minutes, minute 13 included, begin with minute 8",
        ),
    ),
    (
        "a share is failures over parcels, both of the whole window; the limit counts",
        _alarms(
            NIGHT,
            [0],
            what="errors {}, total {}".format(*NIGHT),
            hint="at the beginning a window holds what there is: one parcel, and it "
            "failed",
        ),
        _alarms(
            EDGE,
            [4, 5],
            what="errors {}, total {}".format(*EDGE),
            hint="10 % is on alarm, not only above it",
        ),
    ),
)


def _shares(errors, total, long_min, short_min):
    return [trailing_share(errors, total, minutes=m) for m in (long_min, short_min)]


def _short_alone(errors, total, *, limit, long_min, short_min):
    _, short = _shares(errors, total, long_min, short_min)
    return np.flatnonzero(short >= limit)


def _long_alone(errors, total, *, limit, long_min, short_min):
    long, _ = _shares(errors, total, long_min, short_min)
    return np.flatnonzero(long >= limit)


def _either(errors, total, *, limit, long_min, short_min):
    long, short = _shares(errors, total, long_min, short_min)
    return np.flatnonzero((long >= limit) | (short >= limit))


def _above_only(errors, total, *, limit, long_min, short_min):
    long, short = _shares(errors, total, long_min, short_min)
    return np.flatnonzero((long > limit) & (short > limit))


def _flags(errors, total, *, limit, long_min, short_min):
    long, short = _shares(errors, total, long_min, short_min)
    return (long >= limit) & (short >= limit)


def _mean_of_shares(errors, total, *, limit, long_min, short_min):
    shares = errors / total
    return [
        minute
        for minute in range(len(shares))
        if all(
            shares[max(0, minute + 1 - window) : minute + 1].mean() >= limit
            for window in (long_min, short_min)
        )
    ]


MISTAKES = (
    Mistake(
        "short window alone",
        "this asks only whether it goes on now. A blip is 'now' as well: which window "
        "says whether it matters?",
        _short_alone,
    ),
    Mistake(
        "long window alone",
        "this asks only whether it matters. So it goes on ringing when all is well "
        "again, until the trouble has left the long window",
        _long_alone,
    ),
    Mistake(
        "either window",
        "one of the two windows is enough here, so each blip rings, and each outage "
        "rings too long. The lesson joins the two questions with another word",
        _either,
    ),
    Mistake(
        "mean of shares",
        "this averages the shares of the minutes. A minute with a single parcel then "
        "weighs as much as one with a hundred: add up first, divide then",
        _mean_of_shares,
    ),
    Mistake(
        "above only",
        "a window exactly at the limit is not on alarm here: the limit itself counts",
        _above_only,
    ),
    Mistake(
        "flags",
        "a True or False for each minute came back. The exercise asks for the numbers "
        "of the minutes that are on alarm",
        _flags,
    ),
)

alarm = Check.table(
    title="whom to wake",
    name="on_alarm",
    promises=PROMISES,
    ask=_ask,
    also=(AGAIN,),
    mistakes=MISTAKES,
)
