"""Folders in folders, too deep for a path and for recursion."""

from . import before

SCORES = {}
NOTE = ""


def submit(notebook):
    return before(notebook, "sol-rank", CODE)


CODE = """
import os
for _ in range(1200 if not os.path.exists("d") else 0):
    os.mkdir("d")
    os.chdir("d")
"""
