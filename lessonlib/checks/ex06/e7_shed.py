"""Who is turned away? `admitted(arrivals_s, work_s, room)` says who comes in."""

from typing import Any

from lessonlib.checks import Case, Check, Mistake, case
from lessonlib.checks.probes import call, flags


def _ask(answer: Any, arrivals_s: list[float], work_s: float, room: int) -> Any:
    return flags(call(answer, arrivals_s, work_s, room))


def _queue(
    arrivals_s: list[float], work_s: float, room: int, *, comes_in: str, hint: str
) -> Case:
    """Return the case of a queue; `comes_in` has a T for each who does, else an F."""
    gives = [letter == "T" for letter in comes_in]
    return case(arrivals_s, work_s, room, gives=gives, hint=hint)


WORKER = "the one being served doesn't need a place to wait"
BUSY = "draw the server's work on a line: when is it busy?"
SHED = "a request that was turned away is never worked on"
IDLE = "from 5 to 10 nobody is there. When does work on the second request begin?"
BEGIN = "two come at 0 and 1, and each takes 5 s. When is the second one done?"

PROMISES = (
    (
        "one is being served, `room` may wait, and the next one is turned away",
        _queue([0, 1, 2, 3], 10, 1, comes_in="TTFF", hint=WORKER),
        _queue([0, 0, 0, 0], 1, 2, comes_in="TTTF", hint=WORKER),
    ),
    (
        "a request that is done leaves, and makes room at that very moment",
        _queue([0, 1, 2, 3], 1, 0, comes_in="TTTT", hint=BUSY),
        _queue([0, 1, 2, 10, 11, 12], 5, 1, comes_in="TTFTTF", hint=BUSY),
    ),
    (
        "a request that was turned away takes no time of the server",
        _queue([0, 0.5, 1, 1.5, 2], 1, 0, comes_in="TFTFT", hint=SHED),
    ),
    (
        "work begins when the request before is done, not on arrival",
        _queue([0, 1, 2, 5, 6, 10], 5, 1, comes_in="TTFTFT", hint=BEGIN),
        _queue([0, 1, 2, 3, 4, 5, 6, 7], 3, 2, comes_in="TTTTFFTF", hint=BEGIN),
        _queue([0, 10, 14, 16], 5, 0, comes_in="TTFT", hint=IDLE),
    ),
)


def _still_there(done_s, now):
    return sum(done > now for done in done_s)


def _when_free(done_s, now):
    return max([now, *done_s[-1:]])


def _served(arrivals_s, work_s, comes_in, *, begins=_when_free):
    answers: list[bool] = []
    done_s: list[float] = []
    for now in arrivals_s:
        answers.append(comes_in(done_s, now))
        if answers[-1]:
            done_s.append(begins(done_s, now) + work_s)
    return answers


def _worker_waits_too(arrivals_s, work_s, room):
    return _served(
        arrivals_s, work_s, lambda done_s, now: _still_there(done_s, now) < room
    )


def _one_too_many(arrivals_s, work_s, room):
    return _served(
        arrivals_s, work_s, lambda done_s, now: _still_there(done_s, now) <= room + 1
    )


def _late_by_a_moment(arrivals_s, work_s, room):
    return _served(
        arrivals_s,
        work_s,
        lambda done_s, now: sum(done >= now for done in done_s) <= room,
    )


def _shed_ones_work(arrivals_s, work_s, room):
    answers: list[bool] = []
    done_s: list[float] = []
    for now in arrivals_s:
        answers.append(_still_there(done_s, now) <= room)
        done_s.append(_when_free(done_s, now) + work_s)
    return answers


def _many_servers(arrivals_s, work_s, room):
    return _served(
        arrivals_s,
        work_s,
        lambda done_s, now: _still_there(done_s, now) <= room,
        begins=lambda done_s, now: now,
    )


def _never_idle(arrivals_s, work_s, room):
    return _served(
        arrivals_s,
        work_s,
        lambda done_s, now: _still_there(done_s, now) <= room,
        begins=lambda done_s, now: done_s[-1] if done_s else now,
    )


MISTAKES = (
    Mistake(
        "never idle",
        "each request begins when the one before is done, even if that was long ago "
        "and the server has been idle since. It cannot begin before it arrives",
        _never_idle,
    ),
    Mistake(
        "worker waits too",
        "too few are let in, by one: the request being served was counted among those "
        "that wait. How many can be inside in all, if `room` may wait?",
        _worker_waits_too,
    ),
    Mistake(
        "one too many",
        "one too many is let in. Once it is in, how many are waiting?",
        _one_too_many,
    ),
    Mistake(
        "shed ones work",
        "requests that were turned away still keep the server busy here. You turn them "
        "away so that they cost nothing",
        _shed_ones_work,
    ),
    Mistake(
        "late by a moment",
        "a request that arrives exactly when another is done finds it still there. The "
        "exercise says what happens at that moment: do you need > or >=?",
        _late_by_a_moment,
    ),
    Mistake(
        "many servers",
        "each request is worked on from the moment it arrives, as if each had a server "
        "of its own. There is only one: when does it begin with the second request?",
        _many_servers,
    ),
)

shed = Check.table(
    title="turn the right callers away",
    name="admitted",
    promises=PROMISES,
    ask=_ask,
    mistakes=MISTAKES,
)
