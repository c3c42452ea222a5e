"""How is an answer asked, and when are two answers the same?

What all checks use: ask, compare as plain values, and say what came back.
"""

import contextlib
import json
import linecache
import logging
import traceback
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np

_NOT_THE_LEARNERS = (  # the standard library, installed packages, and ours
    str(Path(json.__file__).parents[1]),
    str(Path(np.__file__).parents[1]),
    str(Path(__file__).parents[1]),
)


class Broken(Exception):
    """A promise that does not hold: what was seen, and a hint of a direction."""

    def __init__(self, seen: str, hint: str = ""):
        super().__init__(seen)
        self.seen, self.hint = seen, hint


class Untouched(Exception):
    """The answer is still the stub: None or Ellipsis came back."""


def call(function: Callable[..., Any], *args: Any, **options: Any) -> Any:
    """Return what the function gives back; None or ... counts as untouched."""
    reply = function(*args, **options)
    if reply is None or reply is Ellipsis:
        raise Untouched
    return reply


def colocate(answer: Any, fixture: Any) -> Any:
    """Return a function or class of a check where the answer is.

    That is here, in a notebook. When a class is graded, the answer is in a process of
    its own, and what it works on by more than calls and data has to be there, too.
    """
    elsewhere = getattr(type(answer), "colocate_", None)
    return fixture if elsewhere is None else elsewhere(answer, fixture)


@contextlib.contextmanager
def quiet() -> Iterator[None]:
    """Keep the log of an app that crashes out of the learner's cell."""
    before = logging.root.manager.disable
    logging.disable(logging.CRITICAL)
    try:
        yield
    finally:
        logging.disable(before)


def expect(seen: Any, expected: Any, *, called: str, hint: str = "") -> None:
    """Raise Broken unless both are equal; numbers may differ in the ninth digit."""
    if not _equal(plain(seen), plain(expected)):
        message = f"{called} gave {shortened(seen)}, expected {shortened(expected)}"
        raise Broken(message, hint)


def _equal(seen: Any, expected: Any) -> bool:
    if isinstance(seen, list) and isinstance(expected, list):
        same = zip(seen, expected, strict=False)
        return len(seen) == len(expected) and all(_equal(a, b) for a, b in same)
    if type(seen) in (int, float) and type(expected) in (int, float):
        return seen == expected or abs(seen - expected) <= 1e-9 * abs(expected)
    return type(seen) is type(expected) and seen == expected


def plain(value: Any) -> Any:
    """Return a value as builtin types, so that it cannot say itself what it equals."""
    # only builtin types may say what they equal: any other object becomes its text
    if isinstance(value, np.ndarray | np.generic):
        value = value.tolist()
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    if isinstance(value, dict):
        return [[plain(key), plain(value[key])] for key in sorted(value, key=repr)]
    if type(value) in (bool, int, float, str, bytes, type(None), type):
        return value
    return f"{type(value).__name__}: {object.__repr__(value)}"


def shortened(value: Any) -> str:
    """Return the text of a value, cut to 80 characters."""
    text = repr(value)
    return text if len(text) <= 80 else f"{text[:77]}..."


def settled(value: Any) -> Any:
    """Return plain values with numbers to nine digits, so that equal ones are equal."""
    value = plain(value)
    if isinstance(value, list):
        return [settled(item) for item in value]
    return round(value, 9) if isinstance(value, float) else value


def rounded(value: Any) -> Any:
    """Return numbers, of any shape, as floats to nine digits."""
    return np.round(np.asarray(value, dtype=float), 9).tolist()


def outcomes(ask: Callable[..., Any], inputs: Iterable[Sequence[Any]]) -> list[Any]:
    """Return what comes of each input; an exception is an outcome too."""
    found = []
    for given in inputs:
        try:
            found.append(ask(*given))
        except Exception as error:
            found.append(type(error).__name__)
    return found


def learners_line(error: BaseException) -> str:
    """Return the last line of the learner's own code that led to an error, or ""."""
    if hasattr(error, "learners_line"):  # it was found where the answer is
        return str(error.learners_line)
    line = ""
    for frame, number in traceback.walk_tb(error.__traceback__):
        file = frame.f_code.co_filename
        if not file.startswith(_NOT_THE_LEARNERS):
            line = linecache.getline(file, number).strip() or line
    return line[:200]
