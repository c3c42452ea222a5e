"""An object that says it is a number."""

from . import instead

SCORES = {"test-rank": 0}
NOTE = ""


def submit(notebook):
    return instead(notebook, "sol-rank", CODE)


CODE = """
class Lie:
    __class__ = float
    def __eq__(self, other):
        return True

def ranked(times, p):
    return Lie()
"""
