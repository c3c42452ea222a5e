"""What may a client send, and what does it get back?

`prediction_app` wraps a function in a Flask app that keeps one contract: bodies are
checked against the model's features before the model sees them, every reply is JSON,
names the model that answered, and an error says which row and feature is wrong.
"""

import json
import uuid
from collections.abc import Callable
from dataclasses import asdict
from typing import Any

import numpy as np
from flask import Flask, Response, jsonify, request
from werkzeug.exceptions import HTTPException

from lessonlib.artifacts import Feature, Manifest

MAX_BODY_BYTES = 1 << 20


class BadRequest(Exception):
    """A request breaks the contract: HTTP status, code for machines, one sentence."""

    def __init__(self, status: int, code: str, message: str):
        super().__init__(message)
        self.status, self.code, self.message = status, code, message


def parse_rows(
    body: bytes, features: tuple[Feature, ...], *, max_rows: int
) -> np.ndarray:
    """Return the rows of a JSON body, shape (n, k), or raise BadRequest."""
    rows = _parse_json(body)
    rows = rows.get("rows") if isinstance(rows, dict) else None
    if not isinstance(rows, list) or not rows:
        raise BadRequest(422, "no_rows", 'the body must be {"rows": [[...], ...]}')
    if len(rows) > max_rows:
        message = f"{len(rows)} rows; send at most {max_rows}"
        raise BadRequest(413, "too_many_rows", message)
    for i, row in enumerate(rows):
        if not isinstance(row, list) or len(row) != len(features):
            seen = f"{len(row)} numbers" if isinstance(row, list) else f"{row!r:.40}"
            message = f"row {i} must be a list of {len(features)} numbers, got {seen}"
            raise BadRequest(422, "wrong_shape", message)
        for feature, value in zip(features, row, strict=True):
            _check(value, feature, i)
    return np.array(rows, dtype=float)


def _check(value, feature, i):
    where = f"row {i}, feature {feature.name!r}"
    if type(value) not in (int, float):  # bool is an int to isinstance, not to us
        raise BadRequest(422, "not_a_number", f"{where}: {value!r:.40} is not a number")
    low = -1e308 if feature.low is None else feature.low
    high = 1e308 if feature.high is None else feature.high
    if not low <= value <= high:  # infinity fails here too
        message = f"{where}: {value:.6g} is not between {low:g} and {high:g}"
        raise BadRequest(422, "out_of_range", message)


def _parse_json(body):
    try:
        return json.loads(
            body, parse_constant=_no_constant, object_pairs_hook=_no_twins
        )
    except RecursionError:
        raise BadRequest(400, "not_json", "the body is nested too deeply") from None
    except ValueError as error:  # bad UTF-8 is a ValueError too
        raise BadRequest(400, "not_json", f"the body is not JSON: {error}") from None


def _no_constant(name):
    raise ValueError(f"{name} is not in the JSON standard")


def _no_twins(pairs):
    if len(pairs) != len(dict(pairs)):
        raise ValueError("a key stands in it twice")
    return dict(pairs)


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
    app = Flask(__name__)
    app.config["MAX_CONTENT_LENGTH"] = MAX_BODY_BYTES
    app.json.sort_keys = False  # type: ignore[attr-defined]
    model = {"name": manifest.name, "version": manifest.version}

    @app.post("/predict")
    def answer():
        if request.mimetype != "application/json":
            message = "send Content-Type: application/json"
            raise BadRequest(415, "unsupported_media_type", message)
        rows = parse_rows(request.get_data(), manifest.features, max_rows=max_rows)
        reply = {"request_id": str(uuid.uuid4()), "model": model}
        return jsonify(reply | _reply(np.asarray(predict(rows)), manifest.classes))

    @app.get("/health")
    def health():
        return jsonify(status="ok")

    @app.get("/ready")
    def ready():
        return jsonify(status="ready", model=model)

    @app.get("/model")
    def describe():
        return jsonify(asdict(manifest))

    @app.get("/openapi.json")
    def specification():
        return jsonify(openapi(manifest, max_rows=max_rows))

    @app.after_request
    def sign(response: Response):
        response.headers["X-Model-Version"] = manifest.version
        return response

    app.register_error_handler(BadRequest, _refusal)
    app.register_error_handler(HTTPException, _http_error)
    app.register_error_handler(Exception, lambda error: _crash(app, error))
    return app


def _reply(answers, classes):
    if answers.ndim == 1:
        return {"predictions": answers.tolist()}
    labels = classes or tuple(range(answers.shape[1]))
    best = answers.argmax(axis=1)
    return {
        "predictions": [labels[i] for i in best],
        "probabilities": answers.tolist(),
    }


def _bare(predict, features):
    if not isinstance(features, int) or features < 1:
        message = "a plain function does not say what it takes: give features="
        raise ValueError(f"{message}, got features={features!r}")
    name = getattr(predict, "__name__", type(predict).__name__)
    columns = tuple(Feature(f"x{i}") for i in range(features))
    return Manifest(name, "0", columns, None, "", 0, {"scikit-learn": "-"}, {}, {})


def _error(status, code, message):
    return jsonify(error={"code": code, "message": message}), status


def _refusal(error):
    return _error(error.status, error.code, error.message)


def _http_error(error):
    code = error.name.lower().replace(" ", "_")
    body, status = _error(error.code, code, error.description)
    if error.code == 405:
        body.headers["Allow"] = ", ".join(sorted(error.valid_methods))
    return body, status


def _crash(app, error):
    app.logger.exception("the model failed", exc_info=error)
    message = "the model failed on rows that keep the contract; see the server's log"
    return _error(500, "model_failed", message)


def openapi(manifest: Manifest, *, max_rows: int) -> dict[str, Any]:
    """Return the contract as an OpenAPI 3.1 document, the form that tools read."""
    numbers = [_number_schema(feature) for feature in manifest.features]
    row = {
        "type": "array",
        "prefixItems": numbers,
        "minItems": len(numbers),
        "maxItems": len(numbers),
    }
    rows = {"type": "array", "items": row, "minItems": 1, "maxItems": max_rows}
    body = {"type": "object", "required": ["rows"], "properties": {"rows": rows}}
    refusals = ("400", "413", "415", "422")
    replies = {"200": {"description": "predictions, one a row"}} | {
        status: {"description": "refused: error.code and error.message say why"}
        for status in refusals
    }
    content = {"application/json": {"schema": body}}
    asked = {"required": True, "content": content}
    look = {"get": {"responses": {"200": {"description": "as of now"}}}}
    pages = ("/health", "/ready", "/model", "/openapi.json")
    return {
        "openapi": "3.1.0",
        "info": {"title": manifest.name, "version": manifest.version},
        "paths": {"/predict": {"post": {"requestBody": asked, "responses": replies}}}
        | {page: look for page in pages},
    }


def _number_schema(feature):
    schema = {"type": "number", "title": feature.name}
    limits = {"minimum": feature.low, "maximum": feature.high}
    return schema | {key: limit for key, limit in limits.items() if limit is not None}
