"""What did somebody hand in: one value a row, and which of them are missing?

A list, an array, a Series, a generator: all become an array of what was handed in, and
nothing is dropped or turned into something else on the way.
"""

from collections.abc import Iterable, Mapping, Sequence, Set
from decimal import Decimal
from numbers import Real
from typing import Any

import numpy as np

LEFT_OUT = "leave such rows out, and find out where they come from"


def is_missing(value: Any) -> bool:
    """Return whether nobody knows a value: it is None, NaN, NaT or pandas.NA."""
    if value is None:
        return True
    try:
        return bool(value != value)
    except ValueError:  # an array: not one value
        return False
    except TypeError:  # pandas.NA does not even say whether it is itself
        return True


def is_number(value: Any) -> bool:
    """Return whether a value is a real number; True and False count as 1 and 0."""
    return isinstance(value, Real | Decimal | np.bool_)


def array_of(values: Any, name: str) -> np.ndarray:
    """Return values as an array of any shape: of numbers, or of what was handed in.

    Raises ValueError for what has no rows, or masked ones.
    """
    if isinstance(values, str | bytes | Mapping | Set):
        seen = f"a {type(values).__name__}, {values!r:.40}"
        raise ValueError(f"{name} must be one value a row, got {seen}")
    if np.ma.is_masked(values):
        n = np.ma.count_masked(values)
        raise ValueError(f"{n} of the {name} are masked: {LEFT_OUT}")
    if not hasattr(values, "__array__") and isinstance(values, Iterable):
        values = list(values)
    try:
        array = np.asarray(values)
        if array.dtype.kind not in "biuf" and isinstance(values, Sequence):
            array = np.array(values, dtype=object)  # or a 1 beside "a" becomes "1"
    except ValueError:
        raise ValueError(f"the rows of {name} have different lengths") from None
    return array


def row_of(values: Any, name: str) -> np.ndarray:
    """Return values as an array of shape (n,), or raise ValueError."""
    array = array_of(values, name)
    if array.ndim != 1:
        seen = f"got shape {array.shape}"
        raise ValueError(f"{name} must be one value a row, shape (n,), {seen}")
    return array


def categories(values: Any, name: str) -> list[Any]:
    """Return one category a row as Python's own values, None for each missing one.

    Raises ValueError if texts, numbers and booleans are mixed.
    """
    row = row_of(values, name)
    items = list(row) if row.dtype.kind in "mM" else row.tolist()
    found = [None if is_missing(item) else item for item in items]
    same_kind({name: found})
    return found


def same_kind(columns: Mapping[str, Iterable[Any]]) -> None:
    """Raise ValueError if some values are, say, texts, and others are numbers.

    A 3 and a "3" are never equal, so comparing them would tell of a difference between
    two programs, and none between what they mean.
    """
    seen: dict[str, str] = {}
    for name, items in columns.items():
        for kind, example in {type(item): item for item in items}.items():
            if not is_missing(example):
                told = f"{_kind(kind)} ({name}: {example!r:.30})"
                seen.setdefault(_kind(kind), told)
    if len(seen) > 1:
        mixed = " and ".join(seen.values())
        raise ValueError(f"values of one kind are needed, got {mixed}: convert one")


def in_order(names: Iterable[Any]) -> list[Any]:
    """Return each category once, whatever the order of the rows; None comes last."""
    known = set(names)
    there = known - {None}
    try:
        found = sorted(there)
    except TypeError:  # of a kind that has no order of its own
        found = sorted(there, key=repr)
    return found + [None] * (None in known)


def _kind(kind: type) -> str:
    if issubclass(kind, bool | np.bool_):
        return "booleans"
    if issubclass(kind, Real | Decimal):
        return "numbers"
    return "texts" if issubclass(kind, str) else kind.__name__
