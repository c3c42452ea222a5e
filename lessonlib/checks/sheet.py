"""What was written on a sheet, a dictionary with a blank for each question?

An answer may be right in one part and blank in another, so each part is read alone.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from lessonlib.checks.probes import Broken, Untouched, shortened

Read = Callable[[Any, "Question"], Any]


@dataclass(frozen=True)
class Question:
    """A key of a sheet, what belongs there, and a hint if something else does."""

    key: Any
    right: Any
    hint: str


def entry(sheet: Any, question: Question, keys: Sequence[Any]) -> Any:
    """Return what answers a question of a sheet with these keys.

    Raises Untouched if every blank is still there, Broken if this one is.
    """
    names = ", ".join(map(str, keys))
    if not isinstance(sheet, dict):
        seen = f"the answer is {shortened(sheet)}, and not a dictionary"
        raise Broken(seen, f"its keys are {names}")
    if set(sheet) <= set(keys) and all(map(_is_blank, sheet.values())):
        raise Untouched
    if _is_blank(sheet.get(question.key)):
        raise Broken(f"{question.key!r} has no answer yet", f"the keys are {names}")
    return sheet[question.key]


def first_wrong(sheet: Any, questions: Sequence[Question], read: Read) -> list[Any]:
    """Return the first question that is answered wrongly, and its answer.

    So a mistake is recognised by itself, whatever else is right, wrong or blank.
    """
    for question in questions:
        try:
            seen = read(sheet, question)
        except Broken:
            continue
        if seen != question.right:
            return [question.key, seen]
    return []


def _is_blank(value: Any) -> bool:
    return value is None or value is ...
