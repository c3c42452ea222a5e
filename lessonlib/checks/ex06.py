"""Exercises of notebook 06: laws of queues, batches that keep their callers apart."""

import math

import numpy as np

from lessonlib.checks import Check, shed06, wrong06
from lessonlib.checks.probes import Broken, call, expect, outcomes, rounded

# -- little: inside(answers_per_minute, mean_ms)

_REPORTS = ((6000, 20, 2.0), (60, 1000, 1.0), (24_000, 125, 50.0), (90, 100, 0.15))


def _expect_inside(inside, reports, hint):
    for per_minute, mean_ms, expected in reports:
        called = f"inside({per_minute}, {mean_ms})"
        expect(call(inside, per_minute, mean_ms), expected, called=called, hint=hint)


def _little_one(inside):
    """one answer a second that takes a second keeps one request inside"""
    _expect_inside(inside, _REPORTS[1:2], "how many a second, how many seconds each?")


def _little_more(inside):
    """more answers, or longer ones, keep more inside in proportion"""
    _expect_inside(inside, _REPORTS, "requests inside = answers a second x seconds")


little = Check(
    title="Little's law",
    promises=(_little_one, _little_more),
    probe=lambda answer: outcomes(
        lambda *report: rounded(answer(*report[:2])), _REPORTS
    ),
    mistakes=wrong06.LITTLE,
)


# -- room: largest_rate(capacity_rps, limit_s)

_LIMITS = ((100, 1.0), (100, 0.25), (400, 0.05), (50, 0.5))
_TOO_STRICT = ((50, 0.05), (10, 0.1))


def _p99_s(capacity_rps, rate_rps):
    return math.log(100) / (capacity_rps - rate_rps)


def _room_limit(largest_rate):
    """at the rate that comes back, the p99 is just the limit"""
    for capacity, limit_s in _LIMITS:
        rate = call(largest_rate, capacity, limit_s)
        called = f"largest_rate({capacity}, {limit_s})"
        if not 0 <= rate < capacity:
            seen = f"{called} gave {rate:.4g}, which is not between 0 and {capacity}"
            raise Broken(seen, "how much of the capacity has to stay idle?")
        hint = "put the p99 equal to the limit, solve for the rate, and do not round"
        called = f"{called} gave {rate:.6g}. At this rate the p99"
        expect(round(_p99_s(capacity, rate), 5), limit_s, called=called, hint=hint)


def _room_stricter(largest_rate):
    """a stricter limit leaves room for fewer"""
    loose, strict = (call(largest_rate, 100, limit_s) for limit_s in (1.0, 0.25))
    if not strict < loose:
        seen = f"a limit of 0.25 s gave {strict:.4g} a second, one of 1 s {loose:.4g}"
        raise Broken(seen, "what shortens the wait: more callers, or fewer?")


def _room_none(largest_rate):
    """a limit that even an idle server breaks leaves no room at all"""
    for capacity, limit_s in _TOO_STRICT:
        rate = float(call(largest_rate, capacity, limit_s))
        called = f"largest_rate({capacity}, {limit_s})"
        expect(rate, 0.0, called=called, hint="can a rate be less than nothing?")


room = Check(
    title="how many cards can we take?",
    promises=(_room_limit, _room_stricter, _room_none),
    probe=lambda answer: outcomes(
        lambda *given: rounded(answer(*given)), _LIMITS + _TOO_STRICT
    ),
    mistakes=wrong06.ROOM,
)


# -- speedup: speedup(share, n)

_SPLITS = ((0.5, 2), (0.1, 4), (0.75, 3), (0.9, 1000))


def _expect_speedup(answer, cases, hint):
    for share, n, expected in cases:
        seen = float(call(answer, share, n))
        expect(seen, expected, called=f"speedup({share}, {n})", hint=hint)


def _speedup_all(answer):
    """what can be split wholly gets n times as fast, what cannot stays as it was"""
    cases = ((1.0, 8, 8.0), (0.0, 8, 1.0), (0.9, 1, 1.0))
    _expect_speedup(answer, cases, "how long does each part of the call take then?")


def _speedup_half(answer):
    """a half that is split in two leaves three quarters of the time"""
    _expect_speedup(answer, ((0.5, 2, 4 / 3),), "as fast = old time / new time")


def _speedup_limit(answer):
    """a thousand processors cannot shorten the part that cannot be split"""
    cases = ((0.1, 4, 1 / 0.925), (0.9, 1000, 1 / 0.1009))
    _expect_speedup(answer, cases, "which part of the time stays, whatever n is?")


