"""Exercises of notebook 07: counts, intervals, buckets, workers, alarms, a score."""

import numpy as np

from lessonlib.checks import Check, alarm07, buckets07, wrong07
from lessonlib.checks.probes import call, expect, outcomes, rounded
from lessonlib.intervals import wilson_interval

# -- restart: grown(readings)


def _expect_grown(grown, readings, expected, hint):
    seen = call(grown, list(readings))
    expect(seen, expected, called=f"grown({list(readings)})", hint=hint)


def _restart_none(grown):
    """without a restart it grew by the last reading minus the first"""
    _expect_grown(grown, [100, 130, 190], 90, "add up the steps")
    _expect_grown(grown, [7, 7, 7], 0, "nothing happened, and nothing restarted")


def _restart_one(grown):
    """a lower reading is a restart from 0, and what it shows has happened since"""
    hint = "what happened between the restart and the reading 15?"
    _expect_grown(grown, [900, 960, 15, 75], 135, hint)


def _restart_two(grown):
    """two restarts are no different, and a restart may be the last reading"""
    _expect_grown(grown, [50, 20, 80, 5], 85, "look at one step at a time")


_READINGS = ([100, 130, 190], [7, 7, 7], [900, 960, 15, 75], [50, 20, 80, 5], [40, 0])

restart = Check(
    title="a counter survives a restart",
    promises=(_restart_none, _restart_one, _restart_two),
    probe=lambda answer: outcomes(
        lambda readings: rounded(answer(list(readings))),
        [(readings,) for readings in _READINGS],
    ),
    mistakes=wrong07.RESTART,
)


# -- wilson: wilson(successes, n)

_SHARES = ((121, 130), (9, 10), (47, 51), (3, 200))


def _expect_ends(wilson, successes, n, hint):
    seen = [round(float(end), 3) for end in call(wilson, successes, n)]
    expected = [round(end, 3) for end in wilson_interval(successes, n)]
    expect(seen, expected, called=f"wilson({successes}, {n}), to 3 digits", hint=hint)


def _wilson_middle(wilson):
    """the two ends for 121 of 130, for 9 of 10 and for 47 of 51"""
    hint = "compute share, pull and centre one by one, and print them"
    for successes, n in _SHARES[:3]:
        _expect_ends(wilson, successes, n, hint)


def _wilson_ends(wilson):
    """after 51 of 51 the truth may be lower than 1, and after 0 of 20 higher than 0"""
    for successes, n in ((51, 51), (0, 20)):
        _expect_ends(wilson, successes, n, "the interval is pulled towards a half")


def _wilson_narrow(wilson):
    """four times as many labels make it about half as wide"""
    widths = [np.ptp(call(wilson, 450 * k, 500 * k)) for k in (1, 4)]
    called = "the width for 450 of 500, divided by that for 1,800 of 2,000"
    seen = round(float(widths[0] / widths[1]), 1)
    expect(seen, 2.0, called=called, hint="where does n stand in the formula?")


wilson = Check(
    title="an accuracy with its interval",
    promises=(_wilson_middle, _wilson_ends, _wilson_narrow),
    probe=lambda answer: outcomes(
        lambda successes, n: [round(float(end), 4) for end in answer(successes, n)],
        [*_SHARES, (51, 51), (0, 20), (450, 500)],
    ),
    mistakes=wrong07.WILSON,
)


# -- weakest: score(points)

_SERVICES = (
    {"data": [1, 1, 0.5], "model": [0.5, 0], "infra": [1, 1, 1], "watch": [1, 0.5]},
    {"data": [0.5] * 7, "model": [1] * 7, "infra": [1] * 6 + [0], "watch": [1] * 5},
    {"data": [1] * 7, "model": [1] * 7, "infra": [0] * 7, "watch": [1] * 7},
    {"data": [1, 1], "model": [1, 1], "infra": [1, 1], "watch": [1, 1]},
)


def _expect_score(score, service, expected, hint):
    seen = rounded(call(score, {name: list(each) for name, each in service.items()}))
    expect(seen, rounded(expected), called=f"score({service})", hint=hint)


def _weakest_group(score):
    """the score is the sum of the weakest group"""
    hint = "first one number a group, then one number of the four"
    _expect_score(score, _SERVICES[0], 0.5, hint)
    _expect_score(score, _SERVICES[1], 3.5, hint)


def _weakest_zero(score):
    """a group in which nothing is done makes it 0, however good the others are"""
    _expect_score(score, _SERVICES[2], 0, "what holds a chain with a missing link?")


def _weakest_equal(score):
    """if all groups are alike it is the sum of each"""
    _expect_score(score, _SERVICES[3], 2, "two tests of one point each")


weakest = Check(
    title="the weakest link",
    promises=(_weakest_group, _weakest_zero, _weakest_equal),
    probe=lambda answer: outcomes(
        lambda service: rounded(
            answer({name: list(each) for name, each in service.items()})
        ),
        [(service,) for service in _SERVICES],
    ),
    mistakes=wrong07.WEAKEST,
)


# -- buckets and the alarm

bucket, merge, alarm = buckets07.bucket, buckets07.merge, alarm07.alarm
