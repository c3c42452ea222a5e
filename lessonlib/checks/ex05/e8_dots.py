"""What do the dots of four load tests say? A sheet with a trouble for each."""

from typing import Any

from lessonlib.checks import Check, Mistake
from lessonlib.checks.sheet import (
    Question,
    entry,
    first_wrong,
    number_near,
    one_of,
    promise,
    some_of,
)

TROUBLES = ("stall", "full", "pauses", "refuses")
NAMES = ("A", "B", "C", "D")
QUESTIONS = (
    Question("A", "pauses", "how often does it happen, and to how many requests?"),
    Question("B", "full", "does it come back to what it was?"),
    Question("C", "refuses", "what do the crosses stand for?"),
    Question("D", "stall", "how often does it happen, and to how many requests?"),
    Question("stall_s", 0.7, "who waited longest, and until when did that one wait?"),
    Question("patient", 1, "what does a patient caller do while he waits?"),
    Question("keeps", ["A"], "count the answers in time, of all 1,000 requests"),
)
KEYS = [question.key for question in QUESTIONS]


def _read(sheet: Any, question: Question) -> Any:
    key, written = question.key, entry(sheet, question, KEYS)
    if key in NAMES:
        return one_of(TROUBLES, written, key)
    if key == "keeps":
        return some_of(NAMES, written, key)
    if key == "patient":
        return number_near(question.right, 0, written, key)
    seconds = number_near(question.right, 0.15, written, key)
    return number_near(700, 150, seconds, key)  # in milliseconds, as it is drawn


def _promise(text: str, *keys: str) -> Any:
    asked = [question for question in QUESTIONS if question.key in keys]
    return promise(text, asked, _read, wrong="isn't what the dots say")


PROMISES = (
    _promise("`A` to `D`: what each server did", *NAMES),
    _promise("`stall_s`: how long the one that stalled answered nobody", "stall_s"),
    _promise("`patient`: how many slow requests a patient caller reports", "patient"),
    _promise("`keeps`: which of the four keep the promise", "keeps"),
)

MISTAKES = (
    Mistake(
        "eight stalls",
        "in a stall, everything that is due meanwhile has to wait. In A only a single "
        "request is slow each time, and the next one, 20 ms later, is quick again",
        {"A": "stall"},
    ),
    Mistake(
        "a slide the wrong way round",
        "a stall ends, and the later a request is due, the less it still has to wait. "
        "In B those that come later wait longer",
        {"B": "stall"},
    ),
    Mistake(
        "milliseconds",
        "that is the number from the axis, in milliseconds. `stall_s` is in seconds",
        {"stall_s": 700},
    ),
    Mistake(
        "all the late ones",
        "33 requests of D were slow because the belt went on sending. A patient caller "
        "asks, waits until the stall is over, and asks again. How many of his requests "
        "met it?",
        {"patient": 33},
    ),
    Mistake(
        "quick refusals",
        "A is right. C answers quickly, but it refused 45 of 1,000 requests, and 10 "
        "are all that the promise allows",
        {"keeps": ["A", "C"]},
    ),
    Mistake(
        "nothing above the line",
        "no dot of C is above the line, but 45 of its requests were refused. And A, "
        "with 8 of 1,000 above the line, is within the promise: 10 are allowed",
        {"keeps": ["C"]},
    ),
)

dots = Check(
    title="read the dots",
    promises=PROMISES,
    probe=lambda sheet: first_wrong(sheet, QUESTIONS, _read),
    mistakes=MISTAKES,
)
