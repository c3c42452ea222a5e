"""Prints without an end, to both streams."""

from . import before

SCORES = {}
NOTE = ""


def submit(notebook):
    return before(notebook, "sol-rank", CODE)


CODE = """
import sys
for _ in range(2_000):
    print("x" * 10_000)
    print("x" * 10_000, file=sys.stderr)
"""
