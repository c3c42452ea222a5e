"""Is the cold start in the report? `time_calls(work, clock, n=, warm_up=)`."""

import time

from lessonlib.checks import Check, Mistake
from lessonlib.checks.probes import call, expect, outcomes, rounded


class _Machine:
    """Work that takes as long as it is told, by a clock that only it moves."""

    def __init__(self, takes_s):
        self.takes_s, self.now, self.calls, self.looks = list(takes_s), 0.0, 0, 0

    def work(self):
        self.now += self.takes_s[min(self.calls, len(self.takes_s) - 1)]
        self.calls += 1

    def clock(self):
        self.looks += 1
        return self.now


_COLD = (90, 30, 2, 5, 3, 4, 60, 7)  # seconds; slow at first, and slow once later on


def _times(time_calls, n, warm_up):
    machine = _Machine(_COLD)
    times_s = call(time_calls, machine.work, machine.clock, n=n, warm_up=warm_up)
    return times_s, machine


def _expect_times(time_calls, n, warm_up, expected, hint):
    seen, _ = _times(time_calls, n, warm_up)
    called = f"work that takes {_COLD} s: time_calls(..., n={n}, warm_up={warm_up})"
    expect(seen, expected, called=called, hint=hint)


def _warm_drops(time_calls):
    """the first calls are not in the report"""
    _expect_times(time_calls, 3, 2, [2, 5, 3], "how many calls come before the first?")


def _warm_keeps(time_calls):
    """a slow call after the warm-up stays in, and every time is that of one call"""
    _expect_times(
        time_calls,
        6,
        2,
        [2, 5, 3, 4, 60, 7],
        "drop the first ones, not the slowest ones",
    )


def _warm_count(time_calls):
    """n times come back after warm_up + n calls; a warm_up of 0 drops nothing"""
    _expect_times(
        time_calls, 2, 0, [90, 30], "is the warm-up as long as you were told?"
    )
    _, machine = _times(time_calls, 4, 2)
    expect(machine.calls, 6, called="n=4, warm_up=2: the number of calls of work")


def _warm_probe(answer):
    def outcome(n, warm_up):
        times_s, machine = _times(answer, n, warm_up)
        # another clock's times would differ from run to run: say only that it is one
        return [rounded(times_s), machine.calls] if machine.looks else "another clock"

    return outcomes(outcome, [(3, 2), (6, 2), (2, 0), (4, 1)])


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


MISTAKES = (
    Mistake(
        "no warm-up",
        "warm_up is not used yet: the 90 s of the first call are still in the report",
        lambda work, clock, *, n, warm_up: _timed(work, clock, n),
    ),
    Mistake(
        "warm-up out of n",
        "the warm-up is taken out of the n calls, so too few times come back. The "
        "report needs n of them",
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
        "warm-up isn't part of it: parcels met it, so it stays in",
        lambda work, clock, *, n, warm_up: sorted(_timed(work, clock, warm_up + n))[:n],
    ),
    Mistake(
        "another clock",
        "the clock that you were given is never read. It is an argument so that the "
        "function can be tested without waiting, as this check does",
        lambda work, clock, *, n, warm_up: _timed(work, time.perf_counter, warm_up + n)[
            warm_up:
        ],
    ),
    Mistake(
        "running total",
        "each time includes all the calls before it. When does the stopwatch start "
        "again?",
        _running_total,
    ),
)


warm = Check(
    title="bug hunt: a cold start in the report",
    promises=(_warm_drops, _warm_keeps, _warm_count),
    probe=_warm_probe,
    mistakes=MISTAKES,
)
