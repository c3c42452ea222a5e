"""One function, one question, one figure.

Each takes results by their attributes and returns the Axes. What was measured is
described as it holds on every computer, not to the digit.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes

from lessonlib.figures import (
    BLUE,
    COLOURS,
    PINK,
    describe,
    draw_guess,
    new_axes,
    new_row,
)


def plot_cards(
    rows: np.ndarray,
    answers: Sequence[Any],
    sureness: Sequence[float],
    names: Sequence[str],
) -> np.ndarray:
    """What does the model say of each card? `rows` has shape (n, 64)."""
    question = "What does the model say of these cards?"
    axes = new_row(len(rows), question, size=(1.7 * len(rows), 2.9))
    parts = []
    for ax, row, answer, sure, name in zip(
        axes, rows, answers, sureness, names, strict=True
    ):
        ax.imshow(np.reshape(row, (8, 8)), cmap="gray_r", vmin=0, vmax=16)
        ax.set(xticks=[], yticks=[], title=f'"{answer}"\n{sure:.0%} sure', xlabel=name)
        parts.append(f"{name}: {answer}, {sure:.0%} sure")
    describe(axes[0], question, f"{'; '.join(parts)}.")
    return axes


def plot_answers(
    answers: Sequence[int], *, guess: float | None = None, ax: Axes | None = None
) -> Axes:
    """Which digits does the model answer? `answers` has shape (n,), digits 0 to 9."""
    question = f"Which digits does the model see in {len(answers):,} cards?"
    ax = new_axes(ax, question, size=(7, 3.5))
    counts = np.bincount(answers, minlength=10)
    ax.bar(range(10), counts, color=COLOURS[0])
    if guess is not None:
        draw_guess(ax, guess, "of one digit")
        ax.legend()
    ax.set(xlabel="digit that the model answers", ylabel="cards", xticks=range(10))
    most, share = counts.argmax(), counts.max() / len(answers)
    words = f"{share:.0%} of them get {most}; {(counts == 0).sum()} digits get none"
    describe(ax, question, f"A bar for each digit: {words}.")
    return ax


def plot_zoo(
    statuses: Mapping[str, Mapping[str, int]],
    *,
    guess: float | None = None,
    ax: Axes | None = None,
) -> Axes:
    """Which odd requests get through? `statuses[app][request]` is an HTTP status."""
    question = "Which odd requests get through?"
    first = next(iter(statuses.values()))
    requests = sorted(first, key=lambda name: first[name])  # so the answered lead
    ax = new_axes(ax, question, size=(7, 0.32 * len(requests) + 1.2))
    kinds = {2: ("#F0E442", "answered"), 4: ("#56B4E9", "refused")}
    kinds[5] = ("#E69F00", "crashed")
    parts = []
    for x, (app, row) in enumerate(statuses.items()):
        for y, request in enumerate(requests):
            colour, word = kinds[row[request] // 100]
            ax.add_patch(plt.Rectangle((x, y), 0.97, 0.92, color=colour))
            words = f"{row[request]} {word}"
            ax.text(x + 0.485, y + 0.48, words, ha="center", va="center", fontsize=9)
        hundreds = [status // 100 for status in row.values()]
        tally = (f"{hundreds.count(kind)} {word}" for kind, (_, word) in kinds.items())
        parts.append(f"{app}: {', '.join(tally)}")
    if guess is not None:
        label = f"your guess: {guess:g} answered"
        line: Any = {"color": "black", "linestyle": "--", "linewidth": 2.5}
        ax.plot([0, 0.97], 2 * [guess - 0.04], label=label, **line)
        ax.legend(loc="upper right", bbox_to_anchor=(1, 0))
    ax.set(xlim=(0, len(statuses)), ylim=(len(requests), 0))
    ax.set_xticks(np.arange(len(statuses)) + 0.485, list(statuses))
    ax.set_yticks(np.arange(len(requests)) + 0.48, requests)
    ax.xaxis.tick_top()
    ax.tick_params(length=0)
    ax.spines[:].set_visible(False)
    describe(ax, question, f"{len(requests)} requests. {'; '.join(parts)}.")
    return ax


def plot_owners(
    lives: Mapping[str, tuple[int, int | None]],
    answered: Sequence[str],
    *,
    guess: float | None = None,
    ax: Axes | None = None,
) -> Axes:
    """Who owns the port? A lane for the thread of each version.

    `lives[version]` are the cell runs in which its thread began and ended (None: it
    lives on). `answered[i]` answered after cell run i + 1. `guess` is a lane's number.
    """
    question = "Who owns the port after each cell run?"
    ax = new_axes(ax, question, size=(7, 0.8 + 0.75 * len(lives)))
    runs = range(1, len(answered) + 1)
    for lane, (version, (began, ended)) in enumerate(lives.items(), start=1):
        end = len(answered) + 1 if ended is None else max(ended, began + 0.08)
        ax.barh(lane, end - began, left=began, height=0.6, color="#DDDDDD")
        for run in runs:
            if answered[run - 1] == version:
                ax.barh(lane, 1, left=run, height=0.6, color=BLUE)
                words = f"owns the port\nand answers {version}"
                ax.text(run + 0.5, lane, words, color="white", ha="center", va="center")
        if ended is not None:
            ax.plot(end, lane, "X", color="black", markersize=9)
            fate = "dies at once" if ended == began else "is stopped"
            ax.text(end + 0.06, lane, fate, va="center")
    if guess is not None and guess in range(1, len(lives) + 1):
        look: Any = {"color": "black", "ha": "right", "va": "center"}
        spot = {"boxstyle": "round", "facecolor": PINK, "edgecolor": "black"}
        ax.text(runs[-1] + 0.96, guess, "your guess", bbox=spot, fontsize=8, **look)
    for run in runs:
        ax.axvline(run, color="black", linewidth=1, linestyle=":")
    ax.set(xlim=(1, len(answered) + 1), ylim=(len(lives) + 0.5, 0.5))
    ax.set_xticks(runs, [f"cell run {run}" for run in runs], ha="left")
    ax.set_yticks(range(1, len(lives) + 1), [f"thread of {name}" for name in lives])
    ax.tick_params(length=0)
    ax.set_xlabel("time, in cell runs")
    ax.spines[:].set_visible(False)
    parts = [f"cell run {run} {who} answers" for run, who in enumerate(answered, 1)]
    idle = " or ".join(name for name in lives if name not in answered)
    never = f" No thread of {idle} ever does." if idle else ""
    describe(ax, question, f"After {', after '.join(parts)}.{never}")
    return ax
