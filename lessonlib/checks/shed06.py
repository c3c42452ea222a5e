"""Does a learner's queue of notebook 06 turn the right callers away?"""

from lessonlib.checks import Check, Mistake
from lessonlib.checks.probes import call, expect, outcomes

_SLOW = ([0, 1, 2, 3], 10, 1)
_AT_ONCE = ([0, 0, 0, 0], 1, 2)
_ON_THE_DOT = ([0, 1, 2, 3], 1, 0)
_NO_ROOM = ([0, 0.5, 1, 1.5, 2], 1, 0)
_DRAINED = ([0, 1, 2, 10, 11, 12], 5, 1)
_BEHIND = ([0, 1, 2, 5, 6, 10], 5, 1)
_WIDE = ([0, 1, 2, 3, 4, 5, 6, 7], 3, 2)
_CASES = (_SLOW, _AT_ONCE, _ON_THE_DOT, _NO_ROOM, _DRAINED, _BEHIND, _WIDE)


def _expect_admitted(admitted, case, letters, hint):
    arrivals_s, work_s, room = case
    called = f"admitted({arrivals_s}, {work_s}, {room})"
    came = [bool(each) for each in call(admitted, list(arrivals_s), work_s, room)]
    expect(came, [letter == "T" for letter in letters], called=called, hint=hint)


def _shed_room(admitted):
    """one is at work, `room` may wait, and the next one is turned away"""
    hint = "who is at work does not need a place to wait"
    _expect_admitted(admitted, _SLOW, "TTFF", hint)
    _expect_admitted(admitted, _AT_ONCE, "TTTF", hint)


def _shed_done(admitted):
    """whoever is done leaves, and makes room at that very moment"""
    hint = "draw the server's work on a line: from when to when is it busy?"
    _expect_admitted(admitted, _ON_THE_DOT, "TTTT", hint)
    _expect_admitted(admitted, _DRAINED, "TTFTTF", hint)


def _shed_free(admitted):
    """whoever was turned away takes no time of the server"""
    hint = "a request that was turned away is never worked on"
    _expect_admitted(admitted, _NO_ROOM, "TFTFT", hint)


def _shed_behind(admitted):
    """work begins when the one before is done, not when the request arrives"""
    hint = "of two that come at 0 and 1 and take 5 s each, when is the second done?"
    _expect_admitted(admitted, _BEHIND, "TTFTFT", hint)
    _expect_admitted(admitted, _WIDE, "TTTTFFTF", hint)


# -- mistakes


def _queue(arrivals_s, work_s, room, *, inside, shed_works=False):
    answers, done_s = [], []
    for now in arrivals_s:
        answers.append(inside(done_s, now) <= room)
        if answers[-1] or shed_works:
            done_s.append(max([now, *done_s[-1:]]) + work_s)
    return answers


def _still_there(done_s, now):
    return sum(done > now for done in done_s)


def _at_once(arrivals_s, work_s, room):
    answers, done_s = [], []
    for now in arrivals_s:
        answers.append(_still_there(done_s, now) <= room)
        if answers[-1]:
            done_s.append(now + work_s)
    return answers


MISTAKES = (
    Mistake(
        "worker waits too",
        "one too few are let in: the request at work was counted among those that "
        "wait. How many can be inside in all, if `room` may wait?",
        lambda arrivals_s, work_s, room: _queue(
            arrivals_s, work_s, room - 1, inside=_still_there
        ),
    ),
    Mistake(
        "one too many",
        "one too many is let in. When the new request is let in, how many will wait?",
        lambda arrivals_s, work_s, room: _queue(
            arrivals_s, work_s, room + 1, inside=_still_there
        ),
    ),
    Mistake(
        "shed ones work",
        "requests that were turned away still keep the server busy here. That is the "
        "one thing that turning away is for: they cost nothing",
        lambda arrivals_s, work_s, room: _queue(
            arrivals_s, work_s, room, inside=_still_there, shed_works=True
        ),
    ),
    Mistake(
        "nobody leaves",
        "the room fills and never empties: after a while everybody is turned away, "
        "for ever. Who is done, at the time when a request arrives?",
        lambda arrivals_s, work_s, room: _queue(
            arrivals_s, work_s, room, inside=lambda done_s, now: len(done_s)
        ),
    ),
    Mistake(
        "late by a moment",
        "a request that arrives exactly when another is done finds it still there. "
        "The exercise says who comes first at that moment: compare with > or with >=",
        lambda arrivals_s, work_s, room: _queue(
            arrivals_s,
            work_s,
            room,
            inside=lambda done_s, now: sum(done >= now for done in done_s),
        ),
    ),
    Mistake(
        "many servers",
        "each request is worked on from the moment it arrives, as if everybody had a "
        "server of their own. There is one: when does it begin with the second?",
        _at_once,
    ),
)

shed = Check(
    title="turn the right callers away",
    promises=(_shed_room, _shed_done, _shed_free, _shed_behind),
    probe=lambda answer: outcomes(
        lambda arrivals_s, *rest: [bool(b) for b in answer(list(arrivals_s), *rest)],
        _CASES,
    ),
    mistakes=MISTAKES,
)
