"""What does an example of its data tell about a model?

The example is some rows of what the model has learned from. They say what the model
takes, and the name and kind of each column. What no client could send is refused here,
with the column and the value, before anything is saved.
"""

import math
import sys
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import numpy as np

from lessonlib.save.choices import known_choices
from lessonlib.save.columns import (
    ARRAY,
    FRAME,
    KINDS,
    TEXTS,
    Column,
    Values,
    check_values,
    listed_names,
)

_SHAPE = "the example must have shape (n, k), or be a list of texts, got"
_INSTEAD = {"toarray": "()", "to_pandas": "()", "filled": "(np.nan)"}


@dataclass(frozen=True, eq=False)
class Example:
    """Some rows of what a model has learned from, as the model and as JSON has them."""

    form: str  # what the model takes: ARRAY, FRAME or TEXTS
    table: Any  # in this form
    columns: tuple[Column, ...]
    values: Values


def read_example(
    model: Any, example: Any, *, columns: Sequence[Column] | None = None
) -> Example:
    """Return what `example` tells: an array, a DataFrame, or a list of texts.

    Columns are read from it unless they are given; limits are not, as the next row may
    well be larger. Raises ValueError for what cannot be sent as JSON, or is not what
    the model learned from.
    """
    given = example if _is_frame(example) else _as_array(example)
    if 0 in given.shape:
        raise ValueError(f"{_SHAPE} shape {given.shape}: give rows of the training's")
    form, table = _as_learned(model, given)
    if not _is_frame(given):
        given = table  # it may have got its names from the model
    values = values_of(given)
    if columns is None:
        columns = _with_choices(model, _read_columns(given), values)
    else:
        columns = _agreeing(columns, given if form == FRAME else None, len(values[0]))
    check_values(values, columns)
    return Example(form, table, tuple(columns), values)


def values_of(table: Any) -> Values:
    """Return the rows of an array, a DataFrame or a list of texts as JSON values."""
    if _is_frame(table):
        cells = [table.iloc[:, i].tolist() for i in range(table.shape[1])]
        return [list(map(_plain, row)) for row in zip(*cells, strict=True)]
    rows = np.asarray(table).tolist() if np.ndim(table) != 1 else [[t] for t in table]
    return [list(map(_plain, row)) for row in rows]


def _is_frame(example: Any) -> bool:
    pandas = sys.modules.get("pandas")  # who has a frame has imported it
    return pandas is not None and isinstance(example, pandas.DataFrame)


def _as_array(example: Any) -> np.ndarray:
    """Return an example that is no DataFrame as an array, or say why that cannot be."""
    kind = type(example).__name__
    for method, brackets in _INSTEAD.items():  # sparse; other frames; masked
        if hasattr(example, method):
            message = f"the example is a {kind}"
            raise ValueError(f"{message}: give example.{method}{brackets} instead")
    if not isinstance(example, (list, tuple)) and not hasattr(example, "__array__"):
        raise ValueError(f"{_SHAPE} type {kind}")
    try:
        array = np.asarray(example)
        if array.dtype.kind == "U" and not hasattr(example, "dtype"):
            array = np.array(example, dtype=object)  # a 1 beside "a" is no "1"
    except ValueError:
        raise ValueError(f"{_SHAPE} rows of different lengths") from None
    if array.ndim > 2:
        hint = "an image is one row, X.reshape(len(X), -1), when the model is fitted"
        raise ValueError(f"{_SHAPE} shape {array.shape}: {hint}")
    if array.ndim == 0 or (
        array.ndim == 1
        and not all(_plain(t) is None or isinstance(t, str) for t in array.tolist())
    ):
        hint = "one column is reshape(-1, 1), one row is reshape(1, -1)"
        if array.ndim and isinstance(array[0], dict):
            hint = "give pandas.DataFrame(example)"
        raise ValueError(f"{_SHAPE} shape {array.shape} of {array.dtype}: {hint}")
    if array.dtype.kind not in "biufUO":
        hint = "JSON has no such numbers; for dates give a DataFrame"
        raise ValueError(f"the example is an array of {array.dtype}: {hint}")
    return array


def _as_learned(model: Any, given: Any) -> tuple[str, Any]:
    """Return the form that a model takes, and the example in that form.

    An estimator that learned from a DataFrame remembers the names of its columns; one
    that counts columns without names learned from an array.
    """
    if given.ndim == 1:
        return TEXTS, given.tolist()
    names = getattr(model, "feature_names_in_", None)
    if names is not None:
        return FRAME, _named(given, list(names))
    if not _is_frame(given):
        return ARRAY, given
    if hasattr(model, "n_features_in_"):
        return ARRAY, given.to_numpy(na_value=np.nan)
    others = [name for name in given.columns if not isinstance(name, str)]
    if others:
        message = f"a column of the example is called {others[0]!r}, and JSON has texts"
        raise ValueError(f"{message} for names: rename it before the model learns")
    return FRAME, given


