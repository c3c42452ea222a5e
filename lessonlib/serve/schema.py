"""What may a client send?

A body is checked against the model's columns before the model sees it. What breaks the
contract raises BadRequest: a status, a code for programs, a sentence for people, and
the row and column that it is about.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any, NoReturn

import numpy as np

from lessonlib.save.answers import NUMBERS, VALUES
from lessonlib.save.columns import MOST_EXACT, Column, Values, listed_names
from lessonlib.save.manifest import Manifest

_LARGEST = float(np.finfo(float).max)  # a number without limits is still finite


class BadRequest(Exception):
    """A request breaks the contract. `where` says the row and the column, if known."""

    headers: Mapping[str, str] = {}  # of the reply

    def __init__(self, status: int, code: str, message: str, **where: int | str):
        super().__init__(message)
        self.status, self.code, self.message, self.where = status, code, message, where


def parse_rows(
    body: bytes, columns: Sequence[Column], *, max_rows: int = 1000
) -> Values:
    """Return the rows of a JSON body, n lists of k values, or raise BadRequest.

    They come as "rows", lists of values in the order of the columns, or as "records",
    objects with a value for each column by its name.
    """
    rows, in_order = _rows_of(parse_json(body))
    if not isinstance(rows, list) or not rows:
        message = 'send {"rows": [[...], ...]} or {"records": [{...}, ...]}'
        raise BadRequest(422, "no_rows", f"{message}, one or more")
    if len(rows) > max_rows:
        message = f"{len(rows)} rows: send at most {max_rows}"
        raise BadRequest(422, "too_many_rows", message)
    return [
        [
            _checked(value, column, i)
            for column, value in zip(columns, in_order(row, columns, i), strict=True)
        ]
        for i, row in enumerate(rows)
    ]


def parse_feedback(body: bytes, manifest: Manifest) -> dict[str, Any]:
    """Return request_id, label, row and source of a JSON body, or raise BadRequest."""
    content = parse_json(body)
    fields = content if isinstance(content, dict) else {}
    request_id, label = fields.get("request_id"), fields.get("label")
    row, source = fields.get("row", 0.0), fields.get("source", "client")
    if type(request_id) is not str or not 0 < len(request_id) <= 100:
        raise BadRequest(422, "no_request_id", "send the request_id of a reply")
    label = _label_of(label, manifest)
    if type(row) is not float or not 0 <= row < 2**31 or row % 1:
        raise BadRequest(422, "bad_row", "row counts the rows of the request from 0")
    if type(source) is not str or not 0 < len(source) <= 40:
        raise BadRequest(422, "bad_source", "source is a word, 1 to 40 characters")
    return {"request_id": request_id, "label": label, "row": int(row), "source": source}


def parse_json(body: bytes) -> Any:
    """Return the content of a JSON body; all its numbers are floats."""
    try:
        content = _STRICT.decode(body.decode("utf-8"))
        if b"\\u" in body:  # half of a character, which no database takes
            json.dumps(content, ensure_ascii=False).encode()
        return content
    except RecursionError:
        raise BadRequest(400, "not_json", "the body is nested too deeply") from None
    except UnicodeEncodeError:
        message = "the body has a lone surrogate, which is no character"
        raise BadRequest(400, "not_json", message) from None
    except ValueError as error:  # bad UTF-8 is one too
        raise BadRequest(400, "not_json", f"the body is not JSON: {error}") from None


def named_by(value: object, choices: Sequence[Any]) -> Any:
    """Return which of `choices` a JSON value names, or raise LookupError."""
    for choice in choices:
        # JSON's 3 came as 3.0, and in Python True is 1: in JSON it is not
        if choice == value and isinstance(choice, bool) == isinstance(value, bool):
            return choice
    raise LookupError(value)


def _label_of(label: Any, manifest: Manifest) -> Any:
    """Return what a label says in the model's own terms, or raise BadRequest."""
    if (classes := manifest.expected_answers) is not None:
        try:
            return named_by(label, classes)
        except LookupError:
            message = f"label must be one of {json.dumps(classes)}"
            raise BadRequest(422, "unknown_label", message) from None
    several = isinstance(label, list) and label and manifest.answers == NUMBERS
    if all(_is_number(each) for each in (label if several else [label])):
        return label
    if manifest.answers == VALUES and type(label) in (bool, str) and label != "":
        return label
    message = "label must be what the model answers: a number"
    message += ", or a list of them" if manifest.answers == NUMBERS else ""
    raise BadRequest(422, "unknown_label", message)


def _is_number(value: object) -> bool:
    return type(value) is float and abs(value) <= _LARGEST


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not in the standard")


