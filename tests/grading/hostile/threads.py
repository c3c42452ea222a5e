"""Fifty threads that go on."""

from . import before

SCORES = {}
NOTE = ""


def submit(notebook):
    return before(notebook, "sol-rank", CODE)


CODE = """
import threading, time
for _ in range(50):
    threading.Thread(target=time.sleep, args=(30,), daemon=True).start()
"""
