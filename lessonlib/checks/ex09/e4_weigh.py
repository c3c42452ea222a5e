"""How good are all answers? `estimate(right, chance)`, from the checked ones."""

from typing import Any

import numpy as np

from lessonlib.checks import Check, Mistake, case
from lessonlib.checks.probes import call


def _ask(answer: Any, right: list[int], chance: list[float]) -> Any:
    return call(answer, np.array(right, dtype=bool), np.array(chance))


SPEAKS = "for how many cards does each of the three speak?"

PROMISES = (
    (
        "a card with chance 1 in 20 speaks for twenty",
        case([1, 0, 1], [1, 1, 0.05], gives=21 / 22, hint=SPEAKS),
        case(
            [0, 1, 1, 0, 1, 1],
            [1, 1, 0.5, 0.1, 0.1, 0.1],
            gives=23 / 34,
            hint=SPEAKS,
        ),
    ),
    (
        "if all had the same chance it is the plain share",
        case(
            [1, 1, 1, 0],
            [0.25, 0.25, 0.25, 0.25],
            gives=3 / 4,
            hint="by what do the weights have to be divided?",
        ),
    ),
    (
        "all right is 1, and none right is 0",
        case([1, 1, 1], [1, 0.5, 0.05], gives=1.0, hint="a share of what?"),
        case([0, 0], [0.2, 0.4], gives=0.0, hint="a share of what?"),
    ),
)

MISTAKES = (
    Mistake(
        "unweighted",
        "this is the plain share of the checked cards, and most of these come from the "
        "queue of doubtful ones. For how many cards does each of them speak?",
        lambda right, chance: right.mean(),
    ),
    Mistake(
        "weights upside down",
        "the weights are the chances themselves. So the rare ones count least, while "
        "each of them has to speak for many",
        lambda right, chance: (chance * right).sum() / chance.sum(),
    ),
    Mistake(
        "divided by the checked",
        "the weights are right, but the sum was divided by the number of checked "
        "cards, and more than 1 comes out. For how many cards do they speak in all?",
        lambda right, chance: (right / chance).mean(),
    ),
    Mistake(
        "squared",
        "the weights went in twice. One over the chance, once for each card, is enough",
        lambda right, chance: (right / chance**2).sum() / (1 / chance**2).sum(),
    ),
    Mistake(
        "the likely ones only",
        "only the cards with the highest chance were used. They were checked because "
        "they are doubtful: what do you learn of the others from them?",
        lambda right, chance: right[chance == chance.max()].mean(),
    ),
)

weigh = Check.table(
    title="weigh the clerk's audits",
    name="estimate",
    promises=PROMISES,
    ask=_ask,
    mistakes=MISTAKES,
)
