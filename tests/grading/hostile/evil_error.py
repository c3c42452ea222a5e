"""An exception that has no text."""

from . import instead

SCORES = {"test-rank": 0}
NOTE = ""


def submit(notebook):
    return instead(notebook, "sol-rank", CODE)


CODE = """
class Evil(Exception):
    def __str__(self):
        raise KeyError
    __repr__ = __str__

def ranked(times, p):
    raise Evil
"""
