"""How often does chance win, how many units does it take, and where does traffic go?"""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import PercentFormatter

from lessonlib.figures import (
    BLUE,
    ORANGE,
    PINK,
    describe,
    draw_star,
    legend_below,
    looks,
    new_axes,
    new_row,
)

_GAP = 0.17  # between axes and legend
_ALPHA = 0.05  # a p-value below it makes a winner
_MOST_WALKS = 40  # that are drawn
_WANTED = 0.8  # the power that is usually asked for


def plot_walks(
    walks: np.ndarray,
    units: Sequence[int],
    *,
    guess: float | None = None,
) -> np.ndarray:
    """How often does chance win if one looks again and again?

    `walks`, shape (runs, looks), are p-values of runs without any difference; `units`
    says after how many units an arm each look was. `guess` is in percent of the runs.
    """
    question = "Two equal models: how often does one of them win?"
    left, right = axes = new_row(2, question, size=(9, 4.2))
    drawn = min(_MOST_WALKS, len(walks))
    winners = np.any(walks < _ALPHA, axis=1)
    for walk, crossed in zip(walks[:drawn], winners[:drawn], strict=True):
        look: Any = (
            {"color": ORANGE, "lw": 1.4, "zorder": 3} if crossed else {"lw": 0.7}
        )
        left.plot(units, walk, **({"color": "#AAAAAA", "zorder": 2} | look))
        if crossed:
            first = int(np.argmax(walk < _ALPHA))
            left.plot(units[first], walk[first], "o", color=ORANGE, ms=5, zorder=4)
    left.axhline(_ALPHA, color="black", lw=1.5, zorder=5)
    left.set(yscale="log", xlabel="parcels an arm", ylim=(walks[:drawn].min() / 2, 1.3))
    left.set_ylabel("p-value at this look (log scale)")
    left.yaxis.set_major_formatter("{x:g}")
    note = f"{drawn} of {len(walks):,} runs; a dot: the first p below {_ALPHA:g}"
    left.set_title(note, fontsize=10)
    shares = [float((walks[:, -1] < _ALPHA).mean()), float(np.mean(winners))]
    names = ["one look,\nat the end", f"any of\n{walks.shape[1]} looks"]
    right.bar(names, shares, color=[BLUE, ORANGE], width=0.55)
    right.axhline(_ALPHA, color="black", lw=1.5, label=f"{_ALPHA:.0%} of the runs")
    if guess is not None:
        label = f"your guess: {guess:g} % of the runs"
        right.axhline(guess / 100, color=PINK, ls="--", lw=2, label=label)
    right.set(ylabel="runs with a winner", ylim=(0, None))
    right.yaxis.set_major_formatter(PercentFormatter(1, decimals=0))
    legend_below(right, gap=_GAP)
    single, repeated = shares
    words = (
        f"With one look {single:.0%} of the runs have a winner, with {walks.shape[1]}"
    )
    describe(left, question, f"{words} looks {repeated:.0%}; their walks are lit.")
    return axes


def plot_power(
    curves: Mapping[str, tuple[Sequence[int], Sequence[float]]],
    *,
    at: int,
    guess: float | None = None,
    ax: Axes | None = None,
) -> Axes:
    """How many parcels does it take to see the difference?

    `curves[design]` are numbers of parcels in all, and the power with each. `at` is the
    number that the office has; `guess` is a power there, in percent.
    """
    question = "With how many parcels will the better model be found?"
    ax = new_axes(ax, question, size=(7, 4.4))
    parts = []
    for name, (parcels, chances), look in looks(curves):
        ax.plot(parcels, chances, lw=2, **look)
        chance = float(np.interp(at, parcels, chances))
        ax.plot(at, chance, "o", color=look["color"], ms=8)
        parts.append(f"{name} about {round(chance, 1):.1f}")
    ax.axvline(at, color="black", lw=1, ls=":")
    ax.axhline(_WANTED, color="black", lw=1, label=f"the usual wish: {_WANTED:.0%}")
    draw_star(ax, (at, (guess or 0) / 100), guess, "%")
    ax.set(xlabel="parcels in all", ylabel="power: chance to find it", ylim=(0, 1.03))
    ax.yaxis.set_major_formatter(PercentFormatter(1, decimals=0))
    ax.set_xlim(0, None)
    legend_below(ax, columns=2, gap=_GAP)
    describe(ax, question, f"Power with {at} parcels: {', '.join(parts)}.")
    return ax


def plot_traffic(
    shares: Mapping[str, np.ndarray],
    *,
    swap: int,
    guess: float | None = None,
    ax: Axes | None = None,
) -> Axes:
    """Where does a bandit send the parcels, before and after the truths swap?

    `shares[bandit]`, shape (parcels,), is the share of runs in which the arm that is
    better *at that moment* was chosen. `guess` is its mean after the swap, in percent.
    """
    question = "How many parcels go to the better model?"
    ax = new_axes(ax, question, size=(7, 4.4))
    parts = []
    for name, share, look in looks(shares):
        width = max(len(share) // 60, 1)
        smooth = np.convolve(share, np.ones(width) / width, mode="valid")
        # averaged apart before and after: the swap must not be blurred
        x = np.arange(width - 1, len(share))
        gap = np.where((x >= swap) & (x < swap + width - 1), np.nan, smooth)
        ax.plot(x, gap, lw=2, **look)
        before, after = share[:swap].mean(), share[swap:].mean()
        ends = [_in_tenths(end) for end in (before, after)]
        parts.append(f"{name}: {ends[0]} before the swap, {ends[1]} after")
    ax.axvline(swap, color="black", lw=1.5, ls=":")
    ax.text(swap, 1.03, " the truths swap", va="bottom", fontsize=9)
    if guess is not None:
        label = f"your guess: {guess:g} %"
        mean: Any = {"color": PINK, "linestyle": "--", "linewidth": 2, "label": label}
        ax.plot([swap, len(next(iter(shares.values())))], 2 * [guess / 100], **mean)
    ax.set(xlabel="parcels so far", ylabel="sent to the better model", ylim=(0, 1.12))
    ax.yaxis.set_major_formatter(PercentFormatter(1, decimals=0))
    legend_below(ax, columns=2, gap=_GAP)
    describe(ax, question, f"{'; '.join(parts)}.")
    return ax


def _in_tenths(share: float) -> str:
    return f"about {round(10 * share)} in 10"
