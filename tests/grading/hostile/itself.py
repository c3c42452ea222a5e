"""A list that holds itself."""

from . import instead

SCORES = {"test-rank": 0}
NOTE = ""


def submit(notebook):
    return instead(notebook, "sol-rank", CODE)


CODE = """
def ranked(times, p):
    loop = []
    loop.append(loop)
    return loop
"""
