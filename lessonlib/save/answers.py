"""What does a model say, and what kind of answer is it?

The kind is told by what the estimator is, never by the shape of an array. Predictions
are what `predict` says: the likeliest class is often something else, once somebody has
tuned a threshold.
"""

import inspect
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

CLASSES, NUMBERS, OUTLIERS, VALUES = "classes", "numbers", "outliers", "values"
# their predict takes the class with the largest probability, by construction
_TAKE_THE_LIKELIEST = {
    "DecisionTreeClassifier",
    "ExtraTreeClassifier",
    "ExtraTreesClassifier",
    "RandomForestClassifier",
}
_PARTS = ("predictions", "probabilities", "scores")


@dataclass(frozen=True, eq=False)
class Answers:
    """What a model says of n rows."""

    predictions: np.ndarray  # shape (n,), or (n, targets)
    probabilities: np.ndarray | None = None  # shape (n, classes), of a classifier
    scores: np.ndarray | None = None  # shape (n,): below 0 is an outlier

    def __len__(self) -> int:
        return len(self.predictions)

    def __getitem__(self, rows: slice) -> "Answers":
        more = (self.probabilities, self.scores)
        parts = [part if part is None else part[rows] for part in more]
        return Answers(self.predictions[rows], *parts)

    @staticmethod
    def join(parts: Sequence["Answers"]) -> "Answers":
        """Return answers to several tables of rows as one, in their order."""
        columns = {name: [getattr(part, name) for part in parts] for name in _PARTS}
        there = {name: each for name, each in columns.items() if each[0] is not None}
        return Answers(**{name: np.concatenate(each) for name, each in there.items()})

    def as_json(self) -> dict[str, list[Any]]:
        """Return what there is of predictions, probabilities and scores, as lists."""
        found = {name: getattr(self, name) for name in _PARTS}
        return {name: part.tolist() for name, part in found.items() if part is not None}

    def agree_with(self, other: "Answers", *, tolerance: float = 0.0) -> bool:
        """Return whether both say the same, numbers within `tolerance`."""
        for name in _PARTS:
            mine, theirs = getattr(self, name), getattr(other, name)
            if mine is None or theirs is None:
                if mine is not theirs:
                    return False
            elif mine.shape != theirs.shape:
                return False
            elif mine.dtype.kind == "f" and theirs.dtype.kind == "f":
                if not np.allclose(mine, theirs, rtol=tolerance, atol=tolerance):
                    return False
            elif mine.tolist() != theirs.tolist():  # 1 and 1.0, but not 1 and "1"
                return False
        return True


def answer_kind(model: Any) -> str:
    """Return which kind of answers an estimator gives.

    Raises ValueError for one whose answers cannot be served.
    """
    if inspect.isclass(model):
        message = f"{model.__name__} is a class: make an object of it, fit that"
        raise ValueError(f"{message}, and save it")
    if not hasattr(model, "predict"):
        raise ValueError(
            f"{shown(model)} has no predict: put what it does into a class with "
            "predict(self, X), in a module of its own, and save an object of it"
        )
    try:
        kind = model.__sklearn_tags__().estimator_type
    except AttributeError:  # no estimator of scikit-learn's, or half of one
        kind = getattr(model, "_estimator_type", None)
    told = hasattr(model, "predict_proba") or hasattr(model, "classes_")
    if kind == "classifier" or (kind is None and told):
        return CLASSES
    return {"regressor": NUMBERS, "outlier_detector": OUTLIERS}.get(kind, VALUES)


def shown(model: Any) -> str:
    """Return a model as a part of a sentence."""
    try:
        return " ".join(f"{model!r}".split())[:60]
    except Exception:  # of a class that keeps its parameters under other names
        return f"a {type(model).__name__}"


def steps_of(model: Any) -> list[Any]:
    """Return the steps of a pipeline; of another model, the model alone."""
    return [s for _, s in model.steps] if hasattr(model, "named_steps") else [model]


def stages_of(model: Any) -> tuple[Callable[[Any], Any] | None, Any]:
    """Return what a pipeline does before its last step, and that step.

    The first is None for a single step, and for what is no pipeline of scikit-learn's.
    """
    kind = type(model)
    if (kind.__module__, kind.__name__) != ("sklearn.pipeline", "Pipeline"):
        return None, model
    if len(model.steps) < 2:
        return None, model
    return model[:-1].transform, model.steps[-1][1]


def ask(model: Any, table: Any) -> Answers:
    """Return what an estimator says of the rows of `table`."""
    n, (transform, last) = len(table), stages_of(model)
    if transform is not None:  # once, for all that is asked of the last step
        table = transform(table)
    if hasattr(last, "predict_proba"):
        return _with_probabilities(last, last.predict_proba(table), table, n)
    predictions = one_each(last.predict(table), n)
    if hasattr(last, "decision_function") and answer_kind(model) == OUTLIERS:
        return Answers(predictions, scores=one_each(last.decision_function(table), n))
    return Answers(predictions)


def answering(predict: Any) -> Callable[[Any], Answers]:
    """Return a function of a table that gives Answers, from any that predicts.

    `predict` is an estimator, its `predict_proba` or `predict`, or a function that
    returns Answers or an array: what an array holds are predictions, as they are.
    """
    if hasattr(predict, "predict") and not callable(predict):
        return lambda table: ask(predict, table)
    source = inspect.unwrap(predict) if callable(predict) else predict
    owner = getattr(source, "__self__", None)
    if owner is not None and source.__name__ == "predict_proba":
        return lambda table: _with_probabilities(
            owner, predict(table), table, len(table)
        )
    return lambda table: _wrapped(predict(table), len(table))


def classes_of(predict: Any) -> tuple[Any, ...] | None:
    """Return the classes of an estimator or of the owner of a method, if it has any."""
    owner = getattr(inspect.unwrap(predict), "__self__", predict)
    return plain_classes(getattr(owner, "classes_", None))


def plain_classes(classes: Sequence[Any] | np.ndarray | None) -> tuple[Any, ...] | None:
    """Return classes as JSON has them: numpy's int64 is not JSON, nor are tuples."""
    return None if classes is None else tuple(np.asarray(classes).tolist())


def one_each(predictions: Any, n: int) -> np.ndarray:
    """Return predictions as an array of one entry a row, or raise ValueError.

    A single target of shape (n, 1) becomes (n,).
    """
    try:
        array = np.asarray(predictions)
    except ValueError:
        message = "answers that are lists of different lengths: one entry for each row"
        raise ValueError(message) from None
    if array.ndim == 2 and array.shape[1] == 1:
        array = array[:, 0]
    if array.ndim not in (1, 2) or len(array) != n:
        raise ValueError(f"answers of shape {array.shape} to {n} rows: one for each")
    if array.dtype.kind not in "biufUO":
        raise ValueError(f"answers of type {array.dtype} cannot be sent as JSON")
    return array


def _wrapped(answers: Any, n: int) -> Answers:
    if not isinstance(answers, Answers):
        return Answers(one_each(answers, n))
    if len(answers) != n:
        raise ValueError(f"{len(answers)} answers to {n} rows: one for each")
    return answers


def _with_probabilities(model: Any, probabilities: Any, table: Any, n: int) -> Answers:
    probabilities = np.asarray(probabilities)
    last = type(steps_of(model)[-1])
    if last.__name__ in _TAKE_THE_LIKELIEST and last.__module__.startswith("sklearn."):
        predictions = np.asarray(model.classes_)[probabilities.argmax(axis=1)]
    else:
        predictions = model.predict(table)
    return Answers(one_each(predictions, n), probabilities)
