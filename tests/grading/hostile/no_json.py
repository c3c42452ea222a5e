"""A file that is no notebook at all."""

from . import NOTHING

SCORES = NOTHING
NOTE = "no JSON"


def submit(notebook):
    return b"print(5)"
