"""Does a learner's read_rows, of notebook 03's exercise, raise what it should?"""

import json

from lessonlib.checks import Check, wrong03
from lessonlib.checks.probes import Broken, Untouched, call, expect
from lessonlib.serve.validation import BadRequest

_DEEP = b"[" * 100_000  # json gives up on it in C, with a RecursionError and no crash

_GOOD = (b'{"rows": [[1, 2.5], [3, 4]]}', b' {"rows": [[0, 0]], "id": 7} ')
_CATCH = "which exception does json.loads raise, and who makes a BadRequest of it?"
_NOT_JSON = {
    b"": _CATCH,
    b'{"rows": [[1, 2]': _CATCH,
    b'{"rows": [[NaN, 2]]}': "NaN is not JSON, but json.loads reads it. It has a hook "
    "for that: step 1 of the lesson",
    b'{"rows": [["\xff"]]}': "\\xff is not UTF-8: which exception does that raise?",
    _DEEP: wrong03.DEEP,
}
_LOOK = "what may stand in a body, other than an object with rows?"
_NO_ROWS = {
    b"{}": _LOOK,
    b'{"rows": []}': "the model would crash on a list of no rows",
    b'{"rows": null}': _LOOK,
    b"[]": _LOOK,
    b"null": _LOOK,
    b'{"rows": 5}': _LOOK,
    b'{"rows": "ab"}': _LOOK,
}
_LIST = "is the row a list? A text has a length too, and an object as well"
_WRONG = {
    b'{"rows": [[1]]}': "how many values does the row have, and how many is k?",
    b'{"rows": [[1, 2], [3]]}': "look at every row: the fault may be in any of them",
    b'{"rows": ["ab"]}': _LIST,
    b'{"rows": [{"a": 1, "b": 2}]}': _LIST,
    b'{"rows": [5]}': _LIST,
    b'{"rows": [[1, 2], null]}': _LIST,
}


def _outcome(read_rows, body):
    """Return how a call ended, and with what: to return is not to raise."""
    try:
        came = call(read_rows, body, 2)
    except BadRequest as refusal:
        return "raised", f"BadRequest({refusal.status!r}, {refusal.code!r})"
    except Untouched:
        return "returned", None
    except RuntimeError as error:
        if "application context" not in str(error):
            raise
        return "replied", None  # jsonify, outside of an app
    if isinstance(came, tuple) and len(came) == 2 and type(came[1]) is int:
        return "replied", came[1]
    return "returned", came


def _called(body):
    return f"read_rows({'b' + repr('[') + ' * 100_000' if body is _DEEP else body}, 2)"


def _expect_refusals(read_rows, bodies, refusal):
    for body, hint in bodies.items():
        try:
            how, came = _outcome(read_rows, body)
        except (ValueError, RecursionError) as error:
            if bodies is not _NOT_JSON:
                raise
            seen = f"{_called(body)} raised {type(error).__name__}, expected {refusal}"
            raise Broken(seen, _escaped(error, hint)) from None
        if how == "raised":
            seen = f"{_called(body)} raised {came}, expected {refusal}"
            if came != refusal:
                raise Broken(seen, hint)
            continue
        seen = f"{came!r:.60}"
        if how == "replied":
            seen, hint = "a reply", wrong03.REPLY
        elif not isinstance(came, list):
            hint = "`return` gives a value to whoever called; an exception is raised"
        expected = f"{_called(body)}: expected {refusal} to be raised"
        raise Broken(f"{expected}, your function returned {seen}", hint)


def _escaped(error, hint):
    if isinstance(error, RecursionError):
        return wrong03.DEEP
    return _CATCH if isinstance(error, json.JSONDecodeError) else wrong03.ONE_KIND


def _rows_good(read_rows):
    """a good body comes back as its rows; keys that nobody asked for do no harm"""
    for body in _GOOD:
        try:
            came = call(read_rows, body, 2)
        except BadRequest as refusal:
            seen = f"{_called(body)} raised BadRequest({refusal.status}, "
            hint = "this body is good: why does your function refuse it?"
            if refusal.code == "wrong_shape":
                hint = wrong03.LENGTH
            raise Broken(f"{seen}{refusal.code!r}), expected the rows", hint) from None
        rows = json.loads(body)["rows"]
        expect(came, rows, called=_called(body), hint="return the rows")


def _rows_json(read_rows):
    """what is not JSON, or is too deep to read, is refused with 400 and not_json"""
    _expect_refusals(read_rows, _NOT_JSON, "BadRequest(400, 'not_json')")


def _rows_any(read_rows):
    """a body without a list of rows, or with an empty one, is 422 and no_rows"""
    _expect_refusals(read_rows, _NO_ROWS, "BadRequest(422, 'no_rows')")


def _rows_shape(read_rows):
    """each row must be a list of k values, else it is 422 and wrong_shape"""
    _expect_refusals(read_rows, _WRONG, "BadRequest(422, 'wrong_shape')")


def _what_comes(read_rows):
    outcomes = []
    for body in (*_GOOD, *_NOT_JSON, *_NO_ROWS, *_WRONG):
        try:
            outcomes.append(_outcome(read_rows, body))
        except Exception as error:
            outcomes.append(type(error).__name__)
    return outcomes


rows = Check(
    title="read the rows of a body",
    promises=(_rows_good, _rows_json, _rows_any, _rows_shape),
    probe=_what_comes,
    mistakes=wrong03.ROWS,
)
