"""Has the traffic moved? Tests of what comes in, each with a false-alarm rate.

Every test returns a Drift: how far the traffic moved (`effect`), and how often chance
alone would move it as far (`p`). An alarm needs both: a small p and an effect that
somebody has declared worth an alarm.
"""

import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy import stats
from sklearn.base import ClassifierMixin, clone
from sklearn.ensemble import RandomForestClassifier
from sklearn.model_selection import train_test_split

from lessonlib.evidence import (
    beyond_chance,
    chances,
    number,
    numbers,
    share,
    table,
    whole,
)
from lessonlib.watch.contingency import category_counts, merge_rare

_LEAST_EXPECTED = 5  # rows in a cell, or chi-square is no good approximation


@dataclass(frozen=True)
class Drift:
    """What one test says of one feature, or of all features at once."""

    test: str
    statistic: float
    p: float  # how often chance alone gives a statistic as large
    effect: float  # how far, from 0: unlike p it does not grow with the number of rows

    def __post_init__(self) -> None:
        if not (0 <= self.p <= 1 and self.effect >= 0):
            seen = f"p {self.p} and effect {self.effect}"
            raise ValueError(f"{self.test} cannot tell: {seen} are no verdict")

    def alarm(self, *, alpha: float = 0.05, least: float = 0.0) -> bool:
        """Return True if p is at most alpha and the effect at least `least`.

        Without drift that is at most one false alarm in 1 / alpha windows.
        """
        far = self.effect >= number(least, "least", low=0)
        return bool(beyond_chance(self.p, alpha) and far)

    def __repr__(self) -> str:
        return f"{self.test} {self.statistic:.3f}, p {self.p:.2g}"


def ks_drift(reference: np.ndarray, current: np.ndarray) -> Drift:
    """Return the Kolmogorov-Smirnov test of one number a row, shapes (n,) and (m,).

    The effect D is the largest gap between the two shares of rows up to some value.
    """
    pair = _columns(reference, current)
    # where no exact p can be computed scipy takes that of many rows, and warns
    with warnings.catch_warnings(action="ignore", category=RuntimeWarning):
        result = stats.ks_2samp(*pair)
    d = float(result.statistic)
    return Drift("KS: D", d, float(result.pvalue), d)


def psi(reference: np.ndarray, current: np.ndarray, *, bins: int = 10) -> Drift:
    """Return the population stability index of one number a row, and its p.

    Bins hold equal shares of `reference`; every count gets half a row more, so that
    none is 0. Without drift psi is (1/n + 1/m) times a chi-square with bins - 1 degrees
    of freedom (Yurdakul, 2018). Ties can leave fewer bins than asked for.
    """
    reference, current = _columns(reference, current)
    edges = _edges(reference, current, whole(bins, "bins", least=2))
    before, now = (_smoothed(edges, rows) for rows in (reference, current))
    value = float(((now - before) * np.log(now / before)).sum())
    scale = 1 / len(reference) + 1 / len(current)
    p = stats.chi2.sf(value / scale, len(edges)) if len(edges) else 1.0
    return Drift("PSI", value, float(p), value)


def _edges(reference: np.ndarray, current: np.ndarray, bins: int) -> np.ndarray:
    """Return the upper ends of all bins but the last."""
    steps = np.quantile(reference, np.arange(bins + 1) / bins)
    high, rows = steps[-1], np.concatenate([reference, current])
    edges = np.unique(steps[1:-1])
    edges = edges[edges < high]  # no bin that the reference leaves empty
    more = []
    # a value that fills a bin alone is not put together with others that are near
    for spike in np.unique(steps[1:][steps[1:] == steps[:-1]]):
        below = edges[edges < spike].max(initial=-np.inf)
        if ((below < rows) & (rows < spike)).any():
            more.append(np.nextafter(spike, -np.inf))
        if spike == high < rows.max():
            more.append(high)
    return np.unique([*edges, *more])


def _smoothed(edges: np.ndarray, rows: np.ndarray) -> np.ndarray:
    counts = np.bincount(np.searchsorted(edges, rows), minlength=len(edges) + 1) + 0.5
    return counts / counts.sum()


def psi_critical(n: int, m: int, *, bins: int = 10, alpha: float = 0.05) -> float:
    """Return the psi that n and m rows exceed by chance with probability alpha."""
    n, m = whole(n, "n", least=1), whole(m, "m", least=1)
    limit = stats.chi2.isf(share(alpha, "alpha"), whole(bins, "bins", least=2) - 1)
    return float(limit * (1 / n + 1 / m))


def chi2_drift(
    reference: Sequence[Any] | np.ndarray, current: Sequence[Any] | np.ndarray
) -> Drift:
    """Return the chi-square test of one category a row; the effect is Cramer's V.

    A missing value is a category of its own. The rarest categories are put together
    until each cell expects five rows (Cochran, 1954); if two are left, and one expects
    fewer, p is that of Fisher's exact test.
    """
    counts = category_counts(reference, current)
    n, m = counts.sum(axis=1).tolist()
    expected = _LEAST_EXPECTED * (n + m) / min(n, m)
    counts = merge_rare(counts, expected=expected)
    if counts.shape[1] < 2:
        return Drift("chi-square", 0.0, 1.0, 0.0)  # all rows are of one category
    result = stats.chi2_contingency(counts, correction=False)
    statistic, p = float(result.statistic), float(result.pvalue)
    if counts.sum(axis=0).min() < expected:
        p = float(stats.fisher_exact(counts).pvalue)
    return Drift("chi-square", statistic, p, float(np.sqrt(statistic / (n + m))))


