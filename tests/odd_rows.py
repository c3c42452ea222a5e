"""Rows that are hard to answer alike: ties with thresholds, neighbours, extremes."""

import numpy as np
from hypothesis import strategies as st
from sklearn.pipeline import Pipeline

from lessonlib.mail import arriving_bags, noise_cards

BAGS = np.concatenate([bag.X for bag in arriving_bags().values()])
LARGEST = float(np.finfo(np.float32).max)
HUGE_AND_TINY = [0.0, -0.0, 5e-324, -1e-300, 1e-45, -2e-38, 1e30, -1e30]
EDGE = 2.0**128 - 2.0**103  # the smallest number that 32 bits round to infinity
EDGES = [LARGEST, -LARGEST, EDGE, np.nextafter(EDGE, 0), -EDGE, np.inf, -np.inf, np.nan]


def thresholds(model):
    """Return each column's thresholds in the trees of a model; none: whole numbers."""
    last = model.steps[-1][1] if isinstance(model, Pipeline) else model
    trees = np.ravel(getattr(last, "estimators_", [last]))
    found = [[] for _ in range(model.n_features_in_)]
    for tree in (each.tree_ for each in trees if hasattr(each, "tree_")):
        for column, threshold in zip(tree.feature, tree.threshold, strict=True):
            if column >= 0:
                found[column].append(threshold)
    return [np.array(each or [0.0, 8.0, 16.0]) for each in found]


def ties(model, own, n, rng):
    """Return rows of numbers that are thresholds, or lie next to one."""
    rows = np.column_stack([each[rng.integers(0, len(each), n)] for each in own])
    for scaler in [step for _, step in getattr(model, "steps", [])[:-1]][::-1]:
        rows = scaler.inverse_transform(rows)
    near = rows.astype(np.float32)
    up, down = np.float32(np.inf), np.float32(-np.inf)
    sides = [rows, np.nextafter(rows, np.inf), np.nextafter(rows, -np.inf)]
    sides += [near, np.nextafter(near, up), np.nextafter(near, down)]
    return np.choose(rng.integers(0, len(sides), rows.shape), sides)


def _laid_out(rows, order):
    if order == "strided":
        return np.repeat(rows, 2, axis=1)[:, ::2]
    return np.array(rows, order=order)


def batches(model, *, most=128):
    """Return a strategy: batches of odd rows for `model`, laid in memory in any way."""
    own = thresholds(model)

    @st.composite
    def batch(draw):
        n = draw(st.integers(1, most))
        rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
        kinds = [
            BAGS[rng.integers(0, len(BAGS), n)],
            noise_cards(n, seed=int(rng.integers(2**32))),
            ties(model, own, n, rng),
            rng.choice([*HUGE_AND_TINY, 8.0, 16.0], (n, len(own))),
            rng.normal(8, 9, (n, len(own))),
        ]
        mixed = draw(st.booleans())  # each number of another kind, or each row
        shape = (n, len(own)) if mixed else (n, 1)
        rows = np.choose(rng.integers(0, len(kinds), shape), kinds)
        usual = st.floats(width=32, allow_nan=False, allow_infinity=False)
        number = draw(
            st.sampled_from([usual] * 3 + [st.floats(), st.sampled_from(EDGES)])
        )
        place = st.tuples(st.integers(0, n - 1), st.integers(0, len(own) - 1), number)
        for row, column, value in draw(st.lists(place, max_size=3)):
            rows[row, column] = value
        return _laid_out(rows, draw(st.sampled_from(["C", "F", "strided"])))

    return batch()


def answer(ask, rows):
    """Return what `ask` says to `rows`, or with which words it refuses them."""
    try:
        answers = ask(rows)
    except ValueError as refused:
        return str(refused)
    return answers.dtype, answers.shape, answers.tobytes()
