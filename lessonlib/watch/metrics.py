"""Is it well now? The counts of a server say what happened when."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from prometheus_client.parser import text_string_to_metric_families

from lessonlib.serve.monitor import BUCKETS_S


def read_metrics(page: str) -> dict[str, float]:
    """Return the values of a /metrics page by name, labels included as on the page."""
    values = {}
    for family in text_string_to_metric_families(page):
        for sample in family.samples:
            labels = ",".join(f'{key}="{val}"' for key, val in sample.labels.items())
            values[sample.name + (f"{{{labels}}}" if labels else "")] = sample.value
    return values


def increase(readings: Sequence[float]) -> float:
    """Return how much a counter grew over two or more readings, the oldest first.

    A counter never falls, so a lower reading means a restart from 0: what it shows then
    has all happened since. What came between the last reading and the restart is lost.
    """
    if len(readings) < 2:
        raise ValueError(f"an increase needs two readings, got {len(readings)}")
    steps = zip(readings, readings[1:], strict=False)
    return sum(now - before if now >= before else now for before, now in steps)


@dataclass(frozen=True)
class Buckets:
    """A latency histogram: how many took at most `upper_s`, for each upper end."""

    upper_s: tuple[float, ...]  # ascending; the last one is infinite
    at_most: tuple[int, ...]  # cumulative: the last one counts them all

    @classmethod
    def of(
        cls, times_s: Sequence[float] | np.ndarray, upper_s: Sequence[float] = BUCKETS_S
    ) -> "Buckets":
        """Return the histogram of times in seconds."""
        ends = (*upper_s, math.inf)
        counts = np.searchsorted(np.sort(times_s), ends, side="right")
        return cls(ends, tuple(counts.tolist()))

    @classmethod
    def read(cls, page: str) -> "Buckets":
        """Return the latency of /predict from the text of a /metrics page."""
        found = {
            float(sample.labels["le"]): int(sample.value)
            for family in text_string_to_metric_families(page)
            for sample in family.samples
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
        """Return the histogram of what came between two readings of one server."""
        return self + Buckets(before.upper_s, tuple(-count for count in before.at_most))

    def quantile(self, q: float) -> float:
        """Return an estimate of the time in seconds that a share `q` did not exceed.

        Within its bucket the times are taken as evenly spread, so the estimate can be
        wrong by the width of the bucket. In the last, endless one it is the largest
        finite end. That is the rule of Prometheus's histogram_quantile.
        """
        if not 0 < q <= 1 or not self.at_most[-1]:
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
    mean_input: float  # the mean of all features of all rows
    sure: float  # the share of rows with an answer that the model was sure of

    @classmethod
    def between(cls, before: str, after: str) -> "Window":
        """Return what happened between two pages of one server that did not restart."""
        old, new = read_metrics(before), read_metrics(after)

        def grew(*beginnings: str) -> float:
            names = [name for name in new if name.startswith(beginnings)]
            return sum(new[name] - old.get(name, 0) for name in names)

        asked = 'http_requests_total{path="/predict"'
        rows = grew("model_input_mean_count") or math.nan  # no row has no mean
        return cls(
            requests=int(grew(asked)),
            errors=int(grew(asked) - grew(f'{asked},status="200"')),
            latency=Buckets.read(after) - Buckets.read(before),
            mean_input=grew("model_input_mean_sum") / rows,
            sure=grew("model_sure_answers_total") / rows,
        )

    def __repr__(self) -> str:
        counts = f"{self.requests} requests, {self.errors} errors"
        return f"{counts}, mean input {self.mean_input:.2f}, {self.sure:.0%} sure"


def prometheus_yaml(url: str, *, every_s: int = 5) -> str:
    """Return a prometheus.yml that reads `url`/metrics every few seconds."""
    return f"""global:
  scrape_interval: {every_s}s
scrape_configs:
  - job_name: northgate
    static_configs:
      - targets: ["{url.removeprefix("http://")}"]
"""
