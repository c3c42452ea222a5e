"""Exercises of notebook 04: a server's start, `with`, retries, a roll-out, its life."""

from lessonlib.checks.ex04.e2_start import start
from lessonlib.checks.ex04.e3_server import server
from lessonlib.checks.ex04.e4_tries import tries
from lessonlib.checks.ex04.e5_stale import stale
from lessonlib.checks.ex04.e6_order import order

__all__ = ["start", "server", "tries", "stale", "order"]
