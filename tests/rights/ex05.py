"""Right answers to the exercises of notebook 05, written differently."""

import math
from fractions import Fraction
from itertools import count, takewhile

import numpy as np

from lessonlib.measure.latency import percentile
from lessonlib.measure.loadtest import constant_arrivals

# -- rank


def by_integers(times, p):
    rank = -(-p * len(times) // 100)
    return np.sort(times)[rank - 1]


def by_fractions(times, p):
    return sorted(times)[math.ceil(Fraction(p, 100) * len(times)) - 1]


def by_counting(times, p):
    for time in sorted(times):
        if sum(other <= time for other in times) * 100 >= p * len(times):
            return time


# -- from_due


def by_loop(due, sent, answered):
    return [end - begin for begin, end in zip(due, answered, strict=True)]


def by_lag_and_service(due, sent, answered):
    return (sent - due) + (answered - sent)


# -- tail


def by_a_sorted_list(times_s):
    ordered = sorted(1000 * time_s for time_s in times_s)
    return ordered[math.ceil(99 * len(ordered) / 100) - 1]


# -- warm


def cold_calls_first(work, clock, *, n, warm_up):
    for _ in range(warm_up):
        work()
    times_s = []
    for _ in range(n):
        began = clock()
        work()
        times_s.append(clock() - began)
    return times_s


def by_edges(work, clock, *, n, warm_up):
    edges = [clock()]
    for _ in range(warm_up + n):
        work()
        edges.append(clock())
    return np.diff(edges)[warm_up:]


# -- schedule


def by_steps(rate, seconds):
    due = (k / rate for k in count())
    return tuple(takewhile(lambda due_s: due_s < seconds, due))


def by_linspace(rate, seconds):
    return np.linspace(0, seconds, round(rate * seconds), endpoint=False)


# -- slo


def by_count(response_s, status, *, within_s, share):
    pairs = zip(response_s, status, strict=True)
    late = sum(time_s > within_s or code != 200 for time_s, code in pairs)
    return late <= (1 - share) * len(response_s) + 1e-9


def by_percentile(response_s, status, *, within_s, share):
    felt_s = np.where(np.asarray(status) == 200, response_s, np.inf)
    return percentile(felt_s, 100 * share) <= within_s


def by_share(response_s, status, *, within_s, share):
    in_time = (response_s <= within_s) & (status == 200)
    return in_time.mean() >= share


RIGHTS = {
    "rank": [by_integers, by_fractions, by_counting, percentile],
    "from_due": [
        by_loop,
        by_lag_and_service,
        lambda due, sent, answered: answered - due,
    ],
    "tail": [by_a_sorted_list, lambda times_s: 1000 * percentile(times_s, 99)],
    "warm": [cold_calls_first, by_edges],
    "late": [
        lambda times_s, limit_ms: sum(1000 * t > limit_ms for t in times_s),
        lambda times_s, limit_ms: (np.array(times_s) > limit_ms / 1000).sum(),
        lambda times_s, limit_ms: len([t for t in times_s if t * 1000 > limit_ms]),
    ],
    "schedule": [
        by_steps,
        by_linspace,
        lambda rate, seconds: constant_arrivals(rate=rate, seconds=seconds),
    ],
    "slo": [by_count, by_percentile, by_share],
}
