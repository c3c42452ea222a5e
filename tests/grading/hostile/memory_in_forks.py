"""Five processes of 800 MB: each is within its limit."""

from . import before

SCORES = {"test-rank": 0}
NOTE = "your cell sol-rank ended with"  # memory, or time if that is slow to get


def submit(notebook):
    return before(notebook, "sol-rank", CODE)


CODE = """
import os, time
for _ in range(5):
    if os.fork() == 0:
        held = b"x" * (800 * 10**6)
        time.sleep(20)
        os._exit(0)
while True:
    try:
        os.wait()
    except KeyboardInterrupt:
        pass
"""
