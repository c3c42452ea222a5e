"""What comes first? `first_things(parts_ms, proposals)` puts them in order."""

import math
from typing import Any

from lessonlib.checks import Case, Check, Mistake, case
from lessonlib.checks.probes import call

PROFILES = {
    "the slow forest": (
        {"connection": 1.5, "JSON": 0.75, "checks": 6.0, "trees": 0.5, "log": 2.0},
        {
            "faster JSON": ("JSON", 10, 1),
            "keep connections": ("connection", math.inf, 0.5),
            "a fast predictor": ("checks", 20, 2),
        },
    ),
    "all processors": (
        {"checks": 6.0, "trees": 0.5, "JSON": 0.75},
        {
            "n_jobs=-1": ("trees", 0.2, 0.25),
            "a fast predictor": ("checks", 20, 2),
            "the same JSON": ("JSON", 1, 3),
        },
    ),
    "a slow disk": (
        {"JSON": 1.0, "checks": 4.0, "model": 3.0, "log": 12.0},
        {
            "rewrite it in C": ("model", 100, 20),
            "a faster disk": ("log", 1.2, 1),
            "check all rows at once": ("checks", 4, 2),
            "send less JSON": ("JSON", 2, 0.2),
        },
    ),
    "nothing to gain": (
        {"model": 2.0, "JSON": 1.0},
        {"more threads": ("model", 0.8, 1), "pretty JSON": ("JSON", 0.5, 1)},
    ),
}


def _ask(answer: Any, name: str) -> Any:
    reply = call(answer, *PROFILES[name])
    return reply if isinstance(reply, str | dict) else list(reply)


def _order(name: str, *names: str, hint: str) -> Case:
    called = f"first_things of {name}"
    return case(name, gives=[*names], called=called, hint=hint)


SAVED = "how many milliseconds does each proposal save, and in how many days?"
SLOWER = "does each of them make the request quicker?"

PROMISES = (
    (
        "what saves most for a day of work comes first",
        _order(
            "the slow forest",
            *("keep connections", "a fast predictor", "faster JSON"),
            hint=SAVED,
        ),
        _order(
            "a slow disk",
            *("send less JSON", "a faster disk"),
            *("check all rows at once", "rewrite it in C"),
            hint=SAVED,
        ),
    ),
    (
        "what saves nothing is left out",
        _order("all processors", "a fast predictor", hint=SLOWER),
        _order("nothing to gain", hint=SLOWER),
    ),
)


def _saved(parts_ms, proposals):
    return {
        name: parts_ms[part] * (1 - 1 / times)
        for name, (part, times, _) in proposals.items()
    }


def _by(value):
    """Return an answer that puts the proposals in the order of a value."""

    def first_things(parts_ms, proposals):
        saved = _saved(parts_ms, proposals)
        useful = [name for name in proposals if saved[name] > 0]
        return sorted(
            useful, key=lambda n: value(parts_ms, *proposals[n], saved[n]), reverse=True
        )

    return first_things


def _all_of_them(parts_ms, proposals):
    saved = _saved(parts_ms, proposals)
    return sorted(proposals, key=lambda n: saved[n] / proposals[n][2], reverse=True)


MISTAKES = (
    Mistake(
        "the largest factor",
        "this goes by how many times as fast a part gets. A hundredth of a small part "
        "is still a small part: how many milliseconds does it save?",
        _by(lambda parts_ms, part, times, days, saved: times),
    ),
    Mistake(
        "the largest part",
        "this goes by how long a part takes now. It's a good place to look, but what "
        "counts is how much of it goes away",
        _by(lambda parts_ms, part, times, days, saved: parts_ms[part]),
    ),
    Mistake(
        "days forgotten",
        "this goes by the milliseconds alone, so twenty days of work come before an "
        "afternoon that saves nearly as much. Divide by the days",
        _by(lambda parts_ms, part, times, days, saved: saved),
    ),
    Mistake(
        "the cheapest",
        "this goes by the days alone. What does a day of each save?",
        _by(lambda parts_ms, part, times, days, saved: -days),
    ),
    Mistake(
        "backwards",
        "the right order, from its end: what saves most should come first",
        _by(lambda parts_ms, part, times, days, saved: -saved / days),
    ),
    Mistake(
        "all of them",
        "nearly: a proposal that saves nothing is in the list. A factor of 1 changes "
        "nothing, and one below 1 is a loss",
        _all_of_them,
    ),
)

order = Check.table(
    title="what comes first?",
    name="first_things",
    promises=PROMISES,
    ask=_ask,
    mistakes=MISTAKES,
)
