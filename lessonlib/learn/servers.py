"""Does the server that keeps the log still answer?

PostgreSQL keeps a log for several computers. It may have been restarted meanwhile: then
it is reached again. It may be frozen: whoever is silent for too long is taken for gone,
since somebody waits for an answer.
"""

import socket
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from types import ModuleType
from typing import Any

from lessonlib.errors import LessonError, LogUnavailable
from lessonlib.learn.sql import TABLES, all_or_nothing

_SILENT_S, _READING_S = 2.0, 300.0  # how long a transaction may take
_BREATHER_S = 1.0  # before a server that was out of reach is tried again


class PostgresServer:
    """A connection to a log on a server."""

    def __init__(self, url: str, *, wait_ms: int, new: bool, reading: bool):
        self._url, self._wait_ms = url, wait_ms
        self._patience_s = _READING_S if reading else _SILENT_S
        self._next_try_s = 0.0
        self._connect()
        if new:
            with self._patience():
                for sql in TABLES:
                    self._create(sql)

    def run(self, sql: str, values: Sequence[Any] = ()) -> Any:
        """Run one statement, with ? for each value, and return its cursor."""
        return self.connection.execute(sql.replace("?", "%s"), tuple(values))

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Keep on the server all that is run in the `with`, or nothing."""
        if self.connection.closed:
            self._connect()
        with self._patience():
            self._begin()
            with all_or_nothing(self.run):
                yield

    def wait_for_locks(self, wait_ms: int) -> None:
        """Set how long a statement waits for another program."""
        with self._patience():
            self.run(f"SET lock_timeout = {wait_ms}")

    def close(self) -> None:
        """Close the connection."""
        self.connection.close()

    def _connect(self) -> None:
        if time.monotonic() < self._next_try_s:
            raise LogUnavailable("the log's server was out of reach a moment ago")
        try:
            self.connection = _psycopg().connect(
                self._url, autocommit=True, connect_timeout=2
            )
        except Exception:
            self._next_try_s = time.monotonic() + _BREATHER_S
            raise
        self.wait_for_locks(self._wait_ms)

    def _begin(self) -> None:
        try:
            self.run("BEGIN")
        except Exception:
            if not self.connection.closed:
                raise
            self._connect()  # the server had hung up
            self.run("BEGIN")

    def _create(self, sql: str) -> None:
        try:
            self.run(sql)
        except Exception:
            self.run(sql)  # IF NOT EXISTS may lose a race with another host, once

    @contextmanager
    def _patience(self) -> Iterator[None]:
        """Hang up on a server that takes too long for what is in the `with`."""
        timer = threading.Timer(self._patience_s, self._hang_up)
        timer.daemon = True
        timer.start()
        try:
            yield
        finally:
            timer.cancel()
            timer.join()  # from here on it leaves the connection alone

    def _hang_up(self) -> None:
        # Nobody can ask a frozen server to stop. So the line is cut at this end; when
        # the server wakes up, it finds that out and takes back what was not committed.
        self._next_try_s = time.monotonic() + _BREATHER_S
        with suppress(Exception):  # it may have been cut already
            line = socket.socket(fileno=self.connection.fileno())
            try:
                line.shutdown(socket.SHUT_RDWR)
            finally:
                line.detach()  # it is psycopg's to close


def _psycopg() -> ModuleType:
    try:
        import psycopg
    except ImportError:
        message = "a postgresql:// log needs psycopg: install it, or give a file's path"
        raise LessonError(message) from None
    return psycopg
