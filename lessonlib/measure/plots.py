"""How do response times look? By when they were due, and by rank."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import LogFormatter

from lessonlib.figures import (
    MARKERS,
    describe,
    draw_guess,
    draw_star,
    in_words,
    legend_below,
    looks,
    new_axes,
)


def plot_responses(
    runs: Mapping[str, Any],
    *,
    slo_s: float = 0.050,
    guess_ms: float | None = None,
    ax: Axes | None = None,
) -> Axes:
    """When was it slow, and for whom? `runs` are LoadRuns by name."""
    question = "How long did each request take, by when it was due?"
    ax = new_axes(ax, question)
    for i, (_name, run, look) in enumerate(looks(runs)):
        look |= {"linestyle": "none", "marker": MARKERS[i % 4], "markersize": 5}
        ax.plot(run.due_s, 1e3 * run.response_s, alpha=0.6, **look)
    draw_guess(ax, guess_ms, "ms")
    ax.set_xlabel("due (s from the start)")
    _response_axis(ax, slo_s)
    slow = {name: (run.response_s > slo_s).sum() for name, run in runs.items()}
    most, least = _extremes(slow)
    share = in_words(slow[most] / max(slow[least], 1))
    sentence = f"{len(runs)} series of dots; {most} has {share} as many requests above"
    describe(ax, question, f"{sentence} the {1e3 * slo_s:g} ms line as {least}.")
    return ax


def plot_percentiles(
    runs: Mapping[str, Any],
    *,
    slo_s: float = 0.050,
    guess_ms: float | None = None,
    ax: Axes | None = None,
) -> Axes:
    """How slow are the slowest? LoadRuns by name; `guess_ms` is of a p99."""
    question = "How slow are the slowest requests?"
    ax = new_axes(ax, question)
    for _name, run, look in looks(runs):
        n = len(run.response_s)
        share = np.arange(n) / n  # of requests that were faster: no further than 1-1/n
        ax.plot(1 / (1 - share), 1e3 * np.sort(run.response_s), linewidth=2, **look)
    draw_star(ax, (100, guess_ms or 0), guess_ms, "ms")
    ticks = {"0": 1, "50": 2, "90": 10, "95": 20, "99": 100, "99.9": 1000}
    ax.set(xscale="log", xlabel="percentile (the rarer, the further right; log scale)")
    ax.set_xticks(list(ticks.values()), list(ticks))
    ax.set_xticks([], minor=True)
    ax.set_xlim(1, max(200, *(1.1 * len(run.response_s) for run in runs.values())))
    ax.grid(axis="x", color="#DDDDDD")
    _response_axis(ax, slo_s)
    p99 = {name: run.percentile(99) for name, run in runs.items()}
    most, least = _extremes(p99)
    ratio = in_words(p99[most] / p99[least])
    sentence = f"{len(runs)} curves; the p99 of {most} is {ratio} that of {least}."
    describe(ax, question, sentence)
    return ax


def _response_axis(ax: Axes, slo_s: float) -> None:
    label = f"SLO: {1e3 * slo_s:g} ms"
    ax.axhline(1e3 * slo_s, color="black", linewidth=1.5, label=label)
    ax.set(yscale="log", ylabel="response time (ms, log scale)")
    ax.yaxis.set_major_formatter("{x:g}")
    ax.yaxis.set_minor_formatter(LogFormatter())  # 20, not 2 x 10^1
    legend_below(ax, columns=4)


def _extremes(values: dict[str, Any]) -> tuple[str, str]:
    names = list(values)
    most = max(names, key=lambda name: values[name])
    return most, min(reversed(names), key=lambda name: values[name])
