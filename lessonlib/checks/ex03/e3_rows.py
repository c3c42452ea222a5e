"""Is a body refused as it should be? `read_rows(body, k)` returns rows or raises."""

import json
from collections import defaultdict
from typing import Any

from lessonlib.checks import Check, Mistake
from lessonlib.checks.probes import Broken, Untouched, call, expect, outcomes
from lessonlib.save.columns import Column
from lessonlib.serve.schema import BadRequest, parse_rows

NESTED = b"[" * 100_000  # json gives up on it in C, with a RecursionError and no crash

# each the message of a mistake, and a hint for answers that are wrong in two ways
ONE_KIND = (
    "json.JSONDecodeError is only one kind of ValueError: no_constant raises another, "
    "and so do bytes that are not UTF-8"
)
DEEP = (
    "too many brackets crash the server: json.loads gives up with a RecursionError, "
    "which is no ValueError. See step 1 of the lesson"
)
LENGTH = (
    "a row of k values is refused: in the lesson the length was always 64, here it is k"
)
REPLY = (
    "your function returns a reply, but whoever called it takes that for rows. Raise "
    "BadRequest(status, code, message): the app makes the reply"
)
CATCH = "which exception does json.loads raise, and who makes a BadRequest of it?"
LOOK = "what may stand in a body, other than an object with rows?"
LIST = "is the row a list? A text has a length too, and an object as well"


def _ending(read_rows: Any, body: bytes) -> tuple[str, Any]:
    """Return how a call ended, and with what: to return is not to raise."""
    try:
        reply = call(read_rows, body, WIDTHS[body])
    except BadRequest as refusal:
        return "raised", f"BadRequest({refusal.status!r}, {refusal.code!r})"
    except Untouched:
        return "returned", None
    except RuntimeError as error:
        if "application context" not in str(error):
            raise
        return "replied", None  # jsonify, outside of an app
    if isinstance(reply, tuple) and len(reply) == 2 and type(reply[1]) is int:
        return "replied", reply[1]
    return "returned", reply


def _called(body: bytes) -> str:
    shown = "b'[' * 100_000" if body is NESTED else repr(body)
    return f"read_rows({shown}, {WIDTHS[body]})"


def _expect_refusals(read_rows: Any, bodies: dict[bytes, str], refusal: str) -> None:
    """Expect each body to be refused; the hint stands beside it."""
    for body, hint in bodies.items():
        called = _called(body)
        try:
            ending, reply = _ending(read_rows, body)
        except (ValueError, RecursionError) as error:
            if bodies is not NOT_JSON:
                raise  # is told like any other crash
            seen = f"{called} raised {type(error).__name__}, expected {refusal}"
            raise Broken(seen, _escaped(error)) from None
        if ending == "raised":
            if reply != refusal:
                raise Broken(f"{called} raised {reply}, expected {refusal}", hint)
            continue
        shown = f"{reply!r:.60}"
        if ending == "replied":
            shown, hint = "a reply", REPLY
        elif not isinstance(reply, list):
            hint = "`return` gives a value to whoever called; an exception is raised"
        expected = f"{called}: expected {refusal} to be raised"
        raise Broken(f"{expected}, your function returned {shown}", hint)


def _escaped(error: Exception) -> str:
    if isinstance(error, RecursionError):
        return DEEP
    return CATCH if isinstance(error, json.JSONDecodeError) else ONE_KIND


LONGER, SHORTER = b'{"rows": [[1, 2, 3]]}', b'{"rows": [[7, 8]]}'  # with k = 3
WIDTHS = defaultdict(lambda: 2, {LONGER: 3, SHORTER: 3})
GOOD = (b'{"rows": [[1, 2.5], [3, 4]]}', b' {"rows": [[0, 0]], "id": 7} ', LONGER)


def _good(read_rows: Any) -> None:
    """a good body comes back as its rows; keys that nobody asked for do no harm"""
    for body in GOOD:
        try:
            reply = call(read_rows, body, WIDTHS[body])
        except BadRequest as refusal:
            seen = f"{_called(body)} raised BadRequest({refusal.status}, "
            hint = "this body is good: why does your function refuse it?"
            if refusal.code == "wrong_shape":
                hint = LENGTH
            raise Broken(f"{seen}{refusal.code!r}), expected the rows", hint) from None
        expected = json.loads(body)["rows"]
        expect(reply, expected, called=_called(body), hint="return the rows")


NOT_JSON = {
    b"": CATCH,
    b'{"rows": [[1, 2]': CATCH,
    b'{"rows": [[NaN, 2]]}': "NaN is not JSON, but json.loads reads it. It has a hook "
    "for that: step 1 of the lesson",
    b'{"rows": [["\xff"]]}': "\\xff is not UTF-8: which exception does that raise?",
    NESTED: DEEP,
}


