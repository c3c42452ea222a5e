"""Which rows are of the same hours? `alike(at_h, window_h)` picks them."""

from typing import Any

import numpy as np

from lessonlib.checks import Case, Check, Mistake, case
from lessonlib.checks.probes import call, flags

AT_H = [0.5, 1.2, 1.9, 2.0, 13.5, 23.25, 24.75, 25.5, 26.5, 47.9]


def _ask(answer: Any, at_h: list[float], window_h: list[float]) -> Any:
    return flags(call(answer, np.array(at_h), np.array(window_h)))


def _window(window_h: list[float], *, alike: str, hint: str) -> Case:
    """Return the case of a window; `alike` has a T for each of AT_H that is picked."""
    expected = [letter == "T" for letter in alike]
    return case(AT_H, window_h, gives=expected, hint=hint)


PROMISES = (
    (
        "an hour of any day is picked whole, from 1.0 to just below 2.0",
        _window(
            [49.1, 49.6],
            alike="FTTFFFFTFF",
            hint="49.1 hours are two days and a little over one hour",
        ),
        _window(
            [1.0],
            alike="FTTFFFFTFF",
            hint="1.0 and 1.9 are the same hour, 2.0 is not",
        ),
    ),
    (
        "a window over midnight picks the hours before and after it, and no others",
        _window(
            [71.3, 72.5, 73.5],
            alike="TTTFFTTTFT",
            hint="which hours of the day are in the window?",
        ),
        _window(
            [14.25, 37.75],
            alike="FFFFTFFFFF",
            hint="two in the afternoon is not two at night",
        ),
    ),
)


def _hour(at_h):
    return np.floor(np.asarray(at_h, dtype=float))


MISTAKES = (
    Mistake(
        "same moments",
        "only the very same hours since the start are found, so last week has none. "
        "What is left when you take off the whole days?",
        lambda at_h, window_h: np.isin(_hour(at_h), _hour(window_h)),
    ),
    Mistake(
        "half days",
        "this counts in twelves, but two at night and two in the afternoon aren't the "
        "same hour",
        lambda at_h, window_h: np.isin(_hour(at_h) % 12, _hour(window_h) % 12),
    ),
    Mistake(
        "not rounded",
        "whole moments are compared, to the second. What makes 25.9 and 1.2 the same "
        "hour?",
        lambda at_h, window_h: np.isin(
            np.asarray(at_h) % 24, np.asarray(window_h) % 24
        ),
    ),
    Mistake(
        "rounded up",
        "half past one counts as two here. It belongs to the hour that began at one",
        lambda at_h, window_h: np.isin(
            np.round(at_h) % 24, np.round(np.asarray(window_h)) % 24
        ),
    ),
    Mistake(
        "first to last",
        "everything from the earliest to the latest hour was taken. A window over "
        "midnight, from 23 to 1, then fetches the whole day",
        lambda at_h, window_h: (
            (_hour(at_h) % 24 >= (_hour(window_h) % 24).min())
            & (_hour(at_h) % 24 <= (_hour(window_h) % 24).max())
        ),
    ),
    Mistake(
        "the others",
        "these are the rows of all the *other* hours",
        lambda at_h, window_h: ~np.isin(_hour(at_h) % 24, _hour(window_h) % 24),
    ),
)

hours = Check.table(
    title="the same hours",
    name="alike",
    promises=PROMISES,
    ask=_ask,
    mistakes=MISTAKES,
)
