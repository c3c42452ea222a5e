"""The answer kills its process."""

from . import instead

SCORES = {"test-rank": 0}
NOTE = "ended"


def submit(notebook):
    return instead(notebook, "sol-rank", CODE)


CODE = """
def ranked(times, p):
    import os, signal
    os.kill(os.getpid(), signal.SIGKILL)
"""
