"""JSON, and no notebook."""

from . import NOTHING

SCORES = NOTHING
NOTE = "no notebook"


def submit(notebook):
    return b"[1, 2]"
