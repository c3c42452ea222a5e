"""numpy finds everything equal."""

from . import instead

SCORES = {"test-rank": 0}
NOTE = ""


def submit(notebook):
    return instead(notebook, "sol-rank", CODE)


CODE = """
import numpy
numpy.testing.assert_equal = lambda *a, **k: None
numpy.array_equal = lambda *a, **k: True
def ranked(times, p):
    return 5
"""
