"""Exercises of notebook 07: counts, labels, buckets, workers, alarms, five pages."""

from lessonlib.checks.ex07.e2_restart import restart
from lessonlib.checks.ex07.e3_labels import labels
from lessonlib.checks.ex07.e4_bucket import bucket
from lessonlib.checks.ex07.e5_merge import merge
from lessonlib.checks.ex07.e6_rule import rule
from lessonlib.checks.ex07.e7_pages import pages

__all__ = ["restart", "labels", "bucket", "merge", "rule", "pages"]
