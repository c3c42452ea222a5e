"""Are the four bugs out of an endpoint? `fixed_app(predict)` returns a Flask app."""

import json
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
from flask import Flask, jsonify, request

from lessonlib.checks import Check, Mistake
from lessonlib.checks.overheard import Overheard
from lessonlib.checks.probes import Broken, call, colocate, expect

SECRET = "drawer 4711"


def _lengths(rows: list[list[float]]) -> np.ndarray:
    return np.array([len(row) for row in rows])


class _OfItsOwn(Exception):
    """An exception that no learner has heard of."""


KINDS = (KeyError, ValueError, _OfItsOwn)


def _fails_with(kind: type[Exception]) -> Callable[[Any], Any]:
    def predict(rows: Any) -> Any:
        raise kind(SECRET)

    return predict


class _Reply(NamedTuple):
    status: int
    code: str | None
    text: str
    inside: str  # what was raised in the app


def _post(make_app: Any, body: str, predict: Callable[[Any], Any] = _lengths) -> _Reply:
    """Return what came of a body."""
    app = call(make_app, predict)
    if not isinstance(app, Flask):
        seen = f"fixed_app(predict) gave {app!r:.60}, expected a Flask app"
        raise Broken(seen, "does the function end in `return app`?")
    client = colocate(make_app, Overheard)(app)
    reply = client.post("/predict", data=body, content_type="application/json")
    if reply.status_code in (404, 405):
        seen = f"a POST to /predict gave {reply.status_code}, expected an answer"
        raise Broken(seen, "which address and which method has your route?")
    content = reply.get_json(silent=True)
    error = content.get("error") if isinstance(content, dict) else None
    code = error.get("code") if isinstance(error, dict) else None
    text = reply.get_data(as_text=True)
    return _Reply(reply.status_code, code, text, client.failure)


def _expect_refusal(
    reply: _Reply, status: int, code: str, *, called: str, hint: str
) -> None:
    seen = [reply.status, reply.code]
    expect(seen, [status, code], called=called, hint=hint, inside=reply.inside)


def _good(make_app: Any) -> None:
    """a good request gets status 200 and one prediction for each row"""
    status, _, text, inside = _post(make_app, '{"rows": [[1, 2, 3], [4]]}')
    called = "a POST of two rows, with a model that answers array([3, 1]),"
    hint = "what is JSON made of?"
    expect(status, 200, called=f"the status of {called}", hint=hint, inside=inside)
    expect(json.loads(text).get("predictions"), [3, 1], called=called)


def _empty(make_app: Any) -> None:
    """an empty batch gets status 422 and the code no_rows"""
    reply = _post(make_app, '{"rows": []}')
    hint = "where does Flask get the status from?"
    called = 'a POST of {"rows": []}'
    _expect_refusal(reply, 422, "no_rows", called=called, hint=hint)


def _missing(make_app: Any) -> None:
    """a body without rows gets the same"""
    hint = "what is known about the body when its rows are looked up?"
    for body in ('{"row": [[1]]}', "[]", "null", '{"rows": 5}'):
        reply = _post(make_app, body)
        called = f"a POST of {body}"
        _expect_refusal(reply, 422, "no_rows", called=called, hint=hint)


def _failing(make_app: Any) -> None:
    """when the model fails: status 500, code server_error, and not a word of why"""
    hint = "whose fault is it, and who may read the details?"
    for kind in KINDS:
        reply = _post(make_app, '{"rows": [[1]]}', _fails_with(kind))
        name = "an exception of its own" if kind is _OfItsOwn else f"a {kind.__name__}"
        called = f"a POST of a good row, with a model that raises {name},"
        _expect_refusal(reply, 500, "server_error", called=called, hint=hint)
        if SECRET in reply.text:
            raise Broken(f"{called} told the client {SECRET!r}", hint)
        hint = "it was right for another exception; which ones may a model raise?"


def _probe(make_app: Any) -> list[Any]:
    good = '{"rows": [[1], [2]]}'
    replies = [
        _post(make_app, body)[:2]
        for body in (good, '{"rows": []}', '{"row": [[1]]}', "[]")
    ]
    failures = [_post(make_app, good, _fails_with(kind)) for kind in KINDS]
    leaks = [(reply.status, reply.code, SECRET in reply.text) for reply in failures]
    return [replies, leaks]


def _app(answer):
    """Return fixed_app, which replies what `answer(predict, content)` gives."""

    def fixed_app(predict):
        app = Flask("northgate")

        @app.post("/predict")
        def endpoint():
            return answer(predict, request.get_json())

        return app

    return fixed_app


def _no(status, code, message="see the log"):
    return {"error": {"code": code, "message": message}}, status


def _trusting(predict, content):
    rows = content["rows"]
    if not isinstance(rows, list) or not rows:
        return _no(422, "no_rows")
    try:
        return jsonify(predictions=predict(rows).tolist())
    except Exception:
        return _no(500, "server_error")


def _always_200(predict, content):
    rows = content.get("rows") if isinstance(content, dict) else None
    try:
        if isinstance(rows, list) and rows:
            return jsonify(predictions=predict(rows).tolist())
    except Exception:
        return _no(500, "server_error")
    return jsonify(error={"code": "no_rows"})


def _with_rows(answer):
    """Return fixed_app that asks for rows, and leaves the rest to `answer`."""

    def checked(predict, content):
        match content:
            case {"rows": [_, *_] as rows}:
                return answer(predict, rows)
        return _no(422, "no_rows")

    return _app(checked)


def _array(predict, rows):
    try:
        predictions = predict(rows)
    except Exception:
        return _no(500, "server_error")
    return jsonify(predictions=predictions)


def _blaming(predict, rows):
    try:
        return jsonify(predictions=predict(rows).tolist())
    except Exception:
        return _no(400, "bad_request")


def _leaking(predict, rows):
    try:
        return jsonify(predictions=predict(rows).tolist())
    except Exception as error:
        return _no(500, "server_error", repr(error))


def _one_kind(predict, rows):
    try:
        return jsonify(predictions=predict(rows).tolist())
    except KeyError:
        return _no(500, "server_error")


MISTAKES = (
    Mistake(
        "the key is taken for granted",
        "a body without rows still crashes the server: a client can send any JSON "
        "there is",
        _app(_trusting),
    ),
    Mistake(
        "an error with status 200",
        "an empty batch, or a body without rows, still gets its no with status "
        "200, and programs read that as yes",
        _app(_always_200),
    ),
    Mistake(
        "an array is not JSON",
        "the model answers with a numpy array, and the last step still fails on it: "
        "see what the int64 did in the lesson",
        _with_rows(_array),
    ),
    Mistake(
        "the client is blamed",
        "when the model fails on good rows, the reply still says that the client made "
        "a mistake. Whose turn is it to act?",
        _with_rows(_blaming),
    ),
    Mistake(
        "the inside is shown",
        "the words of the exception still travel to the client. They belong in the log",
        _with_rows(_leaking),
    ),
    Mistake(
        "one kind of exception",
        "a KeyError is caught and a ValueError isn't. A model may raise anything",
        _with_rows(_one_kind),
    ),
)

hunt = Check(
    title="hunt four bugs",
    promises=(_good, _empty, _missing, _failing),
    probe=_probe,
    mistakes=MISTAKES,
)
