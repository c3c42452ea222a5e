"""Which accuracy is the true one, and what brings a model back?"""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes

from lessonlib.figures import (
    BLUE,
    COLOURS,
    MARKERS,
    PINK,
    describe,
    draw_guess,
    legend_below,
    looks,
    new_axes,
)


def plot_estimates(
    estimates: Mapping[str, Any],
    truth: float,
    *,
    guess: float | None = None,
    ax: Axes | None = None,
) -> Axes:
    """Which accuracy is the model's? Estimates (value, low, high, n) by their name."""
    question = "Which accuracy is the model's?"
    ax = new_axes(ax, question, size=(7, 1.4 + 0.55 * len(estimates)))
    for y, estimate in enumerate(estimates.values()):
        ax.plot([estimate.low, estimate.high], [y, y], color=BLUE, linewidth=3)
        ax.plot(estimate.value, y, MARKERS[0], color=BLUE, markersize=11)
        look: Any = {"ha": "center", "va": "bottom", "textcoords": "offset points"}
        ax.annotate(f"{estimate.value:.2f}", (estimate.value, y), (0, 8), **look)
    ax.axvline(truth, color="black", linewidth=1.5, label=f"all cards: {truth:.2f}")
    if guess is not None:
        label = f"your guess: {guess:g}"
        ax.axvline(guess, color=PINK, linestyle="--", linewidth=2, label=label)
    names = [f"{name}\n({estimate.n} cards)" for name, estimate in estimates.items()]
    ax.set_yticks(range(len(names)), names)
    ax.set(
        ylim=(len(names) - 0.5, -0.7), xlabel="share of the cards that was read right"
    )
    gap = 0.45 / (0.4 + 0.5 * len(names))  # the same way down, for any height
    legend_below(ax, columns=2, gap=gap)
    words = ", ".join(
        f"{name} {estimate.value:.2f}" for name, estimate in estimates.items()
    )
    describe(ax, question, f"{words}; of all cards it is {truth:.2f}.")
    return ax


def plot_recovery(
    accuracy: Mapping[str, Sequence[float]],
    bags: Sequence[int],
    *,
    guess: float | None = None,
    ax: Axes | None = None,
) -> Axes:
    """Which labels bring a model back? Accuracy bag by bag, by labelling policy."""
    question = "Which labels bring the model back?"
    ax = new_axes(ax, question, size=(7, 4.4))
    for i, (_name, shares, look) in enumerate(looks(accuracy)):
        look |= {"marker": MARKERS[i % 4], "markersize": 7}
        if i >= len(COLOURS):
            look["color"] = "black"
        ax.plot(bags, shares, linewidth=2, **look)
    draw_guess(ax, guess, "in the last bag")
    ax.set(xlabel="mail bag (one a week)", ylabel="share of its cards read right")
    ax.set(ylim=(0, 1), xticks=bags)
    legend_below(ax, columns=3)
    last = {name: shares[-1] for name, shares in accuracy.items()}
    lowest, second = sorted(last, key=lambda name: last[name])[:2]
    ahead = np.floor(10 * (last[second] - last[lowest])) / 10
    words = f"in the last bag the others are at least {ahead:.1f} above {lowest}"
    describe(ax, question, f"{len(last)} lines; {words}.")
    return ax


def plot_promotions(
    shares: Mapping[str, Mapping[str, float]],
    *,
    guess: float | None = None,
    ax: Axes | None = None,
) -> Axes:
    """How often does a rule promote? `shares[rule][challenger]`, from 0 to 1."""
    question = "How often is the challenger promoted?"
    ax = new_axes(ax, question)
    cases = list(next(iter(shares.values())))
    width = 0.8 / len(shares)
    for i, (rule, row) in enumerate(shares.items()):
        at = np.arange(len(cases)) + (i - (len(shares) - 1) / 2) * width
        hatch: Any = ("", "//", "..", "xx")[i % 4]
        bars = ax.bar(
            at,
            [100 * row[case] for case in cases],
            0.95 * width,
            label=rule,
            color=COLOURS[i % 4],
            hatch=hatch,
            edgecolor="white",
        )
        ax.bar_label(bars, fmt="%.0f %%", padding=2)
    draw_guess(ax, guess, "%")
    ax.set_xticks(range(len(cases)), cases)
    ax.set(ylim=(0, 112), ylabel="trials that end in a promotion (%)")
    legend_below(ax, columns=3, gap=0.14)
    words = "; ".join(
        f"{rule}: " + ", ".join(f"{row[case]:.0%} of {case}" for case in cases)
        for rule, row in shares.items()
    )
    describe(ax, question, f"{words}.".replace("\n", " "))
    return ax
