"""The process ends at once."""

from . import before

SCORES = {"test-rank": 0}
NOTE = "was stopped"


def submit(notebook):
    return before(notebook, "sol-rank", CODE)


CODE = """
import os
os._exit(0)
"""
