"""Between which two shares does the truth lie? `wilson(successes, n)` says it."""

import math
from typing import Any

import numpy as np

from lessonlib.checks import Case, Check, Mistake, case
from lessonlib.checks.probes import call, to_digits
from lessonlib.intervals import wilson_interval


def _ask(answer: Any, look: Any, *given: int) -> Any:
    return look(answer, *given)


def _ends(answer: Any, successes: int, n: int, digits: int) -> Any:
    return to_digits(call(answer, successes, n), digits)


def _narrowing(answer: Any, successes: int, n: int, times: int) -> float:
    """Return how much wider it is than for `times` as many labels."""
    few = np.ptp(call(answer, successes, n))
    many = np.ptp(call(answer, times * successes, times * n))
    return round(float(few / many), 1)


def _interval(successes: int, n: int, *, ends: list[float], hint: str) -> Case:
    called = f"wilson({successes}, {n}), to 3 digits"
    return case(_ends, successes, n, 3, gives=ends, called=called, hint=hint)


ONE_BY_ONE = "compute share, pull and centre one by one, and print them"
PULLED = "the interval is pulled towards a half"

PROMISES = (
    (
        "the two ends for 121 of 130, for 9 of 10 and for 47 of 51",
        _interval(121, 130, ends=[0.874, 0.963], hint=ONE_BY_ONE),
        _interval(9, 10, ends=[0.596, 0.982], hint=ONE_BY_ONE),
        _interval(47, 51, ends=[0.815, 0.969], hint=ONE_BY_ONE),
    ),
    (
        "after 51 of 51 the truth may be lower than 1, and after 0 of 20 higher than 0",
        _interval(51, 51, ends=[0.93, 1.0], hint=PULLED),
        _interval(0, 20, ends=[0.0, 0.161], hint=PULLED),
    ),
    (
        "four times as many labels make it about half as wide",
        case(
            _narrowing,
            450,
            500,
            4,
            gives=2.0,
            called="the width for 450 of 500, divided by that for 1,800 of 2,000",
            hint="where does n stand in the formula?",
        ),
    ),
)
COUNTS = ((121, 130), (9, 10), (47, 51), (3, 200), (51, 51), (0, 20), (450, 500))


Z = 1.96  # standard deviations to either side
ONE_DEVIATION = math.erf(math.sqrt(1 / 2))  # the level of one to either side, 68 %


def _share_and_pull(successes, n):
    return successes / n, Z * Z / n


def _textbook(successes, n):
    share = successes / n
    half = Z * math.sqrt(share * (1 - share) / n)
    return share - half, share + half


def _undivided(successes, n):
    share, pull = _share_and_pull(successes, n)
    half = Z * math.sqrt(share * (1 - share) / n + pull / (4 * n))
    return share + pull / 2 - half, share + pull / 2 + half


def _around_the_share(successes, n):
    share, pull = _share_and_pull(successes, n)
    half = Z / (1 + pull) * math.sqrt(share * (1 - share) / n + pull / (4 * n))
    return share - half, share + half


def _no_last_term(successes, n):
    share, pull = _share_and_pull(successes, n)
    centre = (share + pull / 2) / (1 + pull)
    half = Z / (1 + pull) * math.sqrt(share * (1 - share) / n)
    return centre - half, centre + half


MISTAKES = (
    Mistake(
        "textbook",
        "this is the textbook's interval: after 51 of 51 it is certain for ever. "
        "Wilson's centre is pulled towards a half, and its width has one term more",
        _textbook,
    ),
    Mistake(
        "not divided",
        "centre and half are too large by the same factor: both are divided by "
        "1 + pull",
        _undivided,
    ),
    Mistake(
        "around the share",
        "the width is right, but it lies around the share that was seen, so it reaches "
        "above 1. Around which number does the lesson put it?",
        _around_the_share,
    ),
    Mistake(
        "term forgotten",
        "under the root a term is missing: at 51 of 51 the share alone says that "
        "nothing scatters. What is added to it?",
        _no_last_term,
    ),
    Mistake(
        "one standard deviation",
        "the interval is about half as wide as it should be: it goes one standard "
        "deviation to either side, and 95 % take 1.96",
        lambda successes, n: wilson_interval(successes, n, level=ONE_DEVIATION),
    ),
    Mistake(
        "upper end first",
        "the right two numbers, the upper one first: return the lower end, then the "
        "upper one",
        lambda successes, n: wilson_interval(successes, n)[::-1],
    ),
)

wilson = Check.table(
    title="an accuracy with its interval",
    name="wilson",
    promises=PROMISES,
    ask=_ask,
    also=tuple((_ends, *counts, 4) for counts in COUNTS),
    mistakes=MISTAKES,
)
