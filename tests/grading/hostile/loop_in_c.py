"""A loop inside of C, where no interrupt is looked at."""

from . import instead

SCORES = {"test-rank": 0}
NOTE = ""


def submit(notebook):
    return instead(notebook, "sol-rank", CODE)


CODE = """
def ranked(times, p):
    return max(iter(int, 1))
"""
