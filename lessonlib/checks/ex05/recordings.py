"""What did four load tests record? Twenty seconds each, of a belt of 50 a second."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from matplotlib.axes import Axes

from lessonlib.figures import BLUE, ORANGE, describe, new_row

RATE, SECONDS, LIMIT_S = 50, 20, 0.050
QUESTION = "How long did each request take, by when it was due?"


@dataclass(frozen=True)
class Recording:
    """What became of each request: three arrays with an entry for each."""

    due_s: np.ndarray
    response_s: np.ndarray
    status: np.ndarray  # 200, or 503 where the server refused

    def __repr__(self) -> str:
        late, refused = self.response_s > LIMIT_S, self.status != 200
        return f"{len(late)} requests, {late.sum()} over 50 ms, {refused.sum()} refused"


def _usual(seed: int) -> tuple[np.ndarray, np.ndarray, np.random.Generator]:
    rng, due_s = np.random.default_rng(seed), np.arange(RATE * SECONDS) / RATE
    return due_s, rng.lognormal(np.log(0.006), 0.3, len(due_s)), rng


def _full(seed: int) -> Recording:
    """Return a recording in which the server gets a little too much from 9 s on."""
    due_s, response_s, _ = _usual(seed)
    queue_s = np.maximum(0, due_s - 9) * 0.04
    return Recording(due_s, response_s + queue_s, np.full(len(due_s), 200))


def _stalled(seed: int) -> Recording:
    due_s, response_s, _ = _usual(seed)
    wait_s = np.where(due_s >= 6, np.maximum(0, 6.7 - due_s), 0)
    return Recording(due_s, response_s + wait_s, np.full(len(due_s), 200))


def _pausing(seed: int) -> Recording:
    due_s, response_s, _ = _usual(seed)
    pause_s = np.where(np.arange(len(due_s)) % 125 == 60, 0.14, 0)
    return Recording(due_s, response_s + pause_s, np.full(len(due_s), 200))


def _refusing(seed: int) -> Recording:
    due_s, response_s, rng = _usual(seed)
    refused = rng.random(len(due_s)) < 0.05
    response_s = np.where(refused, 0.0015, response_s)
    return Recording(due_s, response_s, np.where(refused, 503, 200))


RECORDINGS = {
    "A": _pausing(51),
    "B": _full(52),
    "C": _refusing(53),
    "D": _stalled(54),
}


def plot_recordings() -> Axes:
    """How long did each request take? A panel for each server, crosses for refusals."""
    axes = new_row(len(RECORDINGS), QUESTION, size=(11, 3.2))
    for ax, (name, run) in zip(axes, RECORDINGS.items(), strict=True):
        good, time_ms = run.status == 200, 1e3 * run.response_s
        look: Any = {"alpha": 0.7, "markersize": 5}
        ax.plot(run.due_s[good], time_ms[good], ".", color=BLUE, **look)
        ax.plot(run.due_s[~good], time_ms[~good], "x", color=ORANGE, **look)
        ax.axhline(1e3 * LIMIT_S, color="black", linewidth=1.5)
        ax.set(title=name, xlabel="due (s from the start)", yscale="log")
        ax.set(ylim=(1, 1000), xticks=range(0, SECONDS + 1, 4))
        ax.yaxis.set_major_formatter("{x:g}")
        ax.label_outer()
    axes[0].set_ylabel("response time (ms, log scale)")
    names = ["answered", "refused", "50 ms"]
    axes[2].legend(axes[2].lines, names, loc="upper left", fontsize="small")
    late = "; ".join(f"{name}: {run}" for name, run in RECORDINGS.items())
    describe(axes[0], QUESTION, f"Four panels of dots. {late}.")
    return axes[0]
