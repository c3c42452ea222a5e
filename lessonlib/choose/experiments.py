"""Which of two models is better, how sure is that, and was it a fair comparison?"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy import stats

from lessonlib.intervals import paired_interval, wilson_interval

LEVEL = 0.05  # a difference with a p-value below it is called one
_UNFAIR = 0.001  # arms whose sizes are this unlikely give no verdict


@dataclass(frozen=True)
class SampleRatio:
    """Did the arms get the units they were to get? Rarely `fair` by bad luck alone."""

    n: tuple[int, ...]
    p_value: float

    @property
    def fair(self) -> bool:
        """False if sizes as uneven as these come up less than once in 1,000 times."""
        return self.p_value >= _UNFAIR

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
    weights = np.ones(len(n)) if planned is None else np.asarray(planned, dtype=float)
    if len(weights) != len(n) or weights.min() <= 0 or min(n) < 0 or not sum(n):
        raise ValueError(
            f"needs a size >= 0 and a weight > 0 an arm, got {n}, {planned}"
        )
    expected = sum(n) * weights / weights.sum()
    return SampleRatio(tuple(n), float(stats.chisquare(n, expected).pvalue))


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

    @property
    def difference(self) -> float:
        """Treatment minus control."""
        return self.treatment - self.control

    @property
    def verdict(self) -> str:
        """ "treatment", "control", "open", or "withheld" if the arms are not fair."""
        if not self.ratio.fair:
            return "withheld"
        if self.p_value >= LEVEL:
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
    (a, n), (b, m) = control, treatment
    if not (0 <= a <= n and 0 <= b <= m and n and m):
        raise ValueError(f"an arm is (right, of how many), got {control}, {treatment}")
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

    Welch's t-test and interval, which do not take the arms' spreads to be equal.
    """
    a, b = np.asarray(control, dtype=float), np.asarray(treatment, dtype=float)
    if min(len(a), len(b)) < 2:
        raise ValueError(f"needs two or more an arm, got {len(a)} and {len(b)}")
    test = stats.ttest_ind(b, a, equal_var=False)
    low, high = test.confidence_interval(1 - LEVEL)
    fair = sample_ratio_test((len(a), len(b)), planned=planned)
    ends = (float(a.mean()), float(b.mean()), float(low), float(high))
    return Comparison(*ends, float(test.pvalue), "Welch", fair)


def mcnemar(control: np.ndarray, treatment: np.ndarray) -> Comparison:
    """Return which of two models was right more often on the *same* n units.

    Both are True or False for right or wrong, shape (n,). Only units on which the two
    differ say anything: the p-value is exact, a fair coin's. The interval is the one
    that a PromotionGate looks at.
    """
    a, b = np.asarray(control, dtype=bool), np.asarray(treatment, dtype=bool)
    if a.shape != b.shape or a.ndim != 1 or not len(a):
        raise ValueError(
            f"needs one answer of each on a unit, got {a.shape}, {b.shape}"
        )
    n, only_a, only_b = len(a), int((a & ~b).sum()), int((b & ~a).sum())
    p_value = 1.0
    if only_a + only_b:
        p_value = float(stats.binomtest(only_b, only_a + only_b).pvalue)
    low, high = map(float, paired_interval(only_b, only_a, n))
    ends = (float(a.mean()), float(b.mean()), low, high)
    return Comparison(*ends, p_value, "paired", sample_ratio_test((n, n)))


def power(base: float, better: float, *, n: int) -> float:
    """Return the chance that n units an arm reveal `base` against `better`.

    The normal approximation of the two-sided z-test, as R's power.prop.test has it.
    """
    _check_rates(base, better)
    mean = (base + better) / 2
    apart, noise = math.sqrt(2 * mean * (1 - mean)), _noise(base, better)
    quantile = stats.norm.ppf(1 - LEVEL / 2)
    return float(
        stats.norm.cdf((math.sqrt(n) * abs(better - base) - quantile * apart) / noise)
    )


def sample_size(base: float, better: float, *, power: float = 0.8) -> int:
    """Return how many units *an arm* reveal the difference with this `power`."""
    _check_rates(base, better)
    if base == better or not 0 < power < 1:
        raise ValueError(f"needs a difference and a power below 1, got {base}, {power}")
    mean = (base + better) / 2
    apart, noise = math.sqrt(2 * mean * (1 - mean)), _noise(base, better)
    quantiles = stats.norm.ppf(1 - LEVEL / 2) * apart + stats.norm.ppf(power) * noise
    return math.ceil((quantiles / (better - base)) ** 2)


def _check_rates(base: float, better: float) -> None:
    if not (0 < base < 1 and 0 < better < 1):
        raise ValueError(f"rates must be between 0 and 1, got {base} and {better}")


def _noise(base: float, better: float) -> float:
    return math.sqrt(base * (1 - base) + better * (1 - better))


def paired_power(
    only_control: float, only_treatment: float, *, n: int, alpha: float = LEVEL
) -> float:
    """Return the chance that `mcnemar` finds the difference on n units seen by both.

    The arguments are the shares of units that only one of the two gets right. Exact:
    summed over how many units differ, and how those fall.
    """
    differ = only_control + only_treatment
    if not (only_control >= 0 and only_treatment >= 0 and 0 < differ <= 1):
        raise ValueError(f"shares of units, got {only_control} and {only_treatment}")
    k = np.arange(1, n + 1)
    weight = stats.binom.pmf(k, n, differ)
    # the most that the smaller side may have for the coin to look unfair
    most = stats.binom.ppf(alpha / 2, k, 0.5)
    most -= stats.binom.cdf(most, k, 0.5) > alpha / 2
    share = only_treatment / differ
    tails = stats.binom.cdf(most, k, share) + stats.binom.sf(k - most - 1, k, share)
    return float(weight @ tails)


def cuped_adjust(outcome: np.ndarray, before: np.ndarray) -> np.ndarray:
    """Return outcomes, shape (n,), less what was known `before` the experiment.

    Hand in both arms together, so that both are adjusted alike. The mean stays; the
    variance falls by the squared correlation (Deng, Xu, Kohavi and Walker, 2013).
    """
    y, x = np.asarray(outcome, dtype=float), np.asarray(before, dtype=float)
    if y.shape != x.shape:
        raise ValueError(f"one value before for each outcome, got {x.shape}, {y.shape}")
    if not x.var():
        return y.copy()  # the same before for all: nothing to learn from it
    return y - np.cov(y, x)[0, 1] / x.var(ddof=1) * (x - x.mean())
