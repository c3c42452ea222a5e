"""How does a contract become a Flask app?

The face of a service in a notebook, and under gunicorn: it takes a request apart, asks
the contract, and puts the reply together.
"""

from collections.abc import Sequence
from functools import partial
from typing import Any, TextIO

from flask import Flask, Response, g, request
from werkzeug.exceptions import HTTPException

from lessonlib.save.columns import Column, Image
from lessonlib.save.manifest import Manifest
from lessonlib.serve.contract import JSON, MAX_BODY_BYTES, Contract
from lessonlib.serve.refusals import refusal
from lessonlib.serve.visit import AccessLog, Visit


def prediction_app(
    predict: Any,
    *,
    manifest: Manifest | None = None,
    columns: int | Sequence[Column] | None = None,
    image: Image | None = None,
    max_rows: int = 1000,
    max_body_bytes: int = MAX_BODY_BYTES,
    log: Any = None,
    monitor: Any = None,
    keys: Any = None,
    access_log: TextIO | None = None,
) -> Flask:
    """Return a Flask app that answers POST /predict with what `predict` says.

    `predict` is a loaded model, or takes what `manifest` says: rows, shape (n, k). It
    returns n predictions, or Answers. For a plain function give its `columns`, or how
    many there are, and, if they are an `image`, what `save_model` calls so. A body has
    less than `max_body_bytes` (`serve` takes up to 16 MiB).
    A `log` (of learn) keeps what was answered and takes POST /feedback; a `monitor` (of
    this room) counts for /metrics. With `keys` (of this room, too) only their callers
    are answered. An `access_log`, a file open to append, gets a line for each request.
    """
    limits: Any = {"max_rows": max_rows, "max_body_bytes": max_body_bytes}
    beside: Any = {"log": log, "monitor": monitor, "keys": keys}
    if keys is not None:
        keys.names()  # one that cannot be read is told now
    if access_log is not None:
        beside["access_log"] = AccessLog(access_log)
    what: Any = {"manifest": manifest, "columns": columns, "image": image}
    contract = Contract(predict, **what, **limits, **beside)
    return flask_app(contract)


def flask_app(contract: Contract) -> Flask:
    """Return the Flask app of a contract."""
    app = Flask(__name__, static_folder=None)
    app.config["MAX_CONTENT_LENGTH"] = contract.max_body_bytes
    app.url_map.merge_slashes = False

    def read(path: str) -> Response:
        contract.admit(g.visit)
        body, headers = contract.page(path)
        return Response(body, headers=headers)

    def answer(path: str) -> Response:
        contract.admit(g.visit)
        body = _json_body(contract)
        if path == "/feedback":
            return Response(contract.feedback(body), content_type=JSON)
        reply = contract.predict(body, answer_id=g.visit.answer_id)
        return Response(reply, content_type=JSON)

    for path, method in contract.routes.items():
        view = partial(read if method == "GET" else answer, path)
        app.add_url_rule(path, path, view, methods=[method])

    @app.before_request
    def start() -> None:
        g.visit = _visit()

    @app.after_request
    def sign(response: Response) -> Response:
        signs = {"X-Request-ID": g.visit.request_id}
        response.headers.update(contract.headers | signs)
        size_bytes = response.content_length or 0
        contract.finish(g.visit, response.status_code, size_bytes)
        return response

    @app.errorhandler(Exception)
    def refuse(error: Exception) -> tuple[bytes, int, dict[str, str]]:
        headers: dict[str, str] = {}
        if isinstance(error, HTTPException):
            headers = dict(error.get_headers())  # such as Allow
            error = contract.refused(error.code or 500)
        status, more, body = refusal(error)
        if status == 500:
            app.logger.error("a request failed", exc_info=error)
        return body, status, headers | more | {"Content-Type": JSON}

    return app


def _visit() -> Visit:
    return Visit(
        request.method,
        request.path,
        query=request.environ.get("QUERY_STRING", ""),
        authorization=request.headers.get("Authorization", ""),
        request_id=request.headers.get("X-Request-ID", ""),
    )


def _json_body(contract: Contract) -> bytes:
    if request.mimetype != JSON:
        raise contract.refused(415)
    try:
        body = request.get_data()
    except HTTPException:
        raise
    except Exception:  # each server has its own errors for it
        raise contract.refused(400) from None
    if len(body) == contract.max_body_bytes:  # where Flask cuts off one in chunks
        raise contract.refused(413)
    return body
