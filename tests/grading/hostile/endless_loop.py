"""An answer that never ends."""

from . import instead

SCORES = {"test-rank": 0}
NOTE = "took too long"


def submit(notebook):
    return instead(notebook, "sol-rank", CODE)


CODE = """
def ranked(times, p):
    while True:
        pass
"""
