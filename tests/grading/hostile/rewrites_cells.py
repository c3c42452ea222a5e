"""Rewrites each later cell before it runs."""

from . import NOTHING, instead

SCORES = NOTHING
NOTE = ""


def submit(notebook):
    return instead(notebook, "sol-rank", CODE)


CODE = """
get_ipython().input_transformers_cleanup.append(lambda lines: ["pass\\n"])
ranked = None
"""
