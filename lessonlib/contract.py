"""What may a client send, and what does it get back?

`prediction_app` wraps a function in a Flask app that keeps one contract. A body is
checked against the model's features before the model sees it. A refusal is JSON: a
status, a code for programs, a sentence for people, and the row and feature it is about.
"""

import json
import uuid
from collections.abc import Callable
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from flask import Flask, Response, abort, jsonify, request
from flask.json.provider import DefaultJSONProvider
from werkzeug.exceptions import HTTPException

from lessonlib.artifacts import Feature, Manifest

MAX_BODY_BYTES = 1 << 20
_LARGEST = np.finfo(float).max  # a feature without limits is still a finite number
_REFUSED_BY_FLASK = {
    404: ("not_found", "no such address: GET /openapi.json lists them all"),
    405: ("method_not_allowed", "not with this method: the header Allow says which"),
    413: ("body_too_large", f"send less than {MAX_BODY_BYTES:,} bytes"),
}


class BadRequest(Exception):
    """A request breaks the contract. `where` says the row and the feature, if known."""

    def __init__(self, status: int, code: str, message: str, **where: Any):
        super().__init__(message)
        self.status, self.code, self.message, self.where = status, code, message, where


def parse_rows(
    body: bytes, features: tuple[Feature, ...], *, max_rows: int = 1000
) -> np.ndarray:
    """Return the rows of a JSON body, shape (n, k), or raise BadRequest."""
    content = _parse_json(body)
    rows = content.get("rows") if isinstance(content, dict) else None
    if not isinstance(rows, list) or not rows:
        raise BadRequest(422, "no_rows", 'send {"rows": [[...], ...]}, one or more')
    if len(rows) > max_rows:
        message = f"{len(rows)} rows: send at most {max_rows}"
        raise BadRequest(422, "too_many_rows", message)
    for i, row in enumerate(rows):
        _check_row(row, features, i)
    return np.array(rows)


def _parse_json(body):
    hooks = {"parse_constant": _no_constant, "object_pairs_hook": _no_twins}
    try:
        # every number a float: no integer is too large to compare, and true is none
        return json.loads(body.decode("utf-8"), parse_int=float, **hooks)
    except RecursionError:
        raise BadRequest(400, "not_json", "the body is nested too deeply") from None
    except ValueError as error:  # bad UTF-8 is one too
        raise BadRequest(400, "not_json", f"the body is not JSON: {error}") from None


def _no_constant(name):
    raise ValueError(f"{name} is not in the standard")


def _no_twins(pairs):
    if len(pairs) != len(dict(pairs)):
        raise ValueError("a key stands twice in an object")
    return dict(pairs)


def _check_row(row, features, i):
    if not isinstance(row, list) or len(row) != len(features):
        seen = f"{len(row)}" if isinstance(row, list) else _shown(row)
        message = f"row {i} must be a list of {len(features)} numbers, got {seen}"
        raise BadRequest(422, "wrong_shape", message, row=i)
    for feature, value in zip(features, row, strict=True):
        low = -_LARGEST if feature.low is None else feature.low
        high = _LARGEST if feature.high is None else feature.high
        if type(value) is not float:
            code, complaint = "not_a_number", "not a number"
        elif not low <= value <= high:  # 1e400 became infinity, and fails here
            code, complaint = "out_of_range", f"not between {low:g} and {high:g}"
        else:
            continue
        message = f"row {i}, feature {feature.name!r}: {_shown(value)} is {complaint}"
        raise BadRequest(422, code, message, row=i, feature=feature.name)


def _shown(value):
    kinds = {list: "a list", dict: "an object"}  # they may be long or deep
    return kinds.get(type(value)) or f"{json.dumps(value):.40}"


