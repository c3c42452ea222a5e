"""What do more callers get: more answers, or more waiting?"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from scipy.optimize import least_squares

from lessonlib.measure.loadtest import LoadRun, closed_loop, open_loop

_Numbers = Sequence[float] | np.ndarray


@dataclass(frozen=True, eq=False)
class Curve:
    """What a server did under more and more load: a LoadRun for each load."""

    loads: tuple[float, ...]  # the smallest first
    unit: str  # of the loads: "clients" or "requests/s"
    runs: tuple[LoadRun, ...]

    @cached_property
    def throughput_rps(self) -> np.ndarray:
        """Good answers a second, shape (loads,)."""
        return np.array([throughput(run) for run in self.runs])

    @cached_property
    def p50_s(self) -> np.ndarray:
        """The median response time in seconds, shape (loads,)."""
        return np.array([run.percentile(50) for run in self.runs])

    @cached_property
    def mean_s(self) -> np.ndarray:
        """The mean response time in seconds, shape (loads,)."""
        return np.array([run.response_s.mean() for run in self.runs])

    @property
    def law(self) -> "Scalability | Queue":
        """The law that fits best: for clients of scalability, for belts of a queue."""
        if self.unit == "clients":
            return fit_scalability(self.loads, self.throughput_rps)
        return fit_queue(self.loads, self.mean_s)

    @property
    def knee(self) -> float:
        """The load that gets most answers for its waiting; beyond, waiting grows."""
        return self.loads[knee(self.throughput_rps, self.p50_s)]

    def __repr__(self) -> str:
        head = f"{self.unit:>12}  answers/s   p50 ms   p99 ms  errors"
        p99_s = [run.percentile(99) for run in self.runs]
        errors = [run.errors for run in self.runs]
        columns = (self.loads, self.throughput_rps, self.p50_s, p99_s, errors)
        rows = (
            f"{load:12g}  {rate:9.0f}  {1e3 * p50:7.1f}  {1e3 * p99:7.1f}  {failed:6}"
            for load, rate, p50, p99, failed in zip(*columns, strict=True)
        )
        return "\n".join([head, *rows, f"the knee, in {self.unit}: {self.knee:g}"])


def throughput_curve(
    url: str,
    rows: np.ndarray,
    *,
    users: Sequence[int] = (1, 2, 4, 8, 16),
    rates: Sequence[float] | None = None,
    requests: int = 320,
) -> Curve:
    """Return what `url`/predict does for more and more callers, one row a request.

    Each of `users` is a number of patient clients (a closed loop). Give `rates`, in
    requests/s, for belts instead (an open loop). About `requests` are sent for each.
    """
    loads = tuple(sorted(users if rates is None else rates))
    if not loads or loads[0] <= 0:
        raise ValueError(f"a curve needs loads above 0, got {loads}")
    if rates is None:
        ask = [(int(n), max(1, round(requests / n))) for n in loads]
        runs = [closed_loop(url, rows, users=n, requests_each=each) for n, each in ask]
        return Curve(loads, "clients", tuple(runs))
    belts = [open_loop(url, rows, rate=r, seconds=requests / r) for r in loads]
    return Curve(loads, "requests/s", tuple(belts))


def throughput(run: LoadRun) -> float:
    """Return the good answers a second, from the first send to the last answer."""
    good = len(run.status) - run.errors
    return good / max(float(np.ptp([run.sent_s.min(), run.answered_s.max()])), 1e-9)


def knee(throughput_rps: _Numbers, response_s: _Numbers) -> int:
    """Return the place of the load with the most answers a second, per second waited.

    This ratio is Kleinrock's *power* ("Power and deterministic rules of thumb", ICC
    1979). Before the knee more load buys answers, beyond it only waiting.
    """
    return int(np.argmax(np.asarray(throughput_rps) / np.asarray(response_s)))


def requests_inside(run: LoadRun) -> tuple[float, float]:
    """Return how many requests were under way: counted, and by Little's law.

    The first number is the mean of a count at a thousand moments, evenly spread from
    the first send to the last answer; the second is requests a second times the mean
    seconds of each (Little 1961). They agree for any server; if not, a clock or a count
    is wrong.
    """
    begin, end = run.sent_s.min(), run.answered_s.max()
    looks = begin + (np.arange(1000) + 0.5) / 1000 * (end - begin)
    sent = np.searchsorted(np.sort(run.sent_s), looks, side="right")
    answered = np.searchsorted(np.sort(run.answered_s), looks, side="right")
    rate_rps = len(run.sent_s) / (end - begin)
    return float((sent - answered).mean()), float(rate_rps * run.service_s.mean())


def mm1_response(*, rate_rps: float, capacity_rps: float) -> float:
    """Return the mean seconds in a queue with one server: 1 / (capacity - rate).

    Arrivals by chance (Poisson) and exponential work, as in every textbook on queues.
    Infinite at or above the capacity.
    """
    if rate_rps < 0 or capacity_rps <= 0:
        raise ValueError(f"got rate_rps={rate_rps}, capacity_rps={capacity_rps}")
    spare = capacity_rps - rate_rps
    return 1 / spare if spare > 0 else math.inf


def mm1_percentile(p: float, *, rate_rps: float, capacity_rps: float) -> float:
    """Return the seconds that `p` percent do not exceed in such a queue.

    The time in it is exponential, so the p99 is ln(100) = 4.6 times the mean.
    """
    if not 0 < p < 100:
        raise ValueError(f"p must be between 0 and 100, got {p}")
    mean_s = mm1_response(rate_rps=rate_rps, capacity_rps=capacity_rps)
    return -math.log(1 - p / 100) * mean_s


def mm1_run(*, rate_rps: float, capacity_rps: float, n: int, seed: int) -> LoadRun:
    """Return a simulated run of `n` requests through a queue with one server."""
    rng = np.random.default_rng(seed)
    due_s = rng.exponential(1 / rate_rps, n).cumsum()
    work_s = rng.exponential(1 / capacity_rps, n)
    done_s, free_s = np.empty(n), 0.0
    for i in range(n):  # work begins when the server is free, and the request is there
        done_s[i] = free_s = max(free_s, due_s[i]) + work_s[i]
    return LoadRun(due_s, due_s.copy(), done_s, np.full(n, 200))


@dataclass(frozen=True)
class Queue:
    """A queue with one server (M/M/1), fitted to measured times: a model of them."""

    capacity_rps: float
    off: float  # how far the times lie from it, typically: 0.1 for 10 %

    def __repr__(self) -> str:
        return f"a queue that could do {self.capacity_rps:.0f}/s, off by {self.off:.0%}"


def fit_queue(rates: _Numbers, response_s: _Numbers) -> Queue:
    """Return the queue with one server whose mean times at `rates` fit best.

    A miss of 10 % counts alike for short and long times. Every rate was served, so the
    capacity is above the largest. Where `off` is large the server is no such queue; and
    even arrivals wait less than these by chance, so they make it look larger.
    """
    rates_rps, times_s = _pairs(rates, response_s, fewest=2)

    def law(spare: np.ndarray) -> np.ndarray:
        # spare is beyond the largest rate; exp keeps it above 0
        return 1 / (rates_rps.max() + np.exp(spare) - rates_rps)

    start = -np.log(times_s[rates_rps.argmax()])
    spare = least_squares(lambda x: np.log(law(x) / times_s), start).x
    return Queue(float(rates_rps.max() + np.exp(spare[0])), _off(law(spare), times_s))


def _pairs(
    loads: _Numbers, measured: _Numbers, *, fewest: int
) -> tuple[np.ndarray, np.ndarray]:
    pairs = np.asarray(loads, float), np.asarray(measured, float)
    if len(pairs[0]) < fewest or pairs[0].shape != pairs[1].shape:
        raise ValueError(f"needs {fewest} loads or more, got {loads} and {measured}")
    return pairs


def _off(law: np.ndarray, measured: np.ndarray) -> float:
    return float(np.sqrt(np.mean((law / measured - 1) ** 2)))


@dataclass(frozen=True)
class Scalability:
    """Gunther's universal scalability law: `rate_rps` says what N callers get."""

    one_rps: float  # what a single caller gets
    contention: float  # the share of the work that only one can do at a time
    crosstalk: float  # the cost of keeping each pair in agreement
    off: float = 0.0  # how far the rates lie from it, typically: 0.1 for 10 %

    def rate_rps(self, n: float) -> float:
        """Return the answers a second for `n` callers or workers."""
        drag = self.contention * (n - 1) + self.crosstalk * n * (n - 1)
        return self.one_rps * n / (1 + drag)

    @property
    def peak(self) -> float:
        """Return the number beyond which more get less; infinite without crosstalk."""
        if self.crosstalk < 1e-6:  # a fit hardly ever finds a zero
            return math.inf
        return max(1.0, math.sqrt(max(0.0, 1 - self.contention) / self.crosstalk))

    def __repr__(self) -> str:
        shares = f"contention {self.contention:.1%}, crosstalk {self.crosstalk:.2%}"
        peak = "no peak" if math.isinf(self.peak) else f"peak at {self.peak:.0f}"
        words = f"{self.one_rps:.0f} answers/s alone, {shares}, {peak}"
        return f"{words}, off by {self.off:.0%}"


def fit_scalability(loads: _Numbers, throughput_rps: _Numbers) -> Scalability:
    """Return the universal scalability law that fits best: a model, not the truth."""
    numbers, rates = _pairs(loads, throughput_rps, fewest=3)

    def law(values: np.ndarray) -> np.ndarray:
        return np.array([Scalability(*values).rate_rps(n) for n in numbers])

    start, most = [rates[0] / numbers[0], 0.05, 0.0001], [np.inf, 1, 1]
    best = least_squares(lambda x: law(x) - rates, start, bounds=(0, most)).x
    one, contention, crosstalk = best.tolist()
    return Scalability(one, contention, crosstalk, _off(law(best), rates))
