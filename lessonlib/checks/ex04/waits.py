"""How long did the camera wait? An afternoon's replies, and their figure."""

import math

import numpy as np
from matplotlib.axes import Axes

from lessonlib.figures import COLOURS, STYLES, describe, new_axes

AFTERNOON = (  # how many replies, and the seconds between which they came
    (1700, 0.04, 0.3),
    (240, 0.7, 0.95),
    (60, math.inf, math.inf),
)


def afternoon() -> list[float]:
    """Return the seconds that 2,000 replies took; `inf` where none came."""
    rng = np.random.default_rng(4)
    parts = [
        np.full(count, low) if math.isinf(low) else rng.uniform(low, high, count)
        for count, low, high in AFTERNOON
    ]
    return [float(time_s) for time_s in rng.permutation(np.concatenate(parts))]


def draw_waits(times_s: list[float], deadline_s: float) -> Axes:
    """How many replies are late? A line for each timeout of 1, 2 and 3 tries."""
    question = "How many replies come too late for each timeout?"
    ax = new_axes(None, question)
    at_s = np.linspace(0, 1.05 * deadline_s, 1000)
    ax.plot(at_s, [_late(times_s, time_s) for time_s in at_s], color="black")
    found = []
    for n, colour, style in zip((1, 2, 3), COLOURS, STYLES, strict=False):
        timeout_s = deadline_s / n
        label = f"{n} {'try' if n == 1 else 'tries'}: {timeout_s:.2f} s each"
        ax.axvline(timeout_s, color=colour, linestyle=style, label=label)
        found.append(f"{_late(times_s, timeout_s):.0f} %")
    ax.set(xlabel="time (s)", ylabel="replies later than this (%)", ylim=(0, 18))
    ax.set_yticks(range(0, 19, 3))
    ax.grid(axis="y", alpha=0.3)
    ax.legend(loc="center right")
    late = f"later than the timeouts of 1, 2 and 3 tries come {', '.join(found)}"
    describe(ax, question, f"Of {len(times_s):,} replies, {late}.")
    return ax


def _late(times_s: list[float], time_s: float) -> float:
    return float(100 * np.mean(np.array(times_s) > time_s))
