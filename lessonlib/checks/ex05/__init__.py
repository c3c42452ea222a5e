"""Exercises of notebook 05: describe a tail, count from due, measure, and read."""

from lessonlib.checks.ex05.e2_rank import rank
from lessonlib.checks.ex05.e3_from_due import from_due
from lessonlib.checks.ex05.e4_tail import tail
from lessonlib.checks.ex05.e5_warm import warm
from lessonlib.checks.ex05.e6_late import late
from lessonlib.checks.ex05.e7_most import most
from lessonlib.checks.ex05.e8_dots import dots

__all__ = ["rank", "from_due", "tail", "warm", "late", "most", "dots"]
