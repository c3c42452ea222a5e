"""Right answers to the exercises of notebook 05, written differently."""

import math
from fractions import Fraction

import numpy as np

from lessonlib.checks.ex05.recordings import RECORDINGS
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


# -- most


def by_going_down(send, rates):
    for rate in sorted(rates, reverse=True):
        due_s = [k / rate for k in range(10 * rate)]
        answered = zip(due_s, *send(due_s), strict=True)
        good = sum(code == 200 and at - due <= 0.05 for due, at, code in answered)
        if good >= 0.99 * len(due_s):
            return rate
    return 0


def by_percentile(send, rates):
    def keeps(rate):
        due_s = np.asarray(constant_arrivals(rate=rate, seconds=10))
        answered_s, status = send(due_s)
        felt_s = np.where(np.asarray(status) == 200, answered_s - due_s, np.inf)
        return percentile(felt_s, 99) <= 0.05

    return max(filter(keeps, rates), default=0)


# -- dots

REPORT = {"A": "pauses", "B": "full", "C": "refuses", "D": "stall"}


def by_counting_dots():
    runs = RECORDINGS.items()
    good = {name: (run.response_s <= 0.05) & (run.status == 200) for name, run in runs}
    keeps = {name for name, in_time in good.items() if in_time.mean() >= 0.99}
    stall_s = RECORDINGS["D"].response_s.max()
    return REPORT | {"keeps": keeps, "stall_s": stall_s, "patient": 1.0}


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
    "most": [by_going_down, by_percentile],
    "dots": [
        by_counting_dots(),
        {name: word.upper() for name, word in REPORT.items()}
        | {"keeps": "A", "stall_s": 0.65, "patient": 1},
    ],
}
