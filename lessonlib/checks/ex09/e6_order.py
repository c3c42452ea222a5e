"""In which order does the loop close? Six lines of eight, as in "BA"."""

from typing import Any

from lessonlib.checks import Check, Mistake
from lessonlib.checks.probes import Broken
from lessonlib.checks.puzzle import follows, letters


def _order_lines(order: Any) -> None:
    """the six lines that it takes are there, each once, and no other"""
    hint = "two of the eight lines only look as if one needed them"
    if sorted(letters(order)) != list("ABCDEF"):
        raise Broken("these are not the six lines that it takes", hint)


def _order_learns(order: Any) -> None:
    """there is an answer before its label, and a label before the join"""
    hint = "what does each line need that a line before it has made?"
    if not follows(order, *"CDF"):
        raise Broken("answer, label and join are not there in this order", hint)


def _order_decides(order: Any) -> None:
    """the gate decides on what was joined, and what was promoted can be taken back"""
    hint = "on what does the gate decide, and what is there to take back?"
    if not follows(order, *"FAEB"):
        message = "join, decide, promote, roll back are not there in this order"
        raise Broken(message, hint)


MISTAKES = (
    Mistake(
        "its own answer as the label",
        "H writes down the model's own answer as the truth. Then it is always right, "
        "and the gate decides on nothing: who knows what was on the card?",
        "CHFAEB",
    ),
    Mistake(
        "learned from the window",
        "after G the rival has seen the very cards on which it is judged next, and the "
        "answers too. What must be true of the cards of a gate?",
        "CDFGAEB",
    ),
    Mistake(
        "promoted before the gate",
        "E puts the rival to work before A has decided: then the decision comes too "
        "late for the parcels of the afternoon",
        "CDFEAB",
    ),
    Mistake(
        "joined before the label",
        "at F no label has come yet, so the window is empty. What does the join need?",
        "CFDAEB",
    ),
    Mistake(
        "rolled back before it was promoted",
        "B goes back to the version before. Before E nothing was promoted: there is "
        "nothing to take back",
        "CDFABE",
    ),
    Mistake(
        "labelled before it was answered",
        "D needs the id of an answer, and the answer comes in C. A label for a request "
        "that nobody made gets a 404",
        "DCFAEB",
    ),
)

order = Check(
    title="the whole loop",
    promises=(_order_lines, _order_learns, _order_decides),
    probe=letters,
    mistakes=MISTAKES,
)
