"""What was written on a sheet, a dictionary with a blank for each question?

An answer may be right in one part and blank in another, so each part is read alone.
"""

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from lessonlib.checks.probes import Broken, Untouched, plain, shortened

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


def promise(
    text: str, questions: Sequence[Question], read: Read, *, wrong: str
) -> Callable[[Any], None]:
    """Return the promise that these questions of a sheet are answered rightly.

    The message shows what was written, and `wrong` says what speaks against it: never
    what should stand there.
    """

    def answered(sheet: Any) -> None:
        for question in questions:
            if (seen := read(sheet, question)) != question.right:
                raise Broken(f"{question.key}: {seen!r} {wrong}", question.hint)

    answered.__doc__ = text
    return answered


def one_of(words: Sequence[str], written: Any, key: Any) -> str:
    """Return the one of `words` that was written; capitals and spaces don't matter."""
    word = " ".join(str(written).lower().split())
    if word not in words:
        seen = f"{key}: {shortened(written)} is not one of the words"
        raise Broken(seen, f"write {', '.join(map(repr, words))}")
    return word


def some_of(names: Sequence[str], written: Any, key: Any) -> list[str]:
    """Return those of `names`, letters or words, that were written, in order.

    They may be written as "B, A", as "BA" or as ["a", "b"].
    """
    if isinstance(written, str):
        parts = re.findall(r"\w+", written)
        if len(parts) == 1 and {len(name) for name in names} == {1}:
            parts = list(parts[0])
    else:
        parts = list(written) if isinstance(written, Iterable) else [written]
    found = {str(part).strip().lower() for part in parts}
    if strange := found - {name.lower() for name in names}:
        seen = f"{key}: {min(strange)!r} is not a name that it could be"
        raise Broken(seen, f"write a list of some of {', '.join(names)}")
    return [name for name in names if name.lower() in found]


def number_near(right: float, within: float, written: Any, key: Any) -> float:
    """Return `right` for a number at most `within` away, else the number itself."""
    number = plain(written)
    if type(number) not in (int, float):
        seen = f"{key}: {shortened(written)} is not a number"
        raise Broken(seen, "write a number, without its unit")
    return right if abs(number - right) <= within else number


def _is_blank(value: Any) -> bool:
    return value is None or value is ...
