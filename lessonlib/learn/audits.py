"""Which answers should a person check, and what do the checked ones say of all?

Who checks only doubtful answers sees a bad model; who looks only at the sure ones sees
a good one. A policy that gives *every* answer a known chance of being checked (its
propensity) can be undone: an answer with chance 1 in 20 speaks for twenty.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from lessonlib.evidence import flags, number, numbers, pairs, table, whole
from lessonlib.intervals import wilson_interval

_LEAST_CHANCE = 1e-9  # what was drawn with less would speak for the rest of the world


@dataclass(frozen=True)
class AuditPolicy:
    """Check every answer less sure than `doubt_below`, and a random `share` of all."""

    share: float
    doubt_below: float = 0.0

    def __post_init__(self) -> None:
        for name in ("share", "doubt_below"):
            number(getattr(self, name), name, low=0, high=1)

    def propensity(self, probabilities: np.ndarray) -> np.ndarray:
        """Return each answer's chance of being checked, (n,), from (n, classes)."""
        if not len(probabilities):
            return np.empty(0)
        chances = table(probabilities, "probabilities")
        if chances.min() < 0 or chances.max() > 1 + 1e-6:  # a sum may be a little more
            seen = f"{chances.min():g} to {chances.max():g}"
            raise ValueError(f"probabilities are 0 to 1, got {seen}: of a classifier?")
        sureness = chances.max(axis=1)
        return np.where(sureness < self.doubt_below, 1.0, self.share)

    def __repr__(self) -> str:
        doubtful = f"all below {self.doubt_below:g}, and " if self.doubt_below else ""
        return f"check {doubtful}{self.share:.0%} of the answers by lot"


def drawn(request_id: str, row: int, propensity: float) -> bool:
    """Return whether an answer is checked: with chance `propensity`, by lot.

    The lot is a hash of the request, so it is the same in every process, and nobody
    can choose it after the answer is known.
    """
    chance = number(propensity, "propensity", low=0, high=1)
    text = f"{request_id}:{whole(row, 'row')}".encode(errors="surrogatepass")
    digest = hashlib.blake2b(text, digest_size=8).digest()
    return int.from_bytes(digest, "big") / 2**64 < chance


@dataclass(frozen=True)
class Estimate:
    """An accuracy, the interval that it may lie in, and the answers it rests on."""

    value: float
    low: float
    high: float
    n: int

    def __repr__(self) -> str:
        spread = f"{self.low:.2f} to {self.high:.2f}"
        return f"{self.value:.2f} ({spread}), from {self.n} checked answers"


def weighted_accuracy(
    right: Sequence[bool] | np.ndarray, propensity: Sequence[float] | np.ndarray
) -> Estimate:
    """Return the accuracy of *all* answers, from those that were drawn and checked.

    `right` and the `propensity` of each checked answer have shape (n,). Each weighs
    1 / propensity (Hajek's estimate). The interval is Wilson's at 95 %, for the number
    of equally weighted answers that would know as much: (sum w)^2 / sum w^2 (Kish).
    Raises ValueError if nothing was checked, or if something had no chance to be.
    """
    right, chance = _checked(right, propensity)
    weight = 1 / chance
    value = float((weight * right).sum() / weight.sum())
    worth = weight.sum() ** 2 / (weight**2).sum()
    low, high = wilson_interval(value * worth, worth)
    return Estimate(value, float(low), float(high), len(right))


def _checked(
    right: Sequence[bool] | np.ndarray, propensity: Sequence[float] | np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    names = ("right", "propensity")
    right, chance = pairs(right, propensity, names=names, read=(flags, numbers))
    if not ((chance >= _LEAST_CHANCE) & (chance <= 1)).all():
        message = f"a propensity of {chance.min():g} to {chance.max():g}"
        raise ValueError(f"{message}: what was checked had a chance above 0, up to 1")
    return right.astype(float), chance
