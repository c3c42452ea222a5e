"""When should somebody be woken? When it matters, and while it still goes on."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.stats import binom


@dataclass(frozen=True)
class BurnRule:
    """Alarm when errors eat the budget `factor` times too fast, in both windows.

    The long window says that it matters, the short one that it still goes on. The
    budget is the share that the SLO allows to fail (Google, The Site Reliability
    Workbook, chapter 5: for a page 14.4 times, in an hour and in 5 minutes).
    """

    budget: float = 0.01
    factor: float = 14.4
    long_min: int = 60
    short_min: int = 5

    @property
    def threshold(self) -> float:
        """The share of errors from which on a window is alarming."""
        return self.budget * self.factor

    def fires(self, errors: Sequence[int], total: Sequence[int]) -> np.ndarray:
        """Return for each minute whether the alarm is on, shape (n,), from counts."""
        both = (self.long_min, self.short_min)
        shares = [trailing_share(errors, total, minutes=minutes) for minutes in both]
        return np.minimum(*shares) >= self.threshold - 1e-12

    def false_alarm(self, *, healthy: float, per_minute: int) -> float:
        """Return the chance that a healthy minute alarms, from the binomial law.

        Errors are independent, at a rate of `healthy`; every minute has `per_minute`
        requests. Times the minutes of a week: the minutes of false alarm to expect.
        """
        n_short, n_long = (per_minute * m for m in (self.short_min, self.long_min))
        least = [math.ceil(self.threshold * n - 1e-9) for n in (n_short, n_long)]
        in_short = np.arange(least[0], n_short + 1)
        rest = binom.sf(least[1] - in_short - 1, n_long - n_short, healthy)
        return float((binom.pmf(in_short, n_short, healthy) * rest).sum())


def trailing_share(
    errors: Sequence[int], total: Sequence[int], *, minutes: int
) -> np.ndarray:
    """Return, for each minute, the share of errors in the last `minutes`.

    Before the window is full it holds what there is. No request, no error: 0.
    """
    sums = []
    for counts in (errors, total):
        grown = np.concatenate([np.zeros(minutes), np.cumsum(counts)])
        sums.append(grown[minutes:] - grown[:-minutes])
    return sums[0] / np.maximum(sums[1], 1)
