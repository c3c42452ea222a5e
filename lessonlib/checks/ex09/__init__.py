"""Exercises of notebook 09: join labels, tell accuracy in time, weigh, decide."""

from lessonlib.checks.ex09.e2_latest import latest
from lessonlib.checks.ex09.e3_weekly import weekly
from lessonlib.checks.ex09.e4_weigh import weigh
from lessonlib.checks.ex09.e5_gate import gate
from lessonlib.checks.ex09.e6_order import order

__all__ = ["latest", "weekly", "weigh", "gate", "order"]
