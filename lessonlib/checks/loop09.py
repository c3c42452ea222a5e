"""The puzzle of notebook 09: the lines of the whole loop, in order."""

from lessonlib.checks import Check, wrong_gate09
from lessonlib.checks.probes import Broken
from lessonlib.checks.puzzle import follows, letters

_RIGHT = "CDFAEB"


def _order_lines(order):
    """the six lines that it takes are there, each once, and no other"""
    hint = "two of the eight lines only look as if one needed them"
    if sorted(letters(order)) != sorted(_RIGHT):
        raise Broken("these are not the six lines that it takes", hint)


def _order_learns(order):
    """there is an answer before its label, and a label before the join"""
    hint = "what does each line need that a line before it has made?"
    if not follows(order, *"CDF"):
        raise Broken("answer, label and join are not there in this order", hint)


def _order_decides(order):
    """the gate decides on what was joined, and what was promoted can be taken back"""
    hint = "on what does the gate decide, and what is there to take back?"
    if not follows(order, *"FAEB"):
        message = "join, decide, promote, roll back are not there in this order"
        raise Broken(message, hint)


order = Check(
    title="the whole loop",
    promises=(_order_lines, _order_learns, _order_decides),
    probe=letters,
    mistakes=wrong_gate09.ORDER,
)
