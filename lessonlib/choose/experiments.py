"""Which of two models is better, how sure is that, and was it a fair comparison?"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy import stats

from lessonlib.choose.arms import is_constant, right_of, welch
from lessonlib.evidence import (
    beyond_chance,
    counts,
    flags,
    number,
    numbers,
    pairs,
    share,
    whole,
)
from lessonlib.intervals import paired_interval, wilson_interval

LEVEL = 0.05  # a difference with a p-value of at most that is called one
_UNFAIR = 0.001  # arms whose sizes are this unlikely give no verdict


@dataclass(frozen=True)
class SampleRatio:
    """Did the arms get the units they were to get? Rarely `fair` by bad luck alone."""

    n: tuple[int, ...]
    p_value: float

    @property
    def fair(self) -> bool:
        """False if sizes as uneven as these come up less than once in 1,000 times."""
        return not beyond_chance(self.p_value, _UNFAIR)

    def __repr__(self) -> str:
        word = "as planned" if self.fair else "not as planned: find out why first"
        sizes = " and ".join(f"{n:,}" for n in self.n)
        return f"{sizes} units, p {_p(self.p_value)}: {word}"


def sample_ratio_test(
    n: Sequence[int], *, planned: Sequence[float] | None = None
) -> SampleRatio:
    """Return whether the arms' sizes `n` fit the `planned` weights (default: equal).

    Pearson's chi-square test (Kohavi, Tang and Xu, Trustworthy Online Controlled
    Experiments, ch. 21).
    """
    sizes = counts(n, "sizes of the arms", least=2)
    weights = np.ones(len(sizes)) if planned is None else numbers(planned, "planned")
    if len(weights) != len(sizes) or weights.min() <= 0 or not sizes.sum():
        raise ValueError(
            f"needs a size >= 0 and a weight > 0 an arm, got {n}, {planned}"
        )
    expected = sizes.sum() * weights / weights.sum()
    p_value = float(stats.chisquare(sizes, expected).pvalue)
    return SampleRatio(tuple(sizes.tolist()), p_value)


@dataclass(frozen=True)
class Comparison:
    """Two arms in one sentence. `difference` is treatment minus control."""

    control: float
    treatment: float
    low: float  # the ends of the 95 % interval of the difference
    high: float
    p_value: float
    method: str
    ratio: SampleRatio

    def __post_init__(self) -> None:
        told = (self.control, self.treatment, self.low, self.high, self.p_value)
        if not np.isfinite(told).all():
            raise ValueError(f"{self.method} cannot tell which arm is better: {told}")

    @property
    def difference(self) -> float:
        """Treatment minus control."""
        return self.treatment - self.control

    @property
    def verdict(self) -> str:
        """ "treatment", "control", "open", or "withheld" if the arms are not fair."""
        if not self.ratio.fair:
            return "withheld"
        if not self.difference or not beyond_chance(self.p_value, LEVEL):
            return "open"
        return "treatment" if self.difference > 0 else "control"

    def __repr__(self) -> str:
        if not self.ratio.fair:
            return f"verdict withheld: {self.ratio}"
        ends = f"95 % interval {self.low:+.3f} to {self.high:+.3f} ({self.method})"
        words = {"open": "the question stays open"}
        verdict = words.get(self.verdict, f"{self.verdict} is better")
        return (
            f"treatment {self.treatment:.3f} against control {self.control:.3f}: "
            f"{self.difference:+.3f},\n  {ends}, p {_p(self.p_value)}: {verdict}"
        )


def _p(value: float) -> str:
    return f"{value:.3f}" if value >= 0.001 else f"{value:.2g}"


def compare_proportions(
    control: tuple[int, int],
    treatment: tuple[int, int],
    *,
    planned: Sequence[float] | None = None,
) -> Comparison:
    """Return which arm was right more often; each arm is (right, of how many).

    The p-value is the pooled z-test's; the interval is Newcombe's (1998, method 10),
    made of the two Wilson intervals. `planned` are the weights of the split.
    """
    (a, n), (b, m) = right_of(control, least=1), right_of(treatment, least=1)
    low_a, high_a = wilson_interval(a, n)
    low_b, high_b = wilson_interval(b, m)
    p, q = a / n, b / m
    low = q - p - math.hypot(q - low_b, high_a - p)
    high = q - p + math.hypot(high_b - q, p - low_a)
    pooled = (a + b) / (n + m)
    spread = math.sqrt(pooled * (1 - pooled) * (1 / n + 1 / m))
    z = abs(q - p) / spread if spread else 0.0  # all right, or all wrong: no difference
    fair = sample_ratio_test((n, m), planned=planned)
    return Comparison(p, q, low, high, 2 * stats.norm.sf(z), "Newcombe", fair)


def compare_means(
    control: np.ndarray,
    treatment: np.ndarray,
    *,
    planned: Sequence[float] | None = None,
) -> Comparison:
    """Return which arm's mean is higher; arms have shapes (n,) and (m,).

    Welch's t-test and interval, which do not take the arms' spreads to be equal. If no
    arm varies, equal arms leave the question open, and others raise ValueError: without
    any spread nobody can tell how far chance would move a mean.
    """
    a, b = (
        numbers(control, "control", least=2),
        numbers(treatment, "treatment", least=2),
    )
    fair = sample_ratio_test((len(a), len(b)), planned=planned)
    ends = (float(a.mean()), float(b.mean()), *welch(a, b, level=1 - LEVEL))
    return Comparison(*ends, "Welch", fair)


def mcnemar(control: np.ndarray, treatment: np.ndarray) -> Comparison:
    """Return which of two models was right more often on the *same* n units.

    Both are True or False for right or wrong, shape (n,). Only units on which the two
    differ say anything: the p-value is exact, a fair coin's. The interval is the one
    that a PromotionGate looks at.
    """
    names = ("control", "treatment")
    a, b = pairs(control, treatment, names=names, read=(flags, flags))
    n, only_a, only_b = len(a), int((a & ~b).sum()), int((b & ~a).sum())
    p_value = 1.0
    if only_a + only_b:
        p_value = float(stats.binomtest(only_b, only_a + only_b).pvalue)
    low, high = map(float, paired_interval(only_b, only_a, n))
    ends = (float(a.mean()), float(b.mean()), low, high)
    return Comparison(*ends, p_value, "paired", sample_ratio_test((n, n)))


def power(base: float, better: float, *, n: float) -> float:
    """Return the chance that n units an arm reveal `base` against `better`.

    The normal approximation of the two-sided z-test, as R's power.prop.test has it.
    """
    base, better = share(base, "base"), share(better, "better")
    n = number(n, "n", low=1)  # half a unit does no harm
    mean = (base + better) / 2
    apart, noise = math.sqrt(2 * mean * (1 - mean)), _noise(base, better)
    quantile = stats.norm.ppf(1 - LEVEL / 2)
    return float(
        stats.norm.cdf((math.sqrt(n) * abs(better - base) - quantile * apart) / noise)
    )


def sample_size(base: float, better: float, *, power: float = 0.8) -> int:
    """Return how many units *an arm* reveal the difference with this `power`."""
    base, better = share(base, "base"), share(better, "better")
    if base == better:
        raise ValueError(f"needs a difference to be found, got {base} twice")
    mean, aim = (base + better) / 2, stats.norm.ppf(share(power, "power"))
    apart, noise = math.sqrt(2 * mean * (1 - mean)), _noise(base, better)
    quantiles = stats.norm.ppf(1 - LEVEL / 2) * apart + aim * noise
    return math.ceil((quantiles / (better - base)) ** 2)


def _noise(base: float, better: float) -> float:
    return math.sqrt(base * (1 - base) + better * (1 - better))


def paired_power(
    only_control: float, only_treatment: float, *, n: int, alpha: float = LEVEL
) -> float:
    """Return the chance that `mcnemar` finds the difference on n units seen by both.

    The arguments are the shares of units that only one of the two gets right. Exact:
    summed over how many units differ, and how those fall.
    """
    only_control = number(only_control, "only_control", low=0, high=1)
    only_treatment = number(only_treatment, "only_treatment", low=0, high=1)
    differ, alpha = only_control + only_treatment, share(alpha, "alpha")
    if not 0 < differ <= 1:
        raise ValueError(f"shares of units, got {only_control} and {only_treatment}")
    k = np.arange(1, whole(n, "n", least=1) + 1)
    weight = stats.binom.pmf(k, n, differ)
    # the most that the smaller side may have for the coin to look unfair
    most = stats.binom.ppf(alpha / 2, k, 0.5)
    most -= stats.binom.cdf(most, k, 0.5) > alpha / 2
    of_it = only_treatment / differ
    tails = stats.binom.cdf(most, k, of_it) + stats.binom.sf(k - most - 1, k, of_it)
    return float(weight @ tails)


def cuped_adjust(outcome: np.ndarray, before: np.ndarray) -> np.ndarray:
    """Return outcomes, shape (n,), less what was known `before` the experiment.

    Hand in both arms together, so that both are adjusted alike. The mean stays; the
    variance falls by the squared correlation (Deng, Xu, Kohavi and Walker, 2013).
    """
    names = ("outcome", "before")
    y, x = pairs(outcome, before, names=names, read=(numbers, numbers))
    if is_constant(x):
        return y.copy()  # the same before for all: nothing to learn from it
    return y - np.cov(y, x)[0, 1] / x.var(ddof=1) * (x - x.mean())
