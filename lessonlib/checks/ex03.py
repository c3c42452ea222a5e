"""Exercises of notebook 03: say no, clearly, to what breaks the contract."""

import math

from lessonlib.checks import Check, hunt03, rows03, wrong03
from lessonlib.checks.probes import Broken, Untouched, call, expect
from lessonlib.save.artifacts import Feature


def _each(probe, inputs):
    """Return what comes of each input; an exception is an outcome too."""
    outcomes = []
    for given in inputs:
        try:
            outcomes.append(probe(given))
        except Broken as broken:
            outcomes.append(broken.seen)
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
        called = f"is_pixel({value!r})"
        try:
            seen = bool(call(is_pixel, value))
        except Untouched:
            came = is_pixel(value)
            if all(is_pixel(other) is came for other in (5, "abc")):
                raise
            rest = "is every way to its end a return?"
            if came is Ellipsis:
                called, rest = "one blank is still `...`: " + called, "fill it in too"
            raise Broken(f"{called} gave {came}, expected {expected}", rest) from None
        expect(seen, expected, called=called, hint=hint)


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

rows = rows03.rows


# -- hunt: fixed_app(predict)

hunt = hunt03.hunt


# -- faults: faults(rows, features)

_FEATURES = (Feature("weight", 0, 30), Feature("length", 1, 2), Feature("width", -1, 1))
_KEYS = ("row", "feature", "code")
_FINE = (
    ([[7.5, 1.5, 0.5], [2.5, 1.25, -0.5]], "what is in your list if nothing is wrong?"),
    ([[5, 1.5, 0.5]], wrong03.WHOLE),
    ([[0.0, 1.0, -1.0]], "is the low end within the limits?"),
    ([[30.0, 2.0, 1.0]], "is the high end within the limits?"),
)
_FLOATS = [5.5, 1.5, 0.5]
_SPOILT = (
    ([_FLOATS, [5.5, "1", 0.5]], (1, "length", "not_a_number"), wrong03.MADE),
    ([[True, 1.5, 0.5], _FLOATS], (0, "weight", "not_a_number"), wrong03.BOOL),
    ([_FLOATS, _FLOATS, [5.5, 1.5, None]], (2, "width", "not_a_number"), ""),
    ([[5.5, 2.5, 0.5]], (0, "length", "out_of_range"), "compare with the high end"),
    ([_FLOATS, [-1.5, 1.5, 0.5]], (1, "weight", "out_of_range"), "compare with low"),
    ([[5.5, 1.5, math.nan]], (0, "width", "out_of_range"), wrong03.NAN),
)
_MANY = [[-5.5, 1.5, 0.5], _FLOATS, [5.5, "2", 7.5]]
_MANY_FAULTS = ((0, "weight", "out_of_range"), (2, "length", "not_a_number"),
                (2, "width", "out_of_range"))  # fmt: skip


def _found(faults, rows):
    """Return the faults without further keys, such as a message, in a fixed order."""
    found = call(faults, [list(row) for row in rows], list(_FEATURES))
    called = f"faults({rows}, features) gave {found!r:.80}, expected"
    if not isinstance(found, list | tuple):
        raise Broken(f"{called} a list", "collect the faults, and return them all")
    for fault in found:
        if not isinstance(fault, dict) or not set(_KEYS) <= set(fault):
            keys = "a fault is a dictionary with the keys row, feature and code"
            raise Broken(f"{called} a list of dictionaries", keys)
    kept = [{key: fault[key] for key in _KEYS} for fault in found]
    return sorted(kept, key=lambda fault: repr([*fault.values()]))


def _expect(faults, rows, places, hint, keys=_KEYS):
    """Compare what the faults say under `keys`; what is shown is all of it."""
    found = _found(faults, rows)
    expected = [dict(zip(_KEYS, place, strict=True)) for place in places]
    seen, wanted = (
        [[fault[key] for key in keys] for fault in each] for each in (found, expected)
    )
    try:
        expect(seen, wanted, called="")
    except Broken:
        gave = f"faults({rows}, features) gave {found!r:.250}, expected {expected}"
        raise Broken(gave, _aim(found, expected, hint)) from None


def _aim(found, expected, hint):
    for fault in found:
        if isinstance(fault["feature"], Feature):
            return wrong03.NAME
        if isinstance(fault["feature"], int):
            return f"{wrong03.NAME}, not by its position"
    rows, wanted = ([fault["row"] for fault in each] for each in (found, expected))
    if found and rows == [row + 1 for row in wanted]:
        return "the first row, in JSON and in Python, is row 0"
    return hint


def _faults_none(faults):
    """rows that keep the limits have no faults: an empty list"""
    for rows, hint in _FINE:
        _expect(faults, rows, [], hint)


def _faults_where(faults):
    """a fault has its row, counted from 0, and its feature, by name"""
    for rows, place, hint in _SPOILT:
        _expect(faults, rows, [place], hint, _KEYS[:2])


def _faults_all(faults):
    """every fault of every row is listed"""
    hint = "when does your function return?"
    found = _found(faults, _MANY)
    if len(found) < len(_MANY_FAULTS):
        hint = wrong03.FIRST if len(found) == 1 else "may a row have two faults?"
    _expect(faults, _MANY, _MANY_FAULTS, hint, _KEYS[:2])


def _faults_code(faults):
    """its code is not_a_number or out_of_range"""
    for rows, place, _ in _SPOILT:
        number = place[2] == "out_of_range"
        hint = "it is a number, but not within its limits" if number else "is it one?"
        _expect(faults, rows, [place], hint)


faults = Check(
    title="name row and feature",
    promises=(_faults_none, _faults_where, _faults_all, _faults_code),
    probe=lambda answer: _each(
        lambda rows: _found(answer, rows),
        [rows for rows, *_ in (*_FINE, *_SPOILT)] + [_MANY],
    ),
    mistakes=wrong03.FAULTS,
)
