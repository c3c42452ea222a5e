"""Right answers to the exercises of notebook 07, written differently."""

import itertools
import math
from functools import reduce
from operator import add

import numpy as np
from scipy.stats import binomtest, norm

from lessonlib.checks.ex07.scrapes import readings
from lessonlib.watch.alerts import trailing_share
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


# -- labels


def by_scipy(right, n, promised):
    for times in itertools.count(1):
        found = binomtest(times * right, times * n).proportion_ci(method="wilson")
        if not found.low <= promised <= found.high:
            return times * n


def by_the_scatter_of_the_promise(right, n, promised):
    # Wilson's question: which true shares would make what was seen unsurprising?
    gap, z = promised - right / n, norm.isf(0.025)
    enough = z**2 * promised * (1 - promised) / gap**2
    return n * math.ceil(enough / n)


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


# -- rule


def by_a_list(rules, healthy, trouble, began):
    found = []
    for name, rule in rules.items():
        minutes = np.flatnonzero(rule.fires(*trouble))
        if len(minutes) and minutes[0] >= began and not sum(rule.fires(*healthy)):
            found.append((minutes[0], name))
    return min(found)[1]


def by_shares(rules, healthy, trouble, began):
    def rings(rule, recording):
        both = rule.long_min, rule.short_min
        long, short = (trailing_share(*recording, minutes=m) for m in both)
        limit = rule.budget * rule.factor
        return [m for m in range(len(long)) if min(long[m], short[m]) >= limit]

    quiet = [name for name, rule in rules.items() if not rings(rule, healthy)]
    first = {name: [*rings(rules[name], trouble), math.inf][0] for name in quiet}
    return min((at, name) for name, at in first.items() if at >= began)[1]


# -- pages


def by_differences():
    words, grown = {}, {}
    for service, (before, after) in readings().items():
        good, failed, inputs, _ = (after[key] - before[key] for key in after)
        grown[service] = good + failed, failed
        words[service] = (
            "restarted"
            if good < 0
            else "idle"
            if good < 100
            else "failing"
            if failed > 0.01 * (good + failed)
            else "faint"
            if inputs / (good + failed) < 1
            else "well"
        )
    percent = 100 * grown["cedar"][1] / grown["cedar"][0]
    return words | {"alder_rps": grown["alder"][0] / 600, "cedar_percent": percent}


RIGHTS = {
    "restart": [by_a_loop, by_falls, increase],
    "labels": [by_scipy, by_the_scatter_of_the_promise],
    "bucket": [by_numpy, by_the_library],
    "merge": [
        by_counts,
        lambda workers: reduce(add, workers).quantile(0.99),
        lambda workers: sum(workers[1:], workers[0]).quantile(0.99),
    ],
    "rule": [by_a_list, by_shares],
    "pages": [
        by_differences(),
        {name: str(word).upper() for name, word in by_differences().items()}
        | {"alder_rps": 20, "cedar_percent": 3.1},
    ],
}
