"""What does a row hold: which columns, and what may stand in them?

A column has a name and a kind. `build_table` makes of JSON values what the model takes:
an array, a pandas DataFrame if it learned from one, or a list of texts.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np

KINDS = ("number", "integer", "boolean", "category", "text", "date")
ARRAY, FRAME, TEXTS = "array", "frame", "texts"  # what a model takes
MOST_EXACT = 2**53  # beyond, many a reader of JSON rounds an integer
Image = tuple[int, int, float]  # height, width, and the value of black; 0 is white
Values = list[list[Any]]  # rows of JSON values: None is a gap, a date is an ISO text


@dataclass(frozen=True)
class Column:
    """A column of a row, and what a client may send for it.

    `low` and `high` limit a number (None: no limit). `choices` are the values of a
    category (None: any text passes). `missing` says whether null stands for a gap.
    """

    name: str
    kind: str = "number"
    low: float | None = None
    high: float | None = None
    choices: tuple[Any, ...] | None = None
    missing: bool = False

    def __post_init__(self) -> None:
        if not isinstance(self.name, str):
            raise ValueError(f"the name of a column is a text, got {self.name!r}")
        if self.kind not in KINDS:
            kinds = ", ".join(KINDS)
            raise ValueError(
                f"column {self.name!r}: kind {self.kind!r} is none of {kinds}"
            )
        if self.choices is not None:
            object.__setattr__(self, "choices", tuple(self.choices))  # JSON has lists


def check_values(values: Values, columns: Sequence[Column]) -> None:
    """Raise ValueError for what no client could send, naming the column."""
    for i, column in enumerate(columns):
        if any(map(_is_broken, [column.name, *(column.choices or ())])):
            message = f"column {column.name!r} has a name or a choice with half of a"
            raise ValueError(f"{message} character: repair how it was read")
        for row in values:
            if problem := _problem_of(row[i], column):
                message = f"column {column.name!r} of the example has {row[i]!r:.60}"
                raise ValueError(f"{message}; {problem}")


def check_image(image: Any, columns: Sequence[Column]) -> Image:
    """Return (height, width, black) if rows of these columns are such images.

    A row has the lines of its image one behind the other. Raises ValueError.
    """
    try:
        height, width, black = image
        sizes = {type(height), type(width)} == {int} and min(height, width) > 0
        fits = sizes and 0 < float(black) < math.inf
    except (TypeError, ValueError):
        fits = False
    if not fits:
        hint = "(height, width, black), such as (8, 8, 16) for values from 0 to 16"
        raise ValueError(f"image must be {hint}; got {image!r:.60}")
    if height * width != len(columns):
        message = f"an image of {height} x {width} needs {height * width} columns"
        raise ValueError(f"{message}, but a row has {len(columns)}")
    for column in columns:
        _check_pixel(column, black)
    return height, width, black


def build_table(values: Values, columns: Sequence[Column], form: str) -> Any:
    """Return rows of checked JSON values as what a model takes."""
    return table_builder(columns, form)(values)


def table_builder(columns: Sequence[Column], form: str) -> Callable[[Values], Any]:
    """Return the `build_table` of these columns, for many rows that come one by one."""
    if form == TEXTS:
        return lambda values: [row[0] for row in values]
    if form == ARRAY:
        dtype = _type_of_array(columns)
        return lambda values: np.array(values, dtype=dtype)  # None becomes NaN
    return lambda values: _frame(values, columns)


def _frame(values: Values, columns: Sequence[Column]) -> Any:
    import pandas

    cells = zip(*values, strict=True) if values else [()] * len(columns)
    pairs = zip(columns, cells, strict=True)
    return pandas.DataFrame({c.name: _series(c, each) for c, each in pairs}, copy=False)


def listed_names(names: Sequence[Any]) -> str:
    """Return names as a list that fits into a sentence."""
    more = f" and {len(names) - 8} more" if names[8:] else ""
    return ", ".join(map(str, names[:8])) + more


def join_tables(tables: Sequence[Any]) -> Any:
    """Return tables of one form as one, in their order."""
    if len(tables) == 1:
        return tables[0]
    if isinstance(tables[0], list):
        return [text for texts in tables for text in texts]
    if isinstance(tables[0], np.ndarray):
        return np.concatenate(tables)
    import pandas

    return pandas.concat(tables, ignore_index=True)


def _check_pixel(column: Column, black: float) -> None:
    if column.kind not in ("number", "integer"):
        message = f"column {column.name!r} is of kind {column.kind!r}"
        raise ValueError(f"{message}, and the pixels of an image are numbers")
    low = -math.inf if column.low is None else column.low
    high = math.inf if column.high is None else column.high
    if not low <= 0 < black <= high:
        message = f"column {column.name!r} takes values from {low:g} to {high:g}"
        raise ValueError(f"{message}, and an image has them from 0 to {black:g}")


def _problem_of(cell: Any, column: Column) -> str:
    if isinstance(cell, float) and math.isinf(cell):
        return "JSON has no infinity: make it a number, or a gap (NaN)"
    if isinstance(cell, int) and abs(cell) > MOST_EXACT:
        return "JSON rounds integers beyond 2**53: make it a text"
    if _is_broken(cell):
        return "half of a character is none: repair how it was read"
    if column.choices is not None and cell not in (None, *column.choices):
        return f"it is none of the column's {len(column.choices)} choices"
    return ""


def _is_broken(text: Any) -> bool:
    # half of a surrogate pair, which no encoding writes
    return isinstance(text, str) and any("\ud800" <= c <= "\udfff" for c in text)


def _type_of_array(columns: Sequence[Column]) -> type:
    if all(map(_holds_numbers, columns)):
        return float
    if all(column.kind == "boolean" and not column.missing for column in columns):
        return bool
    return object


def _holds_numbers(column: Column) -> bool:
    if column.kind == "category" and column.choices:
        return all(type(choice) in (int, float) for choice in column.choices)
    return column.kind in ("number", "integer")


def _series(column: Column, cells: Sequence[Any]) -> Any:
    import pandas

    gaps = None in cells
    if column.kind in ("number", "integer") and (gaps or column.kind == "number"):
        return pandas.Series(cells, dtype=float)
    if column.kind == "date":  # to_datetime knows fewer ways to write one
        dates = [each and datetime.fromisoformat(each) for each in cells]
        return pandas.Series(np.array(dates, dtype="datetime64[us]"))
    if column.kind == "category" and column.choices is not None:
        return pandas.Series(pandas.Categorical(cells, categories=list(column.choices)))
    dtypes: dict[str, Any] = {"integer": int, "boolean": object if gaps else bool}
    dtype = dtypes.get(column.kind)
    if dtype:
        return pandas.Series(cells, dtype=dtype)
    return pandas.Series(
        [np.nan if cell is None else cell for cell in cells], dtype="str"
    )
