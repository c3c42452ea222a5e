"""Exercises of notebook 03: say no, clearly, to what breaks the contract."""

from lessonlib.checks.ex03.e2_number import number
from lessonlib.checks.ex03.e3_rows import rows
from lessonlib.checks.ex03.e4_hunt import hunt
from lessonlib.checks.ex03.e5_faults import faults
from lessonlib.checks.ex03.e6_names import names

__all__ = ["number", "rows", "hunt", "faults", "names"]
