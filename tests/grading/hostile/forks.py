"""Forty programs that wait, and four copies of the process itself."""

from . import before

SCORES = {}
NOTE = ""


def submit(notebook):
    return before(notebook, "sol-rank", CODE)


CODE = """
import os, time
try:
    for _ in range(40):
        os.posix_spawn("/bin/sleep", ["sleep", "20"], os.environ)
    for _ in range(4):
        if os.fork() == 0:
            time.sleep(20)
            os._exit(0)
except OSError:
    pass
"""
