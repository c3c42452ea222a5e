"""How many should be right? `expected_accuracy(probabilities)`, without labels."""

from typing import Any

import numpy as np

from lessonlib.checks import Check, Mistake, case
from lessonlib.checks.probes import call, to_digits


def _ask(answer: Any, rows: list[list[float]]) -> Any:
    return to_digits(call(answer, np.array(rows)))


UNSURE = "an answer may well be less than half sure"

PROMISES = (
    (
        "of two classes, each answer counts with its chance of being right",
        case(
            [[0.75, 0.25], [0.5, 0.5], [0.125, 0.875], [0.25, 0.75]],
            gives=2.875 / 4,
            hint="what does the model answer in each row, and how sure is it?",
        ),
    ),
    (
        "of three classes too, and of one card alone",
        case(
            [[0.5, 0.25, 0.25], [0.125, 0.125, 0.75], [0.25, 0.375, 0.375]],
            gives=round(1.625 / 3, 9),
            hint=UNSURE,
        ),
        case([[0.125, 0.875]], gives=0.875, hint=UNSURE),
    ),
)

MISTAKES = (
    Mistake(
        "mean of all",
        "the mean over all classes is 1 divided by their number, whatever the model "
        "says: which of a row's probabilities belongs to its answer?",
        lambda probabilities: float(np.mean(probabilities)),
    ),
    Mistake(
        "one class",
        "this is the mean of one column, the chance of one digit. The answer of each "
        "row is its own likeliest class",
        lambda probabilities: float(np.asarray(probabilities)[:, 0].mean()),
    ),
    Mistake(
        "share of sure ones",
        "the rows that are over a half sure were counted. Of ten answers that are 60 % "
        "sure, six are right, not ten",
        lambda probabilities: float((np.max(probabilities, axis=1) > 0.5).mean()),
    ),
    Mistake(
        "median",
        "the median forgets the doubtful rows, and these make the errors: expected "
        "rights add up",
        lambda probabilities: float(np.median(np.max(probabilities, axis=1))),
    ),
    Mistake(
        "errors",
        "this is the share that should be wrong. The exercise asks for the accuracy",
        lambda probabilities: float(1 - np.max(probabilities, axis=1).mean()),
    ),
    Mistake(
        "a sum",
        "this is the number of cards to be right. An accuracy is a share of the cards",
        lambda probabilities: float(np.max(probabilities, axis=1).sum()),
    ),
)

promise = Check.table(
    title="an accuracy without labels",
    name="expected_accuracy",
    promises=PROMISES,
    ask=_ask,
    mistakes=MISTAKES,
)
