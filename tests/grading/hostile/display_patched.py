"""Errors are hidden from IPython."""

from . import before

SCORES = {}
NOTE = ""


def submit(notebook):
    return before(notebook, "sol-rank", CODE)


CODE = """
get_ipython().showtraceback = lambda *a, **k: None
get_ipython().run_cell = None
"""
