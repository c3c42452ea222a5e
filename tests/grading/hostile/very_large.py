"""A file beyond the limit of size."""

from . import NOTHING

SCORES = NOTHING
NOTE = "larger than"


def submit(notebook):
    return b" " * (21 * 2**20) + b"{}"
