"""May a statistic be made of these values, and a verdict of its p?

What is odd is refused here, with its place, so that no statistic has to look for it
again: odd data never becomes a verdict.
"""

import math
from collections.abc import Callable
from numbers import Integral
from typing import Any

import numpy as np

from lessonlib.rows import LEFT_OUT, array_of, is_missing, is_number, row_of

EXACT = 2**53  # beyond, floats skip whole numbers, and two of them look like one
_LARGEST = 1e150  # the square of what is larger is infinite

Reader = Callable[[Any, str], np.ndarray]


# -- one value


def number(
    value: Any, name: str, *, low: float = -_LARGEST, high: float = _LARGEST
) -> float:
    """Return one number from `low` to `high` as a float, or raise ValueError."""
    if type(value) not in (int, float):  # most are
        if isinstance(value, np.ndarray) and value.ndim == 0:
            value = value[()]
        if isinstance(value, bool | np.bool_) or not is_number(value):
            raise ValueError(f"{name} must be a number, got {value!r:.60}")
    if not low <= (found := _float(value)) <= high:
        raise ValueError(f"{name} must be {_span(low, high)}, got {found:g}")
    return found


def whole(value: Any, name: str, *, least: int = 0) -> int:
    """Return a whole number that is `least` or more, or raise ValueError."""
    found = number(value, name, low=least, high=EXACT)
    if not found.is_integer():
        raise ValueError(f"{name} must be a whole number, got {found:g}")
    return int(found)


def share(value: Any, name: str) -> float:
    """Return a number above 0 and below 1, as a level is, or raise ValueError."""
    found = number(value, name, low=-math.inf, high=math.inf)
    if not 0 < found < 1:
        raise ValueError(f"{name} must be between 0 and 1, got {found:g}")
    return found


def flag(value: Any, name: str) -> bool:
    """Return True or False, or raise ValueError: NaN is neither. 1 and 0 will do."""
    return bool(flags([value], name)[0])


# -- many values


def numbers(
    values: Any,
    name: str,
    *,
    least: int = 1,
    low: float = -_LARGEST,
    high: float = _LARGEST,
) -> np.ndarray:
    """Return one number a row as floats, shape (n,), or raise ValueError.

    The message says what is odd and where: a value that is missing, masked, no number,
    or not from `low` to `high`. Infinity is only meant if it is one of these ends.
    """
    found = _floats(row_of(values, name), name)
    if len(found) < least:
        more = "one" if least == 1 else f"{least}"
        raise ValueError(f"{name} must have {more} or more, got {len(found)}")
    return _within(found, name, low, high)


def counts(values: Any, name: str, *, least: int = 1) -> np.ndarray:
    """Return one whole number a row, 0 or more, shape (n,), or raise ValueError."""
    found = numbers(values, name, least=least, low=0, high=EXACT)
    _refuse_where(found % 1 != 0, found, name, "a whole number")
    return found.astype(int)


def flags(values: Any, name: str, *, least: int = 1) -> np.ndarray:
    """Return True or False a row, shape (n,), or raise ValueError. 1 and 0 will do."""
    found = numbers(values, name, least=least)
    _refuse_where((found != 0) & (found != 1), found, name, "true or false, 1 or 0")
    return found.astype(bool)


def chances(values: Any, name: str, *, least: int = 1) -> np.ndarray:
    """Return one probability a row, 0 to 1, shape (n,), or raise ValueError."""
    return numbers(values, name, least=least, low=0, high=1)


def table(values: Any, name: str, *, gaps: bool = False) -> np.ndarray:
    """Return rows of the same columns as floats, shape (n, k), or raise ValueError.

    With `gaps`, what is missing becomes NaN and infinity stays; else both are refused.
    """
    array = array_of(values, name)
    if array.ndim != 2 or not array.shape[1]:
        seen = f"got shape {array.shape}"
        raise ValueError(f"{name} must be rows of columns, shape (n, k), {seen}")
    found = _floats(array, name)
    return found if gaps else _within(found, name, -_LARGEST, _LARGEST)


