"""A list of 10 GB."""

from . import instead

SCORES = {"test-rank": 0}
NOTE = "MemoryError"


def submit(notebook):
    return instead(notebook, "sol-rank", CODE)


CODE = """
def ranked(times, p):
    return [0] * (10 * 2**27)
"""
