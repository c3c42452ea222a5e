"""What does a server count about itself?

Counters and a histogram that only grow, as the text that Prometheus reads.
"""

import os
from bisect import bisect_left
from collections import Counter as Tally
from collections.abc import Iterator, Sequence
from itertools import chain
from typing import Any

from prometheus_client import CollectorRegistry, Counter, Histogram, Summary
from prometheus_client.exposition import generate_latest
from prometheus_client.metrics_core import Metric
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import Collector
from prometheus_client.samples import Sample

from lessonlib.save.answers import NUMBERS
from lessonlib.save.columns import Values
from lessonlib.save.manifest import Manifest
from lessonlib.serve.forks import in_each_child

# close together around the belt's 0.05, where it matters on which side one is
_BUCKETS_MS = (1, 2.5, 5, 10, 20, 30, 40, 50, 60, 80, 100, 250, 500, 1000, 2500)
_MOST_ANSWERS = 20  # that get a series each where no class is known
BUCKETS_S = tuple(end_ms / 1000 for end_ms in _BUCKETS_MS)


class Monitor:
    """Counts what `prediction_app(..., monitor=...)` tells it; `page()` for /metrics.

    The counts only grow: whoever reads them twice sees what happened in between. Each
    value of a label is a series to store, so an answer that is none of `answers` (by
    default the model's classes, or else the first that come) is "other". Of numbers
    their sum is kept.
    """

    def __init__(
        self,
        *,
        answers: Sequence[Any] | None = None,
        sure: float = 0.9,
    ):
        self._answers = {_label(each) for each in answers or ()}
        self._open = answers is None  # the first that come are added
        self._numbers, self._sure_from = False, sure
        self._begin()
        in_each_child(self._begin)  # which counts what it does itself

    def _begin(self) -> None:
        self.registry = CollectorRegistry()  # ours alone: a cell can be run again
        self._series: dict[tuple[str, Any], Any] = {}
        own: Any = {"registry": self.registry}
        by = (["path", "status"], ["path"], ["answer"])
        self._requests = Counter("http_requests", "Requests", by[0], **own)
        self._latency = Histogram(
            "http_latency_seconds", "Time to answer", by[1], buckets=BUCKETS_S, **own
        )
        self._predictions = Counter("model_predictions", "Answers", by[2], **own)
        self._inputs = Summary("model_input_mean", "Mean of a row's features", **own)
        self._values = Summary("model_prediction_value", "Numbers as answers", **own)
        self._sure_answers = Counter(
            "model_sure_answers", f"p >= {self._sure_from:g}", **own
        )

    def seen(self, path: str, status: int, *latencies_s: float) -> None:
        """Count responses. `path` is an address of the app, never a client's text."""
        if (key := (path, status)) not in self._series:  # to look one up takes long
            count = self._requests.labels(path, str(status))
            self._series[key] = count, self._latency.labels(path)
        count, latency = self._series[key]
        count.inc(len(latencies_s))
        # as latency.observe() would, one by one
        latency._sum.inc(sum(latencies_s))
        for place, n in Tally(bisect_left(BUCKETS_S, x) for x in latencies_s).items():
            latency._buckets[place].inc(n)

    def expect(self, manifest: Manifest) -> None:
        """Learn from a manifest which answers a model gives. An app does this."""
        self._numbers = manifest.answers == NUMBERS
        if self._open and (expected := manifest.expected_answers):
            self._answers, self._open = {_label(each) for each in expected}, False

    def predicted(
        self, rows: Values, predictions: list[Any], probabilities: list[Any] | None
    ) -> None:
        """Count answers to `rows`, all as lists; each has a row of probabilities."""
        if self._numbers:
            targets = (x if isinstance(x, list) else [x] for x in predictions)
            _observe(self._values, [*chain.from_iterable(targets)])
        else:
            for name, n in Tally(map(_label, predictions)).items():
                if self._open and len(self._answers) < _MOST_ANSWERS:
                    self._answers.add(name)
                known = name if name in self._answers else "other"
                if (key := ("answer", known)) not in self._series:
                    self._series[key] = self._predictions.labels(known)
                self._series[key].inc(n)
        _observe(self._inputs, [x for x in map(_mean, rows) if x is not None])
        sure = (max(row) >= self._sure_from for row in probabilities or ())
        self._sure_answers.inc(sum(sure))

    def page(self) -> str:
        """Return all counts as the text that a Prometheus server reads."""
        registry = self.registry
        if "PROMETHEUS_MULTIPROC_DIR" in os.environ:  # of workers, who share a folder
            MultiProcessCollector(registry := CollectorRegistry())
        return generate_latest(_Printable(registry)).decode()


class _Printable(Collector):
    """What a registry collects, as a page can hold it."""

    def __init__(self, registry: Collector):
        self._registry = registry

    def collect(self) -> Iterator[Metric]:
        for metric in self._registry.collect():
            # the time at which each of them began is of no use
            kept = (x for x in metric.samples if not x.name.endswith("_created"))
            metric.samples = [_in_utf8(each) for each in kept]
            yield metric


def _in_utf8(sample: Sample) -> Sample:
    """Return a sample whose labels have half a character by its number, \\ud800."""
    pairs = sample.labels.items()
    texts = {k: v.encode(errors="backslashreplace").decode() for k, v in pairs}
    return sample._replace(labels=texts)


def _observe(summary: Summary, values: Sequence[float]) -> None:
    """Observe many values at once, as summary.observe() would one by one."""
    summary._count.inc(len(values))
    summary._sum.inc(sum(values))


def _mean(row: Sequence[Any]) -> float | None:
    """Return the mean of a row's numbers, if it has any."""
    try:
        return sum(row) / len(row)
    except TypeError:  # words, or gaps
        numbers = [x for x in row if type(x) in (float, int)]
        return sum(numbers) / len(numbers) if numbers else None


def _label(answer: Any) -> str:
    # as JSON has it: false, not False
    return str(answer).lower() if isinstance(answer, bool) else str(answer)
