"""Where is the knee, and what does a batch win?"""

from collections.abc import Mapping
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import LogFormatter

from lessonlib.figures import (
    BLUE,
    MARKERS,
    PINK,
    describe,
    draw_guess,
    in_words,
    legend_below,
    looks,
    new_axes,
)


def plot_knee(
    curves: Mapping[str, Any], *, guess_ms: float | None = None, ax: Axes | None = None
) -> Axes:
    """Do more callers get more answers, or more waiting? `curves` are Curves by name.

    Each point is a load, with its number beside it; a star marks the knee.
    `guess_ms` is of a median response time.
    """
    question = "Do more callers get more answers, or more waiting?"
    ax = new_axes(ax, question, size=(7, 4.6))
    for i, (_name, curve, look) in enumerate(looks(curves)):
        x, y = curve.throughput_rps, 1e3 * curve.p50_s
        ax.plot(x, y, marker=MARKERS[i % 4], linewidth=2, **look)
        at = curve.loads.index(curve.knee)
        star: Any = {"color": look["color"], "markersize": 18, "zorder": 5}
        ax.plot(x[at], y[at], "*", markeredgecolor="black", **star)
        for load, here, there in zip(curve.loads, x, y, strict=True):
            spot: Any = {"textcoords": "offset points", "va": "center", "fontsize": 9}
            ax.annotate(f"{load:g}", (here, there), (8, 9), **spot)
    knee: Any = {"color": "white", "markersize": 13, "markeredgecolor": "black"}
    ax.plot([], [], "*", linestyle="none", label="the knee", **knee)
    draw_guess(ax, guess_ms, "ms")
    ax.set(xscale="log", yscale="log")
    ax.margins(0.1)
    _plain_numbers(ax)
    unit = next(iter(curves.values())).unit
    ax.set_xlabel(f"answers a second (log scale; beside each point: {unit})")
    ax.set_ylabel("median response time (ms, log scale)")
    legend_below(ax, columns=5, gap=0.14)
    describe(ax, question, _told(curves))
    return ax


def plot_batches(
    rows_per_s: Mapping[str, Mapping[int, float]],
    *,
    guess: float | None = None,
    ax: Axes | None = None,
) -> Axes:
    """What does a batch win? `rows_per_s[name][size]`, for batches of that size."""
    question = "How many rows a second, in batches of what size?"
    ax = new_axes(ax, question)
    for i, (_name, rates, look) in enumerate(looks(rows_per_s)):
        sizes, rows = list(rates), list(rates.values())
        ax.plot(sizes, rows, marker=MARKERS[i % 4], linewidth=2, **look)
    draw_guess(ax, guess, "rows/s")
    ax.set(xscale="log", yscale="log", ylabel="rows a second (log scale)")
    _plain_numbers(ax)
    ticks = sorted({size for rates in rows_per_s.values() for size in rates})
    ax.set_xticks(ticks, [str(size) for size in ticks])
    ax.set_xticks([], minor=True)
    ax.set_xlabel("rows in a batch (log scale)")
    legend_below(ax, columns=3, gap=0.14)
    first, rates = next(iter(rows_per_s.items()))
    gain = in_words(min(rates[max(rates)] / rates[min(rates)], 30))
    told = f"{first} reads {gain} the rows a second in batches of {max(rates)}"
    describe(ax, question, f"{told} as in batches of {min(rates)}.")
    return ax


def plot_batch_sizes(sizes: Mapping[int, int], *, ax: Axes | None = None) -> Axes:
    """How large did the batches get? `sizes[n]` batches had n rows."""
    question = "How many rows travelled in batches of which size?"
    ax = new_axes(ax, question, size=(7, 3.2))
    rows = {size: size * count for size, count in sizes.items()}
    ax.bar(list(rows), list(rows.values()), color=BLUE, edgecolor="black")
    ax.set(xlabel="rows in the batch", ylabel="rows that travelled so")
    ax.set_xticks(range(0, max(rows) + 2, max(1, max(rows) // 8)))
    shared = 1 - rows.get(1, 0) / sum(rows.values())
    share = "More than a quarter" if shared > 0.25 else "Few"
    describe(ax, question, f"{share} of the rows had company.")
    return ax


def plot_queue(
    *,
    capacity_rps: float,
    measured: Mapping[float, float] | None = None,
    guess_ms: float | None = None,
    ax: Axes | None = None,
) -> Axes:
    """How long is the wait, by how busy the server is? Theory of M/M/1, and runs.

    `measured[share]` is a mean response time in seconds, at that share of the capacity.
    """
    question = "How long does it take, by how busy the server is?"
    ax = new_axes(ax, question)
    busy = np.linspace(0, 0.97, 200)
    mean_ms = 1e3 / (capacity_rps * (1 - busy))
    ax.plot(100 * busy, mean_ms, color=BLUE, label="mean, theory")
    p99 = np.log(100) * mean_ms
    ax.plot(100 * busy, p99, color=PINK, linestyle="--", label="p99, theory")
    if measured:
        shares = 100 * np.array(list(measured))
        look: Any = {"color": "black", "label": "mean, measured"}
        ax.plot(shares, 1e3 * np.array(list(measured.values())), "o", **look)
    draw_guess(ax, guess_ms, "ms")
    ax.axvline(50, color="black", linewidth=1, linestyle=":", label="the knee")
    ax.set(yscale="log", xlim=(0, 100))
    ax.yaxis.set_major_formatter("{x:g}")
    ax.set(xlabel="server busy (%)", ylabel="response time (ms, log scale)")
    ax.legend(loc="upper left")
    sentence = (
        "Two curves that rise slowly to the knee at 50 %, and without end to 100 %"
    )
    describe(ax, question, f"{sentence}; the p99 is 4.6 times the mean.")
    return ax


def _plain_numbers(ax: Axes) -> None:
    for axis in (ax.xaxis, ax.yaxis):
        axis.set_major_formatter("{x:g}")
        axis.set_minor_formatter(LogFormatter())  # 60, not 6 x 10^1


def _told(curves: Mapping[str, Any]) -> str:
    """Say what holds on every computer, of the first curve; name the others."""
    (first, curve), *others = curves.items()
    rates, waits = curve.throughput_rps, curve.p50_s
    gain, slower = (in_words(min(v[-1] / v[0], 9)) for v in (rates, waits))
    load = f"{curve.loads[-1] / curve.loads[0]:g} times the {curve.unit}"
    beside = f" Beside it: {' and '.join(name for name, _ in others)}." * bool(others)
    return f"{first}: {load}, {gain} the answers, {slower} the wait.{beside}"
