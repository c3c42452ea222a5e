"""Exercises of notebook 05: describe a tail, count from due, plan and judge."""

from lessonlib.checks.ex05.e2_rank import rank
from lessonlib.checks.ex05.e3_from_due import from_due
from lessonlib.checks.ex05.e4_tail import tail
from lessonlib.checks.ex05.e5_warm import warm
from lessonlib.checks.ex05.e6_late import late
from lessonlib.checks.ex05.e7_schedule import schedule
from lessonlib.checks.ex05.e8_slo import slo

__all__ = ["rank", "from_due", "tail", "warm", "late", "schedule", "slo"]
