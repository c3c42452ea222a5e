"""Is the learner's answer right, and if not, which mistake is it?

A check holds promises about an answer, each a function that raises `Broken` with what
was called, what came back and what was expected. It also holds known mistakes: wrong
answers with a message of their own. A learner whose answer behaves like one of them
reads its message. Behaviour is compared, never wording, names or times.
"""

import json
import linecache
import traceback
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, ClassVar

import numpy as np

_NOT_THE_LEARNERS = (  # the standard library, installed packages, and ours
    str(Path(json.__file__).parents[1]),
    str(Path(np.__file__).parents[1]),
    str(Path(__file__).parents[1]),
)
NOT_ATTEMPTED, NOT_YET, DONE = "not attempted", "not yet", "done"
NOT_IN_GENERAL = (
    "right for the examples of the check, and wrong for others that it does not show: "
    "does it follow the rule, or the examples?"
)


class Broken(Exception):
    """A promise that does not hold: what was seen, and a hint of a direction."""

    def __init__(self, seen: str, hint: str = ""):
        super().__init__(seen)
        self.seen, self.hint = seen, hint


class Untouched(Exception):
    """The answer is still the stub: None or Ellipsis came back."""


@dataclass(frozen=True)
class Mistake:
    """A wrong answer that learners give, and what to tell them."""

    name: str
    message: str
    answer: Any


@dataclass(frozen=True)
class Report:
    """What a check found. `lines` has a mark and a sentence for each promise."""

    title: str
    outcome: str  # "not attempted", "not yet" or "done"
    points: int
    out_of: int
    lines: tuple[str, ...] = ()
    message: str = ""
    hint: str = ""
    mistake: str = ""  # the name of the known mistake, if it is one

    kept: ClassVar[list["Report"] | None] = None  # a grader keeps what is shown

    def __repr__(self) -> str:
        head = f"{self.outcome}: {self.title} ({self.points} of {self.out_of} points)"
        parts = [head, *(f"  {line}" for line in self.lines)]
        parts += [f"  {self.message}"] if self.message else []
        parts += [f"  hint: {self.hint}"] if self.hint else []
        return "\n".join(parts)

    def show(self) -> int:
        """Print the report and return its points: the value of a graded cell."""
        if Report.kept is not None:
            Report.kept.append(self)
        print(self)
        return self.points

    def unseen(self, holds: Callable[[], Any]) -> "Report":
        """Return what is left if `holds()` is not true: half of the points.

        For a hidden test, and only for an answer that is right otherwise. Nothing of
        what `holds` does is told.
        """
        if self.outcome != DONE:
            return self
        try:
            if _plain(holds()) is True:
                return self
        except Exception:
            pass  # its words might give the test away
        points = self.points // 2
        return replace(self, outcome=NOT_YET, points=points, message=NOT_IN_GENERAL)


@dataclass(frozen=True)
class Check:
    """Promises about an answer, one point each. Call it with the answer.

    `probe` returns what the answer does, as values that can be compared by `==`; it
    serves to recognise the mistakes.
    """

    title: str
    promises: Sequence[
        Callable[[Any], None]
    ]  # the docstring of each is what is promised
    probe: Callable[[Any], Any]
    mistakes: Sequence[Mistake]

    def __call__(self, answer: Any) -> Report:
        """Return what holds of `answer`. Never raises, whatever the answer does."""
        out_of, lines, first = len(self.promises), [], None
        for promise in self.promises:
            broken = _try(promise, answer)
            if isinstance(broken, Untouched):
                message = (
                    "write your answer where the TODO stands; a function needs a return"
                )
                return Report(self.title, NOT_ATTEMPTED, 0, out_of, message=message)
            lines.append(f"{'ok ' if broken is None else 'no '} {promise.__doc__}")
            first = first or broken
        if first is None:
            return Report(self.title, DONE, out_of, out_of, tuple(lines))
        points = sum(line.startswith("ok") for line in lines)
        mistake = self._recognise(answer)
        return Report(
            self.title,
            NOT_YET,
            points,
            out_of,
            tuple(lines),
            message=mistake.message if mistake else first.seen,
            hint="" if mistake else first.hint,
            mistake=mistake.name if mistake else "",
        )

    def _recognise(self, answer):
        seen = self._behaviour(answer)
        for mistake in self.mistakes:
            if self._behaviour(mistake.answer) == seen:
                return mistake
        return None

    def _behaviour(self, answer):
        try:
            return _plain(self.probe(answer))
        except Exception as error:
            return type(error)


def _try(promise, answer):
    try:
        if answer is None or answer is Ellipsis:
            raise Untouched
        promise(answer)
    except (Broken, Untouched) as broken:
        return broken
    except Exception as error:
        called, line = _called_and_line(error)
        seen = f"{called} raised {type(error).__name__}: {error}{line}"
        return Broken(seen, "run your cell above with this example")
    return None


def _called_and_line(error):
    """Say which call of the check raised, and in which line of the learner's own."""
    called, line = "your answer", ""
    for frame, number in traceback.walk_tb(error.__traceback__):
        if frame.f_code is call.__code__:
            function, args = frame.f_locals["function"], frame.f_locals["args"]
            name = getattr(function, "__name__", "your answer")
            called = f"{name}({', '.join(map(_short, args))})"
        elif not frame.f_code.co_filename.startswith(_NOT_THE_LEARNERS):
            line = linecache.getline(frame.f_code.co_filename, number).strip()
    line = getattr(error, "learners_line", line)  # of an answer in its own process
    return called, f" (in: {line})" if line else ""


def call(function: Callable[..., Any], *args: Any, **options: Any) -> Any:
    """Return what the function gives back; None or ... counts as untouched."""
    came_back = function(*args, **options)
    if came_back is None or came_back is Ellipsis:
        raise Untouched
    return came_back


def colocate(answer: Any, fixture: Any) -> Any:
    """Return a function or class of a check where the answer is.

    That is here, in a notebook. When a class is graded, the answer is in a process of
    its own, and what it works on by more than calls and data has to be there, too.
    """
    elsewhere = getattr(type(answer), "colocate_", None)
    return fixture if elsewhere is None else elsewhere(answer, fixture)


def expect(seen: Any, expected: Any, *, called: str, hint: str = "") -> None:
    """Raise Broken unless both are equal; numbers may differ in the ninth digit."""
    if not _equal(_plain(seen), _plain(expected)):
        message = f"{called} gave {_short(seen)}, expected {_short(expected)}"
        raise Broken(message, hint)


def _equal(seen, expected):
    if isinstance(seen, list) and isinstance(expected, list):
        same = zip(seen, expected, strict=False)
        return len(seen) == len(expected) and all(_equal(a, b) for a, b in same)
    if type(seen) in (int, float) and type(expected) in (int, float):
        return seen == expected or abs(seen - expected) <= 1e-9 * abs(expected)
    return type(seen) is type(expected) and seen == expected


def _plain(value):
    # only builtin types may say what they equal: any other object becomes its text
    if isinstance(value, np.ndarray | np.generic):
        value = value.tolist()
    if isinstance(value, list | tuple):
        return [_plain(each) for each in value]
    if isinstance(value, dict):
        return [[_plain(key), _plain(value[key])] for key in sorted(value, key=repr)]
    if type(value) in (bool, int, float, str, bytes, type(None), type):
        return value
    return f"{type(value).__name__}: {object.__repr__(value)}"


def _short(value):
    text = repr(value)
    return text if len(text) <= 80 else f"{text[:77]}..."
