"""Which line of a file runs a command? A sheet with a number for each of five."""

from collections.abc import Callable
from typing import Any

from lessonlib.checks import Check, Mistake
from lessonlib.checks.ex02.listings import FILES, steps_of
from lessonlib.checks.probes import Broken, plain, shortened
from lessonlib.checks.sheet import Question, entry, first_wrong

QUESTIONS = (
    Question("a", 0, "which function is called, and does a model need it?"),
    Question("b", 0, "which line takes the strings off the stack, and what for?"),
    Question("c", 5, "an older file imports with one instruction. And what calls?"),
    Question(
        "d",
        14,
        "write the stack down line by line: what lies on it when something is called?",
    ),
    Question("e", 0, "what becomes of the function that line 4 imports?"),
)
KEYS = [question.key for question in QUESTIONS]


def _read(sheet: Any, question: Question) -> int:
    written = plain(entry(sheet, question, KEYS))
    text = str(int(written) if isinstance(written, float) else written).strip()
    last = len(steps_of(FILES[question.key]))
    if not text.isdecimal() or int(text) > last:
        seen = f"file {question.key}: {shortened(written)} is not the number of a line"
        raise Broken(seen, f"its lines are 1 to {last}, and 0 stands for none")
    return int(text)


def _promise(question: Question, text: str) -> Callable[[Any], None]:
    """Return the promise of a file. Its message does not say which line it is."""

    def promise(sheet: Any) -> None:
        if (line := _read(sheet, question)) != question.right:
            what = f"line {line} is not the one" if line else "there is such a line"
            raise Broken(f"file {question.key}: {what}", question.hint)

    promise.__doc__ = text
    return promise


TEXTS = (
    "file a: a function is called",
    "file b: strings that look dangerous",
    "file c: an older protocol",
    "file d: two calls, and two functions on the stack",
    "file e: a function is imported",
)

MISTAKES = (
    Mistake(
        "any call is a crime",
        "file a: line 7 does call a function, but it's numpy.dtype, which stands on "
        "the lesson's list: the office's own model needs it. Ask what is called",
        {"a": 7},
    ),
    Mistake(
        "strings that frighten",
        "file b: these strings are pushed on the stack and put into a list, like the "
        "names of columns. Nothing imports them, and nothing calls",
        {"b": 7},
    ),
    Mistake(
        "where the command stands",
        "file c: in line 3 the command is a string on the stack, and no more. Which "
        "line takes it, and a function, and calls the one with the other?",
        {"c": 3},
    ),
    Mistake(
        "where it is imported",
        "file c: line 2 imports a function, and imported isn't called: many a model "
        "names functions. Which instruction calls?",
        {"c": 2},
    ),
    Mistake(
        "the first call after exec",
        "file d: that line calls numpy.dtype, which was pushed last. exec still lies "
        "below it on the stack. Who takes it from there?",
        {"d": 10},
    ),
    Mistake(
        "thrown away, and feared",
        "file e: eval is imported, and POP throws it away before anything is called. "
        "What lies on the stack at line 11?",
        {"e": 11},
    ),
)

reads = Check(
    title="which line runs a command?",
    promises=[_promise(*pair) for pair in zip(QUESTIONS, TEXTS, strict=True)],
    probe=lambda sheet: first_wrong(sheet, QUESTIONS, _read),
    mistakes=MISTAKES,
)
