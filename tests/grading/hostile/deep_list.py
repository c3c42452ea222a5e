"""An answer nested 100,000 deep."""

from . import instead

SCORES = {"test-rank": 0}
NOTE = ""


def submit(notebook):
    return instead(notebook, "sol-rank", CODE)


CODE = """
def ranked(times, p):
    deep = []
    for _ in range(100_000):
        deep = [deep]
    return deep
"""
