"""What does a client get back?

A `Contract` is all that a service promises, made from a model and its manifest: a body
is checked before the model sees it, every answer says which model gave it, and every
refusal is JSON. How a request comes in and a reply goes out is another's business: see
`flask_app` and `asgi_app`.
"""

import json
import secrets
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, replace
from typing import Any

import msgspec

from lessonlib.errors import FeedbackError, Overloaded
from lessonlib.save.answers import VALUES, Answers, answering, classes_of
from lessonlib.save.columns import Column, Image, Values, check_image, table_builder
from lessonlib.save.manifest import Manifest
from lessonlib.serve.openapi import OPEN, openapi
from lessonlib.serve.reader import Reader
from lessonlib.serve.schema import BadRequest, parse_feedback
from lessonlib.serve.try_it import PAGE, policy
from lessonlib.serve.visit import Visit

JSON = "application/json"
HTML = "text/html; charset=utf-8"
PROMETHEUS_TEXT = "text/plain; version=0.0.4; charset=utf-8"
_OF_THE_PAGE = {"Content-Type": HTML, "Content-Security-Policy": policy(PAGE)}
MAX_BODY_BYTES = 1 << 20
_Said = dict[str, list[Any]]  # predictions and what there is beside them, row by row
_REFUSED: dict[int, tuple[str, str]] = {
    400: ("bad_request", "the request could not be read to its end"),
    404: ("not_found", "no such address: GET /openapi.json lists them all"),
    405: ("method_not_allowed", "not with this method: the header Allow says which"),
    415: ("unsupported_media_type", "send the header Content-Type: application/json"),
}


