"""Locks its folder, so that nobody can delete it."""

from . import instead

SCORES = {"test-rank": 0}
NOTE = ""


def submit(notebook):
    return instead(notebook, "sol-rank", CODE)


CODE = """
import os
os.makedirs("a/b")
os.chmod("a", 0)
ranked = None
"""
