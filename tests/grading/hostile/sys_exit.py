"""The cell asks Python to end."""

from . import before

SCORES = {"test-rank": 0}
NOTE = ""


def submit(notebook):
    return before(notebook, "sol-rank", CODE)


CODE = """
import sys
sys.exit()
"""
