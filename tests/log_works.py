"""Pieces of work for a log's writer, and a look at its line."""

import threading
import time


def count(store, table="strays"):
    """Return how many rows a table has."""
    return store.run(f"SELECT COUNT(*) FROM {table}").fetchone()[0]


def stray(name):
    """Return a piece of work that writes one row."""
    return lambda store: store.run(
        "INSERT INTO strays VALUES (?, ?, ?, ?, ?)", (name, 0, "3", "clerk", 0.0)
    )


def wait_for(writer, n):
    """Wait until `n` pieces of work stand in the line."""
    deadline = time.monotonic() + 10
    while writer._waiting.qsize() < n:
        assert time.monotonic() < deadline
        threading.Event().wait(0.001)
