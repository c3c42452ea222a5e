"""The own end of the wire says what it likes."""

from . import NOTHING, instead

SCORES = NOTHING
NOTE = "no answer"


def submit(notebook):
    return instead(notebook, "sol-rank", CODE)


CODE = """
import lessonlib.grading.wire as wire
send = wire.Wire.send
wire.Wire.send = lambda self, message: send(self, {"ok": {"question": 3}})
ranked = 5
"""
