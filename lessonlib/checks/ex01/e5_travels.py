"""What must travel to the belt? `keep(model)` packs it, `answer(kept, rows)` reads."""

import pickle
from collections.abc import Callable
from functools import cache
from typing import Any

import numpy as np

from lessonlib.checks import Check, Mistake
from lessonlib.checks.probes import call, colocate, expect

Functions = tuple[Callable[..., Any], Callable[..., Any]]  # keep and answer


@cache
def _trained() -> tuple[Any, np.ndarray]:
    """Return a pipeline and rows from elsewhere, so that their own mean misleads."""
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    rng = np.random.default_rng(1)
    X = rng.normal([5, 200, -3], [2, 50, 0.1], size=(90, 3))
    y = 7 + (X[:, 0] / 2 + X[:, 1] / 50 > 6.5) + (X[:, 0] / 2 - 10 * X[:, 2] > 33)
    model = make_pipeline(StandardScaler(), LogisticRegression()).fit(X, y)
    return model, rng.normal([6, 230, -3.05], [2, 50, 0.1], size=(40, 3))


def _through_a_file(thing: Any) -> Any:
    return pickle.loads(pickle.dumps(thing))


def _sent(functions: Functions) -> Callable[[np.ndarray], list[Any]]:
    """Return what answers at the belt: `answer` with what `keep` kept, via a file."""
    keep, answer = functions
    model, _ = colocate(keep, _trained)()
    travel = colocate(keep, _through_a_file)
    kept = travel(call(keep, travel(model)))
    return lambda rows: np.asarray(call(answer, kept, rows)).tolist()


def _bag(functions: Functions) -> None:
    """a bag of cards gets the digits that the whole model gives"""
    model, rows = _trained()
    hint = "through which steps does a card go in the whole model?"
    called = "answer(kept, rows) with 40 rows"
    expect(_sent(functions)(rows), model.predict(rows), called=called, hint=hint)


def _alone(functions: Functions) -> None:
    """a card that comes alone gets the same digit as in its bag"""
    model, rows = _trained()
    at_belt = _sent(functions)
    alone = [digit for row in rows for digit in at_belt(row[None])]
    hint = "does an answer depend on the other cards that came with it?"
    called = "answer(kept, rows), 40 times with one row,"
    expect(alone, model.predict(rows), called=called, hint=hint)


def _probe(functions: Functions) -> list[Any]:
    at_belt, rows = _sent(functions), _trained()[1]
    return [at_belt(rows), [at_belt(row[None]) for row in rows]]


def _scaler_of_the_request(classifier, rows):
    from sklearn.preprocessing import StandardScaler

    return classifier.predict(StandardScaler().fit_transform(rows))


def _mean_only(kept, rows):
    mean, classifier = kept
    return classifier.predict(rows - mean)


MISTAKES = (
    Mistake(
        "scaled by the request",
        "the scaler is fitted anew on the cards of each request. A card alone is then "
        "its own mean, so every pixel becomes 0. Whose mean did the classifier learn "
        "with?",
        (lambda model: model[-1], _scaler_of_the_request),
    ),
    Mistake(
        "no scaler",
        "the classifier gets raw pixels: this is the slip of the lesson. Which step of "
        "the model stayed behind?",
        (lambda model: model[-1], lambda kept, rows: kept.predict(rows)),
    ),
    Mistake(
        "scaled twice",
        "the cards are scaled, and then scaled again: a pipeline does all of its steps "
        "itself. What do you have to do before `predict`, if you keep all of it?",
        (lambda m: m, lambda kept, rows: kept.predict(kept[0].transform(rows))),
    ),
    Mistake(
        "mean without spread",
        "the mean of the training cards travelled, but a scaler has two parts: it also "
        "divides. What else did it learn from the training cards?",
        (lambda model: (model[0].mean_, model[-1]), _mean_only),
    ),
    Mistake(
        "probabilities for digits",
        "these are probabilities, one for each digit. The belt wants one digit for "
        "each card: which method of a model gives that?",
        (lambda model: model, lambda kept, rows: kept.predict_proba(rows)),
    ),
)

travels = Check(
    title="keep what must travel, and answer with it",
    promises=(_bag, _alone),
    probe=_probe,
    mistakes=MISTAKES,
)
