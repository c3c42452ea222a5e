"""How many parcels can a server take? `most_parcels(send, rates)` measures it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from lessonlib.checks import Case, Check, Mistake, case
from lessonlib.checks.probes import call

LIMIT_S, SHARE, RUN_S = 0.050, 0.99, 10
Replies = tuple[np.ndarray, np.ndarray]  # when each was answered, and its status


@dataclass(frozen=True)
class _Server:
    """A stand-in that works on one parcel at a time, by a clock of its own."""

    work_s: float
    stall_s: float = 0  # it stalls once, when three seconds have passed
    room_s: float = float("inf")  # it refuses a parcel that would wait longer
    every: int = 0  # each parcel of this number takes 0.06 s more

    def send(self, due_s: Sequence[float]) -> Replies:
        free_s, answered_s, status, stalled = 0.0, [], [], not self.stall_s
        for number, at_s in enumerate(map(float, due_s), start=1):
            if not stalled and at_s >= 3:
                free_s, stalled = max(free_s, 3.0) + self.stall_s, True
            if free_s - at_s > self.room_s:
                answered_s.append(at_s + 0.001)
                status.append(503)
                continue
            slow_s = 0.06 if self.every and number % self.every == 0 else 0
            free_s = max(free_s, at_s) + self.work_s + slow_s
            answered_s.append(free_s)
            status.append(200)
        return np.array(answered_s), np.array(status)


SERVERS = {
    "a steady server": _Server(0.008),
    "one that stalls once": _Server(0.008, stall_s=0.080),
    "one that refuses what would wait": _Server(0.010, room_s=0.020),
    "one that is slow now and then": _Server(0.004, every=40),
    "one that is hardly ever slow": _Server(0.0035, every=150),
}


def _ask(answer: Any, kind: str, rates: list[int]) -> Any:
    return call(answer, SERVERS[kind].send, rates)


def _rates(kind: str, rates: list[int], *, gives: int, hint: str) -> Case:
    called = f"most_parcels of {kind}, {rates}"
    return case(kind, rates, gives=gives, called=called, hint=hint)


BELT = "at 50 a second, when is the second parcel due, and when the last one?"
IN_TIME = "what share of all parcels got status 200 within 50 ms of being due?"
EXACTLY = "of 100 parcels one is late: that is exactly what the promise allows"
NONE = "does any of these rates keep the promise?"

PROMISES = (
    (
        "the queue gets ten seconds to grow, and it is the largest rate that will do",
        _rates("a steady server", [20, 50, 100, 150, 200], gives=100, hint=BELT),
        _rates("a steady server", [150, 120, 60, 130], gives=120, hint=BELT),
    ),
    (
        "one parcel in a hundred may be late, and a refused one wasn't answered",
        _rates("one that stalls once", [20, 40, 60, 80], gives=60, hint=IN_TIME),
        _rates("one that stalls once", [10, 80], gives=10, hint=EXACTLY),
        _rates("one that is hardly ever slow", [20, 50, 200], gives=50, hint=IN_TIME),
        _rates(
            "one that refuses what would wait",
            [80, 95, 150, 300],
            gives=95,
            hint=IN_TIME,
        ),
    ),
    (
        "if none of the rates keeps the promise, the answer is 0",
        _rates("one that is slow now and then", [10, 20, 40], gives=0, hint=NONE),
        _rates("a steady server", [200, 500], gives=0, hint=NONE),
    ),
)

Kept = Callable[[np.ndarray, np.ndarray, np.ndarray], bool]


def _in_time(due_s, answered_s, status):
    return (answered_s - due_s <= LIMIT_S + 1e-9) & (status == 200)


def _measured(kept: Kept, *, seconds: int = RUN_S) -> Callable[..., float]:
    """Return an answer that measures each rate, and judges it by `kept`."""

    def most_parcels(send, rates):
        good = [0]
        for rate in rates:
            due_s = np.arange(seconds * rate) / rate
            if kept(due_s, *map(np.asarray, send(due_s))):
                good.append(rate)
        return max(good)

    return most_parcels


def _alone(send, rates):
    """Send each parcel by itself, to a server that has nothing else to do."""
    for rate in sorted(rates, reverse=True):
        replies = [send([k / rate]) for k in range(rate)]
        due_s = np.arange(rate) / rate
        answered_s = np.array([float(at_s[0]) for at_s, _ in replies])
        if (answered_s - due_s <= LIMIT_S).mean() >= SHARE:
            return rate
    return 0


def _lowest(send, rates):
    judge = _measured(lambda *run: bool(_in_time(*run).mean() >= SHARE))
    return judge(send, rates) or min(rates)


MISTAKES = (
    Mistake(
        "one at a time",
        "each parcel was sent alone, to a server with nothing else to do. So no parcel "
        "ever waits for another: send the whole belt at once, as one list of times",
        _alone,
    ),
    Mistake(
        "mean",
        "this asks whether the *mean* is within 50 ms. The promise is about 99 parcels "
        "in 100",
        _measured(lambda due_s, at_s, status: (at_s - due_s).mean() <= LIMIT_S),
    ),
    Mistake(
        "refused in time",
        "a parcel that was refused at once counts as in time here, so a server that "
        "turns everybody away looks splendid. What was its status?",
        _measured(lambda due_s, at_s, s: (at_s - due_s <= LIMIT_S).mean() >= SHARE),
    ),
    Mistake(
        "slowest",
        "here a single late parcel breaks the promise. One in a hundred may be late",
        _measured(lambda *run: bool(_in_time(*run).all())),
    ),
    Mistake(
        "one second",
        "one second is too short: the queue has hardly begun to grow, and the stall "
        "hasn't come yet. Measure for ten",
        _measured(lambda *run: bool(_in_time(*run).mean() >= SHARE), seconds=1),
    ),
    Mistake(
        "lowest at least",
        "where no rate keeps the promise, the lowest came back. Somebody would connect "
        "that many cameras: say 0",
        _lowest,
    ),
)

most = Check.table(
    title="how many parcels can it take?",
    name="most_parcels",
    promises=PROMISES,
    ask=_ask,
    mistakes=MISTAKES,
)
