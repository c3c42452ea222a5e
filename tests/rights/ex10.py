"""Right answers to the exercises of notebook 10, written differently."""

import hashlib
import math

import numpy as np
from scipy import stats

from lessonlib.choose.experiments import (
    compare_proportions,
    sample_ratio_test,
)
from lessonlib.choose.traffic import assign

# -- split


def by_digits(unit, experiment, share):
    digits = hashlib.sha256(f"{experiment}:{unit}".encode()).hexdigest()[:12]
    return "treatment" if int(digits, 16) / 16**12 < share else "control"


def by_the_library(unit, experiment, share):
    weights = {"treatment": share, "control": 1 - share}
    return assign(unit, experiment=experiment, weights=weights)


# -- size


def by_the_middle(base, better):
    middle = (base + better) / 2
    return math.ceil(16 * middle * (1 - middle) / (base - better) ** 2)


def by_integers(base, better):
    variance = np.mean([base, better]) * (1 - np.mean([base, better]))
    return -int(-16 * variance // (better - base) ** 2)


# -- advice


def by_the_ends(control, treatment, least):
    found = compare_proportions(control, treatment)
    if not found.ratio.fair:
        return "withheld"
    if found.low >= least / 100:
        return "switch"
    return "stay" if found.high < least / 100 else "more parcels"


def by_formulas(control, treatment, least):
    (a, n), (b, m) = control, treatment
    if stats.binomtest(n, n + m).pvalue < 0.001:
        return "withheld"
    p, q = 100 * a / n, 100 * b / m
    half = 196 * math.sqrt(a * (n - a) / n**3 + b * (m - b) / m**3)
    sides = {q - p - half >= least, q - p + half >= least}
    return "more parcels" if len(sides) == 2 else ["stay", "switch"][sides.pop()]


# -- rule


def by_place(p_values, planned):
    if len(p_values) < planned:
        return "go on"
    return "winner" if p_values[planned - 1] < 0.05 else "no winner"


def by_exception(p_values, planned):
    try:
        p = list(p_values)[planned - 1]
    except IndexError:
        return "go on"
    return ["no winner", "winner"][p < 0.05]


# -- ratio


def by_coin(control_n, treatment_n):
    return stats.binomtest(control_n, control_n + treatment_n).pvalue < 0.001


def by_chi_square(control_n, treatment_n):
    expected = (control_n + treatment_n) / 2
    return (control_n - expected) ** 2 / expected * 2 > 10.83


# -- aa_tests


def words_of(words):
    return dict(zip("ABCDE", words.split(), strict=True))


SEEN = words_of("senders once silence daily shadow")


# -- hunt


def by_first_requests(requests, *, experiment):
    first = {}
    for unit, right in requests:
        first.setdefault(unit, right is True)
    arms = {"control": [], "treatment": []}
    for unit, right in first.items():
        arms[assign(unit, experiment=experiment)].append(right)
    tally = {name: (sum(seen), len(seen)) for name, seen in arms.items()}
    return compare_proportions(**tally).verdict


def by_hand(requests, *, experiment):
    counts, seen = {"control": [0, 0], "treatment": [0, 0]}, []
    for unit, right in requests:
        if unit not in seen:
            seen.append(unit)
            arm = counts[assign(unit, experiment=experiment)]
            arm[0], arm[1] = arm[0] + bool(right), arm[1] + 1
    (a, n), (b, m) = counts.values()
    if not sample_ratio_test([n, m]).fair:
        return "withheld"
    return compare_proportions((a, n), (b, m)).verdict


RIGHTS = {
    "split": [by_digits, by_the_library],
    "size": [by_the_middle, by_integers],
    "advice": [by_the_ends, by_formulas],
    "rule": [by_place, by_exception],
    "ratio": [by_coin, by_chi_square, lambda n, m: not sample_ratio_test((n, m)).fair],
    "aa_tests": [
        SEEN | {"promise": ["B", "E"]},
        {name: f" {word.upper()}" for name, word in SEEN.items()} | {"promise": "e, b"},
        SEEN | {"promise": {"E", "B"}, "note": "E is safe, and blind"},
    ],
    "hunt": [by_first_requests, by_hand],
}
