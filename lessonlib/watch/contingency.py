"""How many rows of each category are there, before and now?

A missing value is a category of its own: a column that falls silent has changed, too.
"""

import heapq
from collections import Counter
from collections.abc import Sequence
from typing import Any

import numpy as np

from lessonlib.rows import categories, in_order, same_kind


def category_counts(
    reference: Sequence[Any] | np.ndarray, current: Sequence[Any] | np.ndarray
) -> np.ndarray:
    """Return how many rows of both each category has, shape (2, categories).

    The categories are in their own order, the missing ones last. Raises ValueError if
    one side has no rows, or if texts are mixed with numbers.
    """
    given = {"reference": reference, "current": current}
    sides = {name: categories(rows, name) for name, rows in given.items()}
    same_kind(sides)
    n, m = map(len, sides.values())
    if not min(n, m):
        raise ValueError(f"both need rows, got {n} and {m}")
    tallies = [Counter(side) for side in sides.values()]
    names = in_order(set().union(*tallies))
    return np.array([[tally[name] for name in names] for tally in tallies])


def merge_rare(counts: np.ndarray, *, expected: float) -> np.ndarray:
    """Put the two rarest categories together, again and again, and return the counts.

    It ends when each has `expected` rows of both sides, or when only two are left.
    """
    totals = counts.sum(axis=0)
    order = np.argsort(totals)
    rarest = [(int(totals[k]), at, counts[:, k]) for at, k in enumerate(order)]
    while len(rarest) > 2 and rarest[0][0] < expected:
        (n, _, one), (m, _, other) = heapq.heappop(rarest), heapq.heappop(rarest)
        # of those that are as rare it comes first: hence a place before all others
        place = len(rarest) - len(order)
        heapq.heappush(rarest, (n + m, place, one + other))
    return np.stack([column for *_, column in sorted(rarest, key=_rank)], axis=1)


def _rank(category: tuple[int, int, np.ndarray]) -> tuple[int, int]:
    return category[:2]
