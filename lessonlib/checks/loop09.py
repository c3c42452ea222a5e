"""The puzzle of notebook 09: the lines of the whole loop, in order."""

from lessonlib.checks import Broken, Check, wrong_gate09

_RIGHT = "CDFAEB"


def _letters(order):
    letters = [each for each in "".join(order).upper() if each.isalpha()]
    strange = sorted(set(letters) - set("ABCDEFGH"))
    if strange:
        hint = 'write the letters of the lines, as "BA" for first B and then A'
        raise Broken(f"there is no line {', '.join(strange)}", hint)
    return "".join(letters)


def _follows(order, *lines):
    places = [_letters(order).find(line) for line in lines]
    return -1 not in places and places == sorted(places)


def _order_lines(order):
    """the six lines that it takes are there, each once, and no other"""
    hint = "two of the eight lines only look as if one needed them"
    if sorted(_letters(order)) != sorted(_RIGHT):
        raise Broken("these are not the six lines that it takes", hint)


def _order_learns(order):
    """there is an answer before its label, and a label before the join"""
    hint = "what does each line need that a line before it has made?"
    if not _follows(order, *"CDF"):
        raise Broken("answer, label and join are not there in this order", hint)


def _order_decides(order):
    """the gate decides on what was joined, and what was promoted can be taken back"""
    hint = "on what does the gate decide, and what is there to take back?"
    if not _follows(order, *"FAEB"):
        message = "join, decide, promote, roll back are not there in this order"
        raise Broken(message, hint)


order = Check(
    title="the whole loop",
    promises=(_order_lines, _order_learns, _order_decides),
    probe=_letters,
    mistakes=wrong_gate09.ORDER,
)
