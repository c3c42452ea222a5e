"""Is the learner's answer right, and if not, which mistake is it?

A check holds promises about an answer: tables of cases, or functions that raise
`Broken` with what was called, what came back and what was expected. It also holds known
mistakes: wrong answers with a message of their own. A learner whose answer behaves like
one of them reads its message. Behaviour is compared, never wording, names or times.

A notebook's checks are a package (`ex05`), one file an exercise: cases, promises and
mistakes together. A new mistake is one more `Mistake` there; its test is written.
"""

import copy
import traceback
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from lessonlib.checks.constants import is_constant
from lessonlib.checks.probes import (
    Broken,
    Replies,
    Untouched,
    call,
    call_in_words,
    code_in,
    expect,
    outcomes,
    plain,
    settled,
    shortened,
    telling,
)
from lessonlib.checks.raised import ending, in_words, learners_line
from lessonlib.checks.report import DONE, NOT_ATTEMPTED, NOT_YET, Report

WRITE = "write your answer where the TODO stands; a function needs a return"
BY_CHANCE = "; it says the same to everything, so what fits does so by chance"


@dataclass(frozen=True)
class Mistake:
    """A wrong answer that learners give, and what to tell them."""

    name: str
    message: str
    answer: Any


@dataclass(frozen=True)
class Case:
    """One line of a table: what the answer is given, and what it should give."""

    given: tuple[Any, ...]
    gives: Any
    hint: str  # a direction, if it gives something else
    called: str  # how a message names the call; "" for the plain way


def case(*given: Any, gives: Any, hint: str = "", called: str = "") -> Case:
    """Return a case: `answer(*given)` should give what equals `gives`."""
    return Case(given, gives, hint, called)


Promise = Callable[[Any], None]  # its docstring is what is promised
Ask = Callable[..., Any]


@dataclass(frozen=True)
class Check:
    """Promises about an answer, one point each. Call it with the answer.

    `probe` returns what the answer does, as values that can be compared by `==`; it
    serves to recognise the mistakes.
    """

    title: str
    promises: Sequence[Promise]
    probe: Callable[[Any], Any]
    mistakes: Sequence[Mistake]

    @classmethod
    def table(
        cls,
        *,
        title: str,
        name: str,
        promises: Sequence[tuple[Any, ...]],
        mistakes: Sequence[Mistake],
        ask: Ask = call,
        also: Sequence[tuple[Any, ...]] = (),
        probe: Callable[[Any], Any] | None = None,
    ) -> "Check":
        """Return a check of cases: a promise is its text, then one or more of them.

        Messages call the answer `name`. `ask(answer, *given)` returns what is compared,
        if that is not just what the answer gives back. Mistakes are recognised by what
        they do in all cases, and in `also`: further things to give, to tell them apart.
        If that says too much or too little, `probe` says what is compared.
        """

        def asked(answer: Any, *given: Any) -> Any:
            return ask(answer, *copy.deepcopy(given))  # an answer may change its own

        inputs = [*(case.given for _, *cases in promises for case in cases), *also]

        def outcomes_of_all(answer: Any) -> list[Any]:
            return outcomes(lambda *given: settled(asked(answer, *given)), inputs)

        return cls(
            title,
            [_promise(text, cases, name, asked) for text, *cases in promises],
            probe or outcomes_of_all,
            mistakes,
        )

    def __call__(self, answer: Any) -> Report:
        """Return what holds of `answer`. Never raises, whatever the answer does."""
        out_of = len(self.promises)
        replies = Replies.count
        found = [_try(promise, answer) for promise in self.promises]
        if isinstance(found[0], Untouched) and Replies.count == replies:
            return Report(self.title, NOT_ATTEMPTED, 0, out_of, message=WRITE)
        lines = [
            f"{'no ' if broken else 'ok '} {promise.__doc__}"
            for promise, broken in zip(self.promises, found, strict=True)
        ]
        first = next((broken for broken in found if broken), None)
        if first is None:
            return Report(self.title, DONE, out_of, out_of, tuple(lines))
        points = found.count(None)
        ways_to_ask = [self.probe, *self.promises]
        by_chance = points > 0 and is_constant(answer, ways_to_ask)
        mistake = self._recognise(answer)
        return Report(
            self.title,
            NOT_YET,
            0 if by_chance else points,
            out_of,
            tuple(lines),
            message=mistake.message if mistake else first.seen + BY_CHANCE * by_chance,
            hint="" if mistake else first.hint,
            mistake=mistake.name if mistake else "",
            code=() if mistake else first.code,
        )

    def _recognise(self, answer: Any) -> Mistake | None:
        seen = self._behaviour(answer)
        for mistake in self.mistakes:
            if self._behaviour(mistake.answer) == seen:
                return mistake
        return None

    def _behaviour(self, answer: Any) -> Any:
        try:
            return plain(self.probe(answer))
        except Exception as error:
            return ending(error)


def _promise(text: str, cases: Sequence[Case], name: str, ask: Ask) -> Promise:
    def promise(answer: Any) -> None:
        for case in cases:
            called = case.called or f"{name}({', '.join(map(repr, case.given))})"
            expected = shortened(case.gives)
            with telling(expected, called=called, hint=case.hint):
                seen = ask(answer, *case.given)
            expect(seen, case.gives, called=called, hint=case.hint)

    promise.__doc__ = text
    return promise


def _try(promise: Promise, answer: Any) -> Broken | None:
    if answer is None or answer is Ellipsis:
        return Untouched(answer)
    try:
        with telling(f"that {promise.__doc__}"):
            promise(answer)
    except Broken as broken:
        return broken
    except Exception as error:
        called, line = _called(error), learners_line(error)
        seen = f"{called} raised {in_words(error)}"
        hint = "run your cell above with this example"
        return Broken(seen, hint, code=code_in(called, line))
    return None


def _called(error: Exception) -> str:
    """Return which call of the check raised, in words."""
    for frame, _ in traceback.walk_tb(error.__traceback__):
        if frame.f_code is call.__code__:
            return call_in_words(frame.f_locals["function"], frame.f_locals["args"])
    return "your answer"
