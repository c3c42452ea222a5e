"""Exercises of notebook 11: count, guard, audit, decide, roll back, serve, report."""

from lessonlib.checks.ex11.e2_fates import fates
from lessonlib.checks.ex11.e3_guard import guard
from lessonlib.checks.ex11.e4_audit import audit
from lessonlib.checks.ex11.e5_friday import friday
from lessonlib.checks.ex11.e6_back import back
from lessonlib.checks.ex11.e7_service import service
from lessonlib.checks.ex11.e8_report import report
from lessonlib.checks.ex11.e9_own import own

__all__ = [
    "fates",
    "guard",
    "audit",
    "friday",
    "back",
    "service",
    "report",
    "own",
]
