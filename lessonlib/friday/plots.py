"""How did the week go? Shift by shift, and the table against the belt."""

from collections.abc import Mapping, Sequence
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
from IPython.display import clear_output, display
from matplotlib.axes import Axes

from lessonlib.figures import (
    COLOURS,
    MARKERS,
    describe,
    draw_star,
    looks,
    new_axes,
    new_row,
)

_HATCHES = ("", "///", "...", "xxx")
_CLEAR = 10  # parcels more, so that the words hold on another computer


def plot_week(
    weeks: Mapping[str, Sequence[Any]], *, guess: tuple[str, float | None] | None = None
) -> np.ndarray:
    """What did the week do to the parcels? Played shifts by the name of a service.

    `guess` is a shift's name and the misread parcels that somebody expects there.
    """
    question = "What did the week do to the parcels?"
    axes = new_row(2, question, size=(9, 4.6))
    first = next(iter(weeks.values()))
    names = [played.shift.name for played in first]
    height = 0.8 / len(weeks)
    for ax, what in zip(axes, ("misread", "late"), strict=True):
        for k, (service, week) in enumerate(weeks.items()):
            counts = [getattr(played.score, what) for played in week]
            cost = sum(played.score.cost_min for played in week)
            look: Any = {"color": COLOURS[k % 4], "hatch": _HATCHES[k % 4]}
            at = np.arange(len(names)) + (k - (len(weeks) - 1) / 2) * height
            label = f"{service}: {cost:,} minutes of work"
            ax.barh(at, counts, height, edgecolor="white", label=label, **look)
        ax.set(yticks=range(len(names)), xlabel=f"{what} parcels")
        ax.invert_yaxis()  # Monday on top
        ax.set_xlim(0, max(ax.get_xlim()[1], 10))
    axes[0].set_yticklabels(names)
    axes[1].set_yticklabels([])
    if guess is not None and guess[1] is not None and guess[0] in names:
        spot = (guess[1], names.index(guess[0]))
        draw_star(axes[0], spot, guess[1], "misread")
    handles, labels = axes[0].get_legend_handles_labels()
    axes[0].figure.legend(handles, labels, loc="outside lower center", frameon=False)
    describe(axes[0], question, _words(weeks, names))
    return axes


def watch_week(
    name: str, week: Any, *, guess: tuple[str, float | None] | None = None
) -> None:
    """Draw a Week that plays: one picture, drawn again after each of its shifts."""
    drawn, over = 0, False
    while not over:
        over = week.wait(timeout_s=0.5)
        if len(week.played) > drawn:
            drawn = len(week.played)
            figure = plot_week({name: week.played}, guess=guess)[0].figure
            clear_output(wait=True)  # until the new picture is there
            display(figure)
            plt.close(figure)  # or the cell would show it once more at its end


def _words(weeks: Mapping[str, Sequence[Any]], names: Sequence[str]) -> str:
    misread = {
        service: [each.score.misread for each in week]
        for service, week in weeks.items()
    }
    bars = f"Bars for {len(names)} shift{'s' * (len(names) > 1)}"
    worst, best = (
        pick(misread, key=lambda service: sum(misread[service])) for pick in (max, min)
    )
    if worst == best:
        bad = [n for n, m in zip(names, misread[worst], strict=True) if m > 2 * _CLEAR]
        return f"{bars}; more than {2 * _CLEAR} parcels are misread on {_list(bad)}."
    pairs = zip(names, misread[worst], misread[best], strict=True)
    where = [name for name, more, fewer in pairs if more >= fewer + _CLEAR]
    told = f"{worst} misreads more parcels than {best} on {_list(where)}"
    return f"{bars} and {len(weeks)} services; {told}."


def _list(names: Sequence[str]) -> str:
    return ", ".join(names) if names else "no day"


def plot_table_and_belt(
    offline: Mapping[str, float], live: Mapping[str, float], *, ax: Axes | None = None
) -> Axes:
    """Does the winner of the table win on the belt? Accuracies by a model's name.

    A model of `live` alone was not in the table: it gets a dot and no line.
    """
    question = "Does the winner of the table win on the belt?"
    ax = new_axes(ax, question, size=(6.5, 4))
    for k, (name, _, look) in enumerate(looks(live)):
        tables = (offline, live) if name in offline else (live,)
        points = [(int(each is live), each[name]) for each in tables]
        look |= {"marker": MARKERS[k % 4], "markersize": 8, "linewidth": 2}
        ax.plot(*zip(*points, strict=True), **look)
        for x, y in points:
            # near each other in the table: the better one is written above the other
            ahead = y == max(offline.values())
            va = "center" if x else "bottom" if ahead else "top"
            words: Any = {"ha": "left" if x else "right", "va": va}
            words |= {"xytext": (9 if x else -9, 0), "textcoords": "offset points"}
            ax.annotate(f"{name} {y:.2f}", (x, y), color=look["color"], **words)
    ax.set(xlim=(-0.6, 1.6), ylim=(0, 1.05), ylabel="accuracy (share of parcels)")
    ax.set_xticks((0, 1), ("the table:\nold camera", "the belt:\nnew camera"))
    winner, best, last = (
        max(offline, key=lambda name: offline[name]),
        max(live, key=lambda name: live[name]),
        min(live, key=lambda name: live[name]),
    )
    told = f"{winner} is ahead in the table, {best} on the belt, where {last} is last"
    describe(ax, question, f"Dots for {len(live)} models: {told}.")
    return ax
