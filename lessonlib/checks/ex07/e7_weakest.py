"""How strong is the weakest link? `score(points)` is the ML Test Score."""

from typing import Any

from lessonlib.checks import Check, Mistake, case
from lessonlib.checks.probes import call, to_digits


def _ask(answer: Any, points: dict[str, list[float]]) -> Any:
    return to_digits(call(answer, points))


GROUPS = "first one number a group, then one number of the four"

PROMISES = (
    (
        "the score is the sum of the weakest group",
        case(
            {
                "data": [1, 1, 0.5],
                "model": [0.5, 0],
                "infra": [1, 1, 1],
                "watch": [1, 0.5],
            },
            gives=0.5,
            hint=GROUPS,
        ),
        case(
            {
                "data": [0.5] * 7,
                "model": [1] * 7,
                "infra": [1] * 6 + [0],
                "watch": [1] * 5,
            },
            gives=3.5,
            hint=GROUPS,
        ),
    ),
    (
        "a group in which nothing is done makes it 0, however good the others are",
        case(
            {"data": [1] * 7, "model": [1] * 7, "infra": [0] * 7, "watch": [1] * 7},
            gives=0.0,
            hint="what holds a chain with a missing link?",
        ),
    ),
    (
        "if all groups are alike it is the sum of each",
        case(
            {"data": [1, 1], "model": [1, 1], "infra": [1, 1], "watch": [1, 1]},
            gives=2.0,
            hint="two tests of one point each",
        ),
    ),
)


def _sums(points):
    return [sum(group) for group in points.values()]


MISTAKES = (
    Mistake(
        "mean of the sums",
        "this is the mean of the four groups, so three good ones cover up for an empty "
        "one. The score is meant to hurt",
        lambda points: sum(_sums(points)) / len(points),
    ),
    Mistake(
        "all points",
        "these are all points together. Then a service could earn its score without "
        "ever being watched",
        lambda points: sum(_sums(points)),
    ),
    Mistake(
        "worst test",
        "this is the smallest point of a single test. First add up each group, then "
        "compare the groups",
        lambda points: min(min(group) for group in points.values()),
    ),
    Mistake(
        "best group",
        "this is the strongest group: a chain breaks at the other end",
        lambda points: max(_sums(points)),
    ),
    Mistake(
        "name of the group",
        "the name of the weakest group came back: useful to know, but the score is its "
        "sum",
        lambda points: min(points, key=lambda name: sum(points[name])),
    ),
    Mistake(
        "mean of the weakest",
        "the right group, but its mean instead of its sum: a score goes up to 7",
        lambda points: min(sum(group) / len(group) for group in points.values()),
    ),
)

weakest = Check.table(
    title="the weakest link",
    name="score",
    promises=PROMISES,
    ask=_ask,
    mistakes=MISTAKES,
)
