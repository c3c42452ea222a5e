"""Which is the p99 of all workers? `p99_of_all(workers)` merges their buckets."""

from typing import Any

import numpy as np

from lessonlib.checks import Case, Check, Mistake, case
from lessonlib.checks.probes import call, to_digits
from lessonlib.watch.metrics import Buckets


def _worker(n: int, low_s: float, high_s: float) -> Buckets:
    return Buckets.of(np.linspace(low_s, high_s, n))


BUSY = _worker(1900, 0.001, 0.020)
SICK = _worker(100, 0.060, 0.240)
RARE = _worker(100, 0.001, 0.020)
OFTEN_SICK = _worker(1900, 0.060, 0.240)
THIRD = _worker(500, 0.005, 0.100)
TEAMS = {
    "a busy quick worker and a sick one": [BUSY, SICK],
    "a quick worker and a busy sick one": [RARE, OFTEN_SICK],
    "three workers": [BUSY, SICK, THIRD],
    "one worker": [SICK],
    "the sick one first": [SICK, BUSY],
}


def _ask(answer: Any, workers: list[Buckets], digits: int) -> Any:
    return to_digits(call(answer, workers), digits)


def _p99_of(team: str, gives: float, *, hint: str) -> Case:
    called = f"p99_of_all of {team}, in seconds to 4 digits"
    return case(TEAMS[team], 4, gives=gives, called=called, hint=hint)


ADDED = "what can you add up: percentiles, or counts?"
HOW_MANY = "how many parcels does each of them stand for?"

PROMISES = (
    (
        "two workers: as if one server had answered all parcels",
        _p99_of("a busy quick worker and a sick one", 0.211, hint=ADDED),
    ),
    (
        "and it depends on who answered how many, not on who comes first",
        _p99_of("a quick worker and a busy sick one", 0.248, hint=HOW_MANY),
        _p99_of("the sick one first", 0.211, hint=HOW_MANY),
    ),
    (
        "three workers, or one alone",
        _p99_of("three workers", 0.2013, hint="merge them one after the other"),
        _p99_of("one worker", 0.2481, hint="its own p99"),
    ),
)


def _p99s(workers):
    return [worker.quantile(0.99) for worker in workers]


def _counts(workers):
    return [worker.at_most[-1] for worker in workers]


def _merged(workers):
    merged = workers[0]
    for worker in workers[1:]:
        merged = merged + worker
    return merged


MISTAKES = (
    Mistake(
        "mean of the p99s",
        "this is the mean of the workers' p99s. It stays the same whoever had the "
        "parcels, so it can't be right for both teams",
        lambda workers: float(np.mean(_p99s(workers))),
    ),
    Mistake(
        "weighted mean",
        "a good idea: it asks how many parcels each had. But you can't average p99s "
        "with weights, either. What can you add up exactly?",
        lambda workers: float(np.average(_p99s(workers), weights=_counts(workers))),
    ),
    Mistake(
        "worst worker",
        "this is the p99 of the slowest worker. If it answers one parcel in a "
        "thousand, the other 999 never meet it",
        lambda workers: max(_p99s(workers)),
    ),
    Mistake(
        "first worker",
        "this is the first worker's p99. The others answered parcels, too",
        lambda workers: _p99s(workers)[0],
    ),
    Mistake(
        "milliseconds",
        "a thousand times too much: the exercise asks for seconds",
        lambda workers: 1000 * _merged(workers).quantile(0.99),
    ),
    Mistake(
        "99 for 0.99",
        "quantile takes a share, and 99 % is a share of 0.99",
        lambda workers: _merged(workers).quantile(99),
    ),
)

merge = Check.table(
    title="one p99 for all workers",
    name="p99_of_all",
    promises=PROMISES,
    ask=_ask,
    also=tuple((workers, 6) for workers in TEAMS.values()),
    mistakes=MISTAKES,
)