class Contract:
    """What a client may send to a model, and what comes back."""

    def __init__(
        self,
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
        access_log: Any = None,
    ):
        manifest = manifest or getattr(predict, "manifest", None)
        manifest = manifest or _bare(predict, columns)
        if image is not None:
            image = check_image(image, manifest.columns)
            manifest = replace(manifest, image=image)
        self.manifest = manifest
        if max_body_bytes < 1:
            raise ValueError(f"max_body_bytes must be 1 or more, got {max_body_bytes}")
        self.max_body_bytes, self.log, self.monitor = max_body_bytes, log, monitor
        self.keys, self.access_log = keys, access_log
        self.leaving = False  # soon nobody will answer here: GET /ready says so
        self.ask = answering(predict)
        self.ask_apart: Callable[[Any, Sequence[int]], Answers] | None = None
        self._build = table_builder(manifest.columns, manifest.form)
        self.parse: Callable[[bytes], Values] = Reader(
            manifest.columns, max_rows=max_rows
        )
        self._model = {"name": manifest.name, "version": manifest.version}
        self.headers = {"X-Model-Version": manifest.version}
        if monitor is not None:
            monitor.expect(manifest)
        pages = {  # all that is known before anybody asks
            "/health": {"status": "ok"},
            "/ready": {"status": "ready", "model": self._model},
            "/model": asdict(manifest),
            "/openapi.json": openapi(
                manifest,
                max_rows=max_rows,
                feedback=log is not None,
                metrics=monitor is not None,
                keys=keys is not None,
            ),
        }
        self._pages = {
            path: (_text(page), {"Content-Type": JSON}) for path, page in pages.items()
        }
        self._pages["/"] = PAGE, _OF_THE_PAGE
        gets = [*self._pages, *(["/metrics"] if monitor is not None else [])]
        posts = ["/predict", *(["/feedback"] if log is not None else [])]
        #: the method of each address
        self.routes = dict.fromkeys(gets, "GET") | dict.fromkeys(posts, "POST")

    def admit(self, visit: Visit) -> None:
        """Note whose request it is. Raises an error for `refusal` if nobody's may be.

        A face asks this before it reads a body.
        """
        if self.keys is not None and visit.path not in OPEN:
            visit.key = self.keys.caller(visit.authorization, visit.query)
            self.keys.count(visit.key)

    def page(self, path: str) -> tuple[bytes, dict[str, str]]:
        """Return the body and the headers of an address that is read by GET."""
        if path == "/ready" and self.leaving:
            raise Overloaded("this process is about to end; ask another one")
        if path == "/metrics":
            return self.monitor.page().encode(), {"Content-Type": PROMETHEUS_TEXT}
        return self._pages[path]

    def predict(self, body: bytes, *, answer_id: str | None = None) -> bytes:
        """Return the reply to a body of POST /predict. Raises BadRequest."""
        ids = [answer_id or secrets.token_hex(16)]
        (reply,) = self.answer([self.parse(body)], ids)
        if isinstance(reply, Exception):
            raise reply
        return reply

    def answer(
        self, waiting: Sequence[Values], ids: Sequence[str]
    ) -> list[bytes | Exception]:
        """Return a reply to each of several requests, from one call of the model.

        (Or from one each, of a model that minds its company: then `ask_apart` is set.)
        If that call fails each is asked alone, as most are fine; the error of one that
        fails alone stands in its place.
        """
        began, values = time.perf_counter(), [row for rows in waiting for row in rows]
        try:
            said = self._ask(self._build(values), waiting).as_json()
        except Exception as error:
            if len(waiting) == 1:
                return [error]
            pairs = zip(waiting, ids, strict=True)
            return [reply for rows, i in pairs for reply in self.answer([rows], [i])]
        latency_s = time.perf_counter() - began
        replies = self._kept(waiting, ids, [*_each(said, waiting)], latency_s)
        if self.monitor is not None and all(type(reply) is bytes for reply in replies):
            probabilities = said.get("probabilities")
            self.monitor.predicted(values, said["predictions"], probabilities)
        return replies

    def _ask(self, table: Any, waiting: Sequence[Values]) -> Answers:
        if self.ask_apart is None:
            return self.ask(table)
        return self.ask_apart(table, list(map(len, waiting)))

    def feedback(self, body: bytes) -> bytes:
        """Return the reply to a body of POST /feedback. Raises BadRequest."""
        fields = parse_feedback(body, self.manifest)
        try:
            self.log.label(fields.pop("request_id"), fields.pop("label"), **fields)
        except FeedbackError as error:
            raise BadRequest(404, "unknown_request", str(error)) from None
        return _text({"stored": True})

    def refused(self, status: int) -> BadRequest:
        """Return the error for a request that does not get as far as its body."""
        if status == 413:
            message = f"send less than {self.max_body_bytes:,} bytes"
            return BadRequest(413, "body_too_large", message)
        return BadRequest(status, *_REFUSED.get(status, _REFUSED[400]))

    def finish(
        self, visit: Visit, status: int, size_bytes: int, *, counted: bool = False
    ) -> None:
        """Count and write down a reply of `size_bytes`, unless it is `counted`."""
        if self.monitor is not None and not counted:
            # an address that does not exist may be any text: all of them are one
            path = visit.path if visit.path in self.routes else "unknown"
            took_s = time.perf_counter() - visit.began_s
            self.monitor.seen(path, status, took_s)
        if self.access_log is not None:
            what: Any = {"status": status, "size_bytes": size_bytes}
            self.access_log.write(visit, version=self.manifest.version, **what)

    def _kept(
        self,
        waiting: Sequence[Values],
        ids: Sequence[str],
        said: list[_Said],
        latency_s: float,
    ) -> list[bytes | Exception]:
        """Return the replies; what they say is in the log before they go."""
        replies = list(map(self._reply, ids, said))
        if self.log is None:
            return replies
        model = self.manifest.name, self.manifest.version
        entries = [
            (name, *model, rows, parts["predictions"], parts.get("probabilities"))
            for name, rows, parts, reply in zip(
                ids, waiting, said, replies, strict=True
            )
            if type(reply) is bytes
        ]
        try:
            self.log.record_all(entries, latency_s=latency_s)
        except Exception as error:
            return [error] * len(waiting)
        return replies

    def _reply(self, request_id: str, said: _Said) -> bytes | Exception:
        content = {"request_id": request_id, "model": self._model} | said
        try:
            text = msgspec.json.encode(content)
            if b"null" in text:  # of a NaN, which is not JSON: status 500
                json.dumps(content, allow_nan=False)
            return text
        except Exception as error:
            return error


def _each(said: _Said, waiting: Sequence[Values]) -> Iterator[_Said]:
    """Yield of what was said of all rows that of each request's."""
    first = 0
    for rows in waiting:
        end = first + len(rows)
        yield {name: answers[first:end] for name, answers in said.items()}
        first = end


def _bare(predict: Any, columns: int | Sequence[Column] | None) -> Manifest:
    if isinstance(columns, int):
        columns = [Column(f"x{i}") for i in range(columns)] or columns
    if not isinstance(columns, Sequence):
        message = "a plain function does not say what it takes: give columns="
        raise ValueError(f"{message}, got columns={columns!r}")
    name = getattr(predict, "__name__", type(predict).__name__)
    known: Any = {"classes": classes_of(predict), "answers": VALUES}
    rest: Any = {"sha256": "", "size_bytes": 0, "data": {}, "metrics": {}}
    libraries = {"scikit-learn": "-"}
    return Manifest(
        name, "0", columns=tuple(columns), libraries=libraries, **known, **rest
    )


def _text(content: Any) -> bytes:
    return json.dumps(content).encode()
