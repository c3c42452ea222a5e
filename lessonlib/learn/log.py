"""What was predicted, and what turned out true?

A prediction is written down when it is made, a label when it comes: days later, twice,
or never. Both tables only grow, nothing is changed; the request id joins them.
"""

import json
import math
import threading
import time
import weakref
from collections.abc import Callable, Sequence
from functools import partial
from operator import itemgetter
from pathlib import Path
from typing import Any

import numpy as np

from lessonlib.errors import FeedbackError, LogUnavailable
from lessonlib.evidence import number
from lessonlib.learn.audits import AuditPolicy, drawn
from lessonlib.learn.labels import Joined, join
from lessonlib.learn.store import Store, Writer, address_of

_SAVE_PREDICTION = (
    "INSERT INTO predictions VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
    " ON CONFLICT DO NOTHING"
)
_SAVE_LABEL = (
    "INSERT INTO labels SELECT ?, ?, COALESCE(MAX(revision), 0) + 1, ?, ?, ?"
    " FROM labels WHERE request_id = ? AND row_no = ? ON CONFLICT DO NOTHING"
)
_SAVE_STRAY = (  # anybody may send one: little is kept of it
    "INSERT INTO strays VALUES (SUBSTR(?, 1, 100), ?, SUBSTR(?, 1, 100),"
    " SUBSTR(?, 1, 100), ?)"
)
_PREDICTED = "SELECT 1 FROM predictions WHERE request_id = ? AND row_no = ?"
_LAST_OF_SOURCE = (
    "SELECT label FROM labels WHERE request_id = ? AND row_no = ? AND source = ?"
    " ORDER BY revision DESC LIMIT 1"
)
_ALL_PREDICTIONS = (
    "SELECT request_id, row_no, at_s, version, features, prediction, probabilities,"
    " propensity, audited FROM predictions WHERE at_s <= ?"
    " ORDER BY at_s, request_id, row_no"
)
_ALL_LABELS = (
    "SELECT request_id, row_no, label, at_s, revision FROM labels WHERE at_s <= ?"
)
_COUNT_STRAYS = "SELECT COUNT(*) FROM strays WHERE at_s <= ?"


