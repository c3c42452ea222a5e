"""What do callers feel?

A closed loop waits for each answer before it asks again, as one patient caller does.
An open loop asks when a request is due, as a belt does: parcels do not wait. In both,
the response time counts from when the request was due.
"""

import json
from collections.abc import Generator
from contextlib import closing
from dataclasses import dataclass, replace
from itertools import cycle, islice

import numpy as np

from lessonlib.measure.client import Client, Reply, Turn
from lessonlib.measure.connection import FAILED
from lessonlib.measure.latency import BlockInterval, Summary, block_interval, percentile


@dataclass(frozen=True, eq=False)
class LoadRun:
    """What happened to each request: arrays of shape (n,), seconds from the start."""

    due_s: np.ndarray
    sent_s: np.ndarray
    answered_s: np.ndarray  # or given up
    status: np.ndarray  # of HTTP, or FAILED

    @property
    def response_s(self) -> np.ndarray:
        """From due to answered: what a caller feels. Failures are among them."""
        return self.answered_s - self.due_s

    @property
    def service_s(self) -> np.ndarray:
        """From sent to answered: what a stopwatch around the call shows."""
        return self.answered_s - self.sent_s

    @property
    def lag_s(self) -> np.ndarray:
        """From due to sent: how late the load generator itself was."""
        return self.sent_s - self.due_s

    @property
    def late(self) -> float:
        """The share of requests that were sent more than a mean gap after due."""
        gap_s = np.ptp(self.due_s) / max(len(self.due_s) - 1, 1)
        return float((self.lag_s > gap_s).mean()) if gap_s else 0.0

    @property
    def errors(self) -> int:
        """How many requests were not answered with status 200."""
        return int((self.status != 200).sum())

    def percentile(self, p: float) -> float:
        """Return the response time, in seconds, that `p` percent of requests kept."""
        return percentile(self.response_s, p)

    def interval(self, p: float) -> BlockInterval:
        """Return where the true percentile may lie; it says if this cannot be told."""
        return block_interval(self.response_s[np.argsort(self.due_s)], p)

    def summary(self) -> Summary:
        """Return the response times in one line."""
        return Summary.of(self.response_s)

    def __repr__(self) -> str:
        took_s = self.answered_s.max() - self.due_s.min()
        rate_rps = len(self.due_s) / max(took_s, 1e-9)
        words = f"{rate_rps:.0f} requests/s, {self.errors} errors; {self.summary()}"
        if self.late > 0.05:  # then the load was not the one that was planned
            words += f";\n  no verdict: {self.late:.0%} of the requests were sent late"
        return words


def constant_arrivals(*, rate: float, seconds: float) -> np.ndarray:
    """Return due times in seconds, evenly spread: `rate` a second for `seconds`."""
    if not (rate > 0 and seconds > 0 and round(rate * seconds) > 0):
        raise ValueError(f"rate={rate} for seconds={seconds} plans no request")
    return np.arange(round(rate * seconds)) / rate


def poisson_arrivals(*, rate: float, seconds: float, seed: int) -> np.ndarray:
    """Return due times in seconds: as many, but spread by chance (Poisson)."""
    n = len(constant_arrivals(rate=rate, seconds=seconds))
    # given their number, the arrivals of a Poisson process are uniform over the time
    return np.sort(np.random.default_rng(seed).uniform(0, seconds, n))


def open_loop(
    url: str,
    rows: np.ndarray,
    *,
    rate: float | None = None,
    seconds: float | None = None,
    arrivals: np.ndarray | None = None,
    timeout_s: float = 5.0,
    workers: int = 128,
) -> LoadRun:
    """Ask `url`/predict for one row a request, each when it is due.

    Give `rate` (requests/s, evenly spread) and `seconds`, or `arrivals` (due times in
    seconds). `rows`, shape (n, k), are sent in turn. Only this computer is asked. A
    server silent for `timeout_s` fails the request. While all `workers` wait for an
    answer nobody sends; the response time still counts from due.
    """
    due_s = _schedule(rate, seconds, arrivals)
    client = Client(url, timeout_s=timeout_s)
    turns = iter(_turns(client, rows, due_s))  # shared: whoever is free takes one
    return _run(due_s, client.replies([turns] * min(workers, len(due_s))))


def closed_loop(
    url: str,
    rows: np.ndarray,
    *,
    users: int,
    requests_each: int,
    pause_s: float = 0.0,
    timeout_s: float = 5.0,
) -> LoadRun:
    """Let `users` ask `url`/predict side by side, each waiting for its answer.

    Each rests for `pause_s` after an answer. A request is due when its user sends it,
    so nobody ever finds it late.
    """
    if users < 1 or requests_each < 1:
        raise ValueError(f"needs users and requests, got {users} and {requests_each}")
    client, due_s = Client(url, timeout_s=timeout_s), np.zeros(users * requests_each)
    turns = _turns(client, rows, due_s)
    first = range(0, len(turns), requests_each)
    shares = [iter(turns[i : i + requests_each]) for i in first]
    run = _run(due_s, client.replies(shares, pause_s=pause_s))
    return replace(run, due_s=run.sent_s.copy())


def _schedule(
    rate: float | None, seconds: float | None, arrivals: np.ndarray | None
) -> np.ndarray:
    if arrivals is None:
        if rate is None or seconds is None:
            raise ValueError("open_loop needs rate= and seconds=, or arrivals=")
        return constant_arrivals(rate=rate, seconds=seconds)
    due_s = np.array(arrivals, dtype=float)
    gaps_s = np.diff(due_s, prepend=0)
    if not len(due_s) or not (np.isfinite(due_s) & (gaps_s >= 0)).all():
        raise ValueError("arrivals must be one or more times >= 0, the earliest first")
    return due_s


def _turns(client: Client, rows: np.ndarray, due_s: np.ndarray) -> list[Turn]:
    """Return a turn for each due time: the rows one by one, and again."""
    rows = np.asarray(rows)
    if rows.ndim != 2 or not len(rows):
        raise ValueError(f"rows must have shape (n, k), n > 0, got {rows.shape}")
    bodies = [json.dumps({"rows": [row]}).encode() for row in rows.tolist()]
    return client.turns("/predict", islice(cycle(bodies), len(due_s)), due_s)


def _run(due_s: np.ndarray, replies: Generator[Reply, None, None]) -> LoadRun:
    sent_s, answered_s = np.full((2, len(due_s)), np.nan)
    status = np.full(len(due_s), FAILED)
    with closing(replies):  # nobody is waited for if this is interrupted
        for reply in replies:
            sent_s[reply.i], answered_s[reply.i] = reply.sent_s, reply.answered_s
            status[reply.i] = reply.status
    return LoadRun(due_s, sent_s, answered_s, status)
