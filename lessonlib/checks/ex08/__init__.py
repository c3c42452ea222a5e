"""Exercises of notebook 08: an index, a window, an alarm, and five mornings."""

from lessonlib.checks.ex08.e2_index import index
from lessonlib.checks.ex08.e3_wait import wait
from lessonlib.checks.ex08.e4_pixels import pixels
from lessonlib.checks.ex08.e5_hours import hours
from lessonlib.checks.ex08.e6_limit import limit
from lessonlib.checks.ex08.e7_causes import causes

__all__ = ["index", "wait", "pixels", "hours", "limit", "causes"]
