"""A loop in a cell: what stands after it never comes."""

from . import before

SCORES = {"test-rank": 0}
NOTE = "longer than"


def submit(notebook):
    return before(notebook, "sol-rank", CODE)


CODE = """
while True:
    pass
"""
