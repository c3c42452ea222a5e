"""When should somebody be woken? When it matters, and while it still goes on."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.stats import binom

from lessonlib.evidence import counts, number, pairs, share, whole


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

    def __post_init__(self) -> None:
        share(self.budget, "budget")
        short = whole(self.short_min, "short_min", least=1)
        whole(self.long_min, "long_min", least=short)
        if not 0 < number(self.factor, "factor", low=0) * self.budget <= 1:
            message = f"no share of errors can reach {self.threshold:g}"
            raise ValueError(f"{message} and no less: choose another factor")

    @property
    def threshold(self) -> float:
        """The share of errors from which on a window is alarming."""
        return self.budget * self.factor

    def fires(self, errors: Sequence[int], total: Sequence[int]) -> np.ndarray:
        """Return for each minute whether the alarm is on, shape (n,), from counts."""
        each = _minute_by_minute(errors, total)
        both = (self.long_min, self.short_min)
        shares = [trailing_share(*each, minutes=minutes) for minutes in both]
        return np.minimum(*shares) >= self.threshold - 1e-12

    def false_alarm(self, *, healthy: float, per_minute: int) -> float:
        """Return the chance that a healthy minute alarms, from the binomial law.

        Errors are independent, at a rate of `healthy`; every minute has `per_minute`
        requests. Times the minutes of a week: the minutes of false alarm to expect.
        """
        healthy = number(healthy, "healthy", low=0, high=1)
        each = whole(per_minute, "per_minute", least=1)
        n_short, n_long = each * self.short_min, each * self.long_min
        least = [math.ceil(self.threshold * n - 1e-9) for n in (n_short, n_long)]
        in_short = np.arange(least[0], n_short + 1)
        rest = binom.sf(least[1] - in_short - 1, n_long - n_short, healthy)
        return float((binom.pmf(in_short, n_short, healthy) * rest).sum())


def trailing_share(
    errors: Sequence[int] | np.ndarray,
    total: Sequence[int] | np.ndarray,
    *,
    minutes: int,
) -> np.ndarray:
    """Return, for each minute, the share of errors in the last `minutes`.

    Before the window is full it holds what there is. No request, no error: 0. Raises
    ValueError for more errors than requests in a minute.
    """
    minutes, sums = whole(minutes, "minutes", least=1), []
    for each in _minute_by_minute(errors, total):
        grown = np.concatenate([np.zeros(minutes), np.cumsum(each)])
        sums.append(grown[minutes:] - grown[:-minutes])
    return sums[0] / np.maximum(sums[1], 1)


def _minute_by_minute(errors: Any, total: Any) -> tuple[np.ndarray, np.ndarray]:
    names = ("errors", "total")
    failed, asked = pairs(errors, total, names=names, read=(counts, counts))
    if (more := failed > asked).any():
        i = int(more.argmax())
        seen = f"{failed[i]} errors of {asked[i]} requests in minute {i}"
        raise ValueError(f"{seen}: count the errors among the requests")
    return failed, asked
