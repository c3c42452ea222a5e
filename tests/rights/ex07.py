"""Right answers to the exercises of notebook 07, written differently."""

import itertools
import math
from functools import reduce
from operator import add

import numpy as np
from scipy.stats import binomtest

from lessonlib.intervals import wilson_interval
from lessonlib.watch.alerts import BurnRule, trailing_share
from lessonlib.watch.metrics import Buckets, increase

# -- restart


def by_a_loop(readings):
    grown, before = 0, readings[0]
    for now in readings[1:]:
        if now < before:
            before = 0
        grown, before = grown + now - before, now
    return grown


def by_falls(readings):
    falls = [a for a, b in itertools.pairwise(readings) if b < a]
    return readings[-1] - readings[0] + sum(falls)


# -- wilson


def by_scipy(successes, n):
    found = binomtest(successes, n).proportion_ci(method="wilson")
    return found.low, found.high


def by_a_quadratic(successes, n):
    # the two p with (share - p) ** 2 = z ** 2 * p * (1 - p) / n
    share, pull = successes / n, 1.96**2 / n
    return np.sort(np.roots([1 + pull, -2 * share - pull, share**2]).real)


# -- bucket


def by_numpy(q, ends, at_most):
    counts = np.array(at_most)
    i = int(np.argmax(counts >= q * counts[-1]))
    if np.isinf(ends[i]):
        return ends[i - 1]
    low, below = (ends[i - 1], counts[i - 1]) if i else (0, 0)
    return np.interp(q * counts[-1], [below, counts[i]], [low, ends[i]])


def by_the_library(q, ends, at_most):
    return Buckets(tuple(ends), tuple(at_most)).quantile(q)


# -- merge


def by_counts(workers):
    at_most = np.sum([each.at_most for each in workers], axis=0)
    return by_numpy(0.99, workers[0].upper_s, at_most)


# -- alarm


def by_rule(errors, total, *, limit, long_min, short_min):
    rule = BurnRule(budget=limit, factor=1, long_min=long_min, short_min=short_min)
    return np.flatnonzero(rule.fires(errors, total))


def by_shares(errors, total, *, limit, long_min, short_min):
    long, short = (
        trailing_share(errors, total, minutes=m) for m in (long_min, short_min)
    )
    return [i for i in range(len(errors)) if long[i] >= limit and short[i] >= limit]


def by_products(errors, total, *, limit, long_min, short_min):
    found = []
    for end in range(1, len(errors) + 1):
        parts = [slice(max(0, end - m), end) for m in (long_min, short_min)]
        if all(sum(errors[part]) >= limit * sum(total[part]) - 1e-9 for part in parts):
            found.append(end - 1)
    return tuple(found)


RIGHTS = {
    "restart": [by_a_loop, by_falls, increase],
    "wilson": [by_scipy, by_a_quadratic, wilson_interval],
    "bucket": [by_numpy, by_the_library],
    "merge": [
        by_counts,
        lambda workers: reduce(add, workers).quantile(0.99),
        lambda workers: sum(workers[1:], workers[0]).quantile(0.99),
    ],
    "alarm": [by_rule, by_shares, by_products],
    "weakest": [
        lambda points: min(sum(each) for each in points.values()),
        lambda points: min(map(math.fsum, points.values())),
        lambda points: np.min([np.sum(each) for each in points.values()]),
    ],
}
