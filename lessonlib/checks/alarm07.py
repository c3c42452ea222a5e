"""The alarm of notebook 07: two windows, on recorded afternoons."""

import numpy as np

from lessonlib.checks import Check, Mistake
from lessonlib.checks.probes import call, expect, outcomes

_RULE = {"limit": 0.1, "long_min": 6, "short_min": 2}


def _trace(bad, *, n=20, failed=10, total=10):
    errors = [failed if minute in bad else 0 for minute in range(n)]
    return errors, [total] * n


_BLIP = _trace({8}, failed=5)  # half of a minute: 25 % of two minutes, 8 % of six
_OUTAGE = _trace(range(8, 13))
_SLOW = _trace(range(4, 20), total=20, failed=1)
_NIGHT = ([1, 0, 0, 0, 0, 0, 0, 0], [1, 100, 100, 100, 100, 100, 100, 100])
_EDGE = ([0, 0, 0, 0, 6, 0], [10] * 6)  # 6 of 60: exactly the limit
_AGAIN = _trace({3, 4, 12})
_GONE = ([0] * 7 + [10, 0, 0, 0, 0, 0, 2], [10] * 14)  # 7 is not in the six of 13
_TRACES = (_BLIP, _OUTAGE, _SLOW, _NIGHT, _EDGE, _AGAIN, _GONE)


def _minutes(answer, trace):
    errors, total = (np.array(each) for each in trace)
    return [int(minute) for minute in call(answer, errors, total, **_RULE)]


def _expect_on(answer, trace, expected, what, hint):
    called = f"on_alarm of {what}, limit=0.1, long_min=6, short_min=2"
    expect(_minutes(answer, trace), expected, called=called, hint=hint)


def _alarm_blip(on_alarm):
    """a blip of a minute wakes nobody, and a slow burn neither"""
    hint = "does it matter, and does it still go on? both must be true"
    what = "20 minutes of 10 parcels, 5 of which fail in minute 8"
    _expect_on(on_alarm, _BLIP, [], what, hint)
    what = "20 minutes of 20 parcels, one of which fails from minute 4 on"
    _expect_on(on_alarm, _SLOW, [], what, hint)


def _alarm_outage(on_alarm):
    """an outage does, while it goes on and a minute longer, but not half an hour"""
    what = "20 minutes of 10 parcels, all of which fail from minute 8 to 12"
    hint = "the last 2 minutes end the alarm: minute 13 still has 12 in its window"
    _expect_on(on_alarm, _OUTAGE, [8, 9, 10, 11, 12, 13], what, hint)
    what = "14 minutes of 10 parcels, 10 of which fail in minute 7 and 2 in minute 13"
    hint = "the last 6 minutes, minute 13 included, begin with minute 8"
    _expect_on(on_alarm, _GONE, [7, 8], what, hint)


def _alarm_shares(on_alarm):
    """a share is failures over parcels, both of the whole window; the limit counts"""
    what = f"errors {_NIGHT[0]}, total {_NIGHT[1]}"
    hint = "at the beginning a window holds what there is: one parcel, and it failed"
    _expect_on(on_alarm, _NIGHT, [0], what, hint)
    what = f"errors {_EDGE[0]}, total {_EDGE[1]}"
    _expect_on(on_alarm, _EDGE, [4, 5], what, "10 % is on alarm, not only above it")


# -- wrong answers


def _over(counts, minute, minutes):
    return sum(counts[max(0, minute + 1 - minutes) : minute + 1])


def _share(errors, total, minute, minutes):
    return _over(errors, minute, minutes) / _over(total, minute, minutes)


def _when(*, both=all, share=_share, strict=False, windows=("long_min", "short_min")):
    """Return an answer that looks at `windows`, and says when it is on alarm."""

    def on_alarm(errors, total, **rule):
        def alarming(minute):
            seen = [share(errors, total, minute, rule[each]) for each in windows]
            limit = rule["limit"]
            return both(one > limit if strict else one >= limit for one in seen)

        return [minute for minute in range(len(errors)) if alarming(minute)]

    return on_alarm


def _mean_of_shares(errors, total, minute, minutes):
    window = slice(max(0, minute + 1 - minutes), minute + 1)
    return np.mean(np.asarray(errors)[window] / np.asarray(total)[window])


def _flags(errors, total, **rule):
    on = set(_when()(errors, total, **rule))
    return [minute in on for minute in range(len(errors))]


_MISTAKES = (
    Mistake(
        "short window alone",
        "this asks only whether it goes on now. A blip is 'now' as well: which window "
        "says whether it matters?",
        _when(windows=("short_min",)),
    ),
    Mistake(
        "long window alone",
        "this asks only whether it matters. So it goes on ringing when all is well "
        "again, until the trouble has left the long window",
        _when(windows=("long_min",)),
    ),
    Mistake(
        "either window",
        "one of the two windows is enough here, so each blip rings, and each outage "
        "rings too long. The lesson joins the two questions with another word",
        _when(both=any),
    ),
    Mistake(
        "mean of shares",
        "this averages the shares of the minutes. A minute with a single parcel then "
        "weighs as much as one with a hundred: add up first, divide then",
        _when(share=_mean_of_shares),
    ),
    Mistake(
        "above only",
        "a window exactly at the limit is not on alarm here: the limit itself counts",
        _when(strict=True),
    ),
    Mistake(
        "flags",
        "a True or False for each minute came back. The exercise asks for the numbers "
        "of the minutes that are on alarm",
        _flags,
    ),
)

alarm = Check(
    title="whom to wake",
    promises=(_alarm_blip, _alarm_outage, _alarm_shares),
    probe=lambda answer: outcomes(
        lambda trace: _minutes(answer, trace), [(trace,) for trace in _TRACES]
    ),
    mistakes=_MISTAKES,
)
