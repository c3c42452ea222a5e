"""What does a dashboard show, and what not? Takes results by attribute."""

from collections.abc import Mapping, Sequence
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes

from lessonlib.figures import (
    BLUE,
    GREEN,
    ORANGE,
    PINK,
    DescribedFigure,
    describe,
    draw_guess,
    legend_below,
    new_axes,
)

_A_DAY = 4  # windows, one a shift
_LIMIT_S = 0.050  # of the belt
_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")


def plot_dashboard(
    windows: Sequence[Any],
    shares: Sequence[Any],
    *,
    guess: float | None = None,
) -> np.ndarray:
    """Is the service well? Windows, and the accuracy of each as a Share; 4 Axes.

    Four windows make a day. `guess` is of an accuracy, from 0 to 1.
    """
    question = "Is the service well?"
    axes = _stack(4, question, size=(7.5, 7.5))
    at = _times(len(windows))
    look: Any = {"drawstyle": "steps-mid", "linewidth": 2, "color": BLUE}
    axes[0].plot(at, [window.requests for window in windows], **look)
    axes[0].set(ylabel="requests\nper shift", ylim=(0, None))
    axes[1].plot(
        at, [100 * window.errors / window.requests for window in windows], **look
    )
    axes[1].set(ylabel="errors (%)", ylim=(-2, 20))
    medians_ms = [1000 * window.latency.quantile(0.5) for window in windows]
    axes[2].plot(at, medians_ms, **look, label="median")
    axes[2].axhline(
        1000 * _LIMIT_S, color="black", label=f"limit: {1e3 * _LIMIT_S:g} ms"
    )
    axes[2].set(ylabel="latency (ms)", ylim=(-60 * _LIMIT_S, 1200 * _LIMIT_S))
    values = np.array([share.value for share in shares])
    ends = np.array([share.interval for share in shares]).T
    marks: Any = {"fmt": "o", "color": ORANGE, "capsize": 3, "label": "seen"}
    axes[3].errorbar(at, values, np.abs(ends - values), **marks)
    draw_guess(axes[3], guess, "read right")
    axes[3].set(ylabel="accuracy,\nknown later", ylim=(-0.03, 1.08))
    axes[2].legend(loc="center left", framealpha=1)
    axes[3].legend(loc="lower left", framealpha=1)
    _days(axes[3], at)
    errors = "some" if any(window.errors for window in windows) else "no"
    side = "below" if max(medians_ms) < 1000 * _LIMIT_S else "not always below"
    low, high, day = values.min(), values.max(), _DAYS[int(at[values.argmin()])]
    sentence = (
        f"Four panels over {len(at)} shifts: {errors} errors, the median latency "
        f"{side} the limit, and accuracy from {low:.1f} to {high:.1f}, lowest on {day}."
    )
    describe(axes[0], question, sentence)
    return axes


def plot_inputs(windows: Sequence[Any]) -> np.ndarray:
    """Could anybody have seen it at once? Windows; 2 Axes, neither needs a label."""
    question = "Could anybody have seen it before the labels came?"
    axes = _stack(2, question, size=(7.5, 4.5))
    at = _times(len(windows))
    means = [window.mean_input for window in windows]
    sure = [window.sure for window in windows]
    axes[0].plot(at, means, "o-", color=GREEN)
    axes[0].set(ylabel="mean pixel", ylim=(0, 1.15 * max(means)))
    axes[1].plot(at, sure, "s--", color=PINK)
    axes[1].set(ylabel="share of sure answers", ylim=(-0.03, 1.03))
    _days(axes[1], at)
    jump = _DAYS[int(at[1 + np.argmin(np.diff(means))])]
    sentence = (
        f"Two panels over {len(at)} shifts: the mean pixel goes from {means[0]:.1f} to "
        f"{means[-1]:.1f}, the share of sure answers from {sure[0]:.1f} to "
        f"{sure[-1]:.1f}; both jump on {jump}."
    )
    describe(axes[0], question, sentence)
    return axes


