"""Will a model answer rows that come as JSON, and can its answers be sent?

Whatever would fail once the model serves is found here, before it is saved.
"""

import json
from typing import Any

import numpy as np

from lessonlib.save.answers import CLASSES, Answers, answer_kind, ask, shown
from lessonlib.save.columns import build_table
from lessonlib.save.examples import Example

_ALIKE = 1e-5  # room for numbers of 32 bits, which JSON gives back with 64
_SEVERAL = "a classifier of several labels at once cannot be served: fit one for each"


def rehearse(model: Any, example: Example) -> Answers:
    """Return what a model says of its example once that has been JSON.

    Raises ValueError if it says something else then, or what cannot be sent.
    """
    if (kind := answer_kind(model)) == CLASSES:
        _check_classes(model)
    said = _tried(model, example.table, "the model cannot answer its example")
    try:
        table = build_table(example.values, example.columns, example.form)
    except (ValueError, TypeError) as error:
        raise ValueError(f"the example is not what its columns say: {error}") from None
    message = "the model answers its example, but not when that has been JSON"
    answers = _tried(model, table, message)
    _check_json(answers)
    if not answers.agree_with(said, tolerance=_ALIKE):
        kinds = ", ".join(f"{each.name}: {each.kind}" for each in example.columns[:8])
        message = "the model answers otherwise when its example has been JSON"
        raise ValueError(f"{message}: by chance, or is a kind wrong ({kinds})?")
    if kind == CLASSES:
        _check_labels(model, answers)
    return answers


def in_a_line(error: Exception) -> str:
    """Return an error as a part of a sentence."""
    return " ".join(f"{type(error).__name__}: {error}".split())[:200]


def _tried(model: Any, table: Any, message: str) -> Answers:
    try:
        return ask(model, table)
    except Exception as error:  # of any kind: the model may be anybody's
        raise ValueError(f"{message}: {in_a_line(error)}") from None


def _check_classes(model: Any) -> None:
    classes = getattr(model, "classes_", None)
    if classes is None:
        message = f"{shown(model)} is a classifier without classes_: is it fitted?"
        raise ValueError(f"{message} A class of your own sets them, in their order")
    if isinstance(classes, list) and any(np.ndim(each) for each in classes):
        raise ValueError(_SEVERAL)


def _check_labels(model: Any, answers: Answers) -> None:
    classes, probabilities = list(model.classes_), answers.probabilities
    if answers.predictions.ndim == 2:
        raise ValueError(_SEVERAL)
    for each in answers.predictions.tolist():
        if each not in classes:
            message = f"the model answers {each!r}, which is none of its classes_"
            raise ValueError(f"{message} {np.asarray(classes).tolist()[:8]}")
    shape = len(answers), len(classes)
    if probabilities is not None and probabilities.shape != shape:
        message = f"predict_proba gives shape {probabilities.shape}"
        raise ValueError(f"{message}, but must have a column for each class: {shape}")


def _check_json(answers: Answers) -> None:
    try:
        json.dumps(answers.as_json(), allow_nan=False, ensure_ascii=False).encode()
    except (ValueError, TypeError) as error:
        message = f"what the model answers cannot be sent as JSON: {error}"
        raise ValueError(f"{message}; answer numbers, texts or booleans") from None
