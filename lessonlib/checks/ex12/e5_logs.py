"""Which of two services may be opened to strangers? A sheet with the evidence."""

import re
from collections.abc import Callable, Iterable
from typing import Any

from lessonlib.checks import Check, Mistake
from lessonlib.checks.ex12.access_logs import ALDER
from lessonlib.checks.probes import Broken, plain
from lessonlib.checks.sheet import Question, entry, first_wrong

QUESTIONS = (
    Question(
        "open",
        "birch",
        "what did each of them say to somebody who has no business there?",
    ),
    Question(
        "key_in_address",
        [3, 13],
        "look behind each ?, and never mind whether the request was answered",
    ),
    Question(
        "no_key",
        [5, 7, 14],
        "everything but /, /health and /ready is for callers with a key",
    ),
    Question(
        "over_limit",
        [11, 12],
        "count for each key and each second; the first three are within the limit",
    ),
    Question(
        "address",
        "127.0.0.1",
        "whom would you lock out, by what this log says?",
    ),
)
KEYS = [question.key for question in QUESTIONS]


def _read(sheet: Any, question: Question) -> Any:
    written = entry(sheet, question, KEYS)
    if isinstance(question.right, list):
        return _numbers(written, question.key)
    return str(written).strip().lower()


def _numbers(written: Any, key: str) -> list[int]:
    """Return numbers of lines in order, however they were written down."""
    if isinstance(written, str):
        numbers = [int(digits) for digits in re.findall(r"\d+", written)]
    elif isinstance(written, Iterable):
        numbers = plain(list(written))
    else:
        numbers = [plain(written)]
    for each in numbers:
        if each not in range(1, len(ALDER) + 1):
            hint = f"the lines are counted from 1 to {len(ALDER)}"
            raise Broken(f"{key}: {each!r} is not the number of a line", hint)
    return sorted(set(numbers))


def _promise(question: Question, text: str) -> Callable[[Any], None]:
    """Return the promise of an entry. No message says what should stand there."""

    def promise(sheet: Any) -> None:
        seen, right = _read(sheet, question), question.right
        if seen == right:
            return
        if not isinstance(right, list):
            message = f"the logs do not bear out {seen!r}"
        elif strange := sorted(set(seen) - set(right)):
            message = f"line {strange[0]} does not show it: {ALDER[strange[0] - 1]}"
        else:
            overlooked = len(right) - len(seen)
            message = f"{overlooked} of {len(right)} lines overlooked"
        raise Broken(f"{question.key}: {message}", question.hint)

    promise.__doc__ = text
    return promise


TEXTS = (
    "`open`: the service that strangers may ask",
    "`key_in_address`: the lines in which anybody can read a key",
    "`no_key`: the lines where somebody without a key got what needs one",
    "`over_limit`: the lines over the limit that were answered all the same",
    "`address`: the one that everybody seems to ask from",
)

MISTAKES = (
    Mistake(
        "the quiet one",
        "alder has hardly refused anybody, and that is what is wrong with it: it "
        "answered without a key and kept no limit. A service that strangers can reach "
        "gets strange requests, and its log should be full of 401, 404 and 429",
        {"open": "alder"},
    ),
    Mistake(
        "a key that was refused",
        "one address with a key is missing: the one that got a 401. It is a key all "
        "the same, perhaps of another service, and now it stands in a log for "
        "everybody to read, whatever the status was",
        {"key_in_address": [3]},
    ),
    Mistake(
        "predictions alone",
        "no_key has the prediction, but strangers got two other pages as well: what "
        "the model is made of, and how much it is asked. Both are for people with a "
        "key, or for you",
        {"no_key": [5]},
    ),
    Mistake(
        "open pages counted",
        "/health and /ready are open on purpose: they say that the service is there, "
        "and nothing else. Leave them out of no_key",
        {"no_key": [1, 5, 6, 7, 14]},
    ),
    Mistake(
        "the whole second",
        "over_limit has all five requests of that second. Three were allowed, so only "
        "those beyond them show that nobody counts",
        {"over_limit": [8, 9, 10, 11, 12]},
    ),
)

logs = Check(
    title="which one may be opened?",
    promises=[_promise(*pair) for pair in zip(QUESTIONS, TEXTS, strict=True)],
    probe=lambda sheet: first_wrong(sheet, QUESTIONS, _read),
    mistakes=MISTAKES,
)
