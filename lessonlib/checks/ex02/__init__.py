"""Exercises of notebook 02: read a file unloaded, keep a door, check before loading."""

from lessonlib.checks.ex02.e2_careful import careful
from lessonlib.checks.ex02.e3_wanted import wanted
from lessonlib.checks.ex02.e4_known import known
from lessonlib.checks.ex02.e5_fences import fences
from lessonlib.checks.ex02.e6_hunt import hunt

__all__ = ["careful", "wanted", "known", "fences", "hunt"]
