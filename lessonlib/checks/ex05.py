"""Exercises of notebook 05: describe a tail, count from due, plan and judge."""

import numpy as np

from lessonlib.checks import Check, call, expect, hunt05, wrong05
from lessonlib.checks.hunt05 import outcomes, rounded

# -- rank: ranked(times, p)

_TAIL = [3, 1, 2, 10]
_RANKS = ((28, 25, 7), (7, 100, 7), (55, 20, 11), (14, 50, 7))  # p, n, the right rank


def _rank_happened(ranked):
    """the percentile is a time that happened, whatever the order of the times"""
    hint = "p percent of n is p * n / 100; a part of a request counts as a whole one"
    for p, expected in ((50, 2), (51, 3), (75, 3), (76, 10)):
        seen = call(ranked, list(_TAIL), p)
        expect(seen, expected, called=f"ranked({_TAIL}, {p})", hint=hint)


def _rank_ends(ranked):
    """the 100th percentile is the slowest time, and of one time it is that time"""
    hint = "ranks count from 1, the places of a list from 0"
    expect(call(ranked, [3, 1], 100), 3, called="ranked([3, 1], 100)", hint=hint)
    expect(call(ranked, [8], 1), 8, called="ranked([8], 1)", hint=hint)


def _rank_whole(ranked):
    """a rank that comes out whole is not rounded up"""
    hint = "print p / 100 * n and p * n / 100 for these two: are they equal?"
    for p, n, rank in _RANKS:
        seen = call(ranked, list(range(1, n + 1)), p)
        expect(seen, rank, called=f"ranked([1, 2, ..., {n}], {p})", hint=hint)


rank = Check(
    title="the time at a rank",
    promises=(_rank_happened, _rank_ends, _rank_whole),
    probe=lambda answer: outcomes(
        lambda times, p: rounded(answer(times, p)),
        [(_TAIL[:], p) for p in (1, 25, 50, 51, 76, 99, 100)]
        + [(list(range(1, n + 1)), p) for p, n, _ in _RANKS],
    ),
    mistakes=wrong05.RANK,
)


# -- from_due: response_times(due, sent, answered)

_ON_TIME = ([0, 1, 2], [0, 1, 2], [0.25, 1.5, 2.125])
_LATE = ([0, 1, 2, 3], [0, 4, 4.25, 4.5], [4, 4.25, 4.5, 4.75])  # a stall of 4 s
_UNEVEN = ([5, 5.5, 9], [5.5, 7, 9], [8, 7.5, 9.5])


def _response_times(answer, trace):
    return call(answer, *(np.array(each, dtype=float) for each in trace))


def _expect_times(answer, trace, expected, hint):
    called = "response_times({}, {}, {})".format(*trace)
    expect(_response_times(answer, trace), expected, called=called, hint=hint)


def _due_on_time(answer):
    """a request that was sent when it was due took until its answer, in seconds"""
    _expect_times(answer, _ON_TIME, [0.25, 0.5, 0.125], "which time ends the wait?")


def _due_late(answer):
    """a request that was sent late has waited since it was due"""
    hint = "the parcel does not know when you sent it; when did its wait begin?"
    _expect_times(answer, _LATE, [4, 3.25, 2.5, 1.75], hint)


def _due_order(answer):
    """one time a request comes back, in the order in which they were given"""
    _expect_times(answer, _UNEVEN, [3, 2, 0.5], "one number a request, nothing sorted")


from_due = Check(
    title="count from when it was due",
    promises=(_due_on_time, _due_late, _due_order),
    probe=lambda answer: outcomes(
        lambda *trace: rounded(_response_times(answer, trace)),
        (_ON_TIME, _LATE, _UNEVEN),
    ),
    mistakes=wrong05.FROM_DUE,
)


# -- schedule: due_times(rate, seconds)


def _expect_due(due_times, rate, seconds, expected, hint):
    seen = call(due_times, rate, seconds)
    expect(seen, expected, called=f"due_times({rate}, {seconds})", hint=hint)


