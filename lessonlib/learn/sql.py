"""What is written down, and how is it found again?

SQL that SQLite and PostgreSQL both read. Values other than numbers are JSON texts.
Nothing is ever changed or deleted: what was said stays said.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any

TABLES = (
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
    # what the primary keys do not find: nothing that is asked looks at every row
    """CREATE INDEX IF NOT EXISTS predictions_by_time
    ON predictions (at_s, request_id, row_no)""",
    """CREATE INDEX IF NOT EXISTS labels_by_source
    ON labels (request_id, row_no, source, revision)""",
    "CREATE INDEX IF NOT EXISTS labels_by_time ON labels (at_s)",
    "CREATE INDEX IF NOT EXISTS strays_by_time ON strays (at_s)",
)


@contextmanager
def all_or_nothing(run: Callable[[str], Any]) -> Iterator[None]:
    """Commit what is run in the `with`, after a BEGIN; or take all of it back."""
    try:
        yield
        run("COMMIT")
    except BaseException:
        with suppress(Exception):  # the connection itself may be gone
            run("ROLLBACK")
        raise
