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

from lessonlib.evidence import number, numbers, whole
from lessonlib.intervals import wilson_interval
from lessonlib.rows import is_missing, is_number, same_kind


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
        return np.array([not is_missing(each) for each in self.label], dtype=bool)

    @property
    def right(self) -> np.ndarray:
        """Where the prediction is the label, shape (n,); False where there is none.

        Of numbers such as a price nobody asks whether they are equal: ValueError. For
        them there is `error`. A 3 and a "3" are never equal: ValueError, too.
        """
        if are_measured(self.prediction) or are_measured(self.label):
            message = "these answers are numbers, which are near or far, not right"
            raise ValueError(f"{message}: look at error instead of right")
        both = zip(self.prediction, self.label, strict=True)
        for answer, label in {(type(a), type(b)): (a, b) for a, b in both}.values():
            same_kind({"a prediction": [answer], "its label": [label]})
        found = self.labelled
        found[found] = self.prediction[found] == self.label[found]
        return found

    @property
    def error(self) -> np.ndarray:
        """How far a number is from its label, shape (n,); NaN where there is none.

        Of several targets in an answer it is the mean.
        """
        pairs = zip(self.prediction, self.label, strict=True)
        return np.array([_distance(*pair) for pair in pairs], dtype=float)

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
        if not is_missing(each)
    )


def _distance(answer: Any, label: Any) -> float:
    """Return how far an answer is from its label, or NaN if there is none."""
    if is_missing(label):
        return np.nan
    both = [each if isinstance(each, list) else [each] for each in (answer, label)]
    if len({*map(len, both)}) > 1 or not all(map(is_number, sum(both, []))):
        message = f"nobody can tell how far {answer!r:.40} is from {label!r:.40}"
        raise ValueError(f"{message}: for names of classes look at right")
    return float(np.abs(np.subtract(*np.array(both, dtype=float))).mean())


@dataclass(frozen=True)
class LabelledWindow:
    """The predictions of a time span, and what is known of them."""

    start_s: float
    n: int
    labelled: int
    right: int
    mature: bool  # whether the labels of its last prediction have had time to come

    def __post_init__(self) -> None:
        right, labelled = whole(self.right, "right"), whole(self.labelled, "labelled")
        if not right <= labelled <= whole(self.n, "n", least=1):
            seen = f"{right} right of {labelled} labelled of {self.n}"
            raise ValueError(f"{seen}: each is a part of the next, and n at least 1")

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
    if not number(window_s, "window_s", low=0):
        raise ValueError("a window of 0 s holds nothing: give its length in seconds")
    delay_s = number(delay_s, "delay_s", low=0)
    now_s = number(joined.as_of_s, "as_of_s")
    starts = np.floor(numbers(joined.at_s, "at_s", least=0) / window_s) * window_s
    first_s, where, n = np.unique(starts, return_inverse=True, return_counts=True)
    known = [np.bincount(where, each) for each in (joined.labelled, joined.right)]
    columns = (each.tolist() for each in (first_s, n, *known))
    return tuple(
        LabelledWindow(
            start_s=start_s,
            n=n,
            labelled=int(labelled),
            right=int(right),
            mature=start_s + window_s + delay_s <= now_s,
        )
        for start_s, n, labelled, right in zip(*columns, strict=True)
    )


def _table(rows: list[list[Any]]) -> np.ndarray:
    if len({*map(len, rows)}) > 1:  # of models with other columns
        return _objects(rows)
    types = {type(value) for row in rows for value in row}
    numbers = types <= {float, int, type(None)}  # None becomes NaN
    return np.array(rows, dtype=float if numbers else object)


def _objects(values: Iterable[Any]) -> np.ndarray:
    column = list(values)
    array = np.empty(len(column), dtype=object)
    array[:] = column
    return array
