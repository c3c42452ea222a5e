"""Is it well now? The counts of a server say what happened when."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from prometheus_client.parser import text_string_to_metric_families

from lessonlib.evidence import counts, number, numbers, whole
from lessonlib.rows import row_of
from lessonlib.serve.monitor import BUCKETS_S

_COUNTERS = ("_total", "_count", "_bucket")  # what only grows while a server lives


def samples(page: str) -> Iterator[Any]:
    """Yield each sample of a /metrics page: its name, its labels, its value."""
    if not isinstance(page, str):
        raise ValueError(f"a page of /metrics is a text, got {page!r:.40}")
    for family in text_string_to_metric_families(page):
        yield from family.samples


def read_metrics(page: str) -> dict[str, float]:
    """Return the values of a /metrics page by name, labels included as on the page."""
    values = {}
    for sample in samples(page):
        labels = ",".join(f'{key}="{_quoted(x)}"' for key, x in sample.labels.items())
        values[sample.name + (f"{{{labels}}}" if labels else "")] = sample.value
    return values


def _quoted(label: str) -> str:
    return label.replace("\\", r"\\").replace("\n", r"\n").replace('"', r"\"")


def increase(readings: Sequence[float]) -> float:
    """Return how much a counter grew over two or more readings, the oldest first.

    A counter never falls, so a lower reading means a restart from 0: what it shows then
    has all happened since. What came between the last reading and the restart is lost.
    """
    row = row_of(readings, "readings")
    numbers(row, "readings", least=2, low=0)
    told = row.tolist()  # Python's own numbers do not overflow
    steps = zip(told, told[1:], strict=False)
    return sum(now - before if now >= before else now for before, now in steps)


@dataclass(frozen=True)
class Buckets:
    """A latency histogram: how many took at most `upper_s`, for each upper end."""

    upper_s: tuple[float, ...]  # ascending; the last one is infinite
    at_most: tuple[int, ...]  # cumulative: the last one counts them all

    def __post_init__(self) -> None:
        ends = numbers(self.upper_s, "upper_s", low=-math.inf, high=math.inf)
        at_most = counts(self.at_most, "at_most")
        if (
            len(ends) != len(at_most)
            or (np.diff(ends) <= 0).any()
            or ends[-1] != np.inf
        ):
            raise ValueError(f"buckets end in ascending order, at infinity, got {ends}")
        if (np.diff(at_most) < 0).any():
            raise ValueError(f"at_most counts all up to an end, got {self.at_most}")

    @classmethod
    def of(
        cls, times_s: Sequence[float] | np.ndarray, upper_s: Sequence[float] = BUCKETS_S
    ) -> "Buckets":
        """Return the histogram of times in seconds; there may be none."""
        times_s = numbers(times_s, "times_s", least=0, low=0, high=math.inf)
        ends = (*upper_s, math.inf)
        at_most = np.searchsorted(np.sort(times_s), ends, side="right")
        return cls(ends, tuple(at_most.tolist()))

    @classmethod
    def read(cls, page: str) -> "Buckets":
        """Return the latency of /predict from the text of a /metrics page."""
        found = {
            float(sample.labels["le"]): whole(sample.value, sample.name)
            for sample in samples(page)
            if sample.name == "http_latency_seconds_bucket"
            and sample.labels["path"] == "/predict"
        }
        if not found:
            raise ValueError(
                "no latency of '/predict' on this page: was it ever asked?"
            )
        return cls(tuple(sorted(found)), tuple(found[end] for end in sorted(found)))

    def __add__(self, other: "Buckets") -> "Buckets":
        """Return the histogram of both: counts add up, percentiles do not."""
        if self.upper_s != other.upper_s:
            raise ValueError("histograms with different buckets cannot be merged")
        both = zip(self.at_most, other.at_most, strict=True)
        return Buckets(self.upper_s, tuple(a + b for a, b in both))

    def __sub__(self, before: "Buckets") -> "Buckets":
        """Return the histogram of what came between two readings of one server.

        Raises ValueError if a count fell: then it has restarted in between.
        """
        if self.upper_s != before.upper_s:
            raise ValueError("histograms with different buckets cannot be compared")
        both = zip(self.at_most, before.at_most, strict=True)
        grown = tuple(now - then for now, then in both)
        if min(grown) < 0:
            message = (
                "the counts fell between two readings: a restart, or another server"
            )
            raise ValueError(f"{message}? The later one alone says what came since")
        return Buckets(self.upper_s, grown)

    def quantile(self, q: float) -> float:
        """Return an estimate of the time in seconds that a share `q` did not exceed.

        Within its bucket the times are taken as evenly spread, so the estimate can be
        wrong by the width of the bucket. In the last, endless one it is the largest
        finite end. That is the rule of Prometheus's histogram_quantile.
        """
        if not 0 < number(q, "q") <= 1 or not self.at_most[-1]:
            raise ValueError(f"needs 0 < q <= 1 and a time, got q={q} and {self}")
        rank = q * self.at_most[-1]
        i = next(i for i, count in enumerate(self.at_most) if count >= rank)
        if math.isinf(self.upper_s[i]):
            return self.upper_s[i - 1]
        low, below = (self.upper_s[i - 1], self.at_most[i - 1]) if i else (0.0, 0)
        share = (rank - below) / (self.at_most[i] - below)
        return low + (self.upper_s[i] - low) * share

    def __repr__(self) -> str:
        return f"{self.at_most[-1]} times in {len(self.upper_s)} buckets"


@dataclass(frozen=True)
class Window:
    """What happened between two readings of /metrics, as far as counts can tell."""

    requests: int  # to /predict
    errors: int  # of these, not answered with status 200
    latency: Buckets
    mean_input: float  # the mean of all features of all rows; NaN if there was no row
    sure: float  # the share of rows with an answer that the model was sure of, or NaN
    restarted: bool = False  # then what came before the restart is not in it

    @classmethod
    def between(cls, before: str, after: str) -> "Window":
        """Return what happened between two pages of one server.

        If it has restarted in between, its counts began again at 0: then the window is
        what the later page alone can tell, and says so.
        """
        new, old = _values(after), _values(before)
        restarted = any(
            value > new.get(key, 0) for key, value in old.items() if _counts_up(key)
        )
        if restarted:
            old = {}

        def grew(name: str, **labels: str) -> float:
            keys = [k for k in new if k[0] == name and labels.items() <= k[1]]
            return sum(new[key] - old.get(key, 0) for key in keys)

        latency = Buckets.read(after)
        asked = grew("http_requests_total", path="/predict")
        good = grew("http_requests_total", path="/predict", status="200")
        rows = grew("model_input_mean_count") or math.nan  # no row has no mean
        return cls(
            requests=int(asked),
            errors=int(asked - good),
            latency=latency if restarted else latency - Buckets.read(before),
            mean_input=grew("model_input_mean_sum") / rows,
            sure=grew("model_sure_answers_total") / rows,
            restarted=restarted,
        )

    def __repr__(self) -> str:
        counted = f"{self.requests} requests, {self.errors} errors"
        if self.restarted:
            counted = f"since a restart: {counted}"
        if math.isnan(self.sure):
            return f"{counted}, no row that the model answered"
        return f"{counted}, mean input {self.mean_input:.2f}, {self.sure:.0%} sure"


_Key = tuple[str, frozenset[tuple[str, str]]]


def _values(page: str) -> dict[_Key, float]:
    return {(s.name, frozenset(s.labels.items())): s.value for s in samples(page)}


def _counts_up(key: _Key) -> bool:
    return key[0].endswith(_COUNTERS)  # a sum falls, too, if what it adds is below 0


def prometheus_yaml(url: str, *, every_s: int = 5) -> str:
    """Return a prometheus.yml that reads `url`/metrics every few seconds."""
    return f"""global:
  scrape_interval: {every_s}s
scrape_configs:
  - job_name: northgate
    static_configs:
      - targets: ["{url.removeprefix("http://")}"]
"""
