"""What did four load tests report? Answers a second, and the time of each."""

from dataclasses import dataclass
from typing import Any

from matplotlib.axes import Axes

from lessonlib.figures import MARKERS, describe, legend_below, looks, new_axes

CLIENTS = (1, 2, 4, 8, 16, 32)  # patient ones, without pauses
BESIDE: Any = {"xytext": (5, 5), "textcoords": "offset points", "fontsize": 8}
QUESTION = "Do more callers get more answers, or more waiting?"


@dataclass(frozen=True)
class Curve:
    """What a server did for each of CLIENTS."""

    answers_per_s: tuple[float, ...]
    response_ms: tuple[float, ...]


CURVES = {
    "A": Curve((45, 90, 178, 352, 371, 374), (22.2, 22.2, 22.5, 22.7, 43.1, 85.6)),
    "B": Curve((160, 270, 310, 255, 190, 120), (6.2, 7.4, 12.9, 31.4, 84.2, 267)),
    "C": Curve((80, 155, 290, 420, 470, 520), (12.5, 12.9, 13.8, 14.1, 14.9, 15.2)),
    "D": Curve((98, 104, 105, 106, 106, 106), (10.2, 19.2, 38.1, 75.5, 151, 302)),
}


def plot_curves() -> Axes:
    """Do more callers get more answers, or more waiting? Four curves, A to D."""
    ax = new_axes(None, QUESTION)
    for i, (_name, curve, look) in enumerate(looks(CURVES)):
        points = curve.answers_per_s, curve.response_ms
        ax.plot(*points, marker=MARKERS[i], linewidth=2, **look)
        for clients, rate, time_ms in zip(CLIENTS, *points, strict=True):
            ax.annotate(str(clients), (rate, time_ms), **BESIDE)
    ax.set(yscale="log", xlabel="answers a second", ylim=(5, 500))
    ax.set_ylabel("mean response time (ms, log scale)")
    ax.yaxis.set_major_formatter("{x:g}")
    legend_below(ax, columns=4)
    words = "Four lines, A to D, with a point for each of 1 to 32 clients."
    describe(ax, QUESTION, f"{words} The table below has the numbers.")
    return ax


def as_table() -> str:
    """Return the numbers: for each server the answers a second and the time of each."""
    lines = ["clients" + "".join(f"{name:>9}/s {name:>6} ms" for name in CURVES)]
    for i, clients in enumerate(CLIENTS):
        pairs = ((c.answers_per_s[i], c.response_ms[i]) for c in CURVES.values())
        columns = "".join(f"{rate:>11} {time:>9}" for rate, time in pairs)
        lines.append(f"{clients:>7}{columns}")
    return "\n".join(lines)
