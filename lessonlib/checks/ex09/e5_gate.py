"""May the challenger serve? `promote(champion, challenger)` says True or False."""

import math
from typing import Any

import numpy as np

from lessonlib.checks import Case, Check, Mistake, case
from lessonlib.checks.probes import call, truth
from lessonlib.intervals import paired_interval


def _ask(answer: Any, both: int, gained: int, lost: int, neither: int) -> Any:
    """Ask about two models: what both, one and neither of them has right."""
    kinds = [(1, 1)] * both + [(0, 1)] * gained + [(1, 0)] * lost + [(0, 0)] * neither
    order = np.random.default_rng(9).permutation(len(kinds))
    champion, challenger = np.array(kinds, dtype=bool)[order].T
    return truth(call(answer, champion, challenger))


def _cards(both: int, gained: int, lost: int, neither: int, **expected: Any) -> Case:
    counts = (
        f"{both} both right, {gained} only the challenger, "
        f"{lost} only the champion, {neither} neither"
    )
    called = f"promote(...) on cards with {counts}"
    return case(both, gained, lost, neither, called=called, **expected)


CHANCE = "where does the interval of the difference begin?"
BETTER = "the cards on which both agree make no noise: use that they are the same"
WORSE = "which of the two wants to be promoted?"

PROMISES = (
    (
        "a challenger that may be ahead by chance is refused",
        _cards(900, 34, 26, 40, gives=False, hint=CHANCE),
        _cards(90, 4, 1, 5, gives=False, hint=CHANCE),
        _cards(20, 8, 2, 10, gives=False, hint=CHANCE),
    ),
    (
        "one that is better beyond chance is promoted, even by few points",
        _cards(900, 40, 15, 45, gives=True, hint=BETTER),
        _cards(70, 12, 2, 16, gives=True, hint=BETTER),
    ),
    (
        "a worse one is refused, however sure one is of the difference",
        _cards(900, 15, 40, 45, gives=False, hint=WORSE),
        _cards(500, 0, 100, 400, gives=False, hint=WORSE),
    ),
)


def _unpaired(champion, challenger):
    shares = (champion.mean(), challenger.mean())
    difference = shares[1] - shares[0]
    spread = math.sqrt(sum(p * (1 - p) for p in shares) / len(champion))
    z = difference / spread if spread else math.copysign(math.inf, difference)
    return z > 1.96


def _counts(champion, challenger):
    gained = int((challenger & ~champion).sum())
    return gained, int((champion & ~challenger).sum()), len(champion)


def _upper_end(champion, challenger):
    _, high = paired_interval(*_counts(champion, challenger))
    return bool(high > 0)


def _either_way(champion, challenger):
    low, high = paired_interval(*_counts(champion, challenger))
    return bool(low > 0 or high < 0)


def _turned_round(champion, challenger):
    low, _ = paired_interval(*_counts(challenger, champion))
    return bool(low > 0)


MISTAKES = (
    Mistake(
        "promote if higher",
        "whoever is ahead is promoted. Of two equal models one is always ahead: how "
        "often did that happen in the lesson?",
        lambda champion, challenger: challenger.mean() > champion.mean(),
    ),
    Mistake(
        "unpaired",
        "this looks at two shares as if they came from different cards. Both models "
        "saw the same ones, and only those on which they part make noise",
        _unpaired,
    ),
    Mistake(
        "upper end",
        "the upper end of the interval is above zero: so it *might* be better. Which "
        "end has to be, before one may say that it is?",
        _upper_end,
    ),
    Mistake(
        "either way",
        "the difference is beyond chance, but in which direction? A challenger that is "
        "clearly worse gets through here",
        _either_way,
    ),
    Mistake(
        "turned round",
        "gained and lost have changed places: the gate lets the worse ones in and "
        "keeps the better ones out",
        _turned_round,
    ),
)

gate = Check.table(
    title="decide at the gate",
    name="promote",
    promises=PROMISES,
    ask=_ask,
    also=(
        *((400, 100, 0, 500), (95, 3, 0, 2), (900, 30, 30, 40)),
        *((900, 45, 20, 35), (9, 1, 0, 90), (940, 9, 1, 50)),
    ),
    mistakes=MISTAKES,
)