def pairs(
    first: Any, second: Any, *, names: tuple[str, str], read: tuple[Reader, Reader]
) -> tuple[np.ndarray, np.ndarray]:
    """Return two rows of values about the same n units, each read by its function.

    Raises ValueError for different lengths, and for two pandas Series whose indexes
    differ: their rows are not about the same units.
    """
    a, b = read[0](first, names[0]), read[1](second, names[1])
    if len(a) != len(b):
        seen = f"{len(a)} and {len(b)}"
        raise ValueError(f"{names[0]} and {names[1]}: one of each a row, got {seen}")
    indexes = [getattr(each, "index", None) for each in (first, second)]
    if all(hasattr(each, "equals") for each in indexes):
        if not indexes[0].equals(indexes[1]):  # type: ignore[union-attr]
            message = f"{names[0]} and {names[1]} have different indexes"
            raise ValueError(f"{message}: bring the same units into one order")
    return a, b


# -- the verdict


def beyond_chance(p: Any, level: float) -> Any:
    """Return whether p is at most `level`, for one p-value or for each of an array.

    Nowhere else does a p-value become a verdict: NaN is neither below a level nor above
    it, and would fall on the side that a comparison forgot. Here it is refused.
    """
    level, found = share(level, "level"), np.asarray(p, dtype=float)
    if not ((found >= 0) & (found <= 1)).all():
        raise ValueError(f"a p-value is 0 to 1, got {p}: that is no verdict")
    return found <= level


# -- what is odd


def _floats(array: np.ndarray, name: str) -> np.ndarray:
    if array.dtype.kind in "iu" and ((array > EXACT) | (array < -EXACT)).any():
        raise ValueError(_inexact(name))
    if array.dtype.kind in "biuf":
        with np.errstate(over="ignore"):  # of a long double: refused as infinite
            return array.astype(float)
    if array.dtype.kind != "O":
        seen = f"{array.dtype}, such as {array.ravel()[:1].tolist()}"
        raise ValueError(f"{name} must be numbers, got {seen}")
    found = np.empty(array.shape)
    for place, value in np.ndenumerate(array):
        if not is_missing(value) and not is_number(value):
            message = f"{name}{list(place)} is {value!r:.40}"
            raise ValueError(f"{message}, and must be a number")
        if isinstance(value, Integral) and abs(int(value)) > EXACT:
            raise ValueError(_inexact(name))
        found[place] = math.nan if is_missing(value) else _float(value)
    return found


def _float(value: Any) -> float:
    try:
        return float(value)
    except OverflowError:  # a whole number of hundreds of digits
        return math.inf if value > 0 else -math.inf


def _inexact(name: str) -> str:
    hint = "take a common start away first, or divide"
    return f"{name} has whole numbers beyond 2**53, where floats skip some: {hint}"


def _within(found: np.ndarray, name: str, low: float, high: float) -> np.ndarray:
    if ((found >= low) & (found <= high)).all():  # NaN is not
        return found
    if (missing := np.isnan(found)).any():
        place = f"{name}{np.argwhere(missing)[0].tolist()}"
        seen = f"missing or NaN ({missing.sum()} of {found.size})"
        raise ValueError(f"{place} is {seen}: {LEFT_OUT}")
    _refuse_where((found < low) | (found > high), found, name, _span(low, high))
    return found


def _refuse_where(odd: np.ndarray, found: np.ndarray, name: str, meant: str) -> None:
    if odd.any():
        first = np.argwhere(odd)[0]
        place = f"{name}{first.tolist()} is {found[tuple(first)]:g}"
        raise ValueError(f"{place}, and must be {meant}")


def _span(low: float, high: float) -> str:
    """Return limits in words; those that keep squares finite go without saying."""
    if low <= -_LARGEST:
        return "finite and no larger than 1e+150"
    if high >= EXACT:
        return f"{low:g} or more" + (", and finite" if high < math.inf else "")
    return f"{low:g} to {high:g}"
