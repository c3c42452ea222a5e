"""What if one looks while the experiment runs?"""

import math
from collections.abc import Sequence

import numpy as np
from scipy.stats import norm

from lessonlib.choose.arms import right_of
from lessonlib.choose.experiments import LEVEL
from lessonlib.evidence import beyond_chance, chances, counts, share, whole

_ENOUGH = 7 / 3  # right and wrong answers an arm, times log(alpha)^2: 21 at 5 %


def peeking_walks(
    rates: tuple[float, float],
    *,
    looks: Sequence[int],
    runs: int,
    seed: int,
) -> np.ndarray:
    """Return the p-value at each look of many simulated runs, shape (runs, looks).

    The units of an arm are right with its rate of `rates` (control, treatment). `looks`
    are how many units each arm has had by then, rising. The p-value is the pooled
    z-test's.
    """
    sizes, runs = counts(looks, "looks"), whole(runs, "runs", least=1)
    new = np.diff(sizes, prepend=0)[:, np.newaxis]  # units since the last look
    if len(both := chances(rates, "rates")) != 2 or (new < 1).any():
        raise ValueError(f"needs two rates, and looks that rise, got {rates}, {looks}")
    rng = np.random.default_rng(seed)
    right = rng.binomial(new, both, size=(runs, len(sizes), 2)).cumsum(axis=1)
    a, b = np.moveaxis(right / sizes[:, np.newaxis], 2, 0)
    pooled = (a + b) / 2
    spread = np.sqrt(2 * pooled * (1 - pooled) / sizes)
    z = np.divide(abs(b - a), spread, out=np.zeros_like(a), where=spread > 0)
    return 2 * norm.sf(z)


class SequentialTest:
    """A comparison of two rates at which one may look as often as one likes.

    Over all looks together a false winner comes up with a chance of at most `alpha`:
    the mixture sequential ratio test (Robbins 1970; Johari et al. 2017), in the form of
    an asymptotic confidence sequence (Waudby-Smith et al. 2021). It is sharpest near
    `planned` units an arm. With few units it would promise too much, so it says nothing
    until, by the rate of both together, the smaller arm has had enough right and wrong
    answers: 21 each at 5 %, 50 at 1 %, and up to twice as many in uneven arms.
    Simulated for an alpha of 0.1 % to 10 %, rates of 1 % to 99 %, arms up to 1 : 99,
    and a look at each unit.
    """

    def __init__(self, *, planned: int, alpha: float = LEVEL):
        planned = whole(planned, "planned", least=1)
        self.alpha, self.p_value, self.looks = share(alpha, "alpha"), 1.0, 0
        strict = -2 * math.log(alpha)
        # the mixture's spread for which the interval is narrowest at `planned`
        self._rho2 = (strict + math.log(strict + 1)) / planned
        self._right, self._n = np.zeros(2), np.zeros(2)

    def update(self, control: tuple[int, int], treatment: tuple[int, int]) -> float:
        """Add the *new* (right, of how many) of each arm, and return the p-value."""
        arms = right_of(control), right_of(treatment)
        self._right += [right for right, _ in arms]
        self._n += [n for _, n in arms]
        self.looks += 1
        if self._enough():
            difference, spread, grown = self._state()
            z2 = (difference / spread) ** 2
            log_ratio = z2 * grown / (1 + grown) / 2 - math.log1p(grown) / 2
            # evidence once seen is not unseen: hence the smallest so far
            self.p_value = min(self.p_value, math.exp(-log_ratio))
        return self.p_value

    def _enough(self) -> bool:
        right, (a, b) = sum(self._right.tolist()), self._n.tolist()
        n = max(a + b, 1)
        rarer = min(right, n - right) / n * min(a, b)
        # what makes the odds of few answers lopsided cancels out in even arms
        uneven = abs(a - b) / n
        return rarer >= _ENOUGH * math.log(self.alpha) ** 2 * (1 + uneven)

    def _state(self) -> tuple[float, float, float]:
        # one right and one wrong beforehand: ten right answers are no certainty yet
        rates = (self._right + 1) / (self._n + 2)
        spread = math.sqrt((rates * (1 - rates) / self._n).sum())
        units = 1 / (1 / self._n).mean()  # of an arm; uneven arms count for less
        difference = float(np.diff(self._right / self._n)[0])
        return difference, spread, units * self._rho2

    @property
    def interval(self) -> tuple[float, float]:
        """The interval of treatment minus control, now; all of them hold at once."""
        if not self._enough():
            return -1.0, 1.0
        difference, spread, grown = self._state()
        inside = (1 + 1 / grown) * (math.log1p(grown) - 2 * math.log(self.alpha))
        half = spread * math.sqrt(inside)
        return max(difference - half, -1.0), min(difference + half, 1.0)

    @property
    def decided(self) -> bool:
        """True once the p-value is at most alpha: it may stop, with a winner."""
        return bool(beyond_chance(self.p_value, self.alpha))

    def __repr__(self) -> str:
        low, high = self.interval
        word = "decided" if self.decided else "go on"
        ends = f"interval {low:+.3f} to {high:+.3f}"
        return f"after {self.looks} looks: {ends}, p {self.p_value:.3f}: {word}"
