"""No signal is heard any more."""

from . import before

SCORES = {}
NOTE = ""


def submit(notebook):
    return before(notebook, "sol-rank", CODE)


CODE = """
import signal
for each in (signal.SIGINT, signal.SIGTERM, signal.SIGALRM):
    signal.signal(each, signal.SIG_IGN)
"""
