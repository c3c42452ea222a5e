"""How does a row reach the disk, so that no crash takes it back?

One thread owns the only connection. Whoever has something to write hands it over and
waits; the thread writes all that has been handed over meanwhile in one transaction
(group commit) and tells everybody when it is on the disk. SQLite in a file serves one
computer; a `postgresql://` address serves several, with the same SQL. If the store
fails, whoever waits hears so within seconds, and nothing of theirs has been kept.
"""

import logging
import os
import queue
import sqlite3
import threading
import weakref
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from contextlib import suppress
from pathlib import Path
from types import ModuleType
from typing import Any, TypeVar

from lessonlib.errors import LessonError, LogUnavailable
from lessonlib.learn.failures import as_ours, why_down

# SQL that both databases read. Values other than numbers are JSON texts. Nothing here
# is ever changed or deleted: what was said stays said.
_TABLES = (
    """CREATE TABLE IF NOT EXISTS predictions (
    request_id TEXT, row_no INTEGER, at_s DOUBLE PRECISION, model TEXT, version TEXT,
    features TEXT, prediction TEXT, probabilities TEXT, latency_s DOUBLE PRECISION,
    propensity DOUBLE PRECISION, audited INTEGER, PRIMARY KEY (request_id, row_no))""",
    """CREATE TABLE IF NOT EXISTS labels (
    request_id TEXT, row_no INTEGER, revision INTEGER, label TEXT, source TEXT,
    at_s DOUBLE PRECISION, PRIMARY KEY (request_id, row_no, revision))""",
    """CREATE TABLE IF NOT EXISTS strays (
    request_id TEXT, row_no INTEGER, label TEXT, source TEXT,
    at_s DOUBLE PRECISION)""",
)
_LOCKED_MS, _STILL_LOCKED_MS = 2000, 100  # to wait for a lock: at first, and after that
_MOST_IN_ONE_COMMIT = 500
_LAST = None  # what close() hands over

_logger = logging.getLogger(__name__)
_Result = TypeVar("_Result")


class Store:
    """A connection to SQLite or PostgreSQL that speaks the SQL of both."""

    def __init__(self, path_or_url: str | Path):
        self._url = str(path_or_url)
        self.postgres = self._url.startswith(("postgresql://", "postgres://"))
        self._connection, self._wait_ms = self._connect(), _LOCKED_MS
        for table in _TABLES:
            self._create(table)

    def _connect(self) -> Any:
        if self.postgres:
            connection = _psycopg().connect(
                self._url, autocommit=True, connect_timeout=2
            )
            connection.execute(f"SET lock_timeout = {_LOCKED_MS}")
            return connection
        connection = sqlite3.connect(
            self._url, timeout=_LOCKED_MS / 1000, isolation_level=None
        )
        connection.execute("PRAGMA journal_mode = WAL")
        # FULL: a commit is on the disk when it returns. With NORMAL the rows of the
        # last seconds outlive a killed program, but not a power cut.
        connection.execute("PRAGMA synchronous = FULL")
        return connection

    def _create(self, table: str) -> None:
        try:
            self.run(table)
        except Exception:
            if not self.postgres:
                raise
            self.run(table)  # IF NOT EXISTS may lose a race with another host, once

    def run(self, sql: str, values: Sequence[Any] = ()) -> Any:
        """Run one statement, with ? for each value, and return its cursor."""
        sql = sql.replace("?", "%s") if self.postgres else sql
        return self._connection.execute(sql, tuple(values))

    def in_one_transaction(self, work: Callable[[], _Result]) -> _Result:
        """Return what `work` returns, with all it wrote on the disk; or write none."""
        try:
            self._begin()
            result = work()
            self.run("COMMIT")
        except BaseException:
            with suppress(Exception):  # the connection itself may be gone
                self.run("ROLLBACK")
            self._wait_for_locks(_STILL_LOCKED_MS)
            raise
        self._wait_for_locks(_LOCKED_MS)
        return result

    def _begin(self) -> None:
        sql = "BEGIN" if self.postgres else "BEGIN IMMEDIATE"
        try:
            self.run(sql)
        except Exception:
            if not (self.postgres and self._connection.closed):
                raise
            # the database had hung up
            self._connection, self._wait_ms = self._connect(), _LOCKED_MS
            self.run(sql)

    def _wait_for_locks(self, wait_ms: int) -> None:
        """Set how long a statement waits: briefly while the last one found a lock."""
        if wait_ms != self._wait_ms:
            with suppress(Exception):  # the connection itself may be gone
                name = "SET lock_timeout" if self.postgres else "PRAGMA busy_timeout"
                self.run(f"{name} = {wait_ms}")
                self._wait_ms = wait_ms

    def close(self) -> None:
        """Close the connection."""
        self._connection.close()


