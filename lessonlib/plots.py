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
    COLOURS,
    MARKERS,
    PINK,
    describe,
    in_words,
    looks,
    new_axes,
    new_row,
)
from lessonlib.latency import percentile


def plot_cards(
    rows: np.ndarray,
    answers: Sequence[Any],
    sureness: Sequence[float],
    names: Sequence[str],
) -> np.ndarray:
    """What does the model say of each card? `rows` has shape (n, 64)."""
    question = "What does the model say of these cards?"
    axes = new_row(len(rows), question, size=(1.7 * len(rows), 2.9))
    said = []
    for ax, row, answer, sure, name in zip(
        axes, rows, answers, sureness, names, strict=True
    ):
        ax.imshow(np.reshape(row, (8, 8)), cmap="gray_r", vmin=0, vmax=16)
        ax.set(xticks=[], yticks=[], title=f'"{answer}"\n{sure:.0%} sure', xlabel=name)
        said.append(f"{name}: {answer}, {sure:.0%} sure")
    describe(axes[0], question, f"{'; '.join(said)}.")
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
        label = f"your guess: {guess:g} of one digit"
        ax.axhline(guess, color=PINK, linestyle="--", linewidth=2, label=label)
        ax.legend()
    ax.set(xlabel="digit that the model answers", ylabel="cards", xticks=range(10))
    most, share = counts.argmax(), counts.max() / len(answers)
    told = f"{share:.0%} of them get {most}; {(counts == 0).sum()} digits get none"
    describe(ax, question, f"A bar for each digit: {told}.")
    return ax


def plot_formats(
    size_bytes: Mapping[str, float],
    load_s: Mapping[str, float],
    *,
    ax: Axes | None = None,
) -> Axes:
    """Is a smaller file a faster one? Both arguments are keyed by the format's name."""
    question = "Does a smaller file load faster?"
    ax = new_axes(ax, question)
    for i, name in enumerate(size_bytes):
        x, y = size_bytes[name] / 1e3, 1e3 * load_s[name]
        ax.scatter(x, y, s=60, color=COLOURS[i % 4], marker=MARKERS[i % 4])
        ax.annotate(name, (x, y), xytext=(8, 4), textcoords="offset points")
    ax.set(xlabel="file size (kB, log scale)", ylabel="load time (ms, log scale)")
    ax.set(xscale="log", yscale="log")
    ax.margins(x=0.2, y=0.2)
    order = sorted(size_bytes, key=lambda name: size_bytes[name])
    smallest, largest = order[0], order[-1]
    gain = in_words(size_bytes[largest] / size_bytes[smallest])
    fact = f"the file of {largest} is {gain} the size of {smallest}'s"
    slower = (
        "does not load faster" if load_s[smallest] > load_s[largest] else "loads faster"
    )
    sentence = (
        f"{len(order)} formats; {fact}, and the smallest {slower} than the largest."
    )
    describe(ax, question, sentence)
    return ax


