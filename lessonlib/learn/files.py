"""Does the log lie in the file that was opened?

Before a file is written to, and after it, it has to be the one at its path: answers in
a file that was deleted would be nowhere. One that has taken its place is opened; if
there is none, callers hear so, and nothing is made in silence.
"""

import os
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import Any

from lessonlib.errors import LogUnavailable
from lessonlib.learn.sql import TABLES, all_or_nothing


class SqliteFile:
    """A connection to a log in a file, for the programs of one computer."""

    def __init__(self, path: str, *, wait_ms: int, new: bool, reading: bool):
        self._path, self._wait_ms, self._reading = path, wait_ms, reading
        if not new and not os.path.exists(path):
            raise self._moved()  # to connect would make a new one
        self._open()

    def run(self, sql: str, values: Sequence[Any] = ()) -> Any:
        """Run one statement, with ? for each value, and return its cursor."""
        return self.connection.execute(sql, tuple(values))

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Keep on the disk all that is run in the `with`, or nothing."""
        if self._is_elsewhere():
            self._look_again()
        self.run("BEGIN" if self._reading else "BEGIN IMMEDIATE")
        with all_or_nothing(self.run):
            yield
        if self._is_elsewhere():
            self._keep_promises()
            raise self._moved()

    def wait_for_locks(self, wait_ms: int) -> None:
        """Set how long a statement waits for another program."""
        self.run(f"PRAGMA busy_timeout = {wait_ms}")

    def close(self) -> None:
        """Close the connection."""
        if self._is_elsewhere():
            self._keep_promises()
        self.connection.close()

    def _open(self) -> None:
        _refuse_odd_file(self._path)
        self._opened: list[Any] | None = None
        self.connection = sqlite3.connect(
            self._path, timeout=self._wait_ms / 1000, isolation_level=None
        )
        try:
            self.run("PRAGMA journal_mode = WAL")
            # FULL: a commit is on the disk when it returns. With NORMAL the rows of the
            # last seconds outlive a killed program, but not a power cut.
            self.run("PRAGMA synchronous = FULL")
            if not self._reading:
                self._make_tables()
        except BaseException:
            self.close()
            raise

    def _make_tables(self) -> None:
        self.run("BEGIN IMMEDIATE")  # fails if the file may only be read
        with all_or_nothing(self.run):
            for sql in TABLES:
                self.run(sql)
        self._opened = _identity(self._path)

    def _look_again(self) -> None:
        """Open the file that has taken this one's place; if there is none, say so."""
        self._keep_promises()
        if not os.path.exists(self._path):
            raise self._moved()
        self.close()
        self._open()

    def _is_elsewhere(self) -> bool:
        return not self._reading and self._opened != _identity(self._path)

    def _keep_promises(self) -> None:
        """Write into a file that was moved what lies beside its old place."""
        with suppress(sqlite3.Error):
            self.run("PRAGMA wal_checkpoint(TRUNCATE)")

    def _moved(self) -> LogUnavailable:
        message = f"{self._path} has been moved or deleted: put it back, or"
        return LogUnavailable(f"{message} open a new log")


def _identity(path: str) -> list[tuple[int, int]]:
    """Return what tells a log's two files from any others; nothing if one is gone."""
    file = os.path.realpath(path)  # beside it, not beside a link, lies the -wal
    try:
        both = [os.stat(name) for name in (file, f"{file}-wal")]
    except OSError:
        return []
    return [(each.st_dev, each.st_ino) for each in both]


def _refuse_odd_file(path: str) -> None:
    """Raise LogUnavailable for a file that keeps nothing, or that has two names."""
    if not os.path.exists(path) or os.path.isdir(path):
        return  # SQLite makes one, or says what is wrong
    if not os.path.isfile(path):
        raise LogUnavailable(f"{path} is no file: give the path of one, or of none yet")
    if os.stat(path).st_nlink > 1:  # SQLite keeps what is new beside each name
        message = f"{path} is one of several names of a file (hard links), and two"
        raise LogUnavailable(f"{message} programs would damage it: make a copy instead")
