"""Right answers to the exercises of notebook 08, written differently."""

import math

import numpy as np
from scipy import stats

from lessonlib.watch import drift, performance

# -- index


def by_histogram(reference, window):
    edges = np.quantile(reference, np.linspace(0, 1, 11))
    edges[0], edges[-1] = -np.inf, np.inf
    shares = []
    for rows in (reference, window):
        counts = np.histogram(rows, bins=edges)[0] + 0.5
        shares.append(counts / counts.sum())
    return sum((b - a) * math.log(b / a) for a, b in zip(*shares, strict=True))


# -- pixels


def by_ranks(p, effect, alpha, least):
    order = np.argsort(p)
    below = [r for r, k in enumerate(order, 1) if p[k] <= alpha * r / len(p) + 1e-12]
    found = set(order[: max(below, default=0)].tolist())
    return [k in found and effect[k] >= least for k in range(len(p))]


# -- hours


def by_sets(at_h, window_h):
    hours = {int(h) % 24 for h in window_h}
    return [int(h) % 24 in hours for h in at_h]


# -- alarm


def by_library(wrong, baseline, worse, limit):
    found = performance.cusum(wrong, baseline=baseline, worse=worse, limit=limit)
    return found.alarm_at or 0


def by_lowest_point(wrong, baseline, worse, limit):
    total = lowest = 0.0
    for label, is_wrong in enumerate(wrong, start=1):
        up, down = math.log(worse / baseline), math.log((1 - worse) / (1 - baseline))
        total += up if is_wrong else down
        lowest = min(lowest, total)
        if total - lowest >= limit:
            return label
    return 0


# -- causes


def mornings_of(letters):
    words = ("rule", "camera", "mailing", "lamp", "hands")
    told = {word[0]: word for word in words}
    return {name: told[letter] for name, letter in zip("ABCDE", letters, strict=True)}


RIGHTS = {
    "index": [
        by_histogram,
        lambda reference, window: drift.psi(reference, window).statistic,
    ],
    "critical": [
        lambda n, m, bins, alpha: drift.psi_critical(n, m, bins=bins, alpha=alpha),
        lambda n, m, bins, alpha: (
            (n + m) / (n * m) * stats.chi2.ppf(1 - alpha, bins - 1)
        ),
    ],
    "pixels": [
        by_ranks,
        lambda p, effect, alpha, least: (drift.adjust(p) <= alpha) & (effect >= least),
    ],
    "hours": [by_sets, drift.same_hours],
    "alarm": [by_library, by_lowest_point],
    "causes": [
        mornings_of("rcmlh") | {"broken": ["A", "B"]},
        {name: f" {word.upper()}" for name, word in mornings_of("rcmlh").items()}
        | {"broken": "b, a"},
        mornings_of("rcmlh") | {"broken": {"b", "a"}, "note": "E is only loud"},
    ],
}