def plot_zoo(
    statuses: Mapping[str, Mapping[str, int]], *, ax: Axes | None = None
) -> Axes:
    """Which odd requests get through? `statuses[app][request]` is an HTTP status."""
    question = "Which odd requests get through?"
    requests = list(next(iter(statuses.values())))
    ax = new_axes(ax, question, size=(6.5, 0.32 * len(requests) + 1.4))
    kinds = {
        2: ("#F0E442", "answered"),
        4: ("#56B4E9", "refused"),
        5: ("#D55E00", "crashed"),
    }
    counts = []
    for x, (app, row) in enumerate(statuses.items()):
        for y, request in enumerate(requests):
            colour = kinds[row[request] // 100][0]
            ax.add_patch(plt.Rectangle((x, y), 0.96, 0.92, color=colour))
            word = f"{row[request]} {kinds[row[request] // 100][1]}"
            ax.text(x + 0.48, y + 0.46, word, ha="center", va="center", fontsize=9)
        tally = {
            word: sum(status // 100 == kind for status in row.values())
            for kind, (_, word) in kinds.items()
        }
        counts.append(
            f"{app}: " + ", ".join(f"{n} {word}" for word, n in tally.items())
        )
    ax.set(xlim=(0, len(statuses)), ylim=(len(requests), 0))
    ax.set_xticks(np.arange(len(statuses)) + 0.48, list(statuses))
    ax.set_yticks(np.arange(len(requests)) + 0.46, requests)
    ax.tick_params(length=0)
    ax.spines[:].set_visible(False)
    describe(ax, question, f"{len(requests)} requests. {'; '.join(counts)}.")
    return ax


def plot_owners(
    events: Sequence[tuple[str, str, str]], *, ax: Axes | None = None
) -> Axes:
    """Who answers at the port? `events` are (what was run, fate, who answers)."""
    question = "Who answers at the port?"
    ax = new_axes(ax, question, size=(7, 2.6))
    owners = list(dict.fromkeys(owner for *_, owner in events))
    for x, (action, fate, owner) in enumerate(events):
        lane = owners.index(owner)
        look: Any = {
            "facecolor": COLOURS[lane % 4],
            "edgecolor": "white",
            "alpha": 0.85,
        }
        ax.add_patch(plt.Rectangle((x, 0.1), 0.98, 0.8, **look))
        words = f"{action}\n{fate}\n{owner} answers"
        ax.text(x + 0.49, 0.5, words, ha="center", va="center", color="white")
    ax.set(xlim=(0, len(events)), ylim=(0, 1), xlabel="time (one box a cell run)")
    ax.set(xticks=[], yticks=[])
    told = "; ".join(
        f"{action}: {fate}, {owner} answers" for action, fate, owner in events
    )
    describe(ax, question, f"{told}.")
    return ax


def plot_responses(
    runs: Mapping[str, Any], *, guess_ms: float | None = None, ax: Axes | None = None
) -> Axes:
    """When was it slow, and for whom? `runs` are LoadRuns by name."""
    question = "How long did each request take, by when it was due?"
    ax = new_axes(ax, question)
    for i, (_name, run, look) in enumerate(looks(runs)):
        look |= {"linestyle": "none", "marker": MARKERS[i % 4], "markersize": 3}
        ax.plot(run.due_s, 1e3 * run.response_s, **look)
    _draw_guess(ax, guess_ms)
    ax.set(xlabel="due (s from the start)", ylabel="response time (ms, log scale)")
    ax.set_yscale("log")
    ax.legend()
    slow = {name: (run.response_s > 0.1).sum() for name, run in runs.items()}
    most, least = max(slow, key=lambda n: slow[n]), min(slow, key=lambda n: slow[n])
    share = in_words(slow[most] / max(slow[least], 1))
    sentence = f"{len(runs)} series; {most} has {share} as many requests above 100 ms"
    describe(ax, question, f"{sentence} as {least}.")
    return ax


def plot_percentiles(
    runs: Mapping[str, Any],
    *,
    slo_s: float | None = None,
    guess_ms: float | None = None,
    ax: Axes | None = None,
) -> Axes:
    """How slow are the slowest? LoadRuns by name; the x axis is 1 / (1 - p)."""
    question = "How slow are the slowest requests?"
    ax = new_axes(ax, question)
    for _name, run, look in looks(runs):
        n = len(run.response_s)
        share = (
            np.arange(n) / n
        )  # of requests that were faster: up to 1 - 1/n, no further
        ax.plot(1 / (1 - share), 1e3 * np.sort(run.response_s), **look)
    if slo_s is not None:
        ax.axhline(
            1e3 * slo_s, color="black", linewidth=1, label=f"SLO: {1e3 * slo_s:g} ms"
        )
    _draw_guess(ax, guess_ms)
    ax.set(xscale="log", yscale="log", ylabel="response time (ms, log scale)")
    ax.set_xlabel("percentile (log scale of how rare)")
    ticks = {"0": 1, "50": 2, "90": 10, "99": 100, "99.9": 1000}
    ax.set_xticks(list(ticks.values()), list(ticks))
    ax.minorticks_off()
    ax.legend()
    p99 = {name: percentile(run.response_s, 99) for name, run in runs.items()}
    most, least = max(p99, key=lambda n: p99[n]), min(p99, key=lambda n: p99[n])
    ratio = in_words(p99[most] / p99[least])
    sentence = f"{len(runs)} curves; the p99 of {most} is {ratio} that of {least}."
    describe(ax, question, sentence)
    return ax


def plot_heatmap(run: Any, *, ax: Axes | None = None) -> Axes:
    """Which times happened when? A LoadRun as counts over time and response time."""
    question = "Which response times happened when?"
    ax = new_axes(ax, question)
    times_ms = 1e3 * run.response_s
    edges_ms = np.geomspace(times_ms.min(), times_ms.max() * 1.01, 25)
    edges_s = np.linspace(0, run.due_s.max() * 1.001, 41)
    counts, *_ = np.histogram2d(run.due_s, times_ms, bins=(edges_s, edges_ms))
    mesh = ax.pcolormesh(
        edges_s, edges_ms, np.where(counts > 0, counts, np.nan).T, cmap="viridis_r"
    )
    ax.figure.colorbar(mesh, label="requests", ax=ax)
    ax.set(xlabel="due (s from the start)", ylabel="response time (ms, log scale)")
    ax.set_yscale("log")
    spread = in_words(times_ms.max() / np.median(times_ms))
    sentence = f"Requests over time; the slowest took {spread} as long as the median."
    describe(ax, question, sentence)
    return ax


def _draw_guess(ax, guess_ms):
    if guess_ms is not None:
        label = f"your guess: {guess_ms:g} ms"
        ax.axhline(guess_ms, color=PINK, linestyle="--", linewidth=2, label=label)
