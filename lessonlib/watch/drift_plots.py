"""Which alarm is about accuracy, and where did the traffic move?"""

from collections.abc import Mapping
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.patches import Rectangle

from lessonlib.figures import BLUE, ORANGE, PINK, describe, legend_below, new_axes


def plot_drift_alarms(
    accuracy: Mapping[int, float],
    alarm: Mapping[int, float],
    *,
    guess: float | None = None,
    ax: Axes | None = None,
) -> Axes:
    """Does a loud alarm mean a bad model? A dot a bag; `guess` is a bag's number."""
    question = "Does a loud alarm mean a bad model?"
    ax = new_axes(ax, question)
    loudest = max(alarm, key=lambda bag: alarm[bag])
    worst = min(accuracy, key=lambda bag: accuracy[bag])
    for bag, right in accuracy.items():
        special = bag in (loudest, worst)
        look: Any = {"color": ORANGE, "marker": "D"} if special else {"color": BLUE}
        ax.scatter(right, alarm[bag], s=70, **({"marker": "o"} | look))
        words = f"bag {bag}"
        words += ", the loudest" if bag == loudest else ""
        words += ", the worst" if bag == worst else ""
        where: Any = {"xytext": (0, 9), "textcoords": "offset points", "ha": "center"}
        ax.annotate(words, (right, alarm[bag]), **where)
    if guess is not None and guess in accuracy:
        ring: Any = {"facecolors": "none", "edgecolors": PINK, "linewidths": 2.5}
        bag_number, label = int(guess), f"your guess: bag {guess:g}"
        ax.scatter(accuracy[bag_number], alarm[bag_number], s=330, label=label, **ring)
        ax.legend(loc="upper left")
    ax.set(xlabel="accuracy in the bag (share of cards)", ylabel="pixels that moved")
    spread = max(accuracy.values()) - min(accuracy.values())
    ax.set_xlim(min(accuracy.values()) - 0.15 * spread, None)
    ax.set_xlim(None, max(accuracy.values()) + 0.15 * spread)
    ax.set_ylim(0, 1.2 * max(alarm.values()))
    sentence = f"The loudest alarm, {alarm[loudest]} pixels, is bag {loudest}"
    sentence += f" at accuracy {accuracy[loudest]:.2f}; the worst bag, {worst}"
    sentence += f" at {accuracy[worst]:.2f}, raises {alarm[worst]}."
    describe(ax, question, sentence)
    return ax


def plot_pixels(moved: Any, *, ax: Axes | None = None) -> Axes:
    """Which pixels moved? A PixelDrift of 64 pixels; frames mark those that moved."""
    question = "Which pixels moved, and did they gain ink or lose it?"
    ax = new_axes(ax, question, size=(6.4, 5.2))
    change = np.reshape(moved.change, (8, 8))
    most = max(np.abs(change).max(), 1e-9)
    picture = ax.imshow(change, cmap="PuOr", vmin=-most, vmax=most)
    bar = ax.figure.colorbar(picture, ax=ax)
    bar.set_label("mean change (grey levels; above 0: more ink)")
    for row, column in np.argwhere(np.reshape(moved.moved, (8, 8))):
        frame: Any = {"fill": False, "edgecolor": "black", "linewidth": 2}
        ax.add_patch(Rectangle((column - 0.46, row - 0.46), 0.92, 0.92, **frame))
        sign = "+" if change[row, column] > 0 else "\N{MINUS SIGN}"
        ink = "white" if abs(change[row, column]) > 0.7 * most else "black"
        spot: Any = {"ha": "center", "va": "center", "color": ink, "fontsize": 14}
        ax.text(column, row, sign, **spot)
    ax.set(xlabel="column of the card", ylabel="row of the card")
    ax.set(xticks=range(8), yticks=range(8))
    gained = int((moved.moved & (moved.change > 0)).sum())
    words = f"{moved.moved.sum()} of 64 pixels moved, framed in an 8 x 8 map"
    lost = moved.moved.sum() - gained
    describe(ax, question, f"{words}: {gained} gained ink and {lost} lost it.")
    return ax


def plot_cusum(
    sums: Any, *, began: int, guess: float | None = None, ax: Axes | None = None
) -> Axes:
    """When was it noticed? A Cusum whose trouble `began` at that label."""
    question = "When do the labels give the trouble away?"
    ax = new_axes(ax, question)
    labels = np.arange(1, len(sums.level) + 1)
    ax.plot(labels, sums.level, color=BLUE, label="sum")
    ax.axhline(sums.limit, color="black", linewidth=1.5, label="limit")
    ax.axvline(began, color=ORANGE, linestyle=":", linewidth=2, label="trouble begins")
    if sums.alarm_at:
        look: Any = {"color": ORANGE, "markersize": 11, "label": "alarm"}
        spot = sums.alarm_at, sums.level[sums.alarm_at - 1]
        ax.plot(*spot, "D", linestyle="none", **look)
    if guess is not None:
        label = f"your guess: {guess:g} labels later"
        ax.axvline(began + guess, color=PINK, linestyle="--", linewidth=2, label=label)
    ax.set(xlabel="labels that came back", ylabel="evidence for worse (log ratio)")
    legend_below(ax, columns=5)
    late = f"{sums.alarm_at - began} labels later" if sums.alarm_at else "never"
    sentence = f"A sum stays low until label {began}; it crosses its limit {late}."
    describe(ax, question, sentence)
    return ax
