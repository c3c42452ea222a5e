"""A byte of an answer each half second: none of them comes too late."""

from . import before

SCORES = {"test-rank": 0}
NOTE = "no end after"


def submit(notebook):
    return before(notebook, "sol-rank", CODE)


CODE = """
import os, time
os.write(3, bytes([0, 0, 1, 0]))
for _ in range(256):
    os.write(3, b"{")
    time.sleep(0.5)
"""
