"""The puzzle of notebook 09: the lines of the whole loop, in order."""

from lessonlib.checks import Broken, Check, expect, wrong_gate09

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
    seen = "".join(sorted(_letters(order)))
    expect(seen == "".join(sorted(_RIGHT)), True, called="your lines", hint=hint)


def _order_learns(order):
    """there is an answer before its label, and a label before the join"""
    hint = "what does each line need that a line before it has made?"
    expect(_follows(order, *"CDF"), True, called="answer, label, join", hint=hint)


def _order_decides(order):
    """the gate decides on what was joined, and what was promoted can be taken back"""
    hint = "on what does the gate decide, and what is there to take back?"
    called = "join, decide, promote, roll back"
    expect(_follows(order, *"FAEB"), True, called=called, hint=hint)


order = Check(
    title="the whole loop",
    promises=(_order_lines, _order_learns, _order_decides),
    probe=_letters,
    mistakes=wrong_gate09.ORDER,
)
