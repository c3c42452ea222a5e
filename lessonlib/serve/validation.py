"""What may a client send?

A body is checked against the model's features before the model sees it. What breaks the
contract raises BadRequest: a status, a code for programs, a sentence for people, and
the row and feature that it is about.
"""

import json
from typing import Any, NoReturn

import numpy as np

from lessonlib.save.artifacts import Feature

_LARGEST = float(np.finfo(float).max)  # a feature without limits is still finite


class BadRequest(Exception):
    """A request breaks the contract. `where` says the row and the feature, if known."""

    def __init__(self, status: int, code: str, message: str, **where: int | str):
        super().__init__(message)
        self.status, self.code, self.message, self.where = status, code, message, where


def parse_rows(
    body: bytes, features: tuple[Feature, ...], *, max_rows: int = 1000
) -> np.ndarray:
    """Return the rows of a JSON body, shape (n, k), or raise BadRequest."""
    content = _parse_json(body)
    rows = content.get("rows") if isinstance(content, dict) else None
    if not isinstance(rows, list) or not rows:
        raise BadRequest(422, "no_rows", 'send {"rows": [[...], ...]}, one or more')
    if len(rows) > max_rows:
        message = f"{len(rows)} rows: send at most {max_rows}"
        raise BadRequest(422, "too_many_rows", message)
    for i, row in enumerate(rows):
        _check_row(row, features, i)
    return np.array(rows)


def parse_feedback(body: bytes, classes: tuple[Any, ...] | None) -> dict[str, Any]:
    """Return request_id, label, row and source of a JSON body, or raise BadRequest."""
    content = _parse_json(body)
    fields = content if isinstance(content, dict) else {}
    request_id, label = fields.get("request_id"), fields.get("label")
    row, source = fields.get("row", 0.0), fields.get("source", "client")
    if type(request_id) is not str:
        raise BadRequest(422, "no_request_id", "send the request_id of a reply")
    label = _label_of(label, classes)
    if type(row) is not float or not 0 <= row < 2**31 or row % 1:
        raise BadRequest(422, "bad_row", "row counts the rows of the request from 0")
    if type(source) is not str or not 0 < len(source) <= 40:
        raise BadRequest(422, "bad_source", "source is a word, 1 to 40 characters")
    return {"request_id": request_id, "label": label, "row": int(row), "source": source}


def _label_of(label: object, classes: tuple[Any, ...] | None) -> Any:
    """Return the class that a JSON value names, or the number; or raise BadRequest."""
    if classes is None:
        if type(label) is float and abs(label) <= _LARGEST:
            return label
        raise BadRequest(422, "unknown_label", "label must be a number")
    for each in classes:
        # JSON's 3 came as 3.0, and in Python True is 1: in JSON it is not
        if each == label and isinstance(each, bool) == isinstance(label, bool):
            return each
    message = f"label must be one of {json.dumps(classes)}"
    raise BadRequest(422, "unknown_label", message)


def _parse_json(body: bytes) -> Any:
    try:
        return _STRICT.decode(body.decode("utf-8"))
    except RecursionError:
        raise BadRequest(400, "not_json", "the body is nested too deeply") from None
    except ValueError as error:  # bad UTF-8 is one too
        raise BadRequest(400, "not_json", f"the body is not JSON: {error}") from None


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not in the standard")


def _no_twins(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    if len(pairs) != len(dict(pairs)):
        raise ValueError("a key stands twice in an object")
    return dict(pairs)


_STRICT = json.JSONDecoder(
    parse_int=float,  # no integer is too large to compare, and true is no number
    parse_constant=_no_constant,
    object_pairs_hook=_no_twins,
)


def _check_row(row: object, features: tuple[Feature, ...], i: int) -> None:
    if not isinstance(row, list) or len(row) != len(features):
        seen = f"{len(row)}" if isinstance(row, list) else _shown(row)
        message = f"row {i} must be a list of {len(features)} numbers, got {seen}"
        raise BadRequest(422, "wrong_shape", message, row=i)
    for feature, value in zip(features, row, strict=True):
        low = -_LARGEST if feature.low is None else feature.low
        high = _LARGEST if feature.high is None else feature.high
        if type(value) is not float:
            code, complaint = "not_a_number", "not a number"
        elif not low <= value <= high:  # 1e400 became infinity, and fails here
            code, complaint = "out_of_range", f"not between {low:g} and {high:g}"
        else:
            continue
        message = f"row {i}, feature {feature.name!r}: {_shown(value)} is {complaint}"
        raise BadRequest(422, code, message, row=i, feature=feature.name)


def _shown(value: object) -> str:
    kinds: dict[type, str] = {
        list: "a list",
        dict: "an object",
    }  # they may be long or deep
    return kinds.get(type(value)) or f"{json.dumps(value):.40}"
