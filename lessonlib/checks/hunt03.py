"""Are the four bugs of notebook 03's exercise out of a learner's app?"""

import json

import numpy as np
from flask import Flask, jsonify, request

from lessonlib.checks import Check, Mistake
from lessonlib.checks.probes import Broken, call, expect, quiet

_SECRET = "drawer 4711"


def _lengths(rows):
    return np.array([len(row) for row in rows])


class _OfItsOwn(Exception):
    """An exception that no learner has heard of."""


_KINDS = (KeyError, ValueError, _OfItsOwn)


def _fails_with(kind):
    def predict(rows):
        raise kind(_SECRET)

    return predict


def _post(make_app, body, predict=_lengths):
    """Return status, error code and text of the reply to a body."""
    app = call(make_app, predict)
    if not isinstance(app, Flask):
        seen = f"fixed_app(predict) gave {app!r:.60}, expected a Flask app"
        raise Broken(seen, "does the function end in `return app`?")
    with quiet():
        reply = app.test_client().post(
            "/predict", data=body, content_type="application/json"
        )
    content = reply.get_json(silent=True)
    error = content.get("error") if isinstance(content, dict) else None
    code = error.get("code") if isinstance(error, dict) else None
    return reply.status_code, code, reply.get_data(as_text=True)


def _hunt_good(make_app):
    """a good request gets status 200 and one prediction for each row"""
    status, _, text = _post(make_app, '{"rows": [[1, 2, 3], [4]]}')
    called = "a POST of two rows, with a model that answers array([3, 1]),"
    expect(status, 200, called=called, hint="what is JSON made of?")
    expect(json.loads(text).get("predictions"), [3, 1], called=called)


def _hunt_empty(make_app):
    """an empty batch gets status 422 and the code no_rows"""
    seen = _post(make_app, '{"rows": []}')[:2]
    hint = "where does Flask get the status from?"
    expect(seen, (422, "no_rows"), called='a POST of {"rows": []}', hint=hint)


def _hunt_missing(make_app):
    """a body without rows gets the same"""
    for body in ('{"row": [[1]]}', "[]", "null", '{"rows": 5}'):
        hint = "what is known about the body when its rows are looked up?"
        called = f"a POST of {body}"
        expect(_post(make_app, body)[:2], (422, "no_rows"), called=called, hint=hint)


def _hunt_failing(make_app):
    """when the model fails: status 500, code server_error, and no word of why"""
    hint = "whose fault is it, and who may read the details?"
    for kind in _KINDS:
        *seen, text = _post(make_app, '{"rows": [[1]]}', _fails_with(kind))
        name = "an exception of its own" if kind is _OfItsOwn else f"a {kind.__name__}"
        called = f"a POST of a good row, with a model that raises {name},"
        expect(seen, [500, "server_error"], called=called, hint=hint)
        if _SECRET in text:
            raise Broken(f"{called} told the client {_SECRET!r}", hint)
        hint = "it was right for another exception; which ones may a model raise?"


def _app(*, key=False, empty=422, numpy=False, blame=500, leak=False, kinds=Exception):
    """Return fixed_app, right but for what is asked for."""

    def fixed_app(predict):
        app = Flask("northgate")

        @app.post("/predict")
        def answer():
            content = request.get_json()
            if not key:
                content = content if isinstance(content, dict) else {}
                content.setdefault("rows", [])
            rows = content["rows"]
            if not isinstance(rows, list) or not rows:
                return jsonify(
                    error={"code": "no_rows", "message": "send a row"}
                ), empty
            try:
                answers = predict(rows)
            except kinds as error:
                told = {"message": repr(error) if leak else "see the log"}
                code = "bad_request" if blame == 400 else "server_error"
                return jsonify(error={"code": code} | told), blame
            return jsonify(predictions=answers if numpy else answers.tolist())

        return app

    return fixed_app


_MISTAKES = (
    Mistake(
        "the key is taken for granted",
        "a body without rows still crashes the server: a client can send any JSON "
        "there is",
        _app(key=True),
    ),
    Mistake(
        "an error with status 200",
        "an empty batch, or a body without rows, is still told no with status 200, "
        "which programs read as yes",
        _app(empty=200),
    ),
    Mistake(
        "an array is not JSON",
        "the model answers with a numpy array, and the last step still fails on it: "
        "see what the int64 did in the lesson",
        _app(numpy=True),
    ),
    Mistake(
        "the client is blamed",
        "when the model fails on good rows, the client is still told that it made a "
        "mistake. Whose turn is it to act?",
        _app(blame=400),
    ),
    Mistake(
        "the inside is shown",
        "the words of the exception still travel to the client; they belong into "
        "the log",
        _app(leak=True),
    ),
    Mistake(
        "one kind of exception",
        "a KeyError is caught, a ValueError is not: the model may raise anything",
        _app(kinds=KeyError),
    ),
)


def _leak(reply):
    return reply[0], reply[1], _SECRET in reply[2]


_BODIES = ('{"rows": [[1], [2]]}', '{"rows": []}', '{"row": [[1]]}', "[]")

hunt = Check(
    title="hunt four bugs",
    promises=(_hunt_good, _hunt_empty, _hunt_missing, _hunt_failing),
    probe=lambda answer: (
        [_post(answer, body)[:2] for body in _BODIES],
        [_leak(_post(answer, _BODIES[0], _fails_with(kind))) for kind in _KINDS],
    ),
    mistakes=_MISTAKES,
)
