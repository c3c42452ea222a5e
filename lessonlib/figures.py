"""How does a figure say in words what it shows?

A figure of a lesson carries a description of one or two sentences. It is the figure's
text, so nbval compares it, and its alt text, so a screen reader reads it.
"""

from collections.abc import Iterator, Mapping
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

# Okabe and Ito's palette: told apart with every kind of colour vision
BLUE, ORANGE, GREEN, PINK = COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7")
STYLES = ("-", "--", "-.", ":")
MARKERS = ("o", "s", "^", "D")


class DescribedFigure(Figure):
    """A figure that says in words what it shows."""

    description = "A figure without a description."

    def __repr__(self) -> str:
        return self.description

    def _repr_mimebundle_(self, **kwargs: Any) -> tuple[dict[str, str], dict[str, Any]]:
        # IPython adds the picture itself; the alt text travels in its metadata
        return {}, {"image/png": {"alt": self.description}}


def new_axes(
    ax: Axes | None, question: str, *, size: tuple[float, float] = (7, 4)
) -> Axes:
    """Return `ax`, or the Axes of a new figure, titled with its question."""
    if ax is None:
        kind: Any = {"FigureClass": DescribedFigure, "layout": "constrained"}
        ax = plt.subplots(figsize=size, **kind)[1]
    ax.set_title(question)
    return ax


def new_row(n: int, question: str, *, size: tuple[float, float]) -> np.ndarray:
    """Return n Axes, side by side, of a new figure titled with its question."""
    kind: Any = {"FigureClass": DescribedFigure, "layout": "constrained"}
    figure, axes = plt.subplots(1, n, figsize=size, squeeze=False, **kind)
    figure.suptitle(question)
    return axes[0]


def describe(ax: Axes, question: str, sentence: str) -> None:
    """Give the figure of `ax` its words. A figure of the caller's own keeps its own."""
    if isinstance(ax.figure, DescribedFigure):
        ax.figure.description = f"{question} {sentence}"


def looks(named: Mapping[str, Any]) -> Iterator[tuple[str, Any, dict[str, Any]]]:
    """Yield name, value and a look: lines differ by more than their colour."""
    for i, (name, value) in enumerate(named.items()):
        look = {"color": COLOURS[i % 4], "linestyle": STYLES[i % 4], "label": name}
        yield name, value, look


def draw_guess(ax: Axes, guess: float | None, unit: str) -> None:
    """Draw a guess as a dashed line with a label for the legend; None draws nothing."""
    if guess is not None:
        label = f"your guess: {guess:g} {unit}"
        ax.axhline(guess, color=PINK, linestyle="--", linewidth=2, label=label)


def draw_star(
    ax: Axes, at: tuple[float, float], guess: float | None, unit: str
) -> None:
    """Draw a guess as a star at one point, with a label; None draws nothing."""
    if guess is not None:
        look: Any = {"color": PINK, "markersize": 14, "markeredgecolor": "black"}
        label = f"your guess: {guess:g} {unit}"
        ax.plot(*at, "*", linestyle="none", label=label, **look)


def legend_below(ax: Axes, *, columns: int = 1, gap: float = 0.16) -> None:
    """Put the legend under the axes, `gap` of their height below, off the data."""
    spot: Any = {"loc": "upper center", "bbox_to_anchor": (0.5, -gap)}
    ax.legend(ncols=columns, frameon=False, **spot)


def in_words(ratio: float) -> str:
    """Return how many times larger, in words that hold on another computer too."""
    for bound in (10, 3):  # no finer: 90 times here may be 110 times elsewhere
        if ratio > bound:
            return f"more than {bound} times"
    return "less than 3 times"
