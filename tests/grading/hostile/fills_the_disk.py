"""Files of 1.75 GB, each of them within the limit."""

from . import instead

SCORES = {"test-rank": 0}
NOTE = "ended with OSError"


def submit(notebook):
    return instead(notebook, "sol-rank", CODE)


CODE = """
import os
for number in range(7):
    file = os.open(f"file-{number}", os.O_CREAT | os.O_WRONLY)
    os.posix_fallocate(file, 0, 250 * 2**20)
raise OSError("the disk is not full")
"""