def _not_json(read_rows: Any) -> None:
    """what is not JSON, or is too deep to read, is refused with 400 and not_json"""
    _expect_refusals(read_rows, NOT_JSON, "BadRequest(400, 'not_json')")


NO_ROWS = {
    b"{}": LOOK,
    b'{"rows": []}': "the model would crash on a list of no rows",
    b'{"rows": null}': LOOK,
    b"[]": LOOK,
    b"null": LOOK,
    b'{"rows": 5}': LOOK,
    b'{"rows": "ab"}': LOOK,
}


def _no_rows(read_rows: Any) -> None:
    """a body without a list of rows, or with an empty one, is 422 and no_rows"""
    _expect_refusals(read_rows, NO_ROWS, "BadRequest(422, 'no_rows')")


WRONG_SHAPE = {
    b'{"rows": [[1]]}': "how many values does the row have, and how many is k?",
    b'{"rows": [[1, 2], [3]]}': "look at every row: the fault may be in any of them",
    b'{"rows": ["ab"]}': LIST,
    b'{"rows": [{"a": 1, "b": 2}]}': LIST,
    b'{"rows": [5]}': LIST,
    b'{"rows": [[1, 2], null]}': LIST,
    SHORTER: "k is 3 here: where does k come in?",
}


def _wrong_shape(read_rows: Any) -> None:
    """each row must be a list of k values, else it is 422 and wrong_shape"""
    _expect_refusals(read_rows, WRONG_SHAPE, "BadRequest(422, 'wrong_shape')")


def _probe(read_rows: Any) -> list[Any]:
    bodies = (*GOOD, *NOT_JSON, *NO_ROWS, *WRONG_SHAPE)
    return outcomes(_ending, [(read_rows, body) for body in bodies])


def _strictly(body):
    def no_constant(name):
        raise ValueError(name)

    return json.loads(body, parse_constant=no_constant)


def _fit(rows, k):
    return all(isinstance(row, list) and len(row) == k for row in rows)


def _checked(rows, k):
    if not isinstance(rows, list) or not rows:
        raise BadRequest(422, "no_rows", "no rows")
    if not _fit(rows, k):
        raise BadRequest(422, "wrong_shape", "not k values")
    return rows


def _catching(kind):
    """Return read_rows that lets what is not of this kind crash the server."""

    def read_rows(body, k):
        try:
            content = _strictly(body)
        except kind as error:
            raise BadRequest(400, "not_json", str(error)) from None
        return _checked(content.get("rows") if isinstance(content, dict) else None, k)

    return read_rows


def _trusting(body, k):
    try:
        rows = _strictly(body)
    except Exception:
        raise BadRequest(400, "not_json", "not JSON") from None
    return _checked(rows.get("rows"), k)


def _always_400(body, k):
    try:
        content = _strictly(body)
    except Exception:
        raise BadRequest(400, "not_json", "not JSON") from None
    match content:
        case {"rows": [_, *_] as rows}:
            if _fit(rows, k):
                return rows
            raise BadRequest(400, "wrong_shape", "not k values")
    raise BadRequest(400, "no_rows", "no rows")


def _replying(body, k):
    try:
        content = _strictly(body)
    except Exception:
        return {"error": {"code": "not_json"}}, 400
    match content:
        case {"rows": [_, *_] as rows}:
            wrong = {"error": {"code": "wrong_shape"}}, 422
            return rows if _fit(rows, k) else wrong
    return {"error": {"code": "no_rows"}}, 422


PIXELS = tuple(Column(f"pixel {i}", low=0, high=16) for i in range(64))

MISTAKES = (
    Mistake("another ValueError", ONE_KIND, _catching(json.JSONDecodeError)),
    Mistake("nested too deeply", DEEP, _catching(ValueError)),
    Mistake(
        "trusts that it is an object",
        "a body may be a list, or null: then there is no .get, and the server "
        "crashes. Look at the type first",
        _trusting,
    ),
    Mistake(
        "400 for everything",
        "a body that can be read, but has no rows for this model, is not 400. See "
        "the table of statuses",
        _always_400,
    ),
    Mistake("always 64", LENGTH, lambda body, k: parse_rows(body, PIXELS)),
    Mistake("a reply comes back", REPLY, _replying),
)

rows = Check(
    title="read the rows of a body",
    promises=(_good, _not_json, _no_rows, _wrong_shape),
    probe=_probe,
    mistakes=MISTAKES,
)
