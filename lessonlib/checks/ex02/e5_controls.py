"""Which control for which case? Four letters, such as "ABCD"."""

from typing import Any

from lessonlib.checks import Case, Check, Mistake, case
from lessonlib.checks.probes import Broken


def _letter(choice: Any, number: int) -> str:
    text = str(choice).upper().replace(" ", "").replace(",", "")
    if len(text) != 4:
        message = f"the answer is {choice!r}, expected four letters such as 'ABCD'"
        raise Broken(message, "one letter for each case")
    return text[number - 1]


def _control(number: int, letter: str, hint: str) -> Case:
    called = f"the letter of case {number}"
    return case(number, gives=letter, called=called, hint=hint)


PROMISES = (
    (
        "case 1: what finds a flipped bit, with the least effort",
        _control(1, "C", "nobody meant harm here"),
    ),
    (
        "case 2: what finds a file that is whole, and old",
        _control(2, "A", "not a bit has changed since it was saved"),
    ),
    (
        "case 3: what finds a forgery by somebody who can write to the folder",
        _control(3, "D", "what can't they write?"),
    ),
    (
        "case 4: what helps with a stranger's file",
        _control(4, "B", "whose word would a hash be?"),
    ),
)

MISTAKES = (
    Mistake(
        "a hash beside it against a forger",
        "case 3: if you can write the model, you can write a hash beside it as well. "
        "You saw it done with one call of save_model",
        "CACB",
    ),
    Mistake(
        "a hash for a stranger",
        "case 4: a hash from a trusted place says that the file is the one that "
        "somebody made. You don't know them: what can you do without loading it?",
        "CADD",
    ),
    Mistake(
        "a hash against age",
        "case 2: the file is bit by bit what was saved, so every hash agrees. What has "
        "changed is the computer around it",
        "CCDB",
    ),
    Mistake(
        "reading for damage",
        "case 1: reading the instructions doesn't find a flipped bit in the middle of "
        "a number. What changes with every single bit?",
        "BADB",
    ),
    Mistake(
        "versions against a forger",
        "case 3: a forger has the same libraries as you, so the versions agree",
        "CAAB",
    ),
)

controls = Check.table(
    title="a control for each case",
    name="choice",
    promises=PROMISES,
    ask=_letter,
    mistakes=MISTAKES,
)
