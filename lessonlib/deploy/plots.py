"""What do the pictures of this room show?"""

from collections.abc import Mapping
from typing import Any

from matplotlib.axes import Axes

from lessonlib.figures import COLOURS, PINK, describe, new_axes


def plot_way(
    way_ms: Mapping[str, float],
    *,
    guess: float | None = None,
    ax: Axes | None = None,
) -> Axes:
    """Where does a stranger's wait go? `way_ms[station]` are milliseconds, in order.

    `guess` is the share of the last station, in percent.
    """
    question = "Where does a stranger's wait go?"
    ax = new_axes(ax, question, size=(7, 0.9 + 0.5 * len(way_ms)))
    total_ms, began_ms = sum(way_ms.values()), 0.0
    for row, took_ms in enumerate(way_ms.values()):
        ax.barh(row, took_ms, left=began_ms, color=COLOURS[row % len(COLOURS)])
        words = f" {took_ms:.1f} ms, {took_ms / total_ms:.0%}"
        ax.text(began_ms + took_ms, row, words, va="center")
        began_ms += took_ms
    ax.set_yticks(range(len(way_ms)), list(way_ms))
    ax.invert_yaxis()
    ax.set(xlabel="time since the stranger began (ms)", xlim=(0, 1.25 * total_ms))
    if guess is not None:
        left, width = total_ms * (1 - guess / 100), total_ms * guess / 100
        look: Any = {"fill": False, "edgecolor": PINK, "linestyle": "--", "lw": 2}
        ax.barh(row, width, left=left, label=f"your guess: {guess:g} %", **look)
        ax.legend(loc="lower left")
    words = f"one after the other, with its time and its share: {', '.join(way_ms)}"
    describe(ax, question, f"A bar for each step, {words}.")
    return ax
