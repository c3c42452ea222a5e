"""How does a contract become an ASGI app, and a turn of the loop a batch?

The face of a service in a worker process. Whatever requests have arrived when the loop
gets to it are answered together, from one call of the model, on the loop's own thread:
threads of one Python would fight for it.
"""

import asyncio
import logging
import time
from collections import deque
from collections.abc import Awaitable, Callable
from functools import lru_cache
from typing import Any

from lessonlib.errors import Overloaded
from lessonlib.save.columns import Values
from lessonlib.serve.contract import HTML, JSON, Contract
from lessonlib.serve.refusals import refusal
from lessonlib.serve.visit import Visit

_Message = dict[str, Any]
_Receive = Callable[[], Awaitable[_Message]]
_Send = Callable[[_Message], Awaitable[None]]
_Result = tuple[int, dict[str, str], bytes]  # status, headers, body
_Waiting = tuple[Contract, Values, asyncio.Future[Any], Visit]

log = logging.getLogger(__name__)


class AsgiApp:
    """An ASGI app that answers as `contract` says, which may be replaced meanwhile.

    Up to `max_batch` rows go to the model at once. Who would wait for more than
    `max_wait_s` for those before gets Overloaded.
    """

    def __init__(
        self, contract: Contract, *, max_batch: int = 64, max_wait_s: float = 1.0
    ):
        self.contract = contract
        self.max_batch, self.max_wait_s = max_batch, max_wait_s
        self._waiting: deque[_Waiting] = deque()
        self._rows_waiting, self._row_s = 0, 0.0
        self.turn_s = 0.0  # how long the last one took

    async def __call__(self, scope: Any, receive: _Receive, send: _Send) -> None:
        """Answer one request. `scope` and the two functions are those of ASGI 3."""
        if scope["type"] != "http":
            return
        # one model for the whole request: another may come meanwhile
        contract, visit = self.contract, _visit(scope)
        predicts = (visit.path, visit.method) == ("/predict", "POST")
        try:
            if predicts:
                contract.admit(visit)
                rows = contract.parse(await _body(contract, scope, receive))
                body = await self._in_this_turn(contract, rows, visit)
                result: _Result = 200, {"Content-Type": JSON}, body
            else:
                result = await _other(contract, visit, scope, receive)
        except Exception as error:
            status, headers, body = refusal(error)
            result = status, {"Content-Type": JSON} | headers, body
            if status == 500:
                log.error("a request failed", exc_info=error)
        status, headers, body = result
        # predictions of one turn are counted at once
        counted = predicts and status == 200
        contract.finish(visit, status, len(body), counted=counted)
        pairs = [_encoded(*each) for each in (headers | contract.headers).items()]
        pairs.append((b"x-request-id", visit.request_id.encode()))
        pairs.append((b"content-length", b"%d" % len(body)))
        start = {"type": "http.response.start", "status": status, "headers": pairs}
        await send(start)
        await send(
            {
                "type": "http.response.body",
                "body": b"" if visit.method == "HEAD" else body,
            }
        )

    def _in_this_turn(
        self, contract: Contract, rows: Values, visit: Visit
    ) -> "asyncio.Future[bytes]":
        """Return the reply-to-be to `rows`, which wait for the others of this turn."""
        if (wait_s := self._rows_waiting * self._row_s) > self.max_wait_s:
            message = f"{self._rows_waiting} rows wait for the model already"
            raise Overloaded(f"{message}; ask again soon", retry_after_s=wait_s)
        loop = asyncio.get_running_loop()
        if not self._waiting:
            loop.call_soon(self._answer_waiting)
        self._rows_waiting += len(rows)
        self._waiting.append((contract, rows, future := loop.create_future(), visit))
        return future

    def _answer_waiting(self) -> None:
        began = time.perf_counter()
        while self._waiting:
            batch = self._next_batch()
            contract = batch[0][0]
            ids = [visit.answer_id for *_, visit in batch]
            replies = contract.answer([rows for _, rows, *_ in batch], ids)
            now, latencies_s = time.perf_counter(), []
            for (_, _, future, visit), reply in zip(batch, replies, strict=True):
                if future.done():
                    continue  # its client has gone
                if isinstance(reply, Exception):
                    future.set_exception(reply)
                else:
                    future.set_result(reply)
                    latencies_s.append(now - visit.began_s)
            if contract.monitor is not None and latencies_s:  # counted at once
                contract.monitor.seen("/predict", 200, *latencies_s)
        self.turn_s = time.perf_counter() - began
        row_s = self.turn_s / self._rows_waiting
        weight = 1 / 8 if self._row_s else 1  # a moving average, from the first turn on
        self._row_s += (row_s - self._row_s) * weight
        self._rows_waiting = 0

    def _next_batch(self) -> list[_Waiting]:
        """Take those who may be answered by one call of the same model."""
        batch = [self._waiting.popleft()]
        contract, n = batch[0][0], len(batch[0][1])
        while self._waiting and self._waiting[0][0] is contract:
            n += len(self._waiting[0][1])
            if n > self.max_batch:
                break
            batch.append(self._waiting.popleft())
        return batch


@lru_cache
def _encoded(name: str, value: str) -> tuple[bytes, bytes]:
    return name.lower().encode(), value.encode()


def _visit(scope: Any) -> Visit:
    fields: dict[bytes, bytes] = {}
    for name, value in scope["headers"]:  # one that comes twice is one with a comma
        fields[name] = b"%b,%b" % (fields[name], value) if name in fields else value
    return Visit(
        scope["method"],
        "/" + scope["path"].lstrip("/"),
        query=scope.get("query_string", b"").decode("latin-1"),
        authorization=fields.get(b"authorization", b"").decode("latin-1"),
        request_id=fields.get(b"x-request-id", b"").decode("latin-1"),
    )


async def _other(
    contract: Contract, visit: Visit, scope: Any, receive: _Receive
) -> _Result:
    """Answer all but predictions: pages, labels, and what is not allowed."""
    method = contract.routes.get(visit.path)
    if method is None:
        raise contract.refused(404)
    allowed = ["OPTIONS", *(["HEAD"] if method == "GET" else []), method]
    if visit.method == "OPTIONS":
        return 200, {"Allow": ", ".join(allowed), "Content-Type": HTML}, b""
    if visit.method not in allowed:
        status, headers, body = refusal(contract.refused(405))
        headers |= {"Allow": ", ".join(allowed), "Content-Type": JSON}
        return status, headers, body
    contract.admit(visit)
    if method == "GET":
        body, headers = contract.page(visit.path)
        return 200, headers, body
    body = await _body(contract, scope, receive)
    return 200, {"Content-Type": JSON}, contract.feedback(body)


async def _body(contract: Contract, scope: Any, receive: _Receive) -> bytes:
    """Return a request's body, or raise BadRequest: 400, 413 or 415."""
    fields = dict(scope["headers"])
    content_type = fields.get(b"content-type", b"").partition(b";")[0]
    if content_type.strip().lower() != JSON.encode():
        raise contract.refused(415)
    if int(fields.get(b"content-length", 0)) >= contract.max_body_bytes:
        raise contract.refused(413)
    body, more = b"", True
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise contract.refused(400)
        body += message.get("body", b"")
        if len(body) >= contract.max_body_bytes:
            raise contract.refused(413)
        more = message.get("more_body", False)
    return body
