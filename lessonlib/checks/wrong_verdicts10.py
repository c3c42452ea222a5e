"""Wrong answers to the later exercises of notebook 10, and what to tell about them."""

import math

import numpy as np
from scipy import stats

from lessonlib.checks import Mistake

# -- rule


def _read(p, alpha=0.05):
    return "winner" if p < alpha else "no winner"


def _at_plan(p_values, planned, judge):
    return "go on" if len(p_values) < planned else judge(p_values[:planned])


def _peek(p_values, planned):
    if any(p < 0.05 for p in p_values):
        return "winner"
    return "go on" if len(p_values) < planned else "no winner"


RULE = (
    Mistake(
        "peeking",
        "this stops at the first p below 0.05: with 20 looks at two equal models that "
        "finds a winner in a quarter of the runs. Only the planned look may decide",
        _peek,
    ),
    Mistake(
        "the smallest",
        "it waits for the planned look, and then lets the smallest p of all looks "
        "decide. That is peeking, only later",
        lambda p_values, planned: _at_plan(
            p_values, planned, lambda seen: _read(min(seen))
        ),
    ),
    Mistake(
        "the last look",
        "after the planned look somebody looked on, and the last p decided. Which look "
        "was planned?",
        lambda p_values, planned: (
            "go on" if len(p_values) < planned else _read(p_values[-1])
        ),
    ),
    Mistake(
        "no plan",
        "this reads the latest p, planned look or not: the plan is not used",
        lambda p_values, planned: _read(p_values[-1]) if p_values else "go on",
    ),
    Mistake(
        "shared out",
        "0.05 was divided by the number of looks. That is right for one who decides at "
        "every look; who looks once may spend all of it",
        lambda p_values, planned: _at_plan(
            p_values, planned, lambda seen: _read(seen[-1], 0.05 / planned)
        ),
    ),
    Mistake(
        "at the edge",
        "a p of exactly 0.05 is not below 0.05",
        lambda p_values, planned: _at_plan(
            p_values,
            planned,
            lambda seen: "winner" if seen[-1] <= 0.05 else "no winner",
        ),
    ),
)


# -- ratio


def _p_of_sizes(n, m):
    return stats.chisquare([n, m]).pvalue


RATIO = (
    Mistake(
        "one in twenty",
        "at 0.05 every twentieth healthy split is called broken, and soon nobody "
        "listens. Stopping everything deserves a stronger reason: one in 1,000",
        lambda n, m: _p_of_sizes(n, m) < 0.05,
    ),
    Mistake(
        "two percent",
        "this asks whether the shares look uneven. With a million units half a percent "
        "is proof, and with ten units 20 percent is nothing: ask what a coin would do",
        lambda n, m: abs(n - m) / (n + m) > 0.02,
    ),
    Mistake(
        "not equal",
        "a fair coin almost never falls exactly evenly: this finds every split broken",
        lambda n, m: n != m,
    ),
    Mistake(
        "upside down",
        "a small p means broken, and this calls the others so",
        lambda n, m: _p_of_sizes(n, m) >= 0.001,
    ),
    Mistake(
        "one way",
        "this only looks for too few in the treatment. An arm with too many is broken "
        "as well: the units are missing from the other one",
        lambda n, m: stats.binomtest(m, n + m, alternative="less").pvalue < 0.001,
    ),
)


# -- coins


def _counts(control, treatment):
    control, treatment = np.asarray(control, bool), np.asarray(treatment, bool)
    return int((control & ~treatment).sum()), int((treatment & ~control).sum())


def _unpaired(control, treatment):
    p, q, n = np.mean(control), np.mean(treatment), len(control)
    middle = (p + q) / 2
    z = abs(p - q) / math.sqrt(2 * middle * (1 - middle) / n)
    return 2 * stats.norm.sf(z)


def _coin(heads, throws, **options):
    return float(stats.binomtest(heads, throws, **options).pvalue) if throws else 1.0


def _one_sided(control, treatment):
    b, c = _counts(control, treatment)
    return _coin(c, b + c, alternative="greater")


def _doubled(control, treatment):
    b, c = _counts(control, treatment)
    return 2 * stats.binom.cdf(min(b, c), b + c, 0.5)


def _chi_square(control, treatment):
    b, c = _counts(control, treatment)
    return float(stats.chi2.sf((b - c) ** 2 / (b + c), 1)) if b + c else 1.0


COINS = (
    Mistake(
        "as if split",
        "this compares two rates as if different parcels had gone to each model. That "
        "throws away what the shadow has won: where do the two differ on one parcel?",
        _unpaired,
    ),
    Mistake(
        "all parcels",
        "every parcel is a coin here, those too on which both are right or both wrong. "
        "They say nothing of who is better",
        lambda control, treatment: _coin(_counts(control, treatment)[1], len(control)),
    ),
    Mistake(
        "one side",
        "this only asks whether the treatment is better. Had it been worse, p would be "
        "near 1: the test must be open for both",
        _one_sided,
    ),
    Mistake(
        "doubled",
        "nearly: twice the smaller tail is right until both sides are even, and then "
        "it is more than 1. What is the most that a probability can be?",
        _doubled,
    ),
    Mistake(
        "chi-square",
        "this is McNemar's approximation with a chi-square. With a dozen coins it is "
        "too sure of itself, and the exact answer costs nothing",
        _chi_square,
    ),
)