class PredictionLog:
    """An append-only log of predictions and labels, in a file or in PostgreSQL.

    `record` and `label` come back when their row is on the disk. `audit` says which
    answers a person should check. `now` is a clock in seconds. Several threads may use
    one log; several computers need a postgresql:// address. A log that nobody has any
    more is closed.
    """

    def __init__(
        self,
        path_or_url: str | Path,
        *,
        audit: AuditPolicy | None = None,
        now: Callable[[], float] = time.time,
    ):
        self._name, self._address = str(path_or_url), address_of(path_or_url)
        self._writer, self._audit, self._now = Writer(self._address), audit, now
        weakref.finalize(self, _close_soon, self._writer).atexit = False

    def record(
        self,
        request_id: str,
        model: str,
        version: str,
        rows: Any,
        predictions: Sequence[Any],
        probabilities: Sequence[Sequence[float]] | None = None,
        latency_s: float = 0.0,
    ) -> None:
        """Write down the answers to `rows`: an array or lists of JSON values, n by k.

        The same request twice is kept once.
        """
        what = request_id, model, version, rows, predictions, probabilities
        self.record_all([what], latency_s=latency_s)

    def record_all(
        self, requests: Sequence[tuple[Any, ...]], *, latency_s: float = 0.0
    ) -> None:
        """Write down several requests in one commit: each as `record` takes it."""
        lines = [line for each in requests for line in self._lines(latency_s, *each)]
        self._writer.do(lambda store: [store.run(_SAVE_PREDICTION, x) for x in lines])

    def _lines(
        self,
        latency_s: float,
        request_id: str,
        model: str,
        version: str,
        rows: Any,
        predictions: Sequence[Any],
        probabilities: Sequence[Sequence[float]] | None,
    ) -> list[tuple[Any, ...]]:
        rows, n = np.asarray(rows, dtype=object).tolist(), len(predictions)
        if len(rows) != n or (probabilities is not None and len(probabilities) != n):
            raise ValueError(f"{n} predictions for {len(rows)} rows: one for each")
        if probabilities is None or self._audit is None:
            chances: list[Any] = [None] * n
        else:
            chances = self._audit.propensity(np.asarray(probabilities)).tolist()
        at_s, lines = self._time(), []
        for i, (row, answer, chance) in enumerate(
            zip(rows, predictions, chances, strict=True)
        ):
            sure = None if probabilities is None else _text(probabilities[i])
            lot = None if chance is None else int(drawn(request_id, i, chance))
            what = (model, version, _text(row), _text(answer), sure, latency_s)
            lines.append((request_id, i, at_s, *what, chance, lot))
        return lines

    def label(
        self, request_id: str, label: Any, *, row: int = 0, source: str = "clerk"
    ) -> bool:
        """Write down what was true. Return False if this source has said so before.

        Another label is a new revision; the latest counts. Raises FeedbackError for a
        prediction that is not in the log (and counts it among the strays).
        """
        text, at_s, this = _label_text(label), self._time(), (request_id, row)

        def save(store: Store) -> bool | None:
            if store.run(_PREDICTED, this).fetchone() is None:
                store.run(_SAVE_STRAY, (*this, text, source, at_s))
                return None
            while True:  # until no other host has taken the revision
                last = store.run(_LAST_OF_SOURCE, (*this, source)).fetchone()
                if last == (text,):
                    return False
                new = (*this, text, source, at_s, *this)
                if store.run(_SAVE_LABEL, new).rowcount:
                    return True

        if (stored := self._writer.do(save)) is None:
            raise FeedbackError(f"no prediction {request_id!r}, row {row}, in the log")
        return stored

    def joined(self, *, as_of_s: float | None = None) -> Joined:
        """Return every prediction up to `as_of_s` with its latest label.

        A label that came later than that is not seen: nothing leaks back in time. With
        None all are seen that there are, even if the clock has gone back since.
        """
        until = math.inf if as_of_s is None else number(as_of_s, "as_of_s")

        def read(store: Store) -> tuple[list[Any], list[Any], int]:
            return (
                store.run(_ALL_PREDICTIONS, (until,)).fetchall(),
                store.run(_ALL_LABELS, (until,)).fetchall(),
                store.run(_COUNT_STRAYS, (until,)).fetchone()[0],
            )

        predictions, labels, strays = self._writer.read(read)
        seen_s = self._time() if as_of_s is None else until
        try:
            labels.sort(key=itemgetter(4))  # by revision: the clock may have gone back
            in_order = (line[:4] for line in labels)
            return join(predictions, in_order, strays=strays, as_of_s=seen_s)
        except (ValueError, TypeError) as error:  # SQLite has not noticed
            message = f"{self._name} is damaged ({error}): put it aside, and begin"
            raise LogUnavailable(f"{message} a new one") from None

    def _time(self) -> float:
        return number(self._now(), "the time of the log's clock")  # a gap has no row

    def close(self) -> None:
        """Write what is waiting, and end the thread. A second call does nothing."""
        self._writer.close()

    def __enter__(self) -> "PredictionLog":
        return self

    def __exit__(self, *error: object) -> None:
        self.close()

    def __reduce__(self) -> Any:
        # to another process it goes by its address, with a connection of its own there
        return partial(PredictionLog, audit=self._audit), (self._address,)

    def __repr__(self) -> str:
        return f"log of predictions in {self._name}"


def _close_soon(writer: Writer) -> None:
    # garbage is found by any thread, also by the one that close() waits for
    threading.Thread(target=writer.close, daemon=True).start()


def _text(value: Any) -> str:
    # only what is numpy's is made plain: an array of 34 and "Leeds" would hold texts
    return json.dumps(value, default=lambda each: each.tolist(), allow_nan=False)


def _label_text(label: Any) -> str:
    if label is None:
        raise ValueError("a label of None says nothing: leave the call out")
    # JSON knows one kind of number, so 3.0 is the digit 3 and contradicts nobody
    whole = isinstance(label, float) and label.is_integer()
    return _text(int(label) if whole else label)
