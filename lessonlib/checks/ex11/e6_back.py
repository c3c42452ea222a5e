"""Which version does a rollback bring back? `back_to(history)` names it."""

from typing import Any

from lessonlib.checks import Case, Check, Mistake, case
from lessonlib.checks.probes import call


def _ask(answer: Any, history: str) -> Any:
    return call(answer, [tuple(line.split()) for line in history.split(", ")])


def _after(history: str, *, gives: str, hint: str) -> Case:
    return case(history, gives=gives, called=f"back_to([{history}])", hint=hint)


BEFORE = "what served until then?"
PILE = "keep a pile: a promotion lays a version on it; what does a rollback do?"

PROMISES = (
    (
        "after promotions only, it is the version before the last",
        _after("promote v1, promote v2", gives="v1", hint=BEFORE),
        _after("promote v1, promote v2, promote v3", gives="v2", hint=BEFORE),
    ),
    (
        "what was rolled back is gone: a second rollback goes one further",
        _after(
            "promote v1, promote v2, promote v3, rollback v2", gives="v1", hint=PILE
        ),
        _after(
            "promote v1, promote v2, rollback v1, promote v3", gives="v1", hint=PILE
        ),
        _after(
            "promote v9, promote v2, promote v5, rollback v2, promote v7",
            gives="v2",
            hint=PILE,
        ),
    ),
)


def _newest_other(history):
    versions = dict.fromkeys(version for _, version in history)  # by their first day
    return [version for version in versions if version != history[-1][1]][-1]


MISTAKES = (
    Mistake(
        "the first of all",
        "this always goes back to the first version. That may be years old: which one "
        "served just before the current one?",
        lambda history: history[0][1],
    ),
    Mistake(
        "the line before",
        "the line before the last names the version that was just taken away, if the "
        "last line is a rollback. Follow the history from its beginning",
        lambda history: history[-2][1],
    ),
    Mistake(
        "the newest other",
        "the newest version that is not current may be the very one that was rolled "
        "back because it was bad. Follow the history from its beginning",
        _newest_other,
    ),
    Mistake(
        "where it is now",
        "that is the version that serves already. A rollback brings back the one "
        "before",
        lambda history: history[-1][1],
    ),
)

back = Check.table(
    title="the way back",
    name="back_to",
    promises=PROMISES,
    ask=_ask,
    mistakes=MISTAKES,
)
