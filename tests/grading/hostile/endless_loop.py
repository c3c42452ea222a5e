"""An answer that never ends. It sleeps: `loop_at_top` and `loop_in_c` are busy."""

from . import instead

SCORES = {"test-rank": 0}
NOTE = "took too long"


def submit(notebook):
    return instead(notebook, "sol-rank", CODE)


CODE = """
def ranked(times, p):
    import time
    while True:
        time.sleep(60)
"""
