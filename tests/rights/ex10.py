"""Right answers to the exercises of notebook 10, written differently."""

import hashlib
import math
from math import comb

import numpy as np
from scipy import stats

from lessonlib.choose.experiments import (
    compare_proportions,
    mcnemar,
    sample_ratio_test,
)
from lessonlib.choose.traffic import assign
from lessonlib.intervals import wilson_interval

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


# -- interval


def by_the_comparison(control, treatment):
    found = compare_proportions(control, treatment, planned=(control[1], treatment[1]))
    return found.low, found.high


def by_roots(control, treatment):
    rates = [right / n for right, n in (control, treatment)]
    (low_p, high_p), (low_q, high_q) = (
        wilson_interval(*each) for each in (control, treatment)
    )
    middle = rates[1] - rates[0]
    down = ((rates[1] - low_q) ** 2 + (high_p - rates[0]) ** 2) ** 0.5
    up = ((high_q - rates[1]) ** 2 + (rates[0] - low_p) ** 2) ** 0.5
    return np.array([middle - down, middle + up])


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


# -- coins


def by_counting(control_right, treatment_right):
    pairs = list(zip(control_right, treatment_right, strict=True))
    b = sum(bool(x and not y) for x, y in pairs)
    c = sum(bool(y and not x) for x, y in pairs)
    tail = sum(comb(b + c, k) for k in range(min(b, c) + 1)) / 2 ** (b + c)
    return min(1.0, 2 * tail)


def by_binomtest(control_right, treatment_right):
    differ = control_right != treatment_right
    if not differ.any():
        return 1.0
    return stats.binomtest(int(control_right[differ].sum()), int(differ.sum())).pvalue


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
    "interval": [by_the_comparison, by_roots],
    "rule": [by_place, by_exception],
    "ratio": [by_coin, by_chi_square, lambda n, m: not sample_ratio_test((n, m)).fair],
    "coins": [by_counting, by_binomtest, lambda a, b: mcnemar(a, b).p_value],
    "hunt": [by_first_requests, by_hand],
}
