"""Exercises of notebook 01: save whole, compare all, choose, pack, fit a table."""

from lessonlib.checks.ex01.e2_save import save
from lessonlib.checks.ex01.e3_same import same
from lessonlib.checks.ex01.e4_formats import formats
from lessonlib.checks.ex01.e5_travels import travels
from lessonlib.checks.ex01.e6_fits import fits

__all__ = ["save", "same", "formats", "travels", "fits"]
