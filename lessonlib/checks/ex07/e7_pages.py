"""What do the readings of five services say? A sheet with a word for each."""

from typing import Any

from lessonlib.checks import Check, Mistake
from lessonlib.checks.sheet import (
    Question,
    entry,
    first_wrong,
    number_near,
    one_of,
    promise,
)

WORDS = ("well", "failing", "restarted", "faint", "idle")
GROWN = "subtract the reading of 10:00 from that of 10:10, column by column"
QUESTIONS = (
    Question("alder", "well", GROWN),
    Question("birch", "restarted", "can a counter fall?"),
    Question("cedar", "failing", GROWN),
    Question("elder", "faint", "divide two differences: what was the mean pixel?"),
    Question("hazel", "idle", "how many cards came in these ten minutes?"),
    Question("alder_rps", 19.84, "ten minutes have 600 seconds"),
    Question("cedar_percent", 3.13, "of all requests, good and failed, in between"),
)
KEYS = [question.key for question in QUESTIONS]
NUMBERS = {"alder_rps": 0.2, "cedar_percent": 0.1}  # and how far off is near enough


def _read(sheet: Any, question: Question) -> Any:
    key, written = question.key, entry(sheet, question, KEYS)
    if key not in NUMBERS:
        return one_of(WORDS, written, key)
    number = number_near(question.right, NUMBERS[key], written, key)
    for other in (0.045, 0.031):  # since the service began; a share
        number = number_near(other, 0.002, number, key)
    return number


def _promise(text: str, *keys: str) -> Any:
    asked = [question for question in QUESTIONS if question.key in keys]
    return promise(text, asked, _read, wrong="doesn't fit the readings")


PROMISES = (
    _promise("what became of alder, cedar and hazel", "alder", "cedar", "hazel"),
    _promise("what became of birch and elder", "birch", "elder"),
    _promise("the two numbers, of these ten minutes alone", *NUMBERS),
)

MISTAKES = (
    Mistake(
        "old failures",
        "alder's 900 failures are from before ten o'clock: whatever happened was over. "
        "In these ten minutes two requests failed, of nearly 12,000",
        {"alder": "failing"},
    ),
    Mistake(
        "lost among the totals",
        "412 failures look like nothing beside 923,900 answers. But nearly all of them "
        "came in the last ten minutes: of how many requests?",
        {"cedar": "well"},
    ),
    Mistake(
        "nothing happened",
        "birch's counters are lower than ten minutes ago, and counters never fall. It "
        "isn't idle: it has answered 8,450 requests since it began again",
        {"birch": "idle"},
    ),
    Mistake(
        "the mean of all time",
        "elder's sum divided by its count is still 4.8, because half a million older "
        "cards are in it. What was the mean pixel of the last 12,000?",
        {"elder": "well"},
    ),
    Mistake(
        "since the service began",
        "this is cedar's share of failures since it began. The longer a service runs, "
        "the less its totals move",
        {"cedar_percent": 0.045},
    ),
    Mistake(
        "a share",
        "this is the share. In percent it is a hundred times as much",
        {"cedar_percent": 0.031},
    ),
)

pages = Check(
    title="five pages",
    promises=PROMISES,
    probe=lambda sheet: first_wrong(sheet, QUESTIONS, _read),
    mistakes=MISTAKES,
)
