"""An answer that takes notes of what it is asked, and others that read them out."""

from . import before, instead

SCORES = {"test-from_due": 0}
NOTE = "heard:"


def submit(notebook):
    before(notebook, "sol-rank", NOTES)
    after = "".join(
        next(c["source"] for c in notebook["cells"] if c["id"] == "sol-rank")
    )
    instead(notebook, "sol-rank", f"{after}\n{LISTEN}")
    return instead(notebook, "sol-from_due", TELL)


NOTES = """
from pathlib import Path
NOTES = Path("notes.txt")
"""
LISTEN = """
silent = ranked


def ranked(times, p):
    with NOTES.open("a") as file:
        file.write(f"{times} {p}\\n")
    return silent(times, p)
"""
TELL = """
def response_times(due, sent, answered):
    raise ValueError("heard: " + NOTES.read_text())
"""
