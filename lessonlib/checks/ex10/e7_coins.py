"""Which model reads more, on the same parcels? `paired_p(control, treatment)`."""

import math
from typing import Any

import numpy as np
from scipy import stats

from lessonlib.checks import Case, Check, Mistake, case
from lessonlib.checks.probes import call


def _ask(
    answer: Any, only_control: int, only_treatment: int, both: int, neither: int
) -> Any:
    counts = (only_control, only_treatment, both, neither)
    control = np.repeat([True, False, True, False], counts)
    treatment = np.repeat([False, True, True, False], counts)
    mixed = np.random.default_rng(1).permutation(len(control))
    return call(answer, control[mixed], treatment[mixed])


def _parcels(*counts: int, gives: float, hint: str) -> Case:
    words = "only the control right {}, only the treatment {}, both {}, neither {}"
    called = f"paired_p with {words.format(*counts)}"
    return case(*counts, gives=gives, called=called, hint=hint)


TEN_OF_TWELVE = 158 / 4096  # 2 * (1 + 12 + 66) / 2**12
COINS = "how many coins are thrown, and how many show heads?"
SIDES = "ten heads or ten tails of twelve are equally surprising"

PROMISES = (
    (
        "only the parcels on which the two differ are coins",
        _parcels(2, 10, 30, 4, gives=TEN_OF_TWELVE, hint=COINS),
        _parcels(2, 10, 0, 0, gives=TEN_OF_TWELVE, hint=COINS),
    ),
    (
        "either of the two may be the better one",
        _parcels(10, 2, 30, 4, gives=TEN_OF_TWELVE, hint=SIDES),
        _parcels(0, 5, 100, 0, gives=2 / 32, hint=SIDES),
        _parcels(3, 3, 10, 1, gives=1.0, hint="a probability is at most 1"),
    ),
    (
        "models that never differ give a p of 1",
        _parcels(
            *(0, 0, 9, 3), gives=1.0, hint="no coin was thrown: is that surprising?"
        ),
    ),
)


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


MISTAKES = (
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

coins = Check.table(
    title="throw McNemar's coins",
    name="paired_p",
    promises=PROMISES,
    ask=_ask,
    also=((0, 1, 8, 2),),
    mistakes=MISTAKES,
)
