"""Where do the milliseconds of one row go, and how is the same answer had sooner?

A forest of scikit-learn answers one row by a hundred calls of Python, each of which
checks the row again. `FastPredictor` walks the same fitted trees as a few arrays, and
computes scalers and a logistic regression in plain numpy; other steps of a pipeline
stay scikit-learn's. Before it is used it has to give the model's own answers, bit for
bit, to rows that were kept for this.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.special import expit
from sklearn.ensemble import ExtraTreesClassifier, RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.preprocessing import MinMaxScaler, StandardScaler
from sklearn.tree import DecisionTreeClassifier

from lessonlib.save.answers import Answers, stages_of, steps_of
from lessonlib.serve.packed_trees import PackedTrees, pack_trees

_FLOAT = np.dtype(float)
_SCALERS = (StandardScaler, MinMaxScaler)


@dataclass(frozen=True, eq=False)
class Linear:
    """A logistic regression, step by step as scikit-learn computes it."""

    model: LogisticRegression

    def predict_proba(self, rows: np.ndarray) -> np.ndarray | None:
        """Return probabilities, shape (n, classes); None: let the model answer."""
        if not np.isfinite(rows).all():
            return None
        scores = self._scores(rows)
        if scores.shape[1] == 1:
            yes = expit(scores[:, 0])
            return np.stack([1 - yes, yes], axis=1)
        powers = np.exp(scores - scores.max(axis=1).reshape(-1, 1))
        return powers / powers.sum(axis=1).reshape(-1, 1)

    def best(self, rows: np.ndarray) -> np.ndarray | None:
        """Return the place of the most probable class, shape (n,), or None."""
        if not np.isfinite(rows).all():
            return None
        scores = self._scores(rows)
        return scores[:, 0] > 0 if scores.shape[1] == 1 else scores.argmax(axis=1)

    def _scores(self, rows: np.ndarray) -> np.ndarray:
        return rows @ self.model.coef_.T + self.model.intercept_

    def __repr__(self) -> str:
        return f"{self.model.coef_.size} weights"


def _scale(scaler: StandardScaler | MinMaxScaler, rows: np.ndarray) -> np.ndarray:
    # another order of the same steps would end in other last digits
    if isinstance(scaler, StandardScaler):
        rows = rows - scaler.mean_ if scaler.with_mean else rows
        return rows / scaler.scale_ if scaler.with_std else rows
    rows = rows * scaler.scale_ + scaler.min_
    return np.clip(rows, *scaler.feature_range) if scaler.clip else rows


@dataclass(frozen=True, eq=False)
class FastPredictor:
    """A classifier's own answers, sooner. Made by `FastPredictor.from_sklearn`."""

    model: Any
    transform: Callable[[Any], Any] | None  # scikit-learn's own steps, if there are any
    scalers: tuple[Any, ...]  # or those that are computed here
    path: PackedTrees | Linear | None  # None: nothing here is faster
    why: str

    @classmethod
    def from_sklearn(cls, model: Any, golden_rows: Any) -> "FastPredictor":
        """Return a predictor that gives the answers of `model`, bit for bit.

        It is tried on `golden_rows`, n rows as the model takes them, all at once and
        one by one. Where a bit differs, or for another kind of model, `model` itself
        will answer.
        """
        if len(golden_rows) == 0 or np.ndim(golden_rows) not in (1, 2):
            shape = np.shape(golden_rows)
            raise ValueError(f"golden_rows must have shape (n, k), got {shape}")
        (transform, last), steps = stages_of(model), steps_of(model)[:-1]
        scalers = tuple(steps) if all(type(each) in _SCALERS for each in steps) else ()
        path = _faster(last) if transform or not steps else None
        if path is None:
            why = f"no faster way is known for a {type(model).__name__}"
            return cls(model, None, (), None, why)
        why = f"{path}, the same bits on {len(golden_rows)} golden rows"
        fast = cls(model, None if scalers else transform, scalers, path, why)
        one_by_one = (golden_rows[i : i + 1] for i in range(len(golden_rows)))
        for rows in (golden_rows, *one_by_one):
            if fast._prepared(rows) is None:
                why = "a faster way is known for columns of numbers only"
                return cls(model, None, (), None, why)
            if (
                fast.predict_proba(rows).tobytes()
                != model.predict_proba(rows).tobytes()
                or (fast.predict(rows) != model.predict(rows)).any()
            ):
                return cls(model, None, (), None, "the faster way gave other bits")
        return fast

    def __call__(self, rows: Any) -> Answers:
        """Return what the model says of `rows`, n of them."""
        probabilities = self.predict_proba(rows)
        if isinstance(self.path, PackedTrees):  # the likeliest, by construction
            best = probabilities.argmax(axis=1)
            return Answers(self.model.classes_.take(best), probabilities)
        return Answers(self.predict(rows), probabilities)

    def predict_proba(self, rows: Any) -> np.ndarray:
        """Return probabilities, shape (n, classes), as `model.predict_proba` does."""
        answers = self._ask("predict_proba", rows)
        return self.model.predict_proba(rows) if answers is None else answers

    def predict(self, rows: Any) -> np.ndarray:
        """Return classes, shape (n,), as `model.predict` does."""
        best = self._ask("best", rows)
        if best is None:
            return self.model.predict(rows)
        return self.model.classes_.take(best.astype(int))

    def _ask(self, question: str, rows: Any) -> np.ndarray | None:
        prepared = None if self.path is None else self._prepared(rows)
        return None if prepared is None else getattr(self.path, question)(prepared)

    def _prepared(self, rows: Any) -> np.ndarray | None:
        """Return what the last step is asked; None: the model takes it, or refuses."""
        if self.transform is not None:
            rows = self.transform(rows)
            if isinstance(self.path, PackedTrees) and hasattr(rows, "toarray"):
                rows = rows.toarray()  # a tree only compares: no bit can differ
        elif hasattr(rows, "dtypes"):
            rows = _numbers(rows, self.model)
        if not _is_plain(rows, steps_of(self.model)[-1].n_features_in_):
            return None
        for scaler in self.scalers:
            if not np.isfinite(rows).all():
                return None
            rows = _scale(scaler, rows)
        return rows

    def __repr__(self) -> str:
        return f"{'fast' if self.path else 'as it was'}: {self.why}"


def _is_plain(rows: Any, k: int) -> bool:
    known = type(rows) is np.ndarray and rows.dtype == _FLOAT and rows.ndim == 2
    return known and rows.shape[1] == k and len(rows) > 0


def _numbers(table: Any, model: Any) -> np.ndarray | None:
    """Return a DataFrame as numbers, if it has the columns of `model` and no others."""
    names = getattr(model, "feature_names_in_", None)
    if names is None or list(table.columns) != list(names):
        return None
    kinds = (
        isinstance(each, np.dtype) and each.kind in "biuf" for each in table.dtypes
    )
    return table.to_numpy(dtype=float) if all(kinds) else None


def _faster(model: Any) -> PackedTrees | Linear | None:
    if type(model) is LogisticRegression:
        return Linear(model)
    if getattr(model, "n_outputs_", 1) != 1:
        return None
    if type(model) in (RandomForestClassifier, ExtraTreesClassifier):
        return pack_trees([each.tree_ for each in model.estimators_])
    return pack_trees([model.tree_]) if type(model) is DecisionTreeClassifier else None