_Task = tuple[Callable[[Store], Any], Future[Any]]


class Writer:
    """The one thread that uses a Store. `do(work)` waits for `work(store)`'s commit.

    A connection must not live on in a forked process: before a fork the thread ends and
    closes it, and on both sides the next `do` starts another.
    """

    def __init__(self, path_or_url: str | Path):
        self._url, self._closed = path_or_url, False
        self._waiting: queue.SimpleQueue[_Task | None] = queue.SimpleQueue()
        self._lock = threading.Lock()  # of the thread: who starts it, hands over, ends
        self._thread: threading.Thread | None = None
        self._start()
        if hasattr(os, "register_at_fork"):  # Windows does not fork
            _rest_while_forking(weakref.ref(self))

    def do(self, work: Callable[[Store], _Result]) -> _Result:
        """Return what `work(store)` returns, after its commit. Raises LessonError."""
        done: Future[_Result] = Future()
        with self._lock:
            if self._closed:
                raise LessonError(f"the log {self._url} is closed: open it again")
            if not self._thread:
                self._start()
            self._waiting.put((work, done))
        return done.result()

    def close(self) -> None:
        """Write what has been handed over, then end. A second call does nothing."""
        with self._lock:
            self._closed = True
            self._end()

    def _start(self) -> None:
        opened: Future[None] = Future()
        thread = threading.Thread(
            target=self._work, args=[opened], name="log", daemon=True
        )
        thread.start()
        opened.result()  # raises here what opening the store raised there
        self._thread = thread

    def _end(self) -> None:
        if self._thread:
            self._waiting.put(_LAST)
            self._thread.join()
            self._thread = None

    def _work(self, opened: Future[None]) -> None:
        try:
            store = Store(self._url)
        except Exception as error:
            opened.set_exception(as_ours(error, f"cannot open {self._url}"))
            return
        opened.set_result(None)
        more = True
        while more:
            batch, more = self._next_batch()
            _commit_together(store, batch)
        store.close()

    def _next_batch(self) -> tuple[list[_Task], bool]:
        """Wait for a task; return all that are there, and whether more may come."""
        batch: list[_Task] = []
        task = self._waiting.get()
        while task is not _LAST:
            batch.append(task)
            if len(batch) == _MOST_IN_ONE_COMMIT:
                return batch, True
            try:
                task = self._waiting.get_nowait()
            except queue.Empty:
                return batch, True
        return batch, False


def _rest_while_forking(kept: weakref.ref[Writer]) -> None:
    resting: list[Writer] = []

    def rest() -> None:
        if writer := kept():
            writer._lock.acquire()
            writer._end()
            resting.append(writer)

    def go_on() -> None:
        while resting:
            resting.pop()._lock.release()

    os.register_at_fork(before=rest, after_in_parent=go_on, after_in_child=go_on)


def _commit_together(store: Store, batch: list[_Task]) -> None:
    """Do all of a batch in one transaction; if one fails, each in one of its own.

    If it is the store that fails, all hear so now: nobody waits for it one by one.
    """
    try:
        results = store.in_one_transaction(lambda: [work(store) for work, _ in batch])
    except Exception as error:
        if len(batch) > 1 and not why_down(error):
            for task in batch:
                _commit_together(store, [task])
            return
        ours = as_ours(error, "the log could not be used")
        if isinstance(ours, LogUnavailable):
            _logger.error("%s; %d callers were refused", ours, len(batch))
        for _, done in batch:
            done.set_exception(ours)
        return
    for (_, done), result in zip(batch, results, strict=True):
        done.set_result(result)  # only now: it is on the disk


def _psycopg() -> ModuleType:
    try:
        import psycopg
    except ImportError:
        message = "a postgresql:// log needs psycopg: install it, or give a file's path"
        raise LessonError(message) from None
    return psycopg
