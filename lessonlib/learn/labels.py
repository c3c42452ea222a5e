"""What turned out true, and when may one say so?

Labels come days later, twice, or never. Accuracy counts by when the *prediction* was
made, next to the share that is labelled, and only for times so long ago that their
labels have had time to come.
"""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np

from lessonlib.intervals import wilson_interval


@dataclass(frozen=True, eq=False)
class Joined:
    """Predictions with the labels known at `as_of_s`: one entry a prediction, (n,)."""

    request_id: np.ndarray
    row: np.ndarray  # of its request
    at_s: np.ndarray  # when it was predicted
    version: np.ndarray  # of the model
    X: np.ndarray  # shape (n, k), of floats, or of objects if not all are numbers
    prediction: np.ndarray
    probabilities: tuple[Any, ...]  # of each class; None if the model gave none
    label: np.ndarray  # the latest; None where there is none
    labelled_at_s: np.ndarray  # NaN where there is no label
    propensity: np.ndarray  # chance of being audited; NaN without a policy
    audited: np.ndarray  # whether the lot fell on it
    contradictions: int  # predictions with two different labels or more
    strays: int  # labels that came for a prediction that is not in the log
    as_of_s: float

    @property
    def labelled(self) -> np.ndarray:
        """Where there is a label, shape (n,)."""
        return np.array([each is not None for each in self.label], dtype=bool)

    @property
    def right(self) -> np.ndarray:
        """Where the prediction is the label, shape (n,); False where there is none.

        Of numbers such as a price nobody asks whether they are equal: ValueError. For
        them there is `error`.
        """
        if are_measured(self.prediction) or are_measured(self.label):
            message = "these answers are numbers, which are near or far, not right"
            raise ValueError(f"{message}: look at error instead of right")
        return self.labelled & (self.prediction == self.label)

    @property
    def error(self) -> np.ndarray:
        """How far a number is from its label, shape (n,); NaN where there is none.

        Of several targets in an answer it is the mean.
        """
        pairs = zip(self.prediction, self.label, strict=True)
        far = [
            np.nan if label is None else np.abs(np.subtract(answer, label)).mean()
            for answer, label in pairs
        ]
        return np.array(far, dtype=float)

    def __len__(self) -> int:
        return len(self.row)

    def __repr__(self) -> str:
        return (
            f"{len(self)} predictions: {self.labelled.sum()} labelled "
            f"({self.contradictions} with contradictions), "
            f"{(~self.labelled).sum()} not; {self.strays} labels without a prediction"
        )


def join(
    predictions: Iterable[Any], labels: Iterable[Any], *, strays: int, as_of_s: float
) -> Joined:
    """Return what a log holds: a prediction each, with its latest label if it has one.

    `predictions` and `labels` are lines of the log's tables, labels in the order in
    which they came. As many predictions come out as go in, whatever the labels do.
    """
    predictions = list(predictions)
    revisions: dict[Any, list[Any]] = {}
    for request_id, row, label, at_s in labels:
        revisions.setdefault((request_id, row), []).append((label, at_s))
    latest = [revisions.get(line[:2], [(None, np.nan)])[-1] for line in predictions]
    columns = list(zip(*predictions, strict=True)) or [()] * 9
    ids, rows, at, version, features, answers, sure, chance, lot = columns
    return Joined(
        request_id=_objects(ids),
        row=np.array(rows, dtype=int),
        at_s=np.array(at, dtype=float),
        version=_objects(version),
        X=_table([json.loads(each) for each in features]),
        prediction=_objects(map(json.loads, answers)),
        probabilities=tuple(each and json.loads(each) for each in sure),
        label=_objects(each and json.loads(each) for each, _ in latest),
        labelled_at_s=np.array([at_s for _, at_s in latest], dtype=float),
        propensity=np.array(chance, dtype=float),  # None becomes NaN
        audited=np.array([bool(each) for each in lot], dtype=bool),
        contradictions=sum(
            len({each for each, _ in s}) > 1 for s in revisions.values()
        ),
        strays=strays,
        as_of_s=as_of_s,
    )


def are_measured(answers: Iterable[Any]) -> bool:
    """Return whether answers are measured, as a price is, and not names of classes."""
    return any(
        isinstance(each, list) or (isinstance(each, float) and each % 1 != 0)
        for each in answers
    )


@dataclass(frozen=True)
class LabelledWindow:
    """The predictions of a time span, and what is known of them."""

    start_s: float
    n: int
    labelled: int
    right: int
    mature: bool  # whether the labels of its last prediction have had time to come

    @property
    def coverage(self) -> float:
        """The share that is labelled."""
        return self.labelled / self.n

    @property
    def accuracy(self) -> float | None:
        """The share of the labelled that was right; None if it is too early to say."""
        return self.right / self.labelled if self.mature and self.labelled else None

    def __repr__(self) -> str:
        known = f"{self.labelled} of {self.n} labelled"
        if self.accuracy is None:
            return f"from {self.start_s:g} s: too early to say, {known}"
        low, high = wilson_interval(self.right, self.labelled)
        spread = f"{low:.2f} to {high:.2f}"
        return f"from {self.start_s:g} s: {self.accuracy:.2f} ({spread}), {known}"


def accuracy_by_time(
    joined: Joined, *, window_s: float, delay_s: float
) -> tuple[LabelledWindow, ...]:
    """Return accuracy by when the prediction was made, in windows of `window_s`.

    A window is mature if it ended `delay_s` before `joined.as_of_s`: the usual time
    that a label takes. In a younger one only the quick labels are there.
    """
    starts = np.floor(joined.at_s / window_s) * window_s
    windows = []
    for start in np.unique(starts):
        here = starts == start
        windows.append(
            LabelledWindow(
                start_s=float(start),
                n=int(here.sum()),
                labelled=int((joined.labelled & here).sum()),
                right=int((joined.right & here).sum()),
                mature=bool(start + window_s + delay_s <= joined.as_of_s),
            )
        )
    return tuple(windows)


def _table(rows: list[list[Any]]) -> np.ndarray:
    types = {type(value) for row in rows for value in row}
    numbers = types <= {float, int, type(None)}  # None becomes NaN
    return np.array(rows, dtype=float if numbers else object)


def _objects(values: Iterable[Any]) -> np.ndarray:
    column = list(values)
    array = np.empty(len(column), dtype=object)
    array[:] = column
    return array