def _schedule_even(due_times):
    """the first is due at 0, and the gaps are even"""
    _expect_due(due_times, 4, 1, [0.0, 0.25, 0.5, 0.75], "how long is one gap?")
    _expect_due(due_times, 2, 3, [0.0, 0.5, 1.0, 1.5, 2.0, 2.5], "when is the next?")


def _schedule_count(due_times):
    """as many are due as the rate and the seconds say, the last before the end"""
    for rate, seconds, n in ((100, 5, 500), (50, 2.5, 125), (8, 0.5, 4), (1, 3, 3)):
        seen = len(list(call(due_times, rate, seconds)))
        called = f"due_times({rate}, {seconds}): the number of times"
        expect(seen, n, called=called, hint="how many come in one second?")


schedule = Check(
    title="plan a belt",
    promises=(_schedule_even, _schedule_count),
    probe=lambda answer: outcomes(
        lambda rate, seconds: rounded(list(answer(rate, seconds))),
        [(4, 1), (2, 3), (100, 5), (8, 0.5)],
    ),
    mistakes=wrong05.SCHEDULE,
)


# -- slo: keeps(response_s, status, within_s=, share=)

_FAST, _SLOW = 0.0625, 4.0


def _keeps(keeps, fast, slow, failed=0, *, share):
    """Ask `keeps` about a week of fast, slow and quickly failed requests."""
    response_s = np.array([_SLOW] * slow + [_FAST] * fast + [0.001] * failed)
    status = np.array(
        [200] * (slow + fast) + [503] * (failed - 1) + [-1] * bool(failed)
    )
    return call(keeps, response_s, status, within_s=_FAST, share=share)


def _expect_kept(keeps, counts, share, expected, hint):
    seen = bool(_keeps(keeps, *counts, share=share))
    fast, slow, failed = (*counts, 0)[:3]
    what = f"{fast} on the limit, {slow} later, {failed} failed at once"
    expect(seen, expected, called=f"keeps(...) for {what}, share={share}", hint=hint)


def _slo_kept(keeps):
    """exactly the promised share within the limit keeps the promise"""
    hint = "what share of the requests was in time?"
    _expect_kept(keeps, (99, 1), 0.99, True, hint)
    _expect_kept(keeps, (3, 1), 0.75, True, hint)


def _slo_broken(keeps):
    """one request more that is too late breaks it"""
    _expect_kept(keeps, (98, 2), 0.99, False, "count the requests, not their seconds")
    _expect_kept(keeps, (297, 4), 0.99, False, "a share is a part of 1")


def _slo_failed(keeps):
    """a request without a good answer was not in time, however quickly it failed"""
    hint = "what did the parcel get that met status 503, or no answer (-1)?"
    _expect_kept(keeps, (198, 0, 3), 0.99, False, hint)
    _expect_kept(keeps, (98, 1, 1), 0.99, False, hint)
    _expect_kept(keeps, (99, 0, 1), 0.99, True, "one in a hundred may fail")


slo = Check(
    title="judge a promise",
    promises=(_slo_kept, _slo_broken, _slo_failed),
    probe=lambda answer: outcomes(
        lambda fast, slow, failed, share: bool(
            _keeps(answer, fast, slow, failed, share=share)
        ),
        [(99, 1, 0, 0.99), (3, 1, 0, 0.75), (98, 2, 0, 0.99), (297, 4, 0, 0.99)]
        + [(198, 0, 3, 0.99), (98, 1, 1, 0.99), (99, 0, 1, 0.99), (100, 0, 0, 0.99)]
        + [(98, 0, 2, 0.98), (1, 0, 0, 1.0), (0, 4, 0, 0.5), (50, 0, 50, 0.9)],
    ),
    mistakes=wrong05.SLO,
)


# -- the bug hunts

tail, warm, late = hunt05.tail, hunt05.warm, hunt05.late
