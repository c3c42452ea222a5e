"""Exercises of notebook 08: an index, its limit, a reference, a sum, five mornings."""

from lessonlib.checks.ex08.e2_index import index
from lessonlib.checks.ex08.e3_critical import critical
from lessonlib.checks.ex08.e4_pixels import pixels
from lessonlib.checks.ex08.e5_hours import hours
from lessonlib.checks.ex08.e6_alarm import alarm
from lessonlib.checks.ex08.e7_causes import causes

__all__ = ["index", "critical", "pixels", "hours", "alarm", "causes"]
