"""Which columns of a table have moved, each tested as its kind allows?

Numbers and dates by Kolmogorov and Smirnov, categories by chi-square, a text by its
length. A gap is a value of its own: a sensor that falls silent has moved, too.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np

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
    before, now = values_of(reference), values_of(current)
    if not before or not now or len(before[0]) != len(columns) != len(now[0]):
        seen = f"{len(before)} and {len(now)} rows for {len(columns)} columns"
        raise ValueError(f"both tables need rows of all columns, got {seen}")
    pairs = [*zip(zip(*before, strict=True), zip(*now, strict=True), strict=True)]
    drifts = [_test(c, *pair) for c, pair in zip(columns, pairs, strict=True)]
    adjusted = adjust(np.array([drift.p for drift in drifts]))
    return tuple(
        ColumnDrift(c.name, d, float(p), bool(p <= alpha and d.effect >= least))
        for c, d, p in zip(columns, drifts, adjusted, strict=True)
    )


def _test(column: Column, before: Sequence[Any], now: Sequence[Any]) -> Drift:
    if column.kind in ("boolean", "category"):
        return chi2_drift(*(np.array(list(map(repr, each))) for each in (before, now)))
    numbers = [
        np.array([_number(column, cell) for cell in cells if cell is not None])
        for cells in (before, now)
    ]
    tests = [ks_drift(*numbers)] if all(map(len, numbers)) else []
    gaps = [np.array([cell is None for cell in cells]) for cells in (before, now)]
    if any(side.any() for side in gaps):
        tests.append(chi2_drift(*gaps))
    told = min(tests, key=lambda drift: drift.p)
    # the better of two tests: chance had two tries
    p = min(1.0, len(tests) * told.p)
    return Drift(told.test, told.statistic, p, told.effect)


def _number(column: Column, cell: Any) -> float:
    if column.kind == "text":
        return float(len(cell))
    if column.kind == "date":
        return datetime.fromisoformat(cell).timestamp()
    return float(cell)
