"""Where is the knee? `find_knee(clients, answers_per_s, response_s)` finds it."""

import numpy as np

from lessonlib.checks import Check, Mistake, case

RATIO = "divide the answers a second by the seconds, for each load"

PROMISES = (
    (
        "a curve that bends has its knee at the bend, not at its end",
        case(
            [1, 2, 4, 8],
            [100, 190, 240, 250],
            [0.010, 0.0105, 0.016, 0.032],
            gives=2,
            hint=RATIO,
        ),
        case(
            [1, 3, 9, 27],
            [50, 140, 390, 380],
            [0.02, 0.0214, 0.023, 0.071],
            gives=9,
            hint=RATIO,
        ),
    ),
    (
        "a wall has its knee at the first load, a level line at the last",
        case(
            [1, 4, 16],
            [110, 120, 115],
            [0.009, 0.033, 0.14],
            gives=1,
            hint="what do 16 clients get that one does not?",
        ),
        case(
            [2, 6, 12],
            [20, 60, 120],
            [0.1, 0.1, 0.1],
            gives=12,
            hint="here nobody waits longer: more is better",
        ),
    ),
    (
        "of two that are equal, the smaller number of clients will do",
        case(
            [1, 2, 4],
            [64, 128, 128],
            [0.5, 1.0, 2.0],
            gives=1,
            hint="which of two equal ones does your search keep?",
        ),
    ),
)


def _argmax(clients, values):
    return clients[list(values).index(max(values))]


def _power(answers_per_s, response_s):
    return [x / r for x, r in zip(answers_per_s, response_s, strict=True)]


def _last_of_equals(clients, answers_per_s, response_s):
    power = _power(answers_per_s, response_s)
    return clients[len(power) - 1 - power[::-1].index(max(power))]


MISTAKES = (
    Mistake(
        "most answers",
        "this is the load with the most answers a second, whatever they cost in "
        "waiting. How much longer does everybody wait there?",
        lambda clients, answers_per_s, response_s: _argmax(clients, answers_per_s),
    ),
    Mistake(
        "quickest",
        "this is the load with the shortest wait. That is nearly always the smallest, "
        "and leaves a server idle that could do more at no cost",
        lambda clients, answers_per_s, response_s: _argmax(
            clients, [-r for r in response_s]
        ),
    ),
    Mistake(
        "place",
        "this is the place in the list, not the number of clients that stands there",
        lambda clients, answers_per_s, response_s: int(
            np.argmax(_power(answers_per_s, response_s))
        ),
    ),
    Mistake(
        "multiplied",
        "answers a second *times* seconds is the number of requests inside, by "
        "Little's law: it only says how many clients there were. Divide",
        lambda clients, answers_per_s, response_s: _argmax(
            clients, [x * r for x, r in zip(answers_per_s, response_s, strict=True)]
        ),
    ),
    Mistake(
        "the larger",
        "nearly: of two loads that are equally good, the larger came back",
        _last_of_equals,
    ),
    Mistake(
        "value",
        "this is the best ratio itself. Of which number of clients is it?",
        lambda clients, answers_per_s, response_s: max(
            _power(answers_per_s, response_s)
        ),
    ),
)

knee = Check.table(
    title="find the knee",
    name="find_knee",
    promises=PROMISES,
    mistakes=MISTAKES,
)
