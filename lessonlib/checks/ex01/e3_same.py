"""Do two models give the same answers? `same_answers(a, b, rows)` says so."""

from collections.abc import Callable
from typing import Any

import numpy as np

from lessonlib.checks import Case, Check, Mistake, case
from lessonlib.checks.probes import call

ROWS = np.arange(1021.0)[:, None] * [1, 0.5]
TABLE = np.random.default_rng(1021).uniform(1, 9, size=(1021, 10))


def _model(table: np.ndarray) -> Callable[[Any], np.ndarray]:
    """Return a model that gives the scores of `table` to ROWS, in whatever order."""

    def scores(rows: Any) -> np.ndarray:
        if np.ndim(rows) != 2:
            raise ValueError(f"rows must have shape (n, 2), got {np.shape(rows)}")
        return table[np.asarray(rows)[:, 0].astype(int)]

    return scores


def _changed(row: int | slice, change: float) -> np.ndarray:
    table = TABLE.copy()
    table[row, 3] += change
    return table


def _ask(answer: Any, table: np.ndarray) -> Any:
    return call(answer, _model(TABLE), _model(table), ROWS.copy())


def _other(name: str, table: np.ndarray, *, same: bool, hint: str) -> Case:
    """Return the case of a second model, which gives the scores of `table`."""
    called = f"same_answers(a, b, rows), {name},"
    return case(table, gives=same, called=called, hint=hint)


LAST_DIGITS = "up to 0.000000001 counts as equal"
EVERY_ROW = "how many rows are compared, and each with which?"

PROMISES = (
    (
        "models with equal answers are the same, also if the last digits differ",
        _other("equal answers", TABLE, same=True, hint=LAST_DIGITS),
        _other(
            "one score differs by 0.000000000001",
            _changed(5, 1e-12),
            same=True,
            hint=LAST_DIGITS,
        ),
    ),
    (
        "rows with other answers mean no, be it one of 1,021",
        _other(
            "only the last row differs", _changed(-1, 9.0), same=False, hint=EVERY_ROW
        ),
        _other(
            "the last row is lower in b", _changed(-1, -0.5), same=False, hint=EVERY_ROW
        ),
        _other(
            "every row differs, in one score",
            _changed(slice(None), 0.5),
            same=False,
            hint=EVERY_ROW,
        ),
        _other(
            "the same answers, for other rows", TABLE[::-1], same=False, hint=EVERY_ROW
        ),
    ),
    (
        "a score that differs by more than 0.000000001 is another answer",
        _other(
            "one score differs by 0.000001",
            _changed(500, 1e-6),
            same=False,
            hint="how large a difference is let through?",
        ),
    ),
)


def _close(a, b):
    return np.abs(a - b) <= 1e-9


MISTAKES = (
    Mistake(
        "the first row only",
        "only some of the rows are compared, the first perhaps. The lonely classifier "
        "of the lesson would pass on seven cards in ten: compare them all",
        lambda a, b, rows: bool(_close(a(rows[:1]), b(rows[:1])).all()),
    ),
    Mistake(
        "any for all",
        "one equal number is enough for this to say yes. What should hold of *every* "
        "number in the table: look up `any` and `all`",
        lambda a, b, rows: bool(_close(a(rows), b(rows)).any()),
    ),
    Mistake(
        "digits only",
        "this compares which answer comes out on top. Two models can agree on that and "
        "still give other numbers: compare the numbers themselves",
        lambda a, b, rows: bool((a(rows).argmax(1) == b(rows).argmax(1)).all()),
    ),
    Mistake(
        "to the last bit",
        "not a digit may differ here. Another processor rounds the last ones "
        "otherwise, and the same model would be called another: leave room for 1e-9",
        lambda a, b, rows: bool((a(rows) == b(rows)).all()),
    ),
    Mistake(
        "no absolute value",
        "a number of b that is much *higher* is let through: then a - b is negative, "
        "and so below any limit. What has to be taken off a difference first?",
        lambda a, b, rows: bool((a(rows) - b(rows) <= 1e-9).all()),
    ),
    Mistake(
        "the habits of allclose",
        "`np.allclose` (or `isclose`) also lets numbers differ by a part of their own "
        "size, unless you tell it not to: look up `rtol` and `atol`",
        lambda a, b, rows: bool(np.allclose(a(rows), b(rows))),
    ),
)

same = Check.table(
    title="are these two models the same, on every row?",
    name="same_answers",
    promises=PROMISES,
    ask=_ask,
    mistakes=MISTAKES,
)
