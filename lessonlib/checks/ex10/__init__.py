"""Exercises of notebook 10: split, plan, compare, conclude, and find bugs."""

from lessonlib.checks.ex10.e2_split import split
from lessonlib.checks.ex10.e3_size import size
from lessonlib.checks.ex10.e4_interval import interval
from lessonlib.checks.ex10.e5_rule import rule
from lessonlib.checks.ex10.e6_ratio import ratio
from lessonlib.checks.ex10.e7_coins import coins
from lessonlib.checks.ex10.e8_hunt import hunt

__all__ = ["split", "size", "interval", "rule", "ratio", "coins", "hunt"]
