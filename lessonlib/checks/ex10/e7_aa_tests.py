"""What did five offices do in their A/A tests? A sheet with a word for each."""

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

WORDS = ("once", "daily", "senders", "shadow", "silence")
NAMES = ("A", "B", "C", "D", "E")
QUESTIONS = (
    Question("A", "senders", "what makes a p-value tiny, and not just small enough?"),
    Question("B", "once", "what should 1,000 p-values of equal models look like?"),
    Question("C", "silence", "which of the five makes the arms really differ?"),
    Question("D", "daily", "where do these small p-values lie: near 0, or near 0.05?"),
    Question("E", "shadow", "what keeps two arms closer together than chance would?"),
    Question("promise", ["B", "E"], "how many of 1,000 may be below 0.05 by chance?"),
)
KEYS = [question.key for question in QUESTIONS]


def _read(sheet: Any, question: Question) -> Any:
    written = entry(sheet, question, KEYS)
    if question.key in NAMES:
        return one_of(WORDS, written, question.key)
    return some_of(NAMES, written, question.key)


def _promise(text: str, *keys: str) -> Any:
    asked = [question for question in QUESTIONS if question.key in keys]
    return promise(text, asked, _read, wrong="doesn't fit the figure and the table")


PROMISES = (
    _promise("`B`, `C` and `E`: three shapes that say it themselves", *"BCE"),
    _promise("`A` and `D`: two that have about as many false winners", *"AD"),
    _promise("`promise`: who keeps false winners to about 5 in 100", "promise"),
)

MISTAKES = (
    Mistake(
        "the table's 0.05 only",
        "A and D have about as many p-values below 0.05, but look at those below "
        "0.001. If you stop as soon as p is below 0.05, how small does it get?",
        {"A": "daily"},
    ),
    Mistake(
        "tiny without a cause",
        "D has hardly a p-value below 0.001, though it has many just below 0.05. "
        "Parcels of one sender that count one by one would make tiny ones, too",
        {"D": "senders"},
    ),
    Mistake(
        "large is sound",
        "E looks calm, but p-values of a sound test are spread evenly, and E's are "
        "hardly ever small. Its arms are more alike than two handfuls of parcels "
        "could be",
        {"E": "once"},
    ),
    Mistake(
        "only chance",
        "more than nine in ten of C's tests find a winner. Counting or looking too "
        "often makes some false winners; here the arms really do differ. Who is "
        "missing from one of them?",
        {"C": "senders"},
    ),
    Mistake(
        "daily looks",
        "twenty looks make one false winner in four, as the lesson shows. C has more "
        "than nine in ten: there the arms really differ",
        {"C": "daily"},
    ),
    Mistake(
        "the sound one only",
        "B is sound. But the promise is only about false winners: at most about 5 in "
        "100. Who else keeps it, and what does that office lose instead?",
        {"promise": ["B"]},
    ),
)

aa_tests = Check(
    title="five offices and their A/A tests",
    promises=PROMISES,
    probe=lambda sheet: first_wrong(sheet, QUESTIONS, _read),
    mistakes=MISTAKES,
)