def wasserstein_effect(reference: np.ndarray, current: np.ndarray) -> float:
    """Return how far a row has to move on average, in standard deviations of before.

    Infinity if `reference` did not vary at all, and `current` differs from it.
    """
    reference, current = _columns(reference, current)
    distance, sd = stats.wasserstein_distance(reference, current), reference.std()
    if sd == 0:
        return 0.0 if distance == 0 else float("inf")
    return float(distance / sd)


def adjust(p: np.ndarray) -> np.ndarray:
    """Return Benjamini and Hochberg's adjusted p-values (1995), in the same order.

    Whoever alarms at adjusted p <= 0.05 is wrong in at most 5 % of the features that
    alarm; without any drift, at most one window in 20 has an alarm at all.
    """
    return np.asarray(stats.false_discovery_control(chances(p, "p"), method="bh"))


@dataclass(frozen=True)
class PixelDrift:
    """What became of each feature. All arrays have shape (k,)."""

    p: np.ndarray
    adjusted: np.ndarray
    effect: np.ndarray  # mean way of a row, in standard deviations of the reference
    change: np.ndarray  # mean now minus mean before, in the unit of the feature
    moved: np.ndarray  # True where adjusted p and effect both say so

    def __repr__(self) -> str:
        return f"{self.moved.sum()} of {len(self.moved)} pixels moved"


def compare_pixels(
    reference_X: np.ndarray,
    current_X: np.ndarray,
    *,
    alpha: float = 0.05,
    least: float = 0.3,
) -> PixelDrift:
    """Return which columns moved, shapes (n, k) and (m, k): KS, adjusted, and effect.

    `least` is the smallest effect worth an alarm. Without drift about one window in
    1 / alpha has a column that moved, however many columns there are.
    """
    reference_X, current_X = _tables(reference_X, current_X)
    pairs = list(zip(reference_X.T, current_X.T, strict=True))
    p = np.array([ks_drift(before, now).p for before, now in pairs])
    effect = np.array([wasserstein_effect(before, now) for before, now in pairs])
    adjusted = adjust(p)
    change = current_X.mean(axis=0) - reference_X.mean(axis=0)
    far = effect >= number(least, "least", low=0)
    moved = beyond_chance(adjusted, alpha) & far
    return PixelDrift(p, adjusted, effect, change, moved)


def classifier_two_sample_test(
    reference_X: np.ndarray,
    current_X: np.ndarray,
    *,
    classifier: ClassifierMixin | None = None,
    seed: int = 0,
) -> Drift:
    """Return whether a classifier can tell old rows from new: all columns at once.

    It learns on one half of the rows (a forest, unless told) and is judged on the other
    (Lopez-Paz and Oquab, 2017): AUC 0.5 if nothing can be told, p by Mann and Whitney.
    """
    tables = _tables(reference_X, current_X)
    n, m = map(len, tables)
    if min(n, m) < 4:
        raise ValueError(f"need 4 rows on both sides, got {n} and {m}")
    if classifier is None:
        forest = {"min_samples_leaf": 3, "class_weight": "balanced"}
        classifier = RandomForestClassifier(50, random_state=seed, **forest)
    # not cross-validated: folds learn from one another, and alarm in 10 % of no drifts
    X_learn, X_judge, new_learn, new_judge = train_test_split(
        np.vstack(tables),
        np.repeat([False, True], [n, m]),
        test_size=0.5,
        stratify=np.repeat([0, 1], [n, m]),
        random_state=seed,
    )
    scores = clone(classifier).fit(X_learn, new_learn).predict_proba(X_judge)[:, 1]
    new, old = scores[new_judge], scores[~new_judge]
    test = stats.mannwhitneyu(new, old, alternative="greater")
    auc = float(test.statistic) / (len(new) * len(old))
    return Drift("AUC", auc, float(test.pvalue), max(0.0, 2 * auc - 1))


def same_hours(at_h: np.ndarray, window_h: np.ndarray) -> np.ndarray:
    """Return which rows of a reference fell in the hours of the day of a window.

    Both are hours since some midnight, so 25.5 is half past one on the second day; a
    row counts from the full hour to the next. Shapes (n,) and (m,) give (n,), booleans.
    """
    hours_now = np.unique(np.floor(numbers(window_h, "window_h")) % 24)
    return np.isin(np.floor(numbers(at_h, "at_h")) % 24, hours_now)


def _columns(reference: Any, current: Any) -> tuple[np.ndarray, np.ndarray]:
    return numbers(reference, "reference"), numbers(current, "current")


def _tables(reference: Any, current: Any) -> tuple[np.ndarray, np.ndarray]:
    before, now = table(reference, "reference"), table(current, "current")
    if before.shape[1] != now.shape[1] or not min(len(before), len(now)):
        shapes = f"{before.shape} and {now.shape}"
        raise ValueError(f"both need rows of the same columns, got {shapes}")
    return before, now
