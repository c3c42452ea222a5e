"""How are a hundred trees walked at once?

By numpy, in all of them at the same time, one level after the other.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np

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
