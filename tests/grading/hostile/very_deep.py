"""JSON nested deeper than a reader of JSON can follow."""

from . import NOTHING

SCORES = NOTHING
NOTE = "no JSON"


def submit(notebook):
    return b"[" * 200_000
