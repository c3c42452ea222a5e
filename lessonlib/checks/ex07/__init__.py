"""Exercises of notebook 07: counts, intervals, buckets, workers, alarms, a score."""

from lessonlib.checks.ex07.e2_restart import restart
from lessonlib.checks.ex07.e3_wilson import wilson
from lessonlib.checks.ex07.e4_bucket import bucket
from lessonlib.checks.ex07.e5_merge import merge
from lessonlib.checks.ex07.e6_alarm import alarm
from lessonlib.checks.ex07.e7_weakest import weakest

__all__ = ["restart", "wilson", "bucket", "merge", "alarm", "weakest"]
