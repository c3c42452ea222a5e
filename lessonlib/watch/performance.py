"""Has the model got worse? Said from few labels, or from none at all.

`quality` asks before any statistic whether the rows are fit to be looked at. `cusum`
watches labels as they come. `cbpe` does without labels, and has a blind side.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from sklearn.linear_model import LogisticRegression

from lessonlib.evidence import chances, flags, number, pairs, share, table

_LEAST_ROWS = 30  # fewer say little of the traffic


def quality(
    rows: np.ndarray, *, reference: np.ndarray, low: float, high: float
) -> tuple[str, ...]:
    """Return what is wrong with `rows`, one sentence each, and () if nothing is.

    Shapes (m, k) and (n, k). Looks at the number of rows, missing values, the range
    from `low` to `high`, columns that stopped changing, and rows that come again.
    """
    low = number(low, "low", high=(high := number(high, "high")))
    rows, varied = table(rows, "rows", gaps=True), _varied(reference)
    if rows.shape[1] != len(varied):
        seen = f"{rows.shape[1]} columns, and the reference {len(varied)}"
        raise ValueError(f"rows of the same columns are needed: rows have {seen}")
    found = []
    if len(rows) < _LEAST_ROWS:
        found.append(f"only {len(rows)} rows: wait for {_LEAST_ROWS}")
    if missing := int(np.isnan(rows).any(axis=1).sum()):
        found.append(f"rows with a missing value: {missing}")
    if outside := int(((rows < low) | (rows > high)).any(axis=1).sum()):
        found.append(f"rows with a value outside {low:g} to {high:g}: {outside}")
    if stuck := int((varied & _constant(rows)).sum()):
        found.append(f"columns that used to vary and are constant: {stuck}")
    again = len(rows) - len(np.unique(np.nan_to_num(rows, nan=np.inf), axis=0))
    if again > 0.01 * len(rows):
        found.append(f"rows that are copies of another: {again}")
    return tuple(found)


def _varied(reference: np.ndarray) -> np.ndarray:
    # a pixel of the rim that one card in fifty inks may well stay white for a week
    reference = table(reference, "reference")
    if not len(reference):
        raise ValueError("the reference has no rows: give some from when all was well")
    typical = np.median(reference, axis=0)
    return (reference != typical).mean(axis=0) > 0.2


def _constant(rows: np.ndarray) -> np.ndarray:
    """Return which columns have a single value, gaps apart; of no rows none has."""
    smallest = np.nanmin(rows, axis=0, initial=np.inf)
    return smallest == np.nanmax(rows, axis=0, initial=-np.inf)


@dataclass(frozen=True)
class Cusum:
    """How much speaks for "worse", label by label; `alarm_at` counts labels from 1."""

    level: np.ndarray  # shape (n,), never below 0
    limit: float
    alarm_at: int | None

    def __repr__(self) -> str:
        when = f"at label {self.alarm_at}" if self.alarm_at else "never"
        return f"alarm {when}, of {len(self.level)} labels (limit {self.limit:g})"


def cusum(
    errors: np.ndarray, *, baseline: float, worse: float, limit: float = 5.0
) -> Cusum:
    """Return Page's sum (1954) over `errors`, shape (n,): 1 or True is a wrong answer.

    Each label adds the log of how much likelier it is at error rate `worse` than at
    `baseline`; below 0 the sum starts afresh. On average at least exp(limit) labels
    pass before a false alarm (Lorden, 1971).
    """
    if not 0 < share(baseline, "baseline") < share(worse, "worse"):
        message = f"need 0 < baseline < worse < 1, got {baseline} and {worse}"
        raise ValueError(message)
    wrong, limit = flags(errors, "errors"), number(limit, "limit", low=0)
    if not limit:
        raise ValueError("a limit of 0 is reached before the first label: raise it")
    for_wrong, for_right = (
        np.log(worse / baseline),
        np.log((1 - worse) / (1 - baseline)),
    )
    total = np.cumsum(np.where(wrong, for_wrong, for_right))
    level = total - np.minimum.accumulate(np.minimum(total, 0))
    over = np.flatnonzero(level >= limit)
    return Cusum(level, limit, int(over[0]) + 1 if len(over) else None)


def calibrate(
    confidence: np.ndarray, right: np.ndarray
) -> Callable[[np.ndarray], np.ndarray]:
    """Return a function from a model's confidence to its chance of being right.

    Learnt (Platt, 1999) from answers that the model gave on rows it had not seen;
    `right` is True where the answer was. Shapes (n,), confidence from 0 to 1.
    """
    names = ("confidence", "right")
    confidence, right = pairs(confidence, right, names=names, read=(chances, flags))
    if right.all() or not right.any():
        raise ValueError("calibration needs right answers and wrong ones: more labels?")
    platt = LogisticRegression(C=1e6).fit(_log_odds(confidence), right)
    return lambda sure: platt.predict_proba(_log_odds(sure))[:, 1]


def _log_odds(confidence: np.ndarray) -> np.ndarray:
    sure = np.clip(chances(confidence, "confidence"), 1e-9, 1 - 1e-9)
    return np.log(sure / (1 - sure)).reshape(-1, 1)


def cbpe(chance_right: np.ndarray) -> float:
    """Return the accuracy to expect of answers with these chances of being right.

    Confidence-based performance estimation: their mean, no labels needed. True as long
    as the chances are, whatever rows arrive; blind if the meaning of a row changes.
    """
    return float(chances(chance_right, "chance_right").mean())