speedup = Check(
    title="what can more processors win?",
    promises=(_speedup_all, _speedup_half, _speedup_limit),
    probe=lambda answer: outcomes(
        lambda *given: rounded(answer(*given)), (*_SPLITS, (1.0, 8), (0.0, 8))
    ),
    mistakes=wrong06.SPEEDUP,
)


# -- split: answer_together(predict, requests)

_CALLERS = ((1, 2, 1), (3,), (1, 1, 1, 1), (2, 1, 4), (5, 1))


class Asked:
    """A model that says ten times the first number of each row. It counts calls."""

    def __init__(self, lengths):
        ends = np.cumsum((0, *lengths))
        rows = np.arange(ends[-1], 0.0, -1.0)[:, None]  # the first caller's are largest
        self.requests = [rows[a:b] for a, b in zip(ends, ends[1:], strict=False)]
        self.calls = []

    def __call__(self, rows):
        self.calls.append(len(rows))
        return 10 * np.asarray(rows)[:, 0]

    def __repr__(self):
        return "predict"

    @property
    def right(self):
        return [(10 * rows[:, 0]).tolist() for rows in self.requests]


def _together(answer, lengths):
    model = Asked(lengths)
    came = list(call(answer, model, list(model.requests)))
    return model, [np.asarray(each).tolist() for each in came]


def _callers(lengths):
    return f"answer_together for callers with {', '.join(map(str, lengths))} rows"


def _split_own(answer):
    """each caller gets the answers to its own rows, and all of them"""
    for lengths in _CALLERS:
        model, came = _together(answer, lengths)
        hint = "where do the rows of the second caller begin, and where do they end?"
        expect(came, model.right, called=_callers(lengths), hint=hint)


def _split_callers(answer):
    """there are as many answers as callers, in the order of the callers"""
    for lengths in _CALLERS[1:]:
        model, came = _together(answer, lengths)
        called = f"{_callers(lengths)}: the first row's answer of each"
        firsts = [each[:1] if isinstance(each, list) else each for each in came]
        hint = "one entry for each caller, the first for the first"
        expect(firsts, [each[:1] for each in model.right], called=called, hint=hint)


def _split_once(answer):
    """the model is asked once, with everybody's rows"""
    for lengths in _CALLERS:
        model, _ = _together(answer, lengths)
        called = f"{_callers(lengths)}: the rows of each call of predict"
        hint = "put all rows under each other first: np.concatenate"
        expect(model.calls, [sum(lengths)], called=called, hint=hint)


split = Check(
    title="one call for all",
    promises=(_split_own, _split_callers, _split_once),
    probe=lambda answer: outcomes(
        lambda *lengths: [(m.calls, came) for m, came in [_together(answer, lengths)]],
        _CALLERS,
    ),
    mistakes=wrong06.SPLIT,
)


# -- knee: find_knee(clients, answers_per_s, response_s)

_BENT = ([1, 2, 4, 8], [100, 190, 240, 250], [0.010, 0.0105, 0.016, 0.032])
_WALL = ([1, 4, 16], [110, 120, 115], [0.009, 0.033, 0.14])
_LEVEL = ([2, 6, 12], [20, 60, 120], [0.1, 0.1, 0.1])
_DIP = ([1, 3, 9, 27], [50, 140, 390, 380], [0.02, 0.0214, 0.023, 0.071])
_EQUAL = ([1, 2, 4], [64, 128, 128], [0.5, 1.0, 2.0])


def _expect_knee(answer, curve, expected, hint):
    called = "find_knee({}, {}, {})".format(*curve)
    expect(call(answer, *map(list, curve)), expected, called=called, hint=hint)


def _knee_bent(answer):
    """a curve that bends has its knee at the bend, not at its end"""
    hint = "divide the answers a second by the seconds, for each load"
    _expect_knee(answer, _BENT, 2, hint)
    _expect_knee(answer, _DIP, 9, hint)


def _knee_wall(answer):
    """a wall has its knee at the first load, a level line at the last"""
    _expect_knee(answer, _WALL, 1, "what do 16 clients get that one does not?")
    _expect_knee(answer, _LEVEL, 12, "here nobody waits longer: more is better")


def _knee_equal(answer):
    """of two that are equal, the smaller number of clients will do"""
    _expect_knee(answer, _EQUAL, 1, "which of two equal ones does your search keep?")


knee = Check(
    title="find the knee",
    promises=(_knee_bent, _knee_wall, _knee_equal),
    probe=lambda answer: outcomes(
        lambda *curve: rounded(answer(*map(list, curve))),
        (_BENT, _WALL, _LEVEL, _DIP, _EQUAL),
    ),
    mistakes=wrong06.KNEE,
)

# -- shed: admitted(arrivals_s, work_s, room)

shed = shed06.shed
