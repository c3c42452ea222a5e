"""One long wait, or several short ones? `tries(times_s, deadline_s)` decides."""

import math
import statistics
from collections.abc import Callable, Mapping
from typing import Any

from lessonlib.checks import Case, Check, Mistake, case
from lessonlib.checks.probes import call

Waits = Mapping[float, int]  # so many replies took so many seconds
NEVER = math.inf
COUNTS = (1, 2, 3)


def _ask(answer: Any, waits: Waits, deadline_s: float) -> Any:
    times_s = [time_s for time_s, count in waits.items() for _ in range(count)]
    return call(answer, times_s[::-1], deadline_s)


def _decide(waits: Waits, deadline_s: float, *, gives: int, hint: str) -> Case:
    listed = ", ".join(
        f"{count} x {'never' if time_s == NEVER else f'{time_s:g} s'}"
        for time_s, count in waits.items()
    )
    called = f"tries({listed}; deadline {deadline_s:g} s)"
    return case(waits, deadline_s, gives=gives, called=called, hint=hint)


SPLIT = "with n tries, how long may each of them take?"
ALL_LATE = "a parcel is lost if all of its tries are late: how likely is that?"
SURE = "how many are lost with a single try, and how many with two short ones?"
TIE = "if several lose equally few, the fewest tries are enough"

PROMISES = (
    (
        "one try, where the answers are slow but come",
        _decide({0.8: 100}, 1.0, gives=1, hint=SPLIT),
        _decide({0.45: 50, 0.9: 50}, 1.0, gives=1, hint=SPLIT),
        _decide({0.7: 90, NEVER: 10}, 1.0, gives=1, hint=SPLIT),
        _decide({0.1: 60, 0.9: 38, NEVER: 2}, 1.0, gives=1, hint=SURE),
    ),
    (
        "three tries, where an answer comes at once or far too late",
        _decide({0.05: 98, NEVER: 2}, 1.0, gives=3, hint=ALL_LATE),
        _decide({0.05: 90, 4.0: 10}, 1.0, gives=3, hint=ALL_LATE),
        _decide({0.1: 90, 0.6: 5, NEVER: 5}, 1.0, gives=3, hint=ALL_LATE),
        _decide({0.2: 60, NEVER: 40}, 2.0, gives=3, hint=ALL_LATE),
    ),
    (
        "two tries, where a third would leave each too little time",
        _decide({0.4: 97, NEVER: 3}, 1.0, gives=2, hint=SPLIT),
        _decide({0.02: 88, 0.34: 10, NEVER: 2}, 1.0, gives=2, hint=ALL_LATE),
        _decide({1.2: 80, NEVER: 20}, 3.0, gives=2, hint=SPLIT),
    ),
    (
        "the fewest tries, where several lose equally few",
        _decide({0.05: 100}, 1.0, gives=1, hint=TIE),
        _decide({7.0: 10}, 1.0, gives=1, hint=TIE),
    ),
)


def _late(times_s: list[float], timeout_s: float) -> float:
    return statistics.fmean(time_s > timeout_s for time_s in times_s)


def _fewest(lost: Callable[[int], float]) -> int:
    return min(COUNTS, key=lost)


def _each_try_alone(times_s, deadline_s):
    return _fewest(lambda n: _late(times_s, deadline_s / n))


def _undivided(times_s, deadline_s):
    return _fewest(lambda n: _late(times_s, deadline_s) ** n)


def _typical(times_s, deadline_s):
    middle_s = statistics.median(times_s)
    return max((n for n in COUNTS if middle_s <= deadline_s / n), default=1)


def _without_hangs(times_s, deadline_s):
    came = [time_s for time_s in times_s if time_s < NEVER]
    return _fewest(lambda n: _late(came, deadline_s / n) ** n)


def _most_tries(times_s, deadline_s):
    return min(COUNTS[::-1], key=lambda n: _late(times_s, deadline_s / n) ** n)


def _most_lost(times_s, deadline_s):
    return max(COUNTS, key=lambda n: _late(times_s, deadline_s / n) ** n)


MISTAKES = (
    Mistake(
        "each try alone",
        "this says 1, whatever the times: a short try is late more often than a long "
        "one, and so are more of them in a count. But a parcel is lost only if *all* "
        "of its tries are late. How likely is that, if one is late with the share p?",
        _each_try_alone,
    ),
    Mistake(
        "the whole deadline for each",
        "each try was given the whole deadline, so three of them take three times as "
        "long. The parcel is past the switch by then: divide the time among them",
        _undivided,
    ),
    Mistake(
        "the typical time",
        "the middle time was fitted into the deadline. It decides nothing: what costs "
        "a parcel are the late replies, so count the share that is later than the "
        "timeout",
        _typical,
    ),
    Mistake(
        "hangs left out",
        "the replies that never came were left out. They are the reason for a second "
        "try: math.inf is later than any timeout, so it counts as late",
        _without_hangs,
    ),
    Mistake(
        "more tries for the same",
        "nearly: where several lose equally few, this takes the most tries. Each is a "
        "request that the server has to answer, so the fewest will do",
        _most_tries,
    ),
    Mistake(
        "the most lost",
        "this is the number of tries that loses the most parcels. Look at min and max",
        _most_lost,
    ),
)

tries = Check.table(
    title="one long wait, or several short ones?",
    name="tries",
    promises=PROMISES,
    ask=_ask,
    mistakes=MISTAKES,
)
