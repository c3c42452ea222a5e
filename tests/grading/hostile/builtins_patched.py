"""Builtins say yes to all."""

from . import instead

SCORES = {"test-rank": 0}
NOTE = ""


def submit(notebook):
    return instead(notebook, "sol-rank", CODE)


CODE = """
import builtins
builtins.abs = lambda x: 0
builtins.all = lambda x: True
builtins.isinstance = lambda a, b: True
ranked = 5
"""
