"""Between which two numbers does the truth lie? A share, and what it is worth.

Few labels say little: an interval says how little, as one number cannot.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.stats import norm


def wilson_interval(
    successes: float, n: float, *, level: float = 0.95
) -> tuple[float, float]:
    """Return the shares that `successes` of `n` are compatible with (Wilson, 1927).

    It stays within 0 and 1, and is wide for a small n.
    """
    if not (n > 0 and 0 <= successes <= n and 0 < level < 1):
        raise ValueError(f"no share and level: {successes} of {n}, level {level}")
    z = float(norm.ppf((1 + level) / 2))
    share, pull = successes / n, z * z / n
    centre = (share + pull / 2) / (1 + pull)
    half = z / (1 + pull) * math.sqrt(share * (1 - share) / n + pull / (4 * n))
    # rounding may leave 0 of n at 1e-17: the ends are exact there
    low = 0.0 if successes == 0 else max(0.0, centre - half)
    return low, 1.0 if successes == n else min(1.0, centre + half)


@dataclass(frozen=True)
class Share:
    """So many of so many, and what that says of the true share."""

    successes: int
    n: int

    @property
    def value(self) -> float:
        """The share that was seen."""
        return self.successes / self.n

    @property
    def interval(self) -> tuple[float, float]:
        """The shares it is compatible with: Wilson's interval at 95 %."""
        return wilson_interval(self.successes, self.n)

    def __repr__(self) -> str:
        low, high = self.interval
        return f"{self.value:.3f} ({low:.3f} to {high:.3f}, from {self.n})"


def rolling_shares(right: Sequence[bool] | np.ndarray, *, window: int) -> list[Share]:
    """Return the share of True in the last `window`, from the first full window on."""
    if not 1 <= window <= len(right):
        raise ValueError(f"a window of {window} does not fit into {len(right)} labels")
    grown = np.concatenate([[0], np.cumsum(right)])
    return [Share(int(n), window) for n in grown[window:] - grown[:-window]]


def paired_interval(
    gained: Any, lost: Any, n: Any, *, level: float = 0.95
) -> tuple[Any, Any]:
    """Return the interval of the difference in accuracy of two models on n cards.

    `gained` cards only the challenger has right, `lost` only the champion; numbers, or
    arrays of many trials. The adjusted Wald interval of Bonett and Price (2012): one
    card is added to each of both before the usual formula, so that few cards give a
    wide interval and not a sure one. Raises ValueError for impossible counts.
    """
    gained, lost, n = (np.asarray(each, dtype=float) for each in (gained, lost, n))
    if (np.minimum(gained, lost) < 0).any() or (gained + lost > n).any():
        message = "gained and lost must be 0 or more, and together at most n"
        raise ValueError(f"{message}, got {gained}, {lost} and {n}")
    if (n < 1).any() or not 0 < level < 1:
        raise ValueError(f"n must be 1 or more and level 0 to 1, got {n} and {level}")
    up, down = (gained + 1) / (n + 2), (lost + 1) / (n + 2)
    half = norm.ppf((1 + level) / 2) * np.sqrt((up + down - (up - down) ** 2) / (n + 2))
    return np.maximum(up - down - half, -1.0), np.minimum(up - down + half, 1.0)
