"""What does a client get back?

`prediction_app` wraps a function in a Flask app that keeps one contract: a body is
checked before the model sees it, every answer says which model gave it, and every
refusal is JSON.
"""

import time
import uuid
from collections.abc import Callable
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from flask import Flask, Response, abort, g, jsonify, request
from flask.json.provider import DefaultJSONProvider
from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Response as WSGIResponse

from lessonlib.errors import FeedbackError, Overloaded
from lessonlib.save.artifacts import Feature, Manifest
from lessonlib.serve.openapi import openapi
from lessonlib.serve.validation import BadRequest, parse_feedback, parse_rows

MAX_BODY_BYTES = 1 << 20
PROMETHEUS_TEXT = "text/plain; version=0.0.4; charset=utf-8"
_REFUSED_BY_FLASK: dict[int | None, tuple[str, str | None]] = {
    404: ("not_found", "no such address: GET /openapi.json lists them all"),
    405: ("method_not_allowed", "not with this method: the header Allow says which"),
    413: ("body_too_large", f"send less than {MAX_BODY_BYTES:,} bytes"),
}


def prediction_app(
    predict: Callable[[np.ndarray], Any],
    *,
    manifest: Manifest | None = None,
    features: int | None = None,
    max_rows: int = 1000,
    log: Any = None,
    monitor: Any = None,
) -> Flask:
    """Return a Flask app that answers POST /predict with what `predict(rows)` says.

    `predict` takes rows, shape (n, k), and returns n values, or probabilities of shape
    (n, classes). A loaded model brings its manifest; for any other function give the
    `manifest`, or the number of `features`. A `log` (of feedback) keeps what was
    answered and takes POST /feedback; a `monitor` (of monitoring) counts for /metrics.
    """
    manifest = manifest or getattr(predict, "manifest", None)
    manifest = manifest or _bare(predict, features)
    app = Flask(__name__, static_folder=None)
    app.config["MAX_CONTENT_LENGTH"] = MAX_BODY_BYTES
    app.json = _StrictJSON(app)
    model = {"name": manifest.name, "version": manifest.version}

    def parse(body: bytes) -> np.ndarray:
        return parse_rows(body, manifest.features, max_rows=max_rows)

    def answer(rows: np.ndarray, predict: Callable[[np.ndarray], Any] = predict) -> str:
        began = time.perf_counter()
        answers = np.asarray(predict(rows))
        latency_s = time.perf_counter() - began
        if len(answers) != len(rows):
            raise ValueError(f"{len(answers)} answers to {len(rows)} rows")
        reply, request_id = _reply(answers, manifest.classes), str(uuid.uuid4())
        text = app.json.dumps({"request_id": request_id, "model": model} | reply)
        seen = rows, reply["predictions"], reply.get("probabilities")
        if log is not None:  # before the reply leaves: what was answered is kept
            log.record(request_id, manifest.name, manifest.version, *seen, latency_s)
        if monitor is not None:
            monitor.predicted(*seen)
        return text

    @app.post("/predict")
    def predict_route() -> Response:
        text = answer(parse(_json_body()))
        return Response(text, content_type="application/json")

    app.extensions |= {"parse": parse, "answer": answer}  # past Flask: see worker
    pages = {  # all that is known before anybody asks
        "/health": {"status": "ok"},
        "/ready": {"status": "ready", "model": model},
        "/model": asdict(manifest),
        "/openapi.json": openapi(
            manifest,
            max_rows=max_rows,
            feedback=log is not None,
            metrics=monitor is not None,
        ),
    }
    for address, content in pages.items():
        app.add_url_rule(address, address, partial(jsonify, content))

    @app.get("/")
    def docs() -> str:
        return Path(__file__).with_name("docs.html").read_text(encoding="utf-8")

    if log is not None:
        _take_feedback(app, log, manifest.classes)
    if monitor is not None:
        _measure(app, monitor)

    @app.after_request
    def sign(response: Response) -> Response:
        response.headers["X-Model-Version"] = manifest.version
        return response

    app.register_error_handler(BadRequest, _refusal)
    app.register_error_handler(Overloaded, _too_busy)
    app.register_error_handler(HTTPException, _http_error)
    app.register_error_handler(Exception, lambda error: _crash(app, error))
    return app


def _take_feedback(app: Flask, log: Any, classes: tuple[Any, ...] | None) -> None:
    @app.post("/feedback")
    def feedback() -> Response:
        fields = parse_feedback(_json_body(), classes)
        try:
            log.label(fields.pop("request_id"), fields.pop("label"), **fields)
        except FeedbackError as error:
            raise BadRequest(404, "unknown_request", str(error)) from None
        return jsonify(stored=True)


def _measure(app: Flask, monitor: Any) -> None:
    @app.before_request
    def start() -> None:
        g.began = time.perf_counter()

    @app.after_request
    def stop(response: Response) -> Response:
        # an address that does not exist may be any text: all of them are one
        path = request.url_rule.rule if request.url_rule else "unknown"
        monitor.seen(path, response.status_code, time.perf_counter() - g.began)
        return response

    @app.get("/metrics")
    def metrics() -> Response:
        return Response(monitor.page(), content_type=PROMETHEUS_TEXT)


def _json_body() -> bytes:
    if request.mimetype != "application/json":
        message = "send the header Content-Type: application/json"
        raise BadRequest(415, "unsupported_media_type", message)
    body = request.get_data()
    if len(body) == MAX_BODY_BYTES:  # where Flask silently cuts off a body in chunks
        abort(413)
    return body


class _StrictJSON(DefaultJSONProvider):
    sort_keys = False

    def dumps(self, obj: Any, **options: Any) -> str:
        # a NaN is not JSON, on the way out either: it fails here, as status 500
        return super().dumps(obj, allow_nan=False, **options)


def _reply(
    answers: np.ndarray, classes: tuple[Any, ...] | None
) -> dict[str, list[Any]]:
    if answers.ndim == 1:
        return {"predictions": answers.tolist()}
    labels = classes or tuple(range(answers.shape[1]))
    best = [labels[i] for i in answers.argmax(axis=1)]
    return {"predictions": best, "probabilities": answers.tolist()}


def _bare(predict: Callable[[np.ndarray], Any], features: int | None) -> Manifest:
    if not isinstance(features, int) or features < 1:
        message = "a plain function does not say what it takes: give features="
        raise ValueError(f"{message}, got features={features!r}")
    name = getattr(predict, "__name__", type(predict).__name__)
    columns = tuple(Feature(f"x{i}") for i in range(features))
    return Manifest(name, "0", columns, None, "", 0, {"scikit-learn": "-"}, {}, {})


def _refusal(error: BadRequest) -> tuple[Response, int]:
    body = {"code": error.code, "message": error.message} | error.where
    return jsonify(error=body), error.status


def _too_busy(error: Overloaded) -> tuple[Response, int, dict[str, str]]:
    refusal = BadRequest(503, "overloaded", str(error))
    return *_refusal(refusal), {"Retry-After": f"{max(1, round(error.retry_after_s))}"}


def _http_error(error: HTTPException) -> WSGIResponse:
    code, message = _REFUSED_BY_FLASK.get(error.code, ("http", error.description))
    response = error.get_response()  # keeps its headers, such as Allow
    response.data = jsonify(error={"code": code, "message": message}).data
    response.content_type = "application/json"
    return response


def _crash(app: Flask, error: Exception) -> tuple[Response, int]:
    app.logger.error("a request failed", exc_info=error)
    message = "the server failed, not your request; its log says why"
    return jsonify(error={"code": "server_error", "message": message}), 500
