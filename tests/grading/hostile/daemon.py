"""A process that leaves its session and its parent."""

from . import before

SCORES = {}
NOTE = ""


def submit(notebook):
    return before(notebook, "sol-rank", CODE)


CODE = """
import os, time
if os.fork() == 0:
    os.setsid()
    if os.fork() == 0:
        time.sleep(30)
    os._exit(0)
"""
