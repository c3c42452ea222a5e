"""What do callers feel?

A closed loop waits for each answer before it asks again, as one patient caller does.
An open loop asks when a request is due, as a belt does: parcels do not wait. In both,
the response time counts from when the request was due.
"""

import functools
import http.client
import itertools
import json
import threading
import time
from dataclasses import dataclass
from urllib.parse import urlsplit

import numpy as np

from lessonlib.latency import Summary, percentile

_WORKERS = 32  # connections of an open loop; more would only be idle threads
_HEAD_START_S = 0.2  # every worker is connected before the first request is due
FAILED = -1  # the status of a request that got no answer at all


@dataclass(frozen=True)
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
    def errors(self) -> int:
        """How many requests were not answered with status 200."""
        return int((self.status != 200).sum())

    def percentile(self, p: float) -> float:
        """Return the response time, in seconds, that `p` percent of requests kept."""
        return percentile(self.response_s, p)

    def summary(self) -> Summary:
        """Return the response times in one line."""
        return Summary.of(self.response_s)

    def __repr__(self) -> str:
        rate_rps = len(self.due_s) / max(self.answered_s.max(), 1e-9)
        return f"{rate_rps:.0f} requests/s, {self.errors} errors; {self.summary()}"


def constant_arrivals(*, rate: float, seconds: float) -> np.ndarray:
    """Return due times in seconds, evenly spread: `rate` a second for `seconds`."""
    if rate <= 0 or seconds <= 0:
        raise ValueError(f"rate and seconds must be above 0, got {rate} and {seconds}")
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
) -> LoadRun:
    """Ask `url`/predict for one row a request, each when it is due.

    Give `rate` (requests/s, evenly spread) and `seconds`, or `arrivals` (due times in
    seconds). `rows`, shape (n, k), are sent in turn. Only this computer is asked.
    """
    if arrivals is None:
        if rate is None or seconds is None:
            raise ValueError("open_loop needs rate= and seconds=, or arrivals=")
        arrivals = constant_arrivals(rate=rate, seconds=seconds)
    due_s = np.asarray(arrivals, dtype=float)
    caller = _Caller(url, rows, len(due_s), timeout_s)
    index = itertools.count()  # the workers share the schedule through this one counter

    def work(connection):
        while (i := next(index)) < len(due_s):
            wait_s = caller.start + due_s[i] - time.perf_counter()
            if wait_s > 0:
                time.sleep(wait_s)
            caller.ask(connection, i)

    caller.run([work] * min(_WORKERS, len(due_s)))
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

    A request is due `pause_s` after the answer before it, so nobody ever finds it late.
    """
    if users < 1 or requests_each < 1:
        raise ValueError(f"needs users and requests, got {users} and {requests_each}")
    caller = _Caller(url, rows, users * requests_each, timeout_s)

    def user(number):
        def work(connection):
            time.sleep(max(0.0, caller.start - time.perf_counter()))
            for i in range(number * requests_each, (number + 1) * requests_each):
                caller.ask(connection, i)
                time.sleep(pause_s)

        return work

    caller.run([user(number) for number in range(users)])
    return caller.result(caller.sent_s)


class _Caller:
    """Connections to one server on this computer, and a stopwatch."""

    def __init__(self, url, rows, n, timeout_s):
        address = urlsplit(url)
        if address.hostname != "127.0.0.1" or not address.port:
            message = "load tests ask this computer alone (http://127.0.0.1:PORT)"
            raise ValueError(f"{message}, got {url!r}")
        self.address, self.timeout_s = address, timeout_s
        self.bodies = [json.dumps({"rows": [row]}) for row in np.asarray(rows).tolist()]
        self.sent_s, self.answered_s = np.full(n, np.nan), np.full(n, np.nan)
        self.status = np.full(n, FAILED)
        self.start = time.perf_counter() + _HEAD_START_S

    def ask(self, connection, i):
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

    def run(self, jobs):
        # http.client reads no proxy settings, and costs a third of requests' time
        host, port = self.address.hostname, self.address.port

        def work(job):
            connection = http.client.HTTPConnection(host, port, timeout=self.timeout_s)
            job(connection)
            connection.close()

        make = functools.partial(threading.Thread, target=work, daemon=True)
        threads = [make(args=[job]) for job in jobs]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    def result(self, due_s):
        return LoadRun(due_s.copy(), self.sent_s, self.answered_s, self.status)
