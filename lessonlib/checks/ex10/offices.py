"""What do five offices' A/A tests look like? One model in both arms, and no winner."""

from functools import cache

import numpy as np
from matplotlib.axes import Axes
from scipy import stats

from lessonlib.figures import BLUE, describe, new_row

TESTS = 1000  # of each office
RIGHT = 0.93
HIGHEST = 300  # that a bar is drawn
QUESTION = "How are the p-values of 1,000 A/A tests spread?"


@cache
def offices() -> dict[str, np.ndarray]:
    """Return for each office the p-values that its A/A tests ended with."""
    makers = {"A": _senders, "B": _once, "C": _silence, "D": _daily, "E": _shadow}
    rng = np.random.default_rng(10)
    return {name: make(rng) for name, make in makers.items()}


def _p_values(control: np.ndarray, treatment: np.ndarray, n: int) -> np.ndarray:
    pooled = (control + treatment) / 2
    z = (treatment - control) / np.sqrt(2 * pooled * (1 - pooled) / n)
    return np.asarray(2 * stats.norm.sf(abs(z)))


def _once(rng: np.random.Generator) -> np.ndarray:
    control, treatment = rng.binomial(2000, RIGHT, (2, TESTS)) / 2000
    return _p_values(control, treatment, 2000)


def _daily(rng: np.random.Generator) -> np.ndarray:
    parcels = np.arange(1, 21) * 100
    arms = rng.binomial(100, RIGHT, (2, TESTS, 20)).cumsum(axis=2) / parcels
    pooled = arms.mean(axis=0)
    z = (arms[1] - arms[0]) / np.sqrt(2 * pooled * (1 - pooled) / parcels)
    p = 2 * stats.norm.sf(abs(z))
    stop = np.where((p < 0.05).any(axis=1), (p < 0.05).argmax(axis=1), 19)
    return np.asarray(p[np.arange(TESTS), stop])


def _senders(rng: np.random.Generator) -> np.ndarray:
    accuracy = rng.beta(9.3, 0.7, (2, TESTS, 100))  # of each sender: some scrawl
    control, treatment = rng.binomial(20, accuracy).sum(axis=2) / 2000
    return _p_values(control, treatment, 2000)


def _shadow(rng: np.random.Generator) -> np.ndarray:
    both, one, other = 0.92, 0.01, 0.01  # read right by both copies, or by one
    shares = [both, one, other, 1 - both - one - other]
    both_n, one_n, other_n, _ = rng.multinomial(2000, shares, TESTS).T
    return _p_values((both_n + one_n) / 2000, (both_n + other_n) / 2000, 2000)


def _silence(rng: np.random.Generator) -> np.ndarray:
    control = rng.binomial(2000, RIGHT, TESTS) / 2000
    wrong = rng.binomial(2000, (1 - RIGHT) * 0.6, TESTS)  # the others never answered
    right = rng.binomial(2000, RIGHT, TESTS)
    return _p_values(control, right / (right + wrong), 2000)


def plot_offices() -> Axes:
    """How are the p-values of 1,000 A/A tests spread? Five offices, from A to E."""
    axes = new_row(len(offices()), QUESTION, size=(11, 2.9))
    for ax, (name, p) in zip(axes, offices().items(), strict=True):
        heights, *_ = ax.hist(p, bins=np.linspace(0, 1, 21), color=BLUE)
        if heights[0] > HIGHEST:
            ax.text(0.08, HIGHEST - 22, f"up to {heights[0]:.0f}")
        ax.axhline(TESTS / 20, color="black", linestyle="--", linewidth=1)
        ax.set(title=name, xlabel="p-value", xticks=[0, 0.5, 1], ylim=(0, HIGHEST))
    axes[0].set_ylabel("A/A tests")
    words = "; ".join(f"{name} {_heights(p)}" for name, p in offices().items())
    describe(axes[0], QUESTION, f"In fifths, from 0 to 1, in %: {words}.")
    return axes[0]


def _heights(p: np.ndarray) -> str:
    counts, _ = np.histogram(p, bins=np.linspace(0, 1, 6))
    return ", ".join(f"{100 * n / len(p):.0f}" for n in counts)


def table() -> str:
    """Return how many of each office's A/A tests came out below two limits."""
    lines = ["   p below 0.05  p below 0.001"]
    for name, p in offices().items():
        lines.append(f"{name}  {(p < 0.05).sum():12}  {(p < 0.001).sum():13}")
    return "\n".join(lines)
