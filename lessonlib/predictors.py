"""Where do the milliseconds of one row go, and how is the same answer had sooner?

A forest of scikit-learn answers one row by a hundred calls of Python, each of which
checks the row again. `FastPredictor` walks the same fitted trees as a few arrays, and
computes a scaler and a logistic regression in plain numpy. Before it is used it has to
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

_MANY = 256  # rows: from here on the bookkeeping is shared by so many that it is cheap


@dataclass(frozen=True, eq=False)
class PackedTrees:
    """Fitted trees, one after the other, in arrays with two places for each node.

    The two places of a node in `children` say where its right and its left child
    begin. A leaf leads to itself: there the short paths wait for the long ones.
    """

    roots: np.ndarray  # shape (trees, 1), the place of each tree's first node
    depth: int  # of the deepest
    feature: np.ndarray  # shape (2 * nodes,), the column that a node looks at
    threshold: np.ndarray  # shape (2 * nodes,), infinite in a leaf
    children: np.ndarray  # shape (2 * nodes,), places
    shares: np.ndarray  # shape (nodes, classes)

    def predict_proba(self, rows: np.ndarray) -> np.ndarray | None:
        """Return probabilities, shape (n, classes); None: let the model answer."""
        with np.errstate(over="ignore"):
            seen = rows.astype(np.float32).astype(float)  # trees look at 32 bits
        if not np.isfinite(seen).all():
            return None
        first = np.arange(len(rows)) * rows.shape[1]  # where each row begins in `seen`
        at = np.repeat(self.roots, len(rows), axis=1)  # each row starts at each root
        for _ in range(self.depth):
            column = self.feature.take(at)
            if len(rows) > 1:
                column += first
            left = seen.take(column) <= self.threshold.take(at)
            at = self.children.take(at + left)
        return self.shares[at // 2].sum(axis=0) / len(self.roots)  # first tree first

    def best(self, rows: np.ndarray) -> np.ndarray | None:
        """Return the place of the most probable class, shape (n,), or None."""
        answers = self.predict_proba(rows)
        return None if answers is None else answers.argmax(axis=1)

    def __repr__(self) -> str:
        return f"{len(self.roots)} trees in arrays of {len(self.shares):,} nodes"


def pack_trees(trees: list[Any]) -> PackedTrees:
    """Return fitted scikit-learn trees (their `tree_`) as arrays of all their nodes."""
    roots = np.cumsum([0, *(tree.node_count for tree in trees)])[:-1]
    pairs = list(zip(trees, roots, strict=True))
    left = np.concatenate([tree.children_left + root for tree, root in pairs])
    right = np.concatenate([tree.children_right + root for tree, root in pairs])
    feature = np.concatenate([tree.feature for tree in trees])
    threshold = np.concatenate([tree.threshold for tree in trees])
    leaf, own = feature < 0, np.arange(len(feature))
    children = np.column_stack([np.where(leaf, own, right), np.where(leaf, own, left)])
    return PackedTrees(
        roots=2 * roots[:, None],
        depth=max(tree.max_depth for tree in trees),
        feature=np.where(leaf, 0, feature).repeat(2),
        threshold=np.where(leaf, np.inf, threshold).repeat(2),
        children=2 * children.ravel(),
        shares=np.concatenate([tree.value[:, 0] for tree in trees]),
    )


@dataclass(frozen=True, eq=False)
class ScaledLinear:
    """Scalers and a logistic regression, step by step as scikit-learn computes them."""

    scalers: tuple[Any, ...]
    linear: LogisticRegression

    def predict_proba(self, rows: np.ndarray) -> np.ndarray | None:
        """Return probabilities, shape (n, classes); None: let the model answer."""
        scores = self._scores(rows)
        if scores is None:
            return None
        if scores.shape[1] == 1:
            yes = expit(scores[:, 0])
            return np.stack([1 - yes, yes], axis=1)
        powers = np.exp(scores - scores.max(axis=1).reshape(-1, 1))
        return powers / powers.sum(axis=1).reshape(-1, 1)

    def best(self, rows: np.ndarray) -> np.ndarray | None:
        """Return the place of the most probable class, shape (n,), or None."""
        scores = self._scores(rows)
        if scores is None:
            return None
        return scores[:, 0] > 0 if scores.shape[1] == 1 else scores.argmax(axis=1)

    def _scores(self, rows):
        with np.errstate(over="ignore"):
            for scaler in self.scalers:
                rows = _scale(scaler, rows)
            if not np.isfinite(rows).all():
                return None
            return rows @ self.linear.coef_.T + self.linear.intercept_

    def __repr__(self) -> str:
        return f"{len(self.scalers)} scalers and {self.linear.coef_.size} weights"


def _scale(scaler, rows):
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
    path: PackedTrees | ScaledLinear | None  # None: nothing here is faster
    why: str

    @classmethod
    def from_sklearn(cls, model: Any, golden_rows: np.ndarray) -> "FastPredictor":
        """Return a predictor that gives the answers of `model`, bit for bit.

        It is tried on `golden_rows`, shape (n, k), all at once and one by one. Where a
        bit differs, or for another kind of model, `model` itself will answer.
        """
        rows = np.array(golden_rows, dtype=float)
        if rows.ndim != 2 or len(rows) == 0:
            raise ValueError(f"golden_rows must have shape (n, k), got {rows.shape}")
        path = _faster(model)
        if path is None:
            return cls(model, None, f"no faster way is known for {_named(model)}")
        fast = cls(model, path, f"{path}, the same bits on {len(rows)} golden rows")
        for batch in (rows, *np.split(rows, len(rows))):
            if (
                fast.predict_proba(batch).tobytes()
                != model.predict_proba(batch).tobytes()
                or (fast.predict(batch) != model.predict(batch)).any()
            ):
                return cls(model, None, "the faster way gave other bits")
        return fast

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

    def _ask(self, question, rows):
        # all that is not plain is the model's, to take or to refuse
        plain = (
            type(rows) is np.ndarray
            and rows.dtype == float
            and rows.ndim == 2
            and rows.shape[1] == self.model.n_features_in_
            and 0 < len(rows) <= _MANY
            and np.isfinite(rows).all()
        )
        return getattr(self.path, question)(rows) if self.path and plain else None

    def __repr__(self) -> str:
        return f"{'fast' if self.path else 'as it was'}: {self.why}"


def _faster(model):
    steps = [step for _, step in model.steps] if type(model) is Pipeline else [model]
    *scalers, last = steps
    if type(last) is LogisticRegression:
        plain = all(type(each) in (StandardScaler, MinMaxScaler) for each in scalers)
        return ScaledLinear(tuple(scalers), last) if plain else None
    if scalers or getattr(last, "n_outputs_", 1) != 1:
        return None
    if type(last) in (RandomForestClassifier, ExtraTreesClassifier):
        return pack_trees([each.tree_ for each in last.estimators_])
    return pack_trees([last.tree_]) if type(last) is DecisionTreeClassifier else None


def _named(model):
    return f"a {type(model).__name__}"
