"""Garbage on every descriptor."""

from . import instead

SCORES = {"test-rank": 0}
NOTE = ""


def submit(notebook):
    return instead(notebook, "sol-rank", CODE)


CODE = """
def ranked(times, p):
    import os
    for descriptor in range(3, 64):
        try:
            os.write(descriptor, b"\\x00\\x00\\x00\\x05hello" * 9)
        except OSError:
            pass
"""
