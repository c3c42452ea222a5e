"""What did five mornings look like? The same model, five windows of cards."""

from functools import cache
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from lessonlib.figures import describe, new_row
from lessonlib.intervals import Share
from lessonlib.mail import Bag, arriving_bags, training_bags
from lessonlib.watch.drift import PixelDrift, chi2_drift, compare_pixels

LABELS = 100  # of each morning's cards
QUESTION = "Which pixels moved, on which morning?"


def _drawn(seed: int, weight: Any = None) -> Bag:
    bags = arriving_bags().values()
    X, y = np.vstack([bag.X for bag in bags]), np.concatenate([bag.y for bag in bags])
    p = None if weight is None else weight(y) / weight(y).sum()
    lot = np.random.default_rng(seed).choice(len(y), 130, replace=False, p=p)
    return Bag(X[lot], y[lot])


def _one_row_lower(X: np.ndarray) -> np.ndarray:
    pictures = np.pad(X.reshape(-1, 8, 8), ((0, 0), (1, 0), (0, 0)))
    return pictures[:, :8].reshape(-1, 64)


@cache
def mornings() -> dict[str, Bag]:
    """Return the cards of each morning, and what the labels will say of them."""
    bags, usual = arriving_bags(), _drawn(3)
    return {
        "A": Bag(usual.X, np.where(usual.y == 9, 4, usual.y)),
        "B": Bag(_one_row_lower(bags[12].X), bags[12].y),
        "C": _drawn(4, lambda y: np.where(y == 2, 6.0, 1.0)),
        "D": Bag(np.round(0.6 * bags[10].X), bags[10].y),
        "E": bags[8],
    }


@cache
def maps() -> dict[str, PixelDrift]:
    """Return which pixels moved on each morning, against the past."""
    past = training_bags().X
    return {name: compare_pixels(past, bag.X) for name, bag in mornings().items()}


def maps_as_text() -> str:
    """Return the maps side by side: + gained ink, - lost it, and a dot didn't move."""
    columns = [[f"{name:15}", *_signs(each)] for name, each in maps().items()]
    return "\n".join("   ".join(row).rstrip() for row in zip(*columns, strict=True))


def _signs(moved: PixelDrift) -> list[str]:
    signs = np.where(moved.moved, np.where(moved.change > 0, "+", "-"), ".")
    return [" ".join(row) for row in signs.reshape(8, 8)]


def plot_maps() -> Axes:
    """Which pixels moved, on which morning? Five maps, from A to E."""
    axes = new_row(len(maps()), QUESTION, size=(11, 2.9))
    most = max(float(np.abs(each.change).max()) for each in maps().values())
    for ax, (name, each) in zip(axes, maps().items(), strict=True):
        ax.imshow(each.change.reshape(8, 8), cmap="PuOr", vmin=-most, vmax=most)
        for place in np.flatnonzero(each.moved):
            sign = "+" if each.change[place] > 0 else "\N{MINUS SIGN}"
            ax.text(place % 8, place // 8, sign, ha="center", va="center")
        ax.set(title=name, xticks=[], yticks=[])
    counts = ", ".join(f"{each.moved.sum()} in {n}" for n, each in maps().items())
    words = f"Five maps of 8 x 8 pixels; + gained ink, - lost it: {counts}."
    describe(axes[0], QUESTION, words)
    return axes[0]


def table() -> str:
    """Return what the tests, the model and the first labels say of each morning."""
    past = training_bags()
    model = make_pipeline(StandardScaler(), LogisticRegression(max_iter=2000))
    before = model.fit(past.X, past.y).predict(past.X)
    lines = ["   answers: p  commonest  confidence  right, of 100 labels"]
    for name, bag in mornings().items():
        answers = model.predict(bag.X)
        common = np.bincount(answers, minlength=10)
        right = Share(int((answers == bag.y)[:LABELS].sum()), LABELS)
        lines.append(
            f"{name}  {chi2_drift(before, answers).p:10.2g}  "
            f"{common.argmax()}, {common.max() / len(answers):6.0%}  "
            f"{model.predict_proba(bag.X).max(axis=1).mean():10.2f}  {right}"
        )
    return "\n".join(lines)
