"""Which wrong answers to the exercises of notebook 03 are common?

Each is right but for one thing, so that its message can be about that thing. The
texts with a name are also hints, for answers that are wrong in more than one way.
"""

import json

from lessonlib.checks import Mistake
from lessonlib.serve.validation import BadRequest


def _float_of(value):
    try:
        return 0 <= float(value) <= 16
    except (TypeError, ValueError):
        return False


def _numeric(value):
    return type(value) in (int, float)


BOOL = (
    "true passes for 1: to isinstance a bool is an int. Step 3 of the lesson asks for "
    "something stricter"
)
MADE = (
    "float(...) makes numbers of text and of true. Look at what the client sent, "
    "before you change it"
)
NAN = (
    "a NaN is neither below the low end nor above the high one, so it passes. Ask "
    "whether the value is inside"
)
WHOLE = (
    "5 is refused. In the lesson parse_int=float made a float of every number; here "
    "an int may come"
)

NUMBER = (
    Mistake(
        "a bool is an int",
        BOOL,
        lambda v: isinstance(v, int | float) and 0 <= v <= 16,
    ),
    Mistake("made into a number", MADE, _float_of),
    Mistake(
        "NaN is not outside",
        NAN,
        lambda v: _numeric(v) and not (v < 0 or v > 16),
    ),
    Mistake(
        "ends left out",
        "0 is white and 16 is black: both are pixels. Look at < and <=",
        lambda v: _numeric(v) and 0 < v < 16,
    ),
    Mistake("floats alone", WHOLE, lambda v: type(v) is float and 0 <= v <= 16),
    Mistake(
        "compares what is no number",
        "text and None cannot be compared with 0: Python raises a TypeError. Ask "
        "whether the value is inside only if it is a number",
        lambda v: [0 <= v <= 16, _numeric(v)] == [True, True],
    ),
)


ONE_KIND = (
    "json.JSONDecodeError is only one kind of ValueError: no_constant raises another, "
    "and so do bytes that are not UTF-8"
)
DEEP = (
    "too many brackets crash the server: json.loads gives up with a RecursionError, "
    "which is no ValueError. See step 1 of the lesson"
)
LENGTH = (
    "a row of 2 with k = 2 is refused: in the lesson the length was always 64, here "
    "it is k"
)
REPLY = (
    "your function returns a reply, but whoever called it takes that for rows. Raise "
    "BadRequest(status, code, message): the app makes the reply"
)


def _reader(*, trust=False, status=422, length=None, told=None, caught=ValueError):
    """Return read_rows, right but for what is asked for."""

    def no_constant(name):
        raise ValueError(name)

    def read(body, k):
        try:
            content = json.loads(body, parse_constant=no_constant)
        except caught as error:
            raise BadRequest(400, "not_json", str(error)) from None
        rows = content.get("rows") if trust or isinstance(content, dict) else None
        if not isinstance(rows, list) or not rows:
            raise BadRequest(status, "no_rows", "no rows")
        if not all(isinstance(row, list) and len(row) == (length or k) for row in rows):
            raise BadRequest(status, "wrong_shape", "not k values")
        return rows

    def read_rows(body, k):
        try:
            return read(body, k)
        except BadRequest as refusal:
            if told is None:
                raise
            return told(refusal)

    return read_rows


_BOTH = (ValueError, RecursionError)

ROWS = (
    Mistake("another ValueError", ONE_KIND, _reader(caught=json.JSONDecodeError)),
    Mistake("nested too deeply", DEEP, _reader(caught=ValueError)),
    Mistake(
        "trusts that it is an object",
        "a body may be a list, or null: then there is no .get, and the server "
        "crashes. Look at the type first",
        _reader(trust=True, caught=_BOTH),
    ),
    Mistake(
        "400 for everything",
        "a body that can be read, but has no rows for this model, is not 400. See "
        "the table of statuses",
        _reader(status=400, caught=_BOTH),
    ),
    Mistake("always 64", LENGTH, _reader(length=64, caught=_BOTH)),
    Mistake(
        "a reply comes back",
        REPLY,
        _reader(
            told=lambda no: ({"error": {"code": no.code}}, no.status), caught=_BOTH
        ),
    ),
)


NAME = "the feature is given by its name: feature.name"
FIRST = (
    "only the first fault is reported, so the client asks again for each of them. "
    "Collect them, return at the end"
)


def _is_bool_too(value):
    return isinstance(value, int | float)


def _made(value):
    try:
        float(value)
    except (TypeError, ValueError):
        return False
    return True


def _inside(feature, value):
    return feature.low <= float(value) <= feature.high


def _not_outside(feature, value):
    return not (value < feature.low or value > feature.high)


def _finder(*, name=lambda feature: feature.name, most=None, number=_numeric,
            inside=_inside):  # fmt: skip
    """Return faults, right but for what is asked for."""

    def faults(rows, features):
        found = []
        for i, row in enumerate(rows):
            for feature, value in zip(features, row, strict=True):
                if not number(value):
                    code = "not_a_number"
                elif not inside(feature, value):
                    code = "out_of_range"
                else:
                    continue
                found.append({"row": i, "feature": name(feature), "code": code})
        return found[:most]

    return faults


FAULTS = (
    Mistake("floats alone", WHOLE, _finder(number=lambda v: type(v) is float)),
    Mistake("a bool is a number", BOOL, _finder(number=_is_bool_too)),
    Mistake("made into a number", MADE, _finder(number=_made)),
    Mistake("NaN is not outside", NAN, _finder(inside=_not_outside)),
    Mistake("a feature for its name", NAME, _finder(name=lambda feature: feature)),
    Mistake("stops at the first", FIRST, _finder(most=1)),
)
