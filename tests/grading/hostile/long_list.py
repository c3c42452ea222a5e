"""An answer of ten million numbers."""

from . import instead

SCORES = {"test-rank": 0}
NOTE = ""


def submit(notebook):
    return instead(notebook, "sol-rank", CODE)


CODE = """
def ranked(times, p):
    return list(range(10**7))
"""
