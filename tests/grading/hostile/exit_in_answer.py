"""The answer asks Python to end."""

from . import instead

SCORES = {"test-rank": 0}
NOTE = "SystemExit"


def submit(notebook):
    return instead(notebook, "sol-rank", CODE)


CODE = """
def ranked(times, p):
    raise SystemExit(3)
"""