def prediction_app(
    predict: Callable[[np.ndarray], Any],
    *,
    manifest: Manifest | None = None,
    features: int | None = None,
    max_rows: int = 1000,
) -> Flask:
    """Return a Flask app that answers POST /predict with what `predict(rows)` says.

    `predict` takes rows, shape (n, k), and returns n values, or probabilities of shape
    (n, classes). A loaded model brings its manifest; for any other function give the
    `manifest`, or the number of `features`.
    """
    manifest = manifest or getattr(predict, "manifest", None)
    manifest = manifest or _bare(predict, features)
    app = Flask(__name__, static_folder=None)
    app.config["MAX_CONTENT_LENGTH"] = MAX_BODY_BYTES
    app.json = _StrictJSON(app)
    model = {"name": manifest.name, "version": manifest.version}

    @app.post("/predict")
    def answer():
        rows = parse_rows(_json_body(), manifest.features, max_rows=max_rows)
        answers = np.asarray(predict(rows))
        if len(answers) != len(rows):
            raise ValueError(f"{len(answers)} answers to {len(rows)} rows")
        reply = {"request_id": str(uuid.uuid4()), "model": model}
        return jsonify(reply | _reply(answers, manifest.classes))

    pages = {  # all that is known before anybody asks
        "/health": {"status": "ok"},
        "/ready": {"status": "ready", "model": model},
        "/model": asdict(manifest),
        "/openapi.json": openapi(manifest, max_rows=max_rows),
    }
    for address, content in pages.items():
        app.add_url_rule(address, address, partial(jsonify, content))

    @app.get("/")
    def docs():
        return Path(__file__).with_name("docs.html").read_text(encoding="utf-8")

    @app.after_request
    def sign(response: Response):
        response.headers["X-Model-Version"] = manifest.version
        return response

    app.register_error_handler(BadRequest, _refusal)
    app.register_error_handler(HTTPException, _http_error)
    app.register_error_handler(Exception, lambda error: _crash(app, error))
    return app


def _json_body():
    if request.mimetype != "application/json":
        message = "send the header Content-Type: application/json"
        raise BadRequest(415, "unsupported_media_type", message)
    body = request.get_data()
    if len(body) == MAX_BODY_BYTES:  # where Flask silently cuts off a body in chunks
        abort(413)
    return body


class _StrictJSON(DefaultJSONProvider):
    sort_keys = False

    def dumps(self, obj, **options):
        # a NaN is not JSON, on the way out either: it fails here, as status 500
        return super().dumps(obj, allow_nan=False, **options)


def _reply(answers, classes):
    if answers.ndim == 1:
        return {"predictions": answers.tolist()}
    labels = classes or tuple(range(answers.shape[1]))
    best = [labels[i] for i in answers.argmax(axis=1)]
    return {"predictions": best, "probabilities": answers.tolist()}


def _bare(predict, features):
    if not isinstance(features, int) or features < 1:
        message = "a plain function does not say what it takes: give features="
        raise ValueError(f"{message}, got features={features!r}")
    name = getattr(predict, "__name__", type(predict).__name__)
    columns = tuple(Feature(f"x{i}") for i in range(features))
    return Manifest(name, "0", columns, None, "", 0, {"scikit-learn": "-"}, {}, {})


def _refusal(error):
    body = {"code": error.code, "message": error.message} | error.where
    return jsonify(error=body), error.status


def _http_error(error):
    code, message = _REFUSED_BY_FLASK.get(error.code, ("http", error.description))
    response = error.get_response()  # keeps its headers, such as Allow
    response.data = jsonify(error={"code": code, "message": message}).data
    response.content_type = "application/json"
    return response


def _crash(app, error):
    app.logger.error("a request failed", exc_info=error)
    message = "the server failed, not your request; its log says why"
    return jsonify(error={"code": "server_error", "message": message}), 500


def openapi(manifest: Manifest, *, max_rows: int) -> dict[str, Any]:
    """Return the contract as an OpenAPI 3.1 document, the form that tools read."""
    numbers = [_number_schema(feature) for feature in manifest.features]
    size = {"minItems": len(numbers), "maxItems": len(numbers)}
    row = {"type": "array", "prefixItems": numbers} | size
    rows = {"type": "array", "items": row, "minItems": 1, "maxItems": max_rows}
    body = {"type": "object", "required": ["rows"], "properties": {"rows": rows}}
    example = {"rows": [[number["examples"][0] for number in numbers]]}
    content = {"application/json": {"schema": body, "example": example}}
    replies = {"200": {"description": "predictions, one a row"}} | {
        status: {"description": "error.code and error.message say why not"}
        for status in ("400", "413", "415", "422", "500")
    }
    asked = {"required": True, "content": content}
    paths: dict[str, Any] = {
        page: {"get": {"responses": {"200": {"description": "as of now"}}}}
        for page in ("/", "/health", "/ready", "/model", "/openapi.json")
    }
    paths["/predict"] = {"post": {"requestBody": asked, "responses": replies}}
    info = {"title": manifest.name, "version": manifest.version}
    return {"openapi": "3.1.0", "info": info, "paths": paths}


def _number_schema(feature):
    given = {"minimum": feature.low, "maximum": feature.high}
    limits = {key: limit for key, limit in given.items() if limit is not None}
    example = float(np.clip(0, feature.low, feature.high))
    return {"type": "number", "title": feature.name, "examples": [example]} | limits
