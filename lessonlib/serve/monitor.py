"""What does a server count about itself?

Counters and a histogram that only grow, as the text that Prometheus reads.
"""

import os
from collections.abc import Sequence
from typing import Any

import numpy as np
from prometheus_client import CollectorRegistry, Counter, Histogram, Summary
from prometheus_client.exposition import generate_latest
from prometheus_client.multiprocess import MultiProcessCollector

# close together around the belt's 0.05, where it matters on which side one is
_BUCKETS_MS = (1, 2.5, 5, 10, 20, 30, 40, 50, 60, 80, 100, 250, 500, 1000, 2500)
BUCKETS_S = tuple(end_ms / 1000 for end_ms in _BUCKETS_MS)


class Monitor:
    """Counts what `prediction_app(..., monitor=...)` tells it; `page()` for /metrics.

    The counts only grow: whoever reads them twice sees what happened in between. Each
    value of a label is a series to store, so an answer not in `answers` is "other".
    """

    def __init__(
        self,
        *,
        answers: Sequence[Any] = range(10),
        sure: float = 0.9,
    ):
        self.registry = CollectorRegistry()  # ours alone: a cell can be run again
        self._answers, self._sure_from = {str(each) for each in answers}, sure
        own: Any = {"registry": self.registry}
        by = (["path", "status"], ["path"], ["answer"])
        self._requests = Counter("http_requests", "Requests", by[0], **own)
        self._latency = Histogram(
            "http_latency_seconds", "Time to answer", by[1], buckets=BUCKETS_S, **own
        )
        self._predictions = Counter("model_predictions", "Answers", by[2], **own)
        self._inputs = Summary("model_input_mean", "Mean of a row's features", **own)
        self._sure_answers = Counter("model_sure_answers", f"p >= {sure:g}", **own)

    def seen(self, path: str, status: int, latency_s: float) -> None:
        """Count a response. `path` is an address of the app, never a client's text."""
        self._requests.labels(path, str(status)).inc()
        self._latency.labels(path).observe(latency_s)

    def predicted(self, rows: Any, predictions: Any, probabilities: Any) -> None:
        """Count answers to `rows`, shape (n, k). Probabilities (n, classes) or None."""
        for answer in map(str, predictions):
            known = answer if answer in self._answers else "other"
            self._predictions.labels(known).inc()
        rows = np.asarray(rows, dtype=float)
        for mean in rows.sum(axis=1) / rows.shape[1]:
            self._inputs.observe(mean)
        if probabilities is not None:
            sure = sum(max(row) >= self._sure_from for row in probabilities)
            self._sure_answers.inc(sure)

    def page(self) -> str:
        """Return all counts as the text that a Prometheus server reads."""
        registry = self.registry
        if "PROMETHEUS_MULTIPROC_DIR" in os.environ:  # of workers, who share a folder
            MultiProcessCollector(registry := CollectorRegistry())
        lines = generate_latest(registry).decode().splitlines(keepends=True)
        return "".join(line for line in lines if "_created" not in line)  # of no use
