"""Which values does a model know, and refuse to go beyond?

An encoder of categories that was fitted with handle_unknown="error" raises at a value
that it has not seen. A client is better told beforehand.
"""

from collections.abc import Iterator
from typing import Any

import numpy as np

from lessonlib.save.answers import steps_of

_INNER = ("best_estimator_", "estimator_", "regressor_")  # of a search, of a wrapper


def known_choices(model: Any, names: list[str]) -> dict[int, tuple[Any, ...]]:
    """Return the categories of fitted encoders, by the place of their column."""
    known: dict[int, tuple[Any, ...]] = {}
    for transformer, where in _transformers(model):
        places = _places(transformer, where, names)
        for part in steps_of(transformer):
            if getattr(part, "handle_unknown", None) == "error":
                found = [_values(each) for each in getattr(part, "categories_", [])]
                if len(found) == len(places):
                    known |= dict(zip(places, found, strict=True))
    return known


def _transformers(model: Any) -> Iterator[tuple[Any, Any]]:
    """Yield each transformer, and where its columns stand among the model's."""
    for name in _INNER:
        if hasattr(model, name):
            yield from _transformers(getattr(model, name))
    for step in steps_of(model):
        parts = getattr(step, "transformers_", [("", step, slice(None))])
        yield from ((transformer, where) for _, transformer, where in parts)


def _places(transformer: Any, where: Any, names: list[str]) -> list[int]:
    """Return the columns of a transformer as places; none if that cannot be told."""
    learned = getattr(transformer, "feature_names_in_", None)  # from a DataFrame
    try:
        if learned is not None:
            return [names.index(name) for name in learned]
        return np.atleast_1d(np.arange(len(names))[where]).tolist()
    except (IndexError, TypeError, ValueError):
        return []


def _values(categories: np.ndarray) -> tuple[Any, ...]:
    kinds = (str, int, float, bool)
    return tuple(
        each
        for each in categories.tolist()
        if isinstance(each, kinds) and each == each  # a gap is no choice
    )