def plot_buckets(
    times_s: np.ndarray,
    buckets: Any,
    *,
    q: float = 0.99,
    guess_ms: float | None = None,
    ax: Axes | None = None,
) -> Axes:
    """How far off is a percentile from buckets? Raw times, and their Buckets."""
    question = f"How far off is a p{100 * q:g} that comes from buckets?"
    ax = new_axes(ax, question)
    times_ms = 1000 * np.sort(times_s)
    share = 100 * np.arange(1, len(times_ms) + 1) / len(times_ms)
    ax.step(times_ms, share, where="post", color=BLUE, label="all times")
    ends_ms = 1000 * np.array([0.0, *buckets.upper_s[:-1]])
    counts = 100 * np.array([0, *buckets.at_most[:-1]]) / buckets.at_most[-1]
    look: Any = {"color": ORANGE, "linestyle": "--", "marker": "o"}
    ax.plot(ends_ms, counts, **look, label="from buckets")
    true_ms = float(times_ms[int(np.ceil(round(q * len(times_ms), 9))) - 1])
    read_ms = 1000 * buckets.quantile(q)
    for time_ms, colour, name in ((true_ms, BLUE, "true"), (read_ms, ORANGE, "read")):
        style = "-" if name == "true" else "--"
        label = f"{name}: {time_ms:.0f} ms"
        ax.axvline(time_ms, color=colour, linestyle=style, linewidth=1, label=label)
    if guess_ms is not None:
        label = f"your guess: {guess_ms:g} ms"
        ax.axvline(guess_ms, color=PINK, linestyle=":", linewidth=2, label=label)
    far = max(true_ms, read_ms, guess_ms or 0)
    ax.set(xlabel="time to answer (ms)", ylabel="answered by then (%)")
    ax.set(xlim=(0, 1.15 * far), ylim=(100 - 1000 * (1 - q), 100.5))
    legend_below(ax, columns=3)
    sentence = (
        f"Two curves: of all times, and straight lines between bucket ends; the first "
        f"reaches {100 * q:g} % at {true_ms:.0f} ms, the second at {read_ms:.0f} ms."
    )
    describe(ax, question, sentence)
    return ax


def plot_alerts(traces: Mapping[str, Any], rule: Any) -> np.ndarray:
    """Who is woken by what? Counts (errors, total) a minute by name, and a rule."""
    question = "Which of these wakes somebody?"
    axes = _stack(len(traces), question, size=(7.5, 2.1 * len(traces)))
    parts = []
    for ax, (name, (errors, total)) in zip(axes, traces.items(), strict=True):
        at = np.arange(len(errors))
        on = rule.fires(errors, total)
        share = 100 * np.asarray(errors) / np.maximum(total, 1)
        ax.plot(at, share, color=BLUE, linewidth=1, label="errors in a minute")
        limit = 100 * rule.threshold
        label = f"{rule.factor:g} x the budget"
        ax.axhline(limit, color="black", linestyle="--", linewidth=1, label=label)
        top = max(1.6 * limit, 1.1 * share.max())
        area: Any = {"color": ORANGE, "alpha": 0.5, "hatch": "//", "label": "alarm"}
        ax.fill_between(at, 0, top, where=on, step="mid", **area)
        ax.set(ylabel="errors (%)", ylim=(0, top))
        ax.set_title(name, loc="left", fontsize="medium")
        parts.append(f"{name} {int(on.sum())} minutes")
    axes[-1].set_xlabel("minute")
    handles, labels = axes[0].get_legend_handles_labels()
    axes[-1].figure.legend(handles, labels, loc="outside lower center", ncols=3)
    sentence = f"{len(traces)} panels of errors a minute; alarm: {', '.join(parts)}."
    describe(axes[0], question, sentence)
    return axes


def _stack(n: int, question: str, *, size: tuple[float, float]) -> np.ndarray:
    kind: Any = {"FigureClass": DescribedFigure, "layout": "constrained"}
    figure, axes = plt.subplots(n, 1, figsize=size, sharex=True, **kind)
    figure.suptitle(question)
    return axes


def _times(n: int) -> np.ndarray:
    return (np.arange(n) + 0.5) / _A_DAY  # in days from the first midnight


def _days(ax: Axes, at: np.ndarray) -> None:
    days = int(np.ceil(len(at) / _A_DAY))
    ax.set_xticks(np.arange(days) + 0.5, [_DAYS[day % 7] for day in range(days)])
    ax.set(xlabel="day of the story", xlim=(0, days))
    for panel in ax.figure.axes:
        for day in range(1, days):
            panel.axvline(day, color="#DDDDDD", linewidth=1, zorder=0)
