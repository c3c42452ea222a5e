"""Which format for which job? Three letters, such as "ABC"."""

from collections.abc import Callable
from typing import Any

from lessonlib.checks import Check, Mistake
from lessonlib.checks.probes import Broken


def _letters(choice: Any) -> list[str]:
    if not isinstance(choice, str | list | tuple):
        raise Broken(f"three letters are asked, one for each job, not {choice!r:.40}")
    text = "".join(map(str, choice)).upper()
    letters = [letter for letter in text if letter.isalpha()]
    if len(letters) != 3:
        raise Broken(f"three letters are asked, one for each job, not {len(letters)}")
    return letters


def _job(number: int, right: str, about: str, hint: str) -> Callable[[Any], None]:
    """Return the promise of a job. Its message does not say which letter is best."""

    def promise(choice: Any) -> None:
        letter = _letters(choice)[number - 1]
        if letter != right:
            raise Broken(f"job {number}: {letter} is not the best choice", hint)

    promise.__doc__ = f"job {number}, {about}"
    return promise


PROMISES = (
    _job(1, "D", "the quick start", "look at the figure: which one is lowest?"),
    _job(2, "A", "the archive", "what is scarce in this job, time or room?"),
    _job(3, "B", "the shared table", "how much of the table does a process need?"),
)

MISTAKES = (
    Mistake(
        "small for quick",
        "job 1 has room, and wants a quick start. In the figure of the lesson, where "
        "on the time axis was the smallest file?",
        "AAB",
    ),
    Mistake(
        "a map for a forest",
        "a memory map does nothing for job 1: a forest is many small arrays, and "
        "each tree copies its own anyway. Which format loaded quickest?",
        "BAB",
    ),
    Mistake(
        "quick for the archive",
        "job 2 loads once in years, and stores every week. What does it want: little "
        "time, or little room?",
        "DDB",
    ),
    Mistake(
        "a map of a compressed file",
        "job 3: a map shows the bytes of a file as they lie there, and in this one "
        "they are packed; joblib warns, and reads it all. What must the file be like?",
        "DAC",
    ),
    Mistake(
        "packed, eight times",
        "job 3: each of the eight processes would unpack the whole table into a memory "
        "of its own, to look at a few rows. How can they share one?",
        "DAA",
    ),
    Mistake(
        "read, eight times",
        "job 3: each of the eight processes would read all of the table, and hold a "
        "copy, to look at a few rows. How can they share one?",
        "DAD",
    ),
)

formats = Check(
    title="a format for each of three jobs",
    promises=PROMISES,
    probe=_letters,
    mistakes=MISTAKES,
)
