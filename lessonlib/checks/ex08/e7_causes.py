"""What happened on five mornings? A sheet with a cause for each, and whom to wake."""

from typing import Any

from lessonlib.checks import Check, Mistake
from lessonlib.checks.sheet import (
    Question,
    entry,
    first_wrong,
    one_of,
    promise,
    some_of,
)

CAUSES = ("hands", "camera", "lamp", "mailing", "rule")
NAMES = ("A", "B", "C", "D", "E")
QUESTIONS = (
    Question("A", "rule", "the cards are as always. What did the labels find?"),
    Question("B", "camera", "follow the ink: where is it gone, and where is it new?"),
    Question("C", "mailing", "what do the answers say, and are they right?"),
    Question("D", "lamp", "does any pixel gain ink?"),
    Question("E", "hands", "the cards differ. Do the answers?"),
    Question("broken", ["A", "B"], "compare both ends of each interval with 0.90"),
)
KEYS = [question.key for question in QUESTIONS]


def _read(sheet: Any, question: Question) -> Any:
    written = entry(sheet, question, KEYS)
    if question.key in NAMES:
        return one_of(CAUSES, written, question.key)
    return some_of(NAMES, written, question.key)


def _promise(text: str, *keys: str) -> Any:
    asked = [question for question in QUESTIONS if question.key in keys]
    return promise(text, asked, _read, wrong="doesn't fit the map and the table")


PROMISES = (
    _promise("`B`, `D` and `E`: three maps that show a cause", *"BDE"),
    _promise("`A` and `C`: two causes that show elsewhere", *"AC"),
    _promise("`broken`: where the labels leave no doubt that 0.90 is missed", "broken"),
)

MISTAKES = (
    Mistake(
        "nothing moved",
        "on morning A no pixel moved, so no other hands wrote these cards. Still, 21 "
        "of 100 answers were wrong. What can change when the cards don't?",
        {"A": "hands"},
    ),
    Mistake(
        "many of one digit",
        "on morning B every third answer is a 4, but the labels say that most of these "
        "weren't. In a true mailing the model reads the cards right",
        {"B": "mailing"},
    ),
    Mistake(
        "a loud alarm is other hands",
        "other hands write other strokes, but a 3 is still a 3: the answers stay as "
        "they were. On morning B they don't. Look at the top and bottom rows of its "
        "map",
        {"B": "hands"},
    ),
    Mistake(
        "ink only lost",
        "if the camera had moved, ink lost in one place would turn up in another. On "
        "morning D it turns up nowhere",
        {"D": "camera"},
    ),
    Mistake(
        "below 0.90",
        "85 of 100 is below 0.90, but the interval reaches above it: on morning D it "
        "may be bad luck. Which intervals lie below 0.90 from end to end?",
        {"broken": ["A", "B", "D"]},
    ),
    Mistake(
        "the loudest maps",
        "these are the mornings with the most pixels that moved. A pixel that moves "
        "isn't a wrong answer: on morning E 98 of 100 are right, and on A, where "
        "nothing moved, 21 are wrong",
        {"broken": ["B", "D", "E"]},
    ),
)

causes = Check(
    title="five mornings",
    promises=PROMISES,
    probe=lambda sheet: first_wrong(sheet, QUESTIONS, _read),
    mistakes=MISTAKES,
)
