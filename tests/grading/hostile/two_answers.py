"""Comes back twice, in two processes."""

from . import instead

SCORES = {"test-rank": 0}
NOTE = ""


def submit(notebook):
    return instead(notebook, "sol-rank", CODE)


CODE = """
def ranked(times, p):
    import os
    os.fork()
    return -1
"""
