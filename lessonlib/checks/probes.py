"""How is an answer asked, and when are two answers the same?

What all checks use: ask, compare as plain values, and say what came back.
"""

import contextlib
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from decimal import Decimal
from fractions import Fraction
from types import GeneratorType
from typing import Any

import numpy as np

from lessonlib.checks.raised import ending, learners_line

_UNROLLED = (GeneratorType, map, filter, zip, enumerate, reversed, range)


class Broken(Exception):
    """A promise that does not hold: what was seen, and a hint of a direction.

    `code` are the parts of what was seen that are code, in their order.
    """

    def __init__(self, seen: str, hint: str = "", *, code: Sequence[str] = ()):
        super().__init__(seen)
        self.seen, self.hint, self.code = seen, hint, tuple(code)


class Untouched(Broken):
    """Nothing came back, or `...`: the answer is the stub, or leaves a case out."""

    def __init__(self, reply: Any = None):
        if reply is Ellipsis:
            super().__init__(
                "your answer gave `...`", "one blank is still `...`: fill it in"
            )
        else:
            hint = "does every way through the function end in a return?"
            super().__init__("your answer gave None", hint)
        self.reply = reply


class Replies:
    """What came back through `call`: how often something did, and the last of it."""

    count = 0
    last: tuple[str, Any] | None = None  # the call in words, and its reply


def call(function: Callable[..., Any], *args: Any, **options: Any) -> Any:
    """Return what the function gives back; None or ... counts as untouched.

    What can be gone through only once comes back as a list.
    """
    Replies.last = None
    reply = function(*args, **options)
    if reply is None:
        raise Untouched
    blanks = [part is Ellipsis for part in _parts(reply)]
    if any(blanks):
        Replies.count += not all(blanks)  # one that is filled is an attempt
        raise Untouched(...)
    if isinstance(reply, Iterator | range) and type(reply) in _UNROLLED:
        reply = list(reply)
    Replies.count += 1
    Replies.last = call_in_words(function, args), reply
    return reply


def _parts(reply: Any) -> Sequence[Any]:
    if isinstance(reply, dict):
        return [*reply.values()]
    return reply if isinstance(reply, list | tuple) else [reply]


def call_in_words(function: Callable[..., Any], args: Sequence[Any]) -> str:
    """Return how a call is written; a function without a name is "your answer"."""
    name = str(getattr(function, "__name__", "your answer"))
    name = "your answer" if name.startswith("<") else name
    return f"{name}({', '.join(map(shortened, args))})"


@contextlib.contextmanager
def telling(expected: Any, *, called: str = "", hint: str = "") -> Iterator[None]:
    """Say what came back if the check cannot read it, and what was expected."""
    Replies.last = None
    try:
        yield
    except Untouched as untouched:
        if called:
            untouched.seen = f"{called} gave {untouched.reply}, expected {expected}"
            untouched.code = code_in(called, str(untouched.reply))
        raise
    except Broken:
        raise
    except Exception as error:
        if Replies.last is None or learners_line(error):
            raise  # it came from inside the answer
        in_words, reply = Replies.last
        asked, gave = called or in_words, shortened(reply)
        seen = f"{asked} gave {gave}, expected {expected}"
        raise Broken(seen, hint, code=code_in(asked, gave)) from None


def colocate(answer: Any, fixture: Any) -> Any:
    """Return a function or class of a check where the answer is.

    That is here, in a notebook. When a class is graded, the answer is in a process of
    its own, and what it works on by more than calls and data has to be there, too.
    """
    elsewhere = getattr(type(answer), "colocate_", None)
    return fixture if elsewhere is None else elsewhere(answer, fixture)


def expect(
    seen: Any, expected: Any, *, called: str, hint: str = "", inside: str = ""
) -> None:
    """Raise Broken unless both are equal; numbers may differ in the ninth digit.

    `inside` is an exception that was raised out of sight, as in an endpoint.
    """
    found, wanted = plain(seen), plain(expected)
    if _equal(found, wanted):
        return
    lengths = ""
    if _is_row(found) and _is_row(wanted) and len(found) != len(wanted):
        lengths = f" ({len(found)} values for {len(wanted)})"
    gave, meant = shortened(seen), shortened(expected)
    message = f"{called} gave {gave}, expected {meant}{lengths}"
    reason = f". Inside, your code raised {inside}" if inside else ""
    raise Broken(message + reason, hint, code=code_in(called, gave, meant))


def code_in(called: str, *values: str) -> tuple[str, ...]:
    """Return the parts of a sentence that are code: values, and a call as `f(2)`."""
    is_call = re.fullmatch(r"[\w.]+\(.*\)", called, re.DOTALL)  # not one told in words
    return (called, *values) if is_call else values


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
    if isinstance(value, dict):  # not equal to a list of its pairs
        pairs = [[plain(key), plain(value[key])] for key in value]
        return [dict, *sorted(pairs, key=repr)]
    if isinstance(value, set | frozenset):
        return [set, *sorted(map(plain, value), key=repr)]
    if type(value) in (Fraction, Decimal):
        return float(value)
    if type(value) in (bool, int, float, str, bytes, type(None), type):
        return value
    return f"{type(value).__name__}: {object.__repr__(value)}"


def _is_row(value: Any) -> bool:
    return isinstance(value, list) and value[:1] not in ([dict], [set])


def truth(reply: Any) -> Any:
    """Return a yes or no as a bool, and anything else as it came, to be shown."""
    value = plain(reply)
    yes_or_no = type(value) in (bool, int, float) and value in (0, 1)
    return bool(value) if yes_or_no else reply


def flags(reply: Any) -> Any:
    """Return a row of yes and no as bools, and anything else as it came."""
    values = plain(reply)
    if not _is_row(values):
        return reply
    found = [truth(value) for value in values]
    return found if all(type(flag) is bool for flag in found) else reply


def shortened(value: Any) -> str:
    """Return the text of a value, cut to 80 characters."""
    text = repr(value.tolist() if isinstance(value, np.ndarray | np.generic) else value)
    return text if len(text) <= 80 else f"{text[:77]}..."


def to_digits(reply: Any, digits: int = 9) -> Any:
    """Return a number, or a row of them, to so many digits; all else as it came."""
    value = plain(reply)
    row = value if _is_row(value) else [value]
    numbers = all(type(item) in (int, float) for item in row)
    return settled(value, digits) if numbers else reply


def settled(value: Any, digits: int = 9) -> Any:
    """Return plain values with numbers to so many digits: equal ones are equal."""
    value = plain(value)
    if isinstance(value, list):
        return [settled(item, digits) for item in value]
    return round(value, digits) if isinstance(value, float) else value


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
            found.append(ending(error))
    return found
