"""Exercises of notebook 03: say no, find limits, mend an endpoint, call, name."""

from lessonlib.checks.ex03.e2_number import number
from lessonlib.checks.ex03.e3_limits import limits
from lessonlib.checks.ex03.e4_hunt import hunt
from lessonlib.checks.ex03.e5_whom import whom
from lessonlib.checks.ex03.e6_names import names

__all__ = ["number", "limits", "hunt", "whom", "names"]
