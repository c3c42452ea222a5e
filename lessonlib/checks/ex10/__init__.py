"""Exercises of notebook 10: split, plan, advise, conclude, and find what went wrong."""

from lessonlib.checks.ex10.e2_split import split
from lessonlib.checks.ex10.e3_size import size
from lessonlib.checks.ex10.e4_advice import advice
from lessonlib.checks.ex10.e5_rule import rule
from lessonlib.checks.ex10.e6_ratio import ratio
from lessonlib.checks.ex10.e7_aa_tests import aa_tests
from lessonlib.checks.ex10.e8_hunt import hunt

__all__ = ["split", "size", "advice", "rule", "ratio", "aa_tests", "hunt"]
