"""The own end of the channel says what it likes."""

from . import NOTHING, instead

SCORES = NOTHING
NOTE = "no answer"


def submit(notebook):
    return instead(notebook, "sol-rank", CODE)


CODE = """
import lessonlib.grading.channel as channel
send = channel.Channel.send
channel.Channel.send = lambda self, message: send(self, {"ok": {"question": 3}})
ranked = 5
"""
