"""What do callers feel?

A closed loop waits for each answer before it asks again, as one patient caller does.
An open loop asks when a request is due, as a belt does: parcels do not wait. In both,
the response time counts from when the request was due.
"""

import json
import time
from dataclasses import dataclass, replace
from heapq import heappop, heappush
from urllib.parse import urlsplit

import numpy as np

from lessonlib.measure.connection import FAILED, Connection, ready
from lessonlib.measure.latency import BlockInterval, Summary, block_interval, percentile

_HEAD = b"POST /predict HTTP/1.1\r\nHost: 127.0.0.1:%d\r\nContent-Length: %d\r\n"
_HEAD += b"Content-Type: application/json\r\n\r\n"


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
    turns = iter(range(len(due_s)))  # shared: a worker that is free takes the next
    return _ask(url, rows, [turns] * min(workers, len(due_s)), due_s, timeout_s)


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
    turns = np.arange(users * requests_each).reshape(users, requests_each)
    shares = [iter(share) for share in turns.tolist()]
    run = _ask(url, rows, shares, np.zeros(turns.size), timeout_s, pause_s)
    return replace(run, due_s=run.sent_s.copy())


def _schedule(rate, seconds, arrivals):
    if arrivals is None:
        if rate is None or seconds is None:
            raise ValueError("open_loop needs rate= and seconds=, or arrivals=")
        return constant_arrivals(rate=rate, seconds=seconds)
    due_s = np.array(arrivals, dtype=float)
    gaps_s = np.diff(due_s, prepend=0)
    if not len(due_s) or not (np.isfinite(due_s) & (gaps_s >= 0)).all():
        raise ValueError("arrivals must be one or more times >= 0, the earliest first")
    return due_s


def _requests(url, rows):
    """Return the port to ask, and the bytes of a request for each row."""
    address, rows = urlsplit(url), np.asarray(rows)
    if address.hostname != "127.0.0.1" or not address.port:
        raise ValueError(f"only http://127.0.0.1:PORT may be asked, got {url!r}")
    if rows.ndim != 2 or not len(rows):
        raise ValueError(f"rows must have shape (n, k), n > 0, got {rows.shape}")
    bodies = [json.dumps({"rows": [row]}).encode() for row in rows.tolist()]
    return address.port, [_HEAD % (address.port, len(each)) + each for each in bodies]


def _ask(url, rows, shares, due_s, timeout_s, pause_s=0.0):
    """Let each of `shares` ask its turns one by one, none before it is due.

    All in one thread: many would take turns, also with a server in the same Python.
    """
    port, requests = _requests(url, rows)
    sent_s, answered_s = np.full((2, len(due_s)), np.nan)
    status = np.full(len(due_s), FAILED)
    waiting, asking, spare = [], {}, []
    start = time.perf_counter()

    def now_s():
        return time.perf_counter() - start

    def wait_for_turn(turns, free_s):
        if (i := next(turns, None)) is not None:
            heappush(waiting, (max(due_s[i], free_s), i, turns))

    try:
        for turns in shares:
            wait_for_turn(turns, 0.0)
        while waiting or asking:
            while waiting and waiting[0][0] <= now_s():
                _, i, turns = heappop(waiting)
                connection = spare.pop() if spare else Connection(port)
                asking[connection] = i, turns
                sent_s[i] = now_s()
                connection.ask(requests[i % len(requests)])
                connection.until_s = sent_s[i] + timeout_s
            ends_s = [each.until_s for each in asking]
            next_s = min(ends_s + [at_s for at_s, *_ in waiting[:1]])
            heard = ready(asking, next_s - now_s())
            heard_s = now_s()  # what is read from here on was here by then
            silent = {each for each in asking if each.until_s <= heard_s} - heard
            for connection in heard | silent:
                connection.until_s = heard_s + timeout_s
                found = FAILED if connection in silent else connection.go_on()
                if found is None:
                    continue
                if found == FAILED:
                    connection.close()
                i, turns = asking.pop(connection)
                answered_s[i], status[i] = heard_s, found
                spare.append(connection)
                wait_for_turn(turns, heard_s + pause_s)
    finally:
        for connection in [*asking, *spare]:
            connection.close()
    return LoadRun(due_s, sent_s, answered_s, status)
