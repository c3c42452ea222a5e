"""Bug hunts of notebook 05: three benchmarks that lie, each in its own way."""

import numpy as np

from lessonlib.checks import Check, call, expect, wrong_hunt05


def rounded(value):
    """Return numbers to nine digits, so that equal behaviour is found equal."""
    return np.round(np.asarray(value, dtype=float), 9).tolist()


def outcomes(probe, inputs):
    """Return what comes of each input; an exception is an outcome too."""
    found = []
    for given in inputs:
        try:
            found.append(probe(*given))
        except Exception as error:
            found.append(type(error).__name__)
    return found


# -- tail: p99_ms(times_s)

_ONE_IN_50 = [0.004] * 30 + [0.5] + [0.004] * 19
_ONE_IN_1000 = [0.004] * 600 + [2.0] + [0.004] * 399
_STEPS = [k / 1000 for k in range(200, 0, -1)]  # 1 ms to 200 ms, the slowest first


def _expect_p99(p99_ms, times_s, expected, what, hint):
    seen = call(p99_ms, list(times_s))
    expect(seen, expected, called=f"p99_ms of {what}", hint=hint)


def _tail_shows(p99_ms):
    """one slow request in fifty is seen"""
    hint = "how long did all but the slowest hundredth take?"
    what = "49 requests of 0.004 s and one of 0.5 s"
    _expect_p99(p99_ms, _ONE_IN_50, 500.0, what, hint)


def _tail_calm(p99_ms):
    """one slow request in a thousand is not yet the p99"""
    what = "999 requests of 0.004 s and one of 2 s"
    _expect_p99(p99_ms, _ONE_IN_1000, 4.0, what, "99 of 100, not all of them")


def _tail_unit(p99_ms):
    """it is a time that happened, in milliseconds"""
    what = "200 requests of 0.200, 0.199, ..., 0.001 s"
    _expect_p99(p99_ms, _STEPS, 198.0, what, "which rank is it, and which unit?")


tail = Check(
    title="bug hunt: a p99 that is none",
    promises=(_tail_shows, _tail_calm, _tail_unit),
    probe=lambda answer: outcomes(
        lambda times_s: rounded(answer(list(times_s))),
        [(_ONE_IN_50,), (_ONE_IN_1000,), (_STEPS,)],
    ),
    mistakes=wrong_hunt05.TAIL,
)


# -- warm: time_calls(work, clock, n=, warm_up=)


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


def _expect_warm(time_calls, n, warm_up, expected, hint):
    seen, _ = _times(time_calls, n, warm_up)
    called = f"work that takes {_COLD} s: time_calls(..., n={n}, warm_up={warm_up})"
    expect(seen, expected, called=called, hint=hint)


def _warm_drops(time_calls):
    """the first calls are not in the report"""
    _expect_warm(time_calls, 3, 2, [2, 5, 3], "how many calls come before the first?")


def _warm_keeps(time_calls):
    """a slow call after the warm-up stays in, and every time is that of one call"""
    _expect_warm(time_calls, 6, 2, [2, 5, 3, 4, 60, 7], "drop by position, not by size")


def _warm_count(time_calls):
    """n times come back after warm_up + n calls; a warm_up of 0 drops nothing"""
    _expect_warm(
        time_calls, 2, 0, [90, 30], "is the warm-up the number you were given?"
    )
    _, machine = _times(time_calls, 4, 2)
    expect(machine.calls, 6, called="n=4, warm_up=2: the number of calls of work")


def _warm_probe(answer):
    def outcome(n, warm_up):
        times_s, machine = _times(answer, n, warm_up)
        # another clock's times would differ from run to run: say only that it is one
        return [rounded(times_s), machine.calls] if machine.looks else "another clock"

    return outcomes(outcome, [(3, 2), (6, 2), (2, 0), (4, 1)])


warm = Check(
    title="bug hunt: a cold start in the report",
    promises=(_warm_drops, _warm_keeps, _warm_count),
    probe=_warm_probe,
    mistakes=wrong_hunt05.WARM,
)


# -- late: late_parcels(times_s, limit_ms)

_WAITS = (0.004, 0.25, 0.2504, 0.4, 0.9, 60.0)


def _expect_late(late_parcels, limit_ms, expected, hint):
    seen = call(late_parcels, list(_WAITS), limit_ms)
    called = f"late_parcels({list(_WAITS)}, {limit_ms})"
    expect(seen, expected, called=called, hint=hint)


def _late_unit(late_parcels):
    """times are seconds, the limit is milliseconds, and parcels are counted"""
    hint = "how much is 0.4 s in milliseconds, and is that over the limit?"
    _expect_late(late_parcels, 300, 3, hint)
    _expect_late(late_parcels, 2, 6, hint)


def _late_edge(late_parcels):
    """a parcel on the limit is in time, a hair over it is late"""
    _expect_late(late_parcels, 250, 4, "0.25 s is in time, 0.2504 s is not")


def _late_none(late_parcels):
    """if none is late the count is 0"""
    _expect_late(late_parcels, 60_000, 0, "a minute is 60,000 ms")


late = Check(
    title="bug hunt: nobody is ever late",
    promises=(_late_unit, _late_edge, _late_none),
    probe=lambda answer: outcomes(
        lambda limit_ms: rounded(answer(list(_WAITS), limit_ms)),
        [(limit,) for limit in (2, 50, 250, 300, 950, 60_000)],
    ),
    mistakes=wrong_hunt05.LATE,
)
