"""How does a row reach the disk, so that no crash takes it back?

One thread owns the only connection that writes. Whoever has something to write hands it
over and waits; the thread writes all that has been handed over meanwhile in one
transaction (group commit) and tells everybody when it is on the disk. Who reads has a
connection of their own, and nobody waits for them. If the store fails, whoever waits
hears so within seconds, and nothing of theirs has been kept.
"""

import logging
import os
import queue
import threading
import weakref
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from contextlib import closing, suppress
from pathlib import Path
from typing import Any, TypeVar

from lessonlib.errors import LessonError, LogUnavailable
from lessonlib.learn.failures import as_ours, why_down
from lessonlib.learn.files import SqliteFile
from lessonlib.learn.servers import PostgresServer

_LOCKED_MS, _STILL_LOCKED_MS = 2000, 100  # to wait for a lock: at first, and after that
_MOST_IN_ONE_COMMIT = 500
_LAST = None  # what close() hands over

_logger = logging.getLogger(__name__)
_Result = TypeVar("_Result")


def address_of(path_or_url: str | Path) -> str:
    """Return the address of a log as it is called in any folder: a path, or a URL.

    Raises ValueError for what would keep nothing.
    """
    name = os.fsdecode(path_or_url)
    if _is_url(name):
        return name
    if name in ("", ":memory:") or "://" in name or "\0" in name:
        hint = "give a file's path, or a URL that begins with postgresql://"
        raise ValueError(f"no log can be kept in {name!r:.80}: {hint}")
    return os.path.abspath(name)


def _is_url(address: str) -> bool:
    return address.startswith(("postgresql://", "postgres://"))


class Store:
    """A connection to SQLite or PostgreSQL that speaks the SQL of both.

    Only what is `new` makes a log where there is none.
    """

    def __init__(
        self, path_or_url: str | Path, *, new: bool = True, reading: bool = False
    ):
        address, how = address_of(path_or_url), {"new": new, "reading": reading}
        kind = PostgresServer if _is_url(address) else SqliteFile
        self._database = kind(address, wait_ms=_LOCKED_MS, **how)
        self._wait_ms = _LOCKED_MS

    def run(self, sql: str, values: Sequence[Any] = ()) -> Any:
        """Run one statement, with ? for each value, and return its cursor."""
        return self._database.run(sql, values)

    def in_one_transaction(self, work: Callable[[], _Result]) -> _Result:
        """Return what `work` returns, with all it wrote on the disk; or write none."""
        try:
            with self._database.transaction():
                result = work()
        except BaseException:
            self._wait_for_locks(_STILL_LOCKED_MS)
            raise
        self._wait_for_locks(_LOCKED_MS)
        return result

    def _wait_for_locks(self, wait_ms: int) -> None:
        """Set how long a statement waits: briefly while the last one found a lock."""
        if wait_ms != self._wait_ms:
            with suppress(Exception):  # the connection itself may be gone
                self._database.wait_for_locks(wait_ms)
                self._wait_ms = wait_ms

    def close(self) -> None:
        """Close the connection."""
        self._database.close()


_Task = tuple[Callable[[Store], Any], Future[Any]]


class Writer:
    """The one thread that uses a Store. `do(work)` waits for `work(store)`'s commit.

    A connection must not live on in a forked process: before a fork the thread ends and
    closes it, and on both sides the next `do` starts another.
    """

    def __init__(self, path_or_url: str | Path):
        self._url, self._closed, self._new = address_of(path_or_url), False, True
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
            self._must_be_open()
            if not self._thread:
                self._start()
            self._waiting.put((work, done))
        return done.result()

    def read(self, work: Callable[[Store], _Result]) -> _Result:
        """Return what `work(store)` reads. Who writes meanwhile need not wait."""
        self._must_be_open()
        try:
            with closing(Store(self._url, new=False, reading=True)) as store:
                return store.in_one_transaction(lambda: work(store))
        except Exception as error:
            raise as_ours(error, "the log could not be read") from None

    def close(self) -> None:
        """Write what has been handed over, then end. A second call does nothing."""
        with self._lock:
            self._closed = True
            self._end()

    def _must_be_open(self) -> None:
        if self._closed:
            raise LessonError(f"the log {self._url} is closed: open it again")

    def _start(self) -> None:
        opened: Future[None] = Future()
        thread = threading.Thread(
            target=self._work, args=[opened], name="log", daemon=True
        )
        thread.start()
        opened.result()  # raises here what opening the store raised there
        self._thread = thread
        self._new = False  # if the log has gone when it is opened again, say so

    def _end(self) -> None:
        if self._thread:
            self._waiting.put(_LAST)
            self._thread.join()
            self._thread = None

    def _work(self, opened: Future[None]) -> None:
        try:
            store = Store(self._url, new=self._new)
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
