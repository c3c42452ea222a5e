"""Which columns of a table have moved, each tested as its kind allows?

Numbers and dates by Kolmogorov and Smirnov, categories by chi-square, a text by its
length. A gap is a value of its own: a sensor that falls silent has moved, too.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np

from lessonlib.evidence import beyond_chance, number
from lessonlib.rows import is_missing
from lessonlib.save.columns import Column
from lessonlib.save.examples import values_of
from lessonlib.watch.drift import Drift, adjust, chi2_drift, ks_drift


@dataclass(frozen=True)
class ColumnDrift:
    """What became of one column."""

    column: str
    drift: Drift  # p is that of the values or of the gaps, whichever tells more
    adjusted: float  # p among all columns, by Benjamini and Hochberg
    moved: bool

    def __repr__(self) -> str:
        state = "moved" if self.moved else "has not moved beyond chance"
        return f"{self.column!r} {state}: {self.drift}"


def compare_columns(
    reference: Any,
    current: Any,
    columns: Sequence[Column],
    *,
    alpha: float = 0.05,
    least: float = 0.1,
) -> tuple[ColumnDrift, ...]:
    """Return which columns moved between two tables of n and m rows.

    The tables are arrays, DataFrames or lists of texts, as a model of these columns
    takes them. `least` is the smallest effect worth an alarm (D or Cramer's V). Without
    drift about one window in 1 / alpha has a column that moved, however many there are.
    """
    least = number(least, "least", low=0)
    sides = _cells(reference, columns), _cells(current, columns)
    drifts = [_test(c, *pair) for c, *pair in zip(columns, *sides, strict=True)]
    adjusted = adjust(np.array([drift.p for drift in drifts]))
    small = beyond_chance(adjusted, alpha)
    return tuple(
        ColumnDrift(c.name, d, float(p), bool(beyond and d.effect >= least))
        for c, d, p, beyond in zip(columns, drifts, adjusted, small, strict=True)
    )


def _cells(table: Any, columns: Sequence[Column]) -> list[tuple[Any, ...]]:
    """Return the cells of each column, if the table has these columns."""
    known = [column.name for column in columns]
    names = list(map(str, getattr(table, "columns", known)))
    if names != known:
        message = f"the table has the columns {names}, but {known} are asked for"
        raise ValueError(f"{message}: give table[names] in this order")
    try:
        rows = values_of(table)
    except ValueError:
        raise ValueError("the rows of a table have different lengths") from None
    if not rows or not columns or {len(row) for row in rows} != {len(columns)}:
        seen = f"{len(rows)} rows for {len(columns)} columns"
        raise ValueError(f"both tables need rows of all columns, got {seen}")
    return list(zip(*rows, strict=True))


def _test(column: Column, before: Sequence[Any], now: Sequence[Any]) -> Drift:
    sides = [[_value(column, cell) for cell in cells] for cells in (before, now)]
    if column.kind in ("boolean", "category"):
        return chi2_drift(*sides)
    known = [np.array([c for c in cells if c is not None]) for cells in sides]
    tests = [ks_drift(*known)] if all(map(len, known)) else []
    if any(None in cells for cells in sides):
        gaps = [[cell is None for cell in cells] for cells in sides]
        tests.append(chi2_drift(*gaps))
    told = min(tests, key=lambda drift: drift.p)
    # the better of two tests: chance had two tries
    p = min(1.0, len(tests) * told.p)
    return Drift(told.test, told.statistic, p, told.effect)


def _value(column: Column, cell: Any) -> Any:
    """Return what is compared: a name, a length, a time, a number; None for a gap."""
    try:
        if is_missing(cell):
            return None
        if column.kind in ("boolean", "category"):
            even = isinstance(cell, float) and cell.is_integer()
            return repr(int(cell) if even else cell)  # 1.0 is how 1 looks beside a gap
        if column.kind == "date":
            return datetime.fromisoformat(cell).timestamp()
        return number(len(cell) if column.kind == "text" else cell, "it")
    except (TypeError, ValueError):
        message = f"column {column.name!r} has {cell!r:.40}, which is no {column.kind}"
        raise ValueError(f"{message}: repair how it was read") from None
