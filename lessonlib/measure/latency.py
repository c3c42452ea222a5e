"""How is a long tail described? By times that happened, never by a mean alone."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.stats import binom

from lessonlib.evidence import number, numbers, share, whole

# Found with simulated queues, whose true percentiles are known: see
# tests/benchmarks/intervals.py
_FEWEST_MOMENTS = 10


def percentile(times: Sequence[float] | np.ndarray, p: float) -> float:
    """Return the time that at least `p` percent of `times` do not exceed.

    It is one of `times` (the nearest rank; nothing is blended). Raises ValueError if
    `times` is empty or has a NaN, or if `p` is not above 0 and at most 100.
    """
    ordered, p = _ordered(times), number(p, "p", low=0, high=100)
    if p == 0:
        raise ValueError("p must be above 0 and at most 100, got 0")
    # 4.4 * 750 / 100 is 33, but a computer finds 33.00000000000001: hence the rounding
    rank = max(1, math.ceil(round(p * len(ordered) / 100, 9)))
    return float(ordered[rank - 1])  # ranks count from 1, arrays from 0


def _ordered(times: Sequence[float] | np.ndarray) -> np.ndarray:
    # a NaN would hide at the end; what never came took infinitely long
    return np.sort(numbers(times, "times", low=-math.inf, high=math.inf))


def percentile_interval(
    times: Sequence[float] | np.ndarray, p: float, *, confidence: float = 0.95
) -> tuple[float, float]:
    """Return two of `times` that enclose the true percentile, if independent.

    How many of n times fall below the true percentile is binomial (n, p / 100), so its
    quantiles are the ranks to look up (Hahn and Meeker, Statistical Intervals, ch. 5).
    Where n is too small to bound it, the lower end is 0 or the upper end infinite.
    Requests that queue behind each other are not independent: then the interval is far
    too narrow.
    """
    ordered, tail = _ordered(times), (1 - share(confidence, "confidence")) / 2
    percentile(ordered, p)  # the same complaints about a bad p
    low = int(binom.ppf(tail, len(ordered), p / 100))
    high = int(binom.ppf(1 - tail, len(ordered), p / 100)) + 1
    lower = float(ordered[low - 1]) if low >= 1 else 0.0
    upper = float(ordered[high - 1]) if high <= len(ordered) else math.inf
    return lower, upper


@dataclass(frozen=True)
class BlockInterval:
    """Where a percentile may truly lie, and in how many moments its tail happened."""

    p: float
    low_s: float
    high_s: float
    moments: int  # blocks with one of the slowest requests in them

    @property
    def trusted(self) -> bool:
        """Whether the slowest requests happened in enough separate moments."""
        return self.moments >= _FEWEST_MOMENTS

    def __repr__(self) -> str:
        ends = f"{1000 * self.low_s:.1f} and {1000 * self.high_s:.1f} ms"
        words = f"p{self.p:g} between {ends}"
        if self.trusted:
            return words
        rare = f"the slowest {100 - self.p:g} % came in {self.moments} moments only"
        return f"{words}; do not trust it:\n  {rare}, take a longer run, or several"


def block_interval(
    times: Sequence[float] | np.ndarray,
    p: float,
    *,
    confidence: float = 0.95,
    blocks: int = 50,
) -> BlockInterval:
    """Return where the true percentile may lie, if slow times come in bunches.

    `times` stand in the order in which they were due. They are cut into blocks, longer
    than a bunch is hoped to be, and runs made of random blocks give other percentiles
    (circular block bootstrap, Politis and Romano 1992). Near saturation no interval
    from one run can be trusted: then the slowest happened in very few moments.
    """
    in_order = numbers(times, "times", low=-math.inf, high=math.inf)
    level, confidence = percentile(in_order, p), share(confidence, "confidence")
    n, rng = len(in_order), np.random.default_rng(0)  # same times, same ends
    block = max(1, n // whole(blocks, "blocks", least=1))
    drawn = []
    for _ in range(500):
        begins = rng.integers(0, n, size=(math.ceil(n / block), 1))
        places = (begins + np.arange(block)).ravel()[:n] % n  # a circle: no end is rare
        drawn.append(percentile(in_order[places], p))
    moments = len(set(np.flatnonzero(in_order >= level) // block))
    low, high = (percentile(drawn, 50 * (1 + side * confidence)) for side in (-1, 1))
    return BlockInterval(p, low, high, moments)


@dataclass(frozen=True)
class Summary:
    """Response times in one line. All in seconds; printed in milliseconds."""

    n: int
    p50_s: float
    p95_s: float
    p99_s: float
    max_s: float

    @classmethod
    def of(cls, times: Sequence[float] | np.ndarray) -> "Summary":
        """Return the summary of `times` in seconds; ValueError if there are none."""
        ordered = _ordered(times)
        return cls(len(ordered), *(percentile(ordered, p) for p in (50, 95, 99, 100)))

    def __repr__(self) -> str:
        times_s = (self.p50_s, self.p95_s, self.p99_s, self.max_s)
        named = zip(("p50", "p95", "p99", "max"), times_s, strict=True)
        shown = ", ".join(f"{name} {1000 * time_s:.1f} ms" for name, time_s in named)
        return f"{self.n} times: {shown}"
