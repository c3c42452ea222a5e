"""What do callers feel?

A closed loop waits for each answer before it asks again, as one patient caller does.
An open loop asks when a request is due, as a belt does: parcels do not wait. In both,
the response time counts from when the request was due.
"""

import http.client
import json
import select
import time
from dataclasses import dataclass
from threading import Thread
from urllib.parse import urlsplit

import numpy as np

from lessonlib.latency import BlockInterval, Summary, block_interval, percentile

_HEAD_START_S = 0.2  # every worker's thread runs before the first request is due
FAILED = -1  # the status of a request that got no answer at all


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
            words += f"; no verdict: {self.late:.0%} of the requests were sent late"
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
    caller = _Caller(url, rows, len(due_s), timeout_s)
    turns = iter(range(len(due_s)))  # shared: a worker that is free takes the next

    def work(connection, turns):
        for i in turns:
            caller.wait_until(due_s[i])
            caller.ask(connection, i)

    caller.run(work, [turns] * min(workers, len(due_s)))
    return caller.result(due_s)


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
    caller = _Caller(url, rows, users * requests_each, timeout_s)
    shares = np.arange(users * requests_each).reshape(users, requests_each)

    def work(connection, turns):
        caller.wait_until(0.0)
        for i in turns:
            caller.ask(connection, i)
            time.sleep(pause_s)

    caller.run(work, shares)
    return caller.result(caller.sent_s)


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


class _Caller:
    """Connections to one server on this computer, and a stopwatch."""

    def __init__(self, url, rows, n, timeout_s):
        address, rows = urlsplit(url), np.asarray(rows)
        if address.hostname != "127.0.0.1" or not address.port:
            raise ValueError(f"only http://127.0.0.1:PORT may be asked, got {url!r}")
        if rows.ndim != 2 or not len(rows):
            raise ValueError(f"rows must have shape (n, k), n > 0, got {rows.shape}")
        self.host, self.timeout_s, self.over = address.netloc, timeout_s, False
        self.bodies = [json.dumps({"rows": [row]}) for row in rows.tolist()]
        self.sent_s, self.answered_s = np.full(n, np.nan), np.full(n, np.nan)
        self.status = np.full(n, FAILED)
        self.start = time.perf_counter() + _HEAD_START_S

    def wait_until(self, due_s):
        time.sleep(max(0.0, self.start + due_s - time.perf_counter()))

    def ask(self, connection, i):
        if self.over:
            raise InterruptedError("the learner stopped the cell")
        if connection.sock and select.select([connection.sock], [], [], 0)[0]:
            connection.close()  # the server hung up while it was idle
        self.sent_s[i] = time.perf_counter() - self.start
        try:
            body = self.bodies[i % len(self.bodies)]
            headers = {"Content-Type": "application/json"}
            connection.request("POST", "/predict", body, headers)
            reply = connection.getresponse()
            reply.read()
            self.status[i] = reply.status
        except (OSError, http.client.HTTPException):
            connection.close()  # the next request opens it again
        self.answered_s[i] = time.perf_counter() - self.start

    def run(self, job, shares):
        failures = []

        def work(turns):
            # http.client reads no proxy settings, and costs a third of requests' time
            connection = http.client.HTTPConnection(self.host, timeout=self.timeout_s)
            try:
                job(connection, turns)
            except Exception as error:  # a thread of ours must not die unheard
                failures.append(error)
            finally:
                connection.close()

        threads = [Thread(target=work, args=[turns], daemon=True) for turns in shares]
        try:
            for thread in threads:
                thread.start()
            for thread in threads:
                while thread.is_alive():
                    thread.join(0.5)  # in slices: Windows cannot interrupt a long wait
        finally:
            self.over = True  # after an interrupt too
        if failures:
            raise failures[0]

    def result(self, due_s):
        return LoadRun(due_s.copy(), self.sent_s, self.answered_s, self.status)
