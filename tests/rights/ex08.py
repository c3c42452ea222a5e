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


# -- wait


def by_arithmetic(n, an_hour, least, alpha):
    room = least / stats.chi2.isf(alpha, 9) - 1 / n  # what 1 / m may be
    hours = math.ceil(1 / room / an_hour) if room > 0 else math.inf
    return hours if hours <= 168 else 0


def by_all_hours(n, an_hour, least, alpha):
    enough = [
        drift.psi_critical(n, hours * an_hour, alpha=alpha) <= least
        for hours in range(1, 169)
    ]
    return np.argmax(enough) + 1 if any(enough) else 0


# -- limit


def by_the_highest_point(weeks, limits, most):
    peaks = [
        performance.cusum(week, baseline=0.07, worse=0.14).level.max() for week in weeks
    ]
    rung = {limit: np.mean(np.array(peaks) >= limit) for limit in limits}
    return min(limit for limit in limits if rung[limit] <= most)


def by_counting(weeks, limits, most):
    for limit in sorted(limits):
        rung = 0
        for week in weeks:
            sums = performance.cusum(week, baseline=0.07, worse=0.14, limit=limit)
            rung += bool(sums.alarm_at)
        if rung <= most * len(weeks):
            return limit


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
    "wait": [by_arithmetic, by_all_hours],
    "pixels": [
        by_ranks,
        lambda p, effect, alpha, least: (drift.adjust(p) <= alpha) & (effect >= least),
    ],
    "hours": [by_sets, drift.same_hours],
    "limit": [by_the_highest_point, by_counting],
    "causes": [
        mornings_of("rcmlh") | {"broken": ["A", "B"]},
        {name: f" {word.upper()}" for name, word in mornings_of("rcmlh").items()}
        | {"broken": "b, a"},
        mornings_of("rcmlh") | {"broken": {"b", "a"}, "note": "E is only loud"},
    ],
}
