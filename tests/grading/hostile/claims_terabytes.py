"""A frame that announces four gigabytes."""

from . import instead

SCORES = {"test-rank": 0}
NOTE = ""


def submit(notebook):
    return instead(notebook, "sol-rank", CODE)


CODE = """
def ranked(times, p):
    import os
    os.write(3, bytes([255]) * 4)
"""
