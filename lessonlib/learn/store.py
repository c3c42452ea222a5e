"""How does a row reach the disk, so that no crash takes it back?

One thread owns the only connection. Whoever has something to write hands it over and
waits; the thread writes all that has been handed over meanwhile in one transaction
(group commit) and tells everybody when it is on the disk. SQLite in a file serves one
computer; a `postgresql://` address serves several, with the same SQL.
"""

import os
import queue
import sqlite3
import threading
import weakref
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from contextlib import suppress
from functools import partial
from pathlib import Path
from types import ModuleType
from typing import Any, TypeVar

from lessonlib.errors import LessonError

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
_MOST_IN_ONE_COMMIT = 500
_LAST = None  # what close() hands over

_Result = TypeVar("_Result")


class Store:
    """A connection to SQLite or PostgreSQL that speaks the SQL of both."""

    def __init__(self, path_or_url: str | Path):
        self._url = str(path_or_url)
        self.postgres = self._url.startswith(("postgresql://", "postgres://"))
        self._connection = self._connect()
        for table in _TABLES:
            self._create(table)

    def _connect(self) -> Any:
        if self.postgres:
            return _psycopg().connect(self._url, autocommit=True)
        connection = sqlite3.connect(self._url, timeout=10, isolation_level=None)
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
        self.run("BEGIN" if self.postgres else "BEGIN IMMEDIATE")
        try:
            result = work()
            self.run("COMMIT")
            return result
        except BaseException:
            with suppress(Exception):  # the connection itself may be gone
                self.run("ROLLBACK")
            raise

    def mend(self) -> None:
        """Connect again if the database has hung up; SQLite never does."""
        if self.postgres and self._connection.closed:
            self._connection = self._connect()

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
            opened.set_exception(_as_ours(error, f"cannot open {self._url}"))
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
    """Do all of a batch in one transaction; if that fails, each in one of its own."""
    try:
        results = store.in_one_transaction(lambda: [work(store) for work, _ in batch])
    except Exception:
        for work, done in batch:
            try:
                store.mend()
                result = store.in_one_transaction(partial(work, store))
                done.set_result(result)
            except Exception as error:
                done.set_exception(_as_ours(error, "the log could not be used"))
        return
    for (_, done), result in zip(batch, results, strict=True):
        done.set_result(result)  # only now: it is on the disk


def _as_ours(error: Exception, what: str) -> LessonError:
    if isinstance(error, LessonError):
        return error
    return LessonError(f"{what} ({type(error).__name__}: {error})")


def _psycopg() -> ModuleType:
    try:
        import psycopg
    except ImportError:
        message = "a postgresql:// log needs psycopg: install it, or give a file's path"
        raise LessonError(message) from None
    return psycopg
