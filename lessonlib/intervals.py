"""Between which two numbers does the truth lie? A share, and what it is worth.

Few labels say little: an interval says how little, as one number cannot.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.stats import norm

from lessonlib.evidence import EXACT, flags, number, numbers, share, whole
from lessonlib.rows import is_number


def wilson_interval(
    successes: float, n: float, *, level: float = 0.95
) -> tuple[float, float]:
    """Return the shares that `successes` of `n` are compatible with (Wilson, 1927).

    It stays within 0 and 1, and is wide for a small n. Raises ValueError for what
    cannot be a share, such as 6 of 5 or 0 of 0.
    """
    told = f"{successes} of {n}"
    n = number(n, f"n in {told}", low=0, high=EXACT)
    successes = number(successes, f"successes in {told}", low=0, high=EXACT)
    if not 0 < n >= successes:
        raise ValueError(f"{told} is no share: count again what was right, and of what")
    level = share(level, "level")
    z = float(norm.ppf((1 + level) / 2))
    seen, pull = successes / n, z * z / n
    centre = (seen + pull / 2) / (1 + pull)
    half = z / (1 + pull) * math.sqrt(seen * (1 - seen) / n + pull / (4 * n))
    # rounding may leave 0 of n at 1e-17: the ends are exact there
    low = 0.0 if successes == 0 else max(0.0, centre - half)
    return low, 1.0 if successes == n else min(1.0, centre + half)


@dataclass(frozen=True)
class Share:
    """So many of so many, and what that says of the true share."""

    successes: int
    n: int

    def __post_init__(self) -> None:
        successes, n = whole(self.successes, "successes"), whole(self.n, "n", least=1)
        if successes > n:
            raise ValueError(f"{successes} of {n} is no share: count again")

    @property
    def value(self) -> float:
        """The share that was seen."""
        return int(self.successes) / int(self.n)  # 8 bits would be too few to divide

    @property
    def interval(self) -> tuple[float, float]:
        """The shares it is compatible with: Wilson's interval at 95 %."""
        return wilson_interval(self.successes, self.n)

    def __repr__(self) -> str:
        low, high = self.interval
        return f"{self.value:.3f} ({low:.3f} to {high:.3f}, from {self.n})"


def rolling_shares(right: Sequence[bool] | np.ndarray, *, window: int) -> list[Share]:
    """Return the share of True in the last `window`, from the first full window on."""
    labels, window = flags(right, "right"), whole(window, "a window of labels")
    if not 1 <= window <= len(labels):
        raise ValueError(f"a window of {window} does not fit into {len(labels)} labels")
    grown = np.concatenate([[0], np.cumsum(labels)])
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
    gained, lost, n = _cards(gained, lost, n)
    up, down = (gained + 1) / (n + 2), (lost + 1) / (n + 2)
    z = norm.ppf((1 + share(level, "level")) / 2)
    half = z * np.sqrt((up + down - (up - down) ** 2) / (n + 2))
    return np.maximum(up - down - half, -1.0), np.minimum(up - down + half, 1.0)


def _cards(*given: Any) -> list[np.ndarray]:
    """Return gained, lost and n as arrays of one length, and a number as one."""
    ends: Any = {"low": 0, "high": EXACT}
    found = []
    for name, value in zip(("gained", "lost", "n"), given, strict=True):
        alone = is_number(value) or isinstance(value, np.ndarray) and not value.ndim
        found.append(np.asarray((number if alone else numbers)(value, name, **ends)))
    if len({each.shape for each in found if each.ndim}) > 1:
        shapes = [each.shape for each in found]
        raise ValueError(f"gained, lost and n must be of one length, got {shapes}")
    gained, lost, n = found
    if (n < 1).any() or (gained + lost > n).any():
        message = "gained and lost must be together at most n, and n 1 or more"
        raise ValueError(f"{message}, got {gained}, {lost} and {n}")
    return found
