"""The answer ends its process."""

from . import instead

SCORES = {"test-rank": 0}
NOTE = "ended"


def submit(notebook):
    return instead(notebook, "sol-rank", CODE)


CODE = """
def ranked(times, p):
    import os
    os._exit(0)
"""
