"""An endless loop that swallows the interrupt."""

from . import instead

SCORES = {"test-rank": 0}
NOTE = "not even when interrupted"


def submit(notebook):
    return instead(notebook, "sol-rank", CODE)


CODE = """
def ranked(times, p):
    import time
    while True:
        try:
            while True:
                time.sleep(60)
        except BaseException:
            pass
"""