def _no_twins(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    if len(pairs) != len(dict(pairs)):
        raise ValueError("a key stands twice in an object")
    return dict(pairs)


_STRICT = json.JSONDecoder(
    # no integer is too large to compare, and true is no number; -0 is the integer 0
    parse_int=lambda digits: float(digits) + 0.0,
    parse_constant=_no_constant,
    object_pairs_hook=_no_twins,
)


def _rows_of(content: Any) -> tuple[Any, Callable[..., list[Any]]]:
    """Return the rows of a body, and what puts one into the order of the columns."""
    fields = content if isinstance(content, dict) else {}
    if "rows" in fields and "records" in fields:
        raise BadRequest(422, "rows_twice", 'send "rows" or "records", not both')
    if "records" in fields:
        return fields["records"], _row_of_record
    return fields.get("rows"), _row_of_list


def _row_of_list(row: object, columns: Sequence[Column], i: int) -> list[Any]:
    if isinstance(row, list) and len(row) == len(columns):
        return row
    seen = f"{len(row)}" if isinstance(row, list) else _shown(row)
    if isinstance(row, list) and row and isinstance(row[0], list):
        seen += " lists: an image is one row, with its lines one behind the other"
    message = f"row {i} must be a list of {len(columns)} values, got {seen}"
    raise BadRequest(422, "wrong_shape", message, row=i)


def _row_of_record(row: object, columns: Sequence[Column], i: int) -> list[Any]:
    if not isinstance(row, dict):
        message = f"record {i} must be an object with a value for each column"
        raise BadRequest(422, "wrong_shape", f"{message}, got {_shown(row)}", row=i)
    names = [column.name for column in columns]
    for name in row:
        if name not in names:
            message = f"record {i} has a column {name[:40]!r} that is none of "
            message += listed_names(names)
            raise BadRequest(422, "unknown_column", message, row=i, column=name[:40])
    for column in columns:
        if column.name not in row:
            message = f"record {i} has no column {column.name!r} ({_wanted(column)})"
            where: dict[str, Any] = {"row": i, "column": column.name}
            raise BadRequest(422, "missing_column", message, **where)
    return [row[name] for name in names]


def _checked(value: Any, column: Column, i: int) -> Any:
    """Return a value as the model's column has it, or raise BadRequest."""
    if value is None and column.missing:
        return None
    complaint, code = "", "wrong_kind"
    if column.kind == "number":
        complaint = "" if type(value) is float else "not a number"
        code = "not_a_number"
    elif column.kind == "category" and column.choices is not None:
        try:
            return named_by(value, column.choices)
        except LookupError:
            complaint, code = f"not {_wanted(column)}", "unknown_category"
    elif not _CHECKS[column.kind](value):
        complaint = f"not {_wanted(column)}"
    if not complaint and column.kind in ("number", "integer"):
        low = -_LARGEST if column.low is None else column.low
        high = _LARGEST if column.high is None else column.high
        if low <= value <= high:  # 1e400 became infinity, and fails here
            return int(value) if column.kind == "integer" else value
        complaint, code = f"not between {low:g} and {high:g}", "out_of_range"
    if complaint:
        message = f"row {i}, column {column.name!r}: {_shown(value)} is {complaint}"
        raise BadRequest(422, code, message, row=i, column=column.name)
    return value


def _is_date(value: object) -> bool:
    try:
        # of a column without a zone, so none may come
        return type(value) is str and datetime.fromisoformat(value).tzinfo is None
    except ValueError:
        return False


_CHECKS: dict[str, Callable[[Any], bool]] = {
    "integer": lambda value: (
        type(value) is float and abs(value) <= MOST_EXACT and value.is_integer()
    ),
    "boolean": lambda value: type(value) is bool,
    "category": lambda value: type(value) is str,
    "text": lambda value: type(value) is str,
    "date": _is_date,
}


def _wanted(column: Column) -> str:
    """Return in words what a column takes."""
    if column.kind == "category" and column.choices is not None:
        words = f"one of {listed_names([_shown(each) for each in column.choices])}"
    else:
        words = {
            "number": "a number",
            "integer": "a whole number",
            "boolean": "true or false",
            "category": "a text",
            "text": "a text",
            "date": 'a date such as "2026-11-30" or "2026-11-30T14:00", without a zone',
        }[column.kind]
    return f"{words}, or null for a gap" if column.missing else words


def _shown(value: object) -> str:
    kinds: dict[type, str] = {
        list: "a list",
        dict: "an object",
    }  # they may be long or deep
    return kinds.get(type(value)) or f"{json.dumps(value):.40}"
