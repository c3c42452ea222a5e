"""Exercises of notebook 12: start, admit, limit, read logs, survive a night, pay."""

from lessonlib.checks.ex12.e2_settings import settings
from lessonlib.checks.ex12.e3_caller import caller
from lessonlib.checks.ex12.e4_bucket import bucket
from lessonlib.checks.ex12.e5_logs import logs
from lessonlib.checks.ex12.e6_night import night
from lessonlib.checks.ex12.e7_probes import probes
from lessonlib.checks.ex12.e8_bill import bill

__all__ = ["settings", "caller", "bucket", "logs", "night", "probes", "bill"]
