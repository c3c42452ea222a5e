"""Exercises of notebook 02: list what may be imported, read, hash, promote."""

from lessonlib.checks.ex02.e2_careful import careful
from lessonlib.checks.ex02.e3_reads import reads
from lessonlib.checks.ex02.e4_known import known
from lessonlib.checks.ex02.e5_controls import controls
from lessonlib.checks.ex02.e6_hunt import hunt

__all__ = ["careful", "reads", "known", "controls", "hunt"]
