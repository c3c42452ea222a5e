"""Which wrong answers to the exercises of notebook 03 are common?

Each is right but for one thing, so that its message can be about that thing.
"""

import json
import math

from lessonlib.checks import Mistake
from lessonlib.contract import BadRequest


def _float_of(value):
    try:
        return 0 <= float(value) <= 16
    except (TypeError, ValueError):
        return False


def _numeric(value):
    return type(value) in (int, float)


NUMBER = (
    Mistake(
        "a bool is an int",
        "true passes for 1: to isinstance a bool is an int. Step 3 of the lesson "
        "asks for something stricter",
        lambda v: isinstance(v, int | float) and 0 <= v <= 16,
    ),
    Mistake(
        "made into a number",
        "float(...) makes numbers of text and of true. Look at what the client "
        "sent, before you change it",
        _float_of,
    ),
    Mistake(
        "NaN is not outside",
        "a NaN is neither below 0 nor above 16, so it passes. Ask whether the value "
        "is inside",
        lambda v: _numeric(v) and not (v < 0 or v > 16),
    ),
    Mistake(
        "ends left out",
        "0 is white and 16 is black: both are pixels. Look at < and <=",
        lambda v: _numeric(v) and 0 < v < 16,
    ),
    Mistake(
        "floats alone",
        "5 is refused. In the lesson parse_int=float made a float of every number; "
        "here an int may come",
        lambda v: type(v) is float and 0 <= v <= 16,
    ),
    Mistake(
        "no limits",
        "every number passes, a billion too. What are white and black?",
        lambda v: _numeric(v) and math.isfinite(v),
    ),
)


def _reader(*, nan=False, trust=False, empty=False, one=False, text=False, status=422):
    """Return read_rows, right but for what is asked for."""

    def no_constant(name):
        raise ValueError(name)

    def read_rows(body, k):
        try:
            content = json.loads(body, parse_constant=None if nan else no_constant)
        except ValueError as error:
            raise BadRequest(400, "not_json", str(error)) from None
        fine = trust or isinstance(content, dict)
        rows = content.get("rows") if fine else None
        if not isinstance(rows, list) or not (rows or empty):
            raise BadRequest(status, "no_rows", "no rows")
        for row in rows[:1] if one else rows:
            if not (text or isinstance(row, list)) or len(row) != k:
                raise BadRequest(status, "wrong_shape", "not k values")
        return rows

    return read_rows


ROWS = (
    Mistake(
        "NaN is read",
        "a body with NaN is taken, but NaN is not JSON. json.loads has a hook for "
        "it: step 1 of the lesson",
        _reader(nan=True),
    ),
    Mistake(
        "trusts that it is an object",
        "a body may be a list, or null: then there is no .get, and the server "
        "crashes. Look at the type first",
        _reader(trust=True),
    ),
    Mistake(
        "takes an empty batch",
        "a list of no rows is taken, and the model will crash on it. Is the list "
        "also not empty?",
        _reader(empty=True),
    ),
    Mistake(
        "looks at one row",
        "only the first row is looked at; the fault may be in any of them",
        _reader(one=True),
    ),
    Mistake(
        "a text has a length too",
        'the row "ab" has length 2 and passes, the row 5 has none and crashes. Is '
        "the row a list?",
        _reader(text=True),
    ),
    Mistake(
        "400 for everything",
        "a body that can be read, but has no rows for this model, is not 400. See "
        "the table of statuses",
        _reader(status=400),
    ),
)


def _finder(*, start=0, number=False, rows=None, each=None, bools=False, codes=True):
    """Return faults, right but for what is asked for."""
    kinds = (int, float, bool) if bools else (int, float)

    def faults(all_rows, features):
        found = []
        for i, row in enumerate(all_rows, start=start):
            here = []
            for j, (feature, value) in enumerate(zip(features, row, strict=True)):
                if type(value) not in kinds:
                    code = "not_a_number"
                elif not feature.low <= value <= feature.high:
                    code = "out_of_range" if codes else "not_a_number"
                else:
                    continue
                name = j if number else feature.name
                here.append({"row": i, "feature": name, "code": code})
            found += here[:each]
        return found[:rows]

    return faults


FAULTS = (
    Mistake(
        "rows from 1",
        "rows are counted from 1, but the first one in JSON and in Python is row 0",
        _finder(start=1),
    ),
    Mistake(
        "a number for a name",
        "the feature is a position; a client's author knows it by its name",
        _finder(number=True),
    ),
    Mistake(
        "stops at the first",
        "only the first fault is reported, so the client asks again for each of them. "
        "Collect them, return at the end",
        _finder(rows=1),
    ),
    Mistake(
        "one for each row",
        "a row with two faults is reported once. Where does your loop break off?",
        _finder(each=1),
    ),
    Mistake(
        "a bool is a number",
        "true passes for 1: to isinstance a bool is an int",
        _finder(bools=True),
    ),
    Mistake(
        "one code for both",
        "a number outside its limits is a number: its code is another one",
        _finder(codes=False),
    ),
)
