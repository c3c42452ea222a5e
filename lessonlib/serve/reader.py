"""How is an ordinary body read in a few microseconds?

msgspec checks shape, kinds and limits while it reads, in C. It is quick because it does
not look twice: of a key that stands twice it keeps one. So whatever is not plainly
ordinary, or wrong, goes to `parse_rows`, which has the words for it.
"""

import re
from collections.abc import Sequence
from typing import Annotated, Any, Literal

import msgspec

from lessonlib.save.columns import Column, Values
from lessonlib.serve.schema import parse_rows

_ESCAPED = re.compile(r'["\\\x00-\x1f]')  # what JSON writes with a backslash
_QUICK = {"number": float, "boolean": bool, "category": str, "text": str}


class Reader:
    """Reads bodies for a model with these columns, as `parse_rows` does but sooner."""

    def __init__(self, columns: Sequence[Column], *, max_rows: int):
        self._columns, self._max_rows = tuple(columns), max_rows
        self._rows, self._records = _decoders(self._columns, max_rows)
        self._keys = [msgspec.json.encode(column.name) for column in columns]

    def __call__(self, body: bytes) -> Values:
        """Return the rows of a JSON body, or raise BadRequest."""
        try:
            rows = self._quickly(body)
        except (msgspec.DecodeError, RecursionError):
            rows = None  # the strict one says what is wrong
        return rows or parse_rows(body, self._columns, max_rows=self._max_rows)

    def _quickly(self, body: bytes) -> Values | None:
        """Return the rows of a body that is plainly ordinary; None for any other."""
        once = body.count(b'"rows"') + body.count(b'"records"') == 1
        if not once or b"\\" in body:  # an escape may hide a key
            return None
        if body.startswith(b'{"rows"') and self._rows:
            return list(map(list, self._rows.decode(body).rows))
        if body.startswith(b'{"records"') and self._records:
            records = self._records.decode(body).records
            if all(body.count(key) == len(records) for key in self._keys):
                return [list(msgspec.structs.astuple(record)) for record in records]
        return None


def _decoders(columns: tuple[Column, ...], max_rows: int) -> tuple[Any, Any]:
    """Return decoders of rows and of records; None: read them by `parse_rows`."""
    types = [_type_of(column) for column in columns]
    if None in types:
        return None, None
    row = tuple.__class_getitem__(tuple(types))  # type: ignore[attr-defined]
    rows = _body("rows", row, max_rows)
    if any(_ESCAPED.search(column.name) for column in columns):
        return rows, None  # msgspec has no fields with such names
    pairs = [(f"c{i}", each) for i, each in enumerate(types)]
    record = msgspec.defstruct(
        "Record",
        pairs,
        rename={f"c{i}": column.name for i, column in enumerate(columns)},
        forbid_unknown_fields=True,
    )
    return rows, _body("records", record, max_rows)


def _body(name: str, row: Any, max_rows: int) -> msgspec.json.Decoder[Any]:
    rows = Annotated[list[row], msgspec.Meta(min_length=1, max_length=max_rows)]
    return msgspec.json.Decoder(msgspec.defstruct("Body", [(name, rows)]))


def _type_of(column: Column) -> Any:
    """Return the type that msgspec reads for a column; None if it cannot say it all."""
    if column.kind not in _QUICK:
        return None
    kind: Any = _QUICK[column.kind]
    if column.kind == "number":
        given = {"ge": column.low, "le": column.high}
        limits: Any = {name: end for name, end in given.items() if end is not None}
        kind = Annotated[kind, msgspec.Meta(**limits)] if limits else kind
    elif column.choices is not None:
        if not all(type(choice) is str for choice in column.choices):
            return None
        kind = Literal[tuple(column.choices)]
    return kind | None if column.missing else kind
