"""Exercises of notebook 01: save whole, judge a copy, choose, pack, fit a table."""

from lessonlib.checks.ex01.e2_save import save
from lessonlib.checks.ex01.e3_verdict import verdict
from lessonlib.checks.ex01.e4_formats import formats
from lessonlib.checks.ex01.e5_travels import travels
from lessonlib.checks.ex01.e6_fits import fits

__all__ = ["save", "verdict", "formats", "travels", "fits"]
