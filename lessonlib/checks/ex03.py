"""Exercises of notebook 03: say no, clearly, to what breaks the contract."""

import json
import math

import numpy as np

from lessonlib.artifacts import Feature
from lessonlib.checks import Check, call, expect, hunt03, wrong03
from lessonlib.contract import BadRequest


def _each(probe, inputs):
    """Return what comes of each input; an exception is an outcome too."""
    outcomes = []
    for given in inputs:
        try:
            outcomes.append(probe(given))
        except Exception as error:
            outcomes.append(type(error).__name__)
    return outcomes


# -- number: is_pixel(value)

_PIXELS = (0, 16, 0.0, 16.0, 5, 7.5)
_NO_NUMBERS = (True, False, None, "5", "abc", [5], {"a": 5})
_NO_VALUES = (math.nan, math.inf, -math.inf)
_OUTSIDE = (-0.5, -1, 16.01, 17, 1e9)


def _is_pixel(is_pixel, values, expected, hint):
    for value in values:
        seen = bool(call(is_pixel, value))
        expect(seen, expected, called=f"is_pixel({value!r})", hint=hint)


def _number_pixels(is_pixel):
    """numbers from 0 to 16 are pixels, whole or not, both ends included"""
    _is_pixel(is_pixel, _PIXELS, True, "json.loads makes an int of 5, a float of 5.0")


def _number_kinds(is_pixel):
    """true, false, null, text, lists and objects are not"""
    _is_pixel(is_pixel, _NO_NUMBERS, False, "what is the exact type of the value?")


def _number_nan(is_pixel):
    """NaN and infinity are not"""
    _is_pixel(is_pixel, _NO_VALUES, False, "which comparisons hold for a NaN?")


def _number_outside(is_pixel):
    """numbers below 0 or above 16 are not"""
    _is_pixel(is_pixel, _OUTSIDE, False, "is the value compared with both limits?")


number = Check(
    title="is it a pixel?",
    promises=(_number_pixels, _number_kinds, _number_nan, _number_outside),
    probe=lambda answer: _each(
        lambda value: bool(answer(value)),
        (*_PIXELS, *_NO_NUMBERS, *_NO_VALUES, *_OUTSIDE),
    ),
    mistakes=wrong03.NUMBER,
)


# -- rows: read_rows(body, k)

_GOOD = (b'{"rows": [[1, 2.5], [3, 4]]}', b' {"rows": [[0, 0]], "id": 7} ')
_NOT_JSON = (b"", b'{"rows": [[1, 2]', b'{"rows": [[NaN, 2]]}', b'{"rows": [["\xff"]]}')
_NO_ROWS = (b"{}", b'{"rows": []}', b'{"rows": null}', b"[]", b"null", b'{"rows": 5}')
_WRONG = (b'{"rows": [[1]]}', b'{"rows": [[1, 2], [3]]}', b'{"rows": ["ab"]}',
          b'{"rows": [5]}', b'{"rows": [[1, 2], null]}')  # fmt: skip


def _outcome(read_rows, body):
    try:
        return np.asarray(call(read_rows, body, 2), dtype=object).tolist()
    except BadRequest as refusal:
        return f"{refusal.status} {refusal.code}"


def _expect_refusals(read_rows, bodies, refusal, hint):
    for body in bodies:
        seen = _outcome(read_rows, body)
        expect(seen, refusal, called=f"read_rows({body!r}, 2)", hint=hint)


def _rows_good(read_rows):
    """a good body comes back as its rows; keys that nobody asked for do no harm"""
    for body in _GOOD:
        called, rows = f"read_rows({body!r}, 2)", json.loads(body)["rows"]
        expect(_outcome(read_rows, body), rows, called=called, hint="return the rows")


def _rows_json(read_rows):
    """what is not JSON, NaN among it, is refused with 400 and not_json"""
    hint = "which exception does json.loads raise, and what does it let through?"
    _expect_refusals(read_rows, _NOT_JSON, "400 not_json", hint)


def _rows_any(read_rows):
    """a body without a list of rows, or with an empty one, is 422 and no_rows"""
    hint = "what may stand in a body, other than an object with rows?"
    _expect_refusals(read_rows, _NO_ROWS, "422 no_rows", hint)


def _rows_shape(read_rows):
    """each row must be a list of k values, else it is 422 and wrong_shape"""
    hint = "look at every row: at its type, then at its length"
    _expect_refusals(read_rows, _WRONG, "422 wrong_shape", hint)


rows = Check(
    title="read the rows of a body",
    promises=(_rows_good, _rows_json, _rows_any, _rows_shape),
    probe=lambda answer: _each(
        lambda body: _outcome(answer, body),
        (*_GOOD, *_NOT_JSON, *_NO_ROWS, *_WRONG),
    ),
    mistakes=wrong03.ROWS,
)


# -- hunt: fixed_app(predict)

hunt = hunt03.hunt


# -- faults: faults(rows, features)

_FEATURES = (Feature("weight", 0, 30), Feature("length", 1, 2), Feature("width", -1, 1))
_FINE = [[0, 1, -1], [30, 2.0, 1], [7.5, 1.5, 0]]
_SPOILT = {
    (0, "weight", "not_a_number"): [[True, 1, 0], [1, 1, 0]],
    (1, "length", "not_a_number"): [[1, 1, 0], [1, "1", 0]],
    (2, "width", "not_a_number"): [[1, 1, 0], [1, 1, 0], [1, 1, None]],
    (0, "length", "out_of_range"): [[1, 2.5, 0]],
    (1, "weight", "out_of_range"): [[1, 1, 0], [-1, 1, 0]],
    (0, "width", "out_of_range"): [[1, 1, math.nan]],
}
_MANY = [[-5, 1, 0], [1, 1, 0], [1, "2", 7]]


def _found(faults, rows):
    """Return (row, feature, code) of each fault; other keys, as a message, are free."""
    keys = ("row", "feature", "code")
    found = call(faults, [list(row) for row in rows], list(_FEATURES))
    return sorted(([fault[key] for key in keys] for fault in found), key=repr)


def _expect_one(faults, code, hint, keep=slice(None)):
    for where, rows in _SPOILT.items():
        if where[2] == code:
            seen = [fault[keep] for fault in _found(faults, rows)]
            called = f"faults({rows}, features)"
            expect(seen, [list(where[keep])], called=called, hint=hint)


def _faults_none(faults):
    """rows that keep the limits have no faults: an empty list"""
    hint = "are both ends within the limits?"
    expect(_found(faults, _FINE), [], called=f"faults({_FINE}, features)", hint=hint)


def _faults_where(faults):
    """a fault has its row, counted from 0, and its feature, by name"""
    hint = "what do enumerate and zip give you?"
    for code in ("not_a_number", "out_of_range"):
        _expect_one(faults, code, hint, slice(2))


def _faults_all(faults):
    """every fault of every row is listed"""
    places = [[0, "weight"], [2, "length"], [2, "width"]]
    seen = [fault[:2] for fault in _found(faults, _MANY)]
    called = f"faults({_MANY}, features)"
    expect(seen, places, called=called, hint="when does your function return?")


def _faults_code(faults):
    """its code is not_a_number or out_of_range"""
    for code in ("not_a_number", "out_of_range"):
        _expect_one(faults, code, "is the value a number at all?")


faults = Check(
    title="name row and feature",
    promises=(_faults_none, _faults_where, _faults_all, _faults_code),
    probe=lambda answer: _each(
        lambda rows: _found(answer, rows), (_FINE, *_SPOILT.values(), _MANY)
    ),
    mistakes=wrong03.FAULTS,
)
