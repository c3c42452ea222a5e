"""Who gets which answers of one call? `answer_together(predict, requests)`."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from lessonlib.checks import Case, Check, Mistake, case
from lessonlib.checks.probes import call


class Asked:
    """A model that says ten times the first number of each row. It counts calls."""

    def __init__(self) -> None:
        self.calls: list[int] = []  # the rows of each

    def __call__(self, rows: np.ndarray) -> np.ndarray:
        self.calls.append(len(rows))
        return 10 * np.asarray(rows)[:, 0]

    def __repr__(self) -> str:
        return "predict"


Look = Callable[[Asked, list[Any]], list[Any]]


def _requests(lengths: Sequence[int]) -> list[np.ndarray]:
    """Return the rows of each caller; the first caller's numbers are the largest."""
    ends = np.cumsum((0, *lengths))
    rows = np.arange(ends[-1], 0.0, -1.0)[:, None]
    return [rows[a:b] for a, b in zip(ends, ends[1:], strict=False)]


def _ask(answer: Any, lengths: Sequence[int], look: Look) -> list[Any]:
    predict = Asked()
    parts = list(call(answer, predict, _requests(lengths)))
    return look(predict, [np.asarray(part).tolist() for part in parts])


def _answers(predict: Asked, parts: list[Any]) -> list[Any]:
    return parts


def _firsts(predict: Asked, parts: list[Any]) -> list[Any]:
    return [part[:1] if isinstance(part, list) else part for part in parts]


def _calls(predict: Asked, parts: list[Any]) -> list[int]:
    return predict.calls


LOOKS: dict[Look, str] = {  # what a message calls them
    _answers: "",
    _firsts: ": the first row's answer of each",
    _calls: ": the rows of each call of predict",
}


def _callers(
    lengths: Sequence[int], look: Look, gives: list[Any], *, hint: str
) -> Case:
    """Return the case of callers with so many rows; `look` says what is compared."""
    rows = ", ".join(map(str, lengths))
    called = f"answer_together for callers with {rows} rows{LOOKS[look]}"
    return case(lengths, look, gives=gives, called=called, hint=hint)


TEAMS = (  # how many rows each caller sends, and what it should get
    ((1, 2, 1), [[40.0], [30.0, 20.0], [10.0]]),
    ((3,), [[30.0, 20.0, 10.0]]),
    ((1, 1, 1, 1), [[40.0], [30.0], [20.0], [10.0]]),
    ((2, 1, 4), [[70.0, 60.0], [50.0], [40.0, 30.0, 20.0, 10.0]]),
    ((5, 1), [[60.0, 50.0, 40.0, 30.0, 20.0], [10.0]]),
)

CUTS = "where do the rows of the second caller begin, and where do they end?"
ENTRIES = "one entry for each caller, the first for the first"
ONE_CALL = "put all rows under each other first: np.concatenate"

PROMISES = (
    (
        "each caller gets the answers to its own rows, and all of them",
        *(_callers(rows, _answers, answers, hint=CUTS) for rows, answers in TEAMS),
    ),
    (
        "there are as many answers as callers, in the order of the callers",
        *(
            _callers(rows, _firsts, [part[:1] for part in answers], hint=ENTRIES)
            for rows, answers in TEAMS[1:]
        ),
    ),
    (
        "the model is asked once, with everybody's rows",
        *(_callers(rows, _calls, [sum(rows)], hint=ONE_CALL) for rows, _ in TEAMS),
    ),
)


def _lengths(requests):
    return [len(rows) for rows in requests]


def _one_by_one(predict, requests):
    return [predict(rows) for rows in requests]


def _one_each(predict, requests):
    answers = predict(np.concatenate(requests))
    return [answers[i : i + 1] for i in range(len(requests))]


def _equal_parts(predict, requests):
    return np.array_split(predict(np.concatenate(requests)), len(requests))


def _all_in_one(predict, requests):
    return predict(np.concatenate(requests))


def _backwards(predict, requests):
    answers = predict(np.concatenate(requests[::-1]))
    return np.split(answers, np.cumsum(_lengths(requests[::-1]))[:-1])


def _cut_at_lengths(predict, requests):
    return np.split(predict(np.concatenate(requests)), _lengths(requests)[:-1])


MISTAKES = (
    Mistake(
        "one by one",
        "the answers are right, but the model was asked once for each caller: that is "
        "the overhead that a batch is to save",
        _one_by_one,
    ),
    Mistake(
        "one each",
        "each caller gets a single answer here, though some sent more rows. From the "
        "second caller with several rows on, the answers are somebody else's",
        _one_each,
    ),
    Mistake(
        "equal parts",
        "the answers were cut into equal parts, but the callers did not send equally "
        "many rows",
        _equal_parts,
    ),
    Mistake(
        "all in one",
        "all answers come back in one piece. Who gets which?",
        _all_in_one,
    ),
    Mistake(
        "backwards",
        "the last caller's answers come first: each is asked for in the order of "
        "`requests`",
        _backwards,
    ),
    Mistake(
        "cut at lengths",
        "the cuts were made at the numbers of rows. A cut is a place in the whole "
        "batch: how many rows come before it, of all the callers so far?",
        _cut_at_lengths,
    ),
)

split = Check.table(
    title="one call for all",
    name="answer_together",
    promises=PROMISES,
    ask=_ask,
    mistakes=MISTAKES,
)
