"""Where do the milliseconds of one row go, and how is the same answer had sooner?

A forest of scikit-learn answers one row by a hundred calls of Python, each of which
checks the row again. `FastPredictor` walks the same fitted trees as a few arrays, and
computes scalers and a logistic regression in plain numpy. Before it is used it has to
give the model's own answers, bit for bit, to rows that were kept for this.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.special import expit
from sklearn.ensemble import ExtraTreesClassifier, RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import MinMaxScaler, StandardScaler
from sklearn.tree import DecisionTreeClassifier

from lessonlib.save.answers import Answers

_FLOAT = np.dtype(float)
_MOST = 2**21  # answers of one call: beyond, the model is as quick, and leaner


@dataclass(frozen=True, eq=False)
class PackedTrees:
    """Fitted trees as the questions that they ask, and where each answer leads.

    A question is: is this column above this threshold? Thousands of nodes share a few
    questions. The nodes of all trees lie level by level, so the trees' roots come first
    and siblings lie side by side. A leaf leads to itself: its question has the answer
    no, and there the short paths wait for the long ones.
    """

    times: np.ndarray  # shape (k,), how many questions each column gets
    threshold: np.ndarray  # shape (questions,), 32 bits, column by column
    question: np.ndarray  # shape (nodes,), the place of what a node asks
    first: np.ndarray  # shape (nodes,), the child for no; that for yes lies behind it
    shares: np.ndarray  # shape (nodes, classes)
    roots: np.ndarray  # shape (trees, 1)
    depth: int  # of the deepest

    def predict_proba(self, rows: np.ndarray) -> np.ndarray | None:
        """Return probabilities, shape (n, classes); None: let the model answer."""
        seen = rows.astype(np.float32)  # trees look at 32 bits
        if not np.isfinite(seen).all() or len(rows) * len(self.threshold) > _MOST:
            return None
        yes = (seen.repeat(self.times, axis=1) > self.threshold).astype(np.intp)
        begin = np.arange(len(rows)) * len(self.threshold)  # of each row's answers
        at = self.roots.repeat(len(rows), axis=1)  # each row starts at each root
        for _ in range(self.depth):
            question = self.question.take(at)
            if len(rows) > 1:
                question += begin
            at = self.first.take(at) + yes.take(question)
        shares = self.shares.take(at, axis=0)
        return shares.sum(axis=0) / len(self.roots)  # first tree first

    def best(self, rows: np.ndarray) -> np.ndarray | None:
        """Return the place of the most probable class, shape (n,), or None."""
        answers = self.predict_proba(rows)
        return None if answers is None else answers.argmax(axis=1)

    def __repr__(self) -> str:
        nodes, questions = len(self.first), len(self.threshold)
        return f"{len(self.roots)} trees, {nodes:,} nodes, {questions:,} questions"


def pack_trees(trees: list[Any]) -> PackedTrees:
    """Return fitted scikit-learn trees (their `tree_`) as questions and answers."""
    roots = np.cumsum([0, *(tree.node_count for tree in trees)])[:-1]
    pairs = list(zip(trees, roots, strict=True))
    left = np.concatenate([tree.children_left + root for tree, root in pairs])
    right = np.concatenate([tree.children_right + root for tree, root in pairs])
    column = np.concatenate([tree.feature for tree in trees])
    leaf, own = column < 0, np.arange(len(column))
    threshold = rounded_down(np.concatenate([tree.threshold for tree in trees]))
    asked = np.column_stack(
        [np.where(leaf, 0, column), np.where(leaf, np.inf, threshold)]
    )
    questions, question = np.unique(asked, axis=0, return_inverse=True)
    levels = [roots]
    while len(inner := levels[-1][~leaf[levels[-1]]]):
        levels.append(np.column_stack([left[inner], right[inner]]).ravel())
    order = np.concatenate(levels)
    place = np.argsort(order)  # where each node lies now
    return PackedTrees(
        times=np.bincount(questions[:, 0].astype(int), minlength=trees[0].n_features),
        threshold=questions[:, 1].astype(np.float32),
        question=question.ravel()[order],
        first=place[np.where(leaf, own, left)][order],
        shares=np.concatenate([tree.value[:, 0] for tree in trees])[order],
        roots=np.arange(len(trees))[:, None],
        depth=len(levels) - 1,
    )


def rounded_down(threshold: np.ndarray) -> np.ndarray:
    """Return the largest 32-bit numbers that are not above each `threshold`.

    A 32-bit number is above the one exactly when it is above the other, as there is no
    32-bit number between them.
    """
    near = threshold.astype(np.float32)
    np.nextafter(near, np.float32(-np.inf), out=near, where=near > threshold)
    return near


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
    scalers: tuple[Any, ...]
    path: PackedTrees | Linear | None  # None: nothing here is faster
    why: str

    @classmethod
    def from_sklearn(cls, model: Any, golden_rows: np.ndarray) -> "FastPredictor":
        """Return a predictor that gives the answers of `model`, bit for bit.

        It is tried on `golden_rows`, shape (n, k), all at once and one by one. Where a
        bit differs, or for another kind of model, `model` itself will answer.
        """
        if not isinstance(golden_rows, np.ndarray) or golden_rows.dtype == object:
            why = "a faster way is known for arrays of numbers only"
            return cls(model, (), None, why)
        rows = np.array(golden_rows, dtype=float)
        if rows.ndim != 2 or len(rows) == 0:
            raise ValueError(f"golden_rows must have shape (n, k), got {rows.shape}")
        whole = model.steps if type(model) is Pipeline else [("", model)]
        *scalers, last = (step for _, step in whole)
        known = all(type(each) in (StandardScaler, MinMaxScaler) for each in scalers)
        path = _faster(last) if known else None
        if path is None:
            why = f"no faster way is known for a {type(model).__name__}"
            return cls(model, (), None, why)
        why = f"{path}, the same bits on {len(rows)} golden rows"
        fast = cls(model, tuple(scalers), path, why)
        for batch in (rows, *np.split(rows, len(rows))):
            if (
                fast.predict_proba(batch).tobytes()
                != model.predict_proba(batch).tobytes()
                or (fast.predict(batch) != model.predict(batch)).any()
            ):
                return cls(model, (), None, "the faster way gave other bits")
        return fast

    def __call__(self, rows: np.ndarray) -> Answers:
        """Return what the model says of `rows`, shape (n, k)."""
        probabilities = self.predict_proba(rows)
        if isinstance(self.path, PackedTrees):  # the likeliest, by construction
            best = probabilities.argmax(axis=1)
            return Answers(self.model.classes_.take(best), probabilities)
        return Answers(self.predict(rows), probabilities)

    def predict_proba(self, rows: np.ndarray) -> np.ndarray:
        """Return probabilities, shape (n, classes), as `model.predict_proba` does."""
        answers = self._ask("predict_proba", rows)
        return self.model.predict_proba(rows) if answers is None else answers

    def predict(self, rows: np.ndarray) -> np.ndarray:
        """Return classes, shape (n,), as `model.predict` does."""
        best = self._ask("best", rows)
        if best is None:
            return self.model.predict(rows)
        return self.model.classes_.take(best.astype(int))

    def _ask(self, question: str, rows: np.ndarray) -> np.ndarray | None:
        # all that is not plain is the model's, to take or to refuse
        plain = (
            type(rows) is np.ndarray
            and rows.dtype == _FLOAT
            and rows.ndim == 2
            and rows.shape[1] == self.model.n_features_in_
            and len(rows) > 0
        )
        if self.path is None or not plain:
            return None
        for scaler in self.scalers:
            if not np.isfinite(rows).all():
                return None
            rows = _scale(scaler, rows)
        return getattr(self.path, question)(rows)

    def __repr__(self) -> str:
        return f"{'fast' if self.path else 'as it was'}: {self.why}"


def _faster(model: Any) -> PackedTrees | Linear | None:
    if type(model) is LogisticRegression:
        return Linear(model)
    if getattr(model, "n_outputs_", 1) != 1:
        return None
    if type(model) in (RandomForestClassifier, ExtraTreesClassifier):
        return pack_trees([each.tree_ for each in model.estimators_])
    return pack_trees([model.tree_]) if type(model) is DecisionTreeClassifier else None
