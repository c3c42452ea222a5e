"""What do four curves say? A sheet with a word for each, and two numbers."""

from typing import Any

from lessonlib.checks import Check, Mistake
from lessonlib.checks.ex06.load_tests import CLIENTS
from lessonlib.checks.probes import Broken
from lessonlib.checks.sheet import (
    Question,
    entry,
    first_wrong,
    number_near,
    one_of,
    promise,
)

SHAPES = ("wall", "knee", "backwards", "untrue")
NAMES = ("A", "B", "C", "D")
QUESTIONS = (
    Question("A", "knee", "where does its line turn up?"),
    Question("B", "backwards", "follow its points from 1 to 32. Do they go right?"),
    Question("C", "untrue", "multiply answers a second and seconds: who is inside?"),
    Question("D", "wall", "what do 32 clients get that one doesn't?"),
    Question("knee", 8, "from which point on does the line go up instead of right?"),
    Question("waited_ms", 61.5, "32 are inside, and 520 answers come out each second"),
)
KEYS = [question.key for question in QUESTIONS]


def _read(sheet: Any, question: Question) -> Any:
    key, written = question.key, entry(sheet, question, KEYS)
    if key in NAMES:
        return one_of(SHAPES, written, key)
    if key == "waited_ms":
        number = number_near(question.right, 2, written, key)
        return number_near(0.0615, 0.002, number, key)  # in seconds
    number = number_near(question.right, 0, written, key)
    if number not in CLIENTS:
        raise Broken(f"knee: {number!r} is not a number of clients", question.hint)
    return number


def _promise(text: str, *keys: str) -> Any:
    asked = [question for question in QUESTIONS if question.key in keys]
    return promise(text, asked, _read, wrong="doesn't fit its curve")


PROMISES = (
    _promise("`A` to `D`: three true curves, and one that can't be", *NAMES),
    _promise("`knee`: beyond so many clients A gives more waiting only", "knee"),
    _promise("`waited_ms`: what 32 clients of C must have waited", "waited_ms"),
)

MISTAKES = (
    Mistake(
        "too good to be true",
        "C looks best of all, and that should make you wonder. With 32 clients inside "
        "all the time, 520 answers a second can't take 15 ms each: use Little's law",
        {"C": "knee"},
    ),
    Mistake(
        "a wall that leans back",
        "at a wall the answers a second stay as they are. B gave 310 of them to 4 "
        "clients, and only 120 to 32",
        {"B": "wall"},
    ),
    Mistake(
        "most answers",
        "this is where A gives the most answers a second, but 32 clients wait four "
        "times as long as 8, and get 6 % more. Where does the bargain end?",
        {"knee": 32},
    ),
    Mistake(
        "one point too far",
        "at 16 clients everybody waits twice as long as at 8, for 5 % more answers. "
        "The knee is the last point before that",
        {"knee": 16},
    ),
    Mistake(
        "as reported",
        "this is what the report says, and it can't be true. What does Little's law "
        "say of 32 clients and 520 answers a second?",
        {"waited_ms": 15.2},
    ),
    Mistake(
        "seconds",
        "the right time, in seconds. `waited_ms` is in milliseconds",
        {"waited_ms": 0.0615},
    ),
)

curves = Check(
    title="read four curves",
    promises=PROMISES,
    probe=lambda sheet: first_wrong(sheet, QUESTIONS, _read),
    mistakes=MISTAKES,
)