def _named(given: Any, names: list[str]) -> Any:
    """Return the example as a DataFrame of the columns that the model learned from."""
    if _is_frame(given):
        if (seen := list(given.columns)) != names:
            message = f"the example has the columns {listed_names(seen)}, but the model"
            hint = "give example[list(model.feature_names_in_)]"
            raise ValueError(
                f"{message} learned from {listed_names(names)}, in this order: {hint}"
            )
        return given
    if given.shape[1] != len(names):
        message = f"the example has {given.shape[1]} columns, but the model learned"
        raise ValueError(f"{message} from {len(names)}: {listed_names(names)}")
    import pandas

    return pandas.DataFrame(given, columns=names).infer_objects()


def _read_columns(given: Any) -> list[Column]:
    if not _is_frame(given):
        if not isinstance(given, np.ndarray):
            return [_read_cells("text", given)]
        return [_read_cells(f"x{i}", each.tolist()) for i, each in enumerate(given.T)]
    names = [str(name) for name in given.columns]
    if len(set(names)) < len(names):
        raise ValueError(
            f"two columns of the example have one name: {listed_names(names)}"
        )
    cells = [given.iloc[:, i].infer_objects() for i in range(len(names))]
    return [_read_series(*each) for each in zip(names, cells, strict=True)]


def _read_series(name: str, series: Any) -> Column:
    kind, gaps = series.dtype.kind, bool(series.isna().any())
    if hasattr(series, "cat"):
        choices = tuple(series.cat.categories.tolist())
        if not {type(each) for each in choices} <= {str, int, float, bool}:
            message = f"column {name!r} has the category {choices[0]!r}, which is not"
            raise ValueError(f"{message} JSON: make categories of texts or numbers")
        return Column(name, "category", choices=choices, missing=gaps)
    if getattr(series.dtype, "tz", None) is not None:
        message = f"column {name!r} has dates of the zone {series.dtype.tz}"
        raise ValueError(f"{message}: train without a zone, .dt.tz_localize(None)")
    if str(series.dtype) in ("str", "string"):
        return Column(name, "text", missing=gaps)  # even if it has only gaps
    kinds = {"b": "boolean", "i": "integer", "u": "integer", "f": "number", "M": "date"}
    if kind in kinds:
        return Column(name, kinds[kind], missing=gaps)
    return _read_cells(name, series.tolist())


def _read_cells(name: str, cells: list[Any]) -> Column:
    """Return a column by its cells, which may be of any type."""
    if all(type(cell) is float for cell in cells):
        return Column(name, missing=any(map(math.isnan, cells)))
    items = [each.item() if isinstance(each, np.generic) else each for each in cells]
    seen = [cell for cell in items if _plain(cell) is not None]
    types, gaps = {type(cell) for cell in seen}, len(seen) < len(cells)
    for kind, allowed in (
        ("boolean", {bool}),
        ("number", {int, float}),
        ("text", {str}),
    ):
        if types and types <= allowed:
            return Column(name, kind, missing=gaps)
    if not types:
        message = (
            f"column {name!r} has only gaps in the example, so nobody can tell its"
        )
        raise ValueError(f"{message} kind: add a row with a value, or give columns=")
    what = " and ".join(sorted(each.__name__ for each in types))
    message = f"column {name!r} holds {what}, and JSON has no such column"
    raise ValueError(f"{message}; make it one of {', '.join(KINDS)}")


def _with_choices(model: Any, columns: list[Column], values: Values) -> list[Column]:
    """Return the columns, with the choices of encoders that know no other value."""
    found = known_choices(model, [column.name for column in columns])
    for i, choices in found.items():
        seen = [row[i] for row in values if row[i] is not None]
        # what stands in the example passes, or the encoder sees something else
        if columns[i].kind in ("text", "integer", "number") and set(seen) <= {*choices}:
            columns[i] = replace(columns[i], kind="category", choices=choices)
    return columns


def _agreeing(columns: Sequence[Column], frame: Any, k: int) -> tuple[Column, ...]:
    """Return the columns that were given, if they are those of the example."""
    for column in columns:
        if not isinstance(column, Column):
            raise ValueError(f"columns must hold Column objects, got {column!r:.40}")
    names = [column.name for column in columns]
    if len(names) != k:
        raise ValueError(f"{len(names)} columns are given, but the example has {k}")
    if len(set(names)) < k:
        raise ValueError(
            f"two of the given columns have one name: {listed_names(names)}"
        )
    if frame is not None and names != list(frame.columns):
        message = (
            f"the given columns are {listed_names(names)}, but those of the example are"
        )
        raise ValueError(f"{message} {listed_names(list(frame.columns))}")
    return tuple(columns)


def _plain(cell: Any) -> Any:
    """Return a cell as JSON has it; None for a gap. Others are returned as they are."""
    cell = cell.item() if isinstance(cell, np.generic) else cell
    if cell is None or type(cell).__name__ in ("NAType", "NaTType"):
        return None
    if isinstance(cell, float) and math.isnan(cell):
        return None
    return cell.isoformat() if isinstance(cell, datetime) else cell
