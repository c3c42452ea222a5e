"""Right answers to the exercises of notebook 06, written differently."""

import math
from collections import deque

import numpy as np

from lessonlib.checks.ex06.load_tests import CLIENTS, CURVES
from lessonlib.measure.scaling import knee, mm1_percentile

# -- room


def by_search(capacity_rps, limit_s):
    low, high = 0.0, float(capacity_rps)
    for _ in range(200):
        rate = (low + high) / 2
        if rate < capacity_rps and (
            mm1_percentile(99, rate_rps=rate, capacity_rps=capacity_rps) <= limit_s
        ):
            low = rate
        else:
            high = rate
    return low if low > 1e-9 else 0


def by_cases(capacity_rps, limit_s):
    rate = capacity_rps - 2 * math.log(10) / limit_s
    return rate if rate > 0 else 0


# -- order


def by_what_is_left(parts_ms, proposals):
    found = []
    for name, (part, times, days) in proposals.items():
        left_ms = parts_ms[part] / times
        if left_ms < parts_ms[part]:
            found.append(((left_ms - parts_ms[part]) / days, name))
    return [name for _, name in sorted(found)]


def by_arrays(parts_ms, proposals):
    names = np.array(list(proposals))
    before = np.array([parts_ms[part] for part, _, _ in proposals.values()])
    times, days = (np.array([p[i] for p in proposals.values()], float) for i in (1, 2))
    worth = (before - before / times) / days
    ranked = np.argsort(-worth)
    return tuple(names[ranked][worth[ranked] > 0])


# -- curves


def by_laws():
    words, found = {}, {}
    for name, curve in CURVES.items():
        rates, times_s = (
            np.array(curve.answers_per_s),
            np.array(curve.response_ms) / 1e3,
        )
        best = knee(rates, times_s)
        if not np.allclose(rates * times_s, CLIENTS, rtol=0.05):
            words[name] = "Untrue"
            found["waited_ms"] = 1e3 * CLIENTS[-1] / rates[-1]
        elif rates[-1] < 0.9 * rates[0]:
            words[name] = "backwards"
        elif rates[-1] < 1.1 * rates[0]:
            words[name] = "wall"
        else:
            words[name], found["knee"] = "knee ", CLIENTS[best]
    return words | found


# -- shed


def by_deque(arrivals_s, work_s, room):
    waiting, free_s, answers = deque(), -math.inf, []
    for now in arrivals_s:
        while waiting and waiting[0] <= now:  # begun meanwhile
            waiting.popleft()
        if free_s <= now:
            free_s = now + work_s
            answers.append(True)
        elif len(waiting) < room:
            waiting.append(free_s)  # when its work begins
            free_s += work_s
            answers.append(True)
        else:
            answers.append(False)
    return answers


def by_arithmetic(arrivals_s, work_s, room):
    free_s, answers = -math.inf, []
    for now in arrivals_s:
        inside = math.ceil((free_s - now) / work_s) if free_s > now else 0
        answers.append(inside <= room)
        if inside <= room:
            free_s = max(free_s, now) + work_s
    return np.array(answers)


# -- shift


def by_lists(replies, quiet_s):
    start_s, end_s = min(replies)[0], max(replies)[0]
    workers = [worker for _, worker in replies]
    late = {worker for at_s, worker in replies if at_s >= end_s - quiet_s}
    early = {worker for at_s, worker in replies if at_s <= start_s + quiet_s}
    return {
        "share": max(map(workers.count, workers)) / len(workers),
        "gone": [worker for worker in set(workers) if worker not in late],
        "new": [worker for worker in set(workers) if worker not in early],
    }


def by_first_and_last(replies, quiet_s):
    first, last, count = {}, {}, {}
    for at_s, worker in sorted(replies):
        first.setdefault(worker, at_s)
        last[worker] = at_s
        count[worker] = count.get(worker, 0) + 1
    start_s, end_s = min(first.values()), max(last.values())
    gone = tuple(worker for worker in last if end_s - last[worker] > quiet_s)
    new = tuple(worker for worker in first if first[worker] - start_s > quiet_s)
    return {"share": max(count.values()) / len(replies), "gone": gone, "new": new}


RIGHTS = {
    "little": [
        lambda per_minute, mean_ms: per_minute * mean_ms / 60_000,
        lambda per_minute, mean_ms: np.float64(per_minute / 60) * (mean_ms * 1e-3),
    ],
    "room": [by_search, by_cases],
    "speedup": [
        lambda share, n: n / (n * (1 - share) + share),
        lambda share, n: 4 / (4 * (1 - share) + 4 * share / n),
    ],
    "order": [by_what_is_left, by_arrays],
    "curves": [by_laws(), by_laws() | {"knee": 8.0, "waited_ms": 62, "B": "BACKWARDS"}],
    "shed": [by_deque, by_arithmetic],
    "shift": [by_lists, by_first_and_last],
}
