"""What may a connection cost a worker?

uvicorn reads whatever comes, for as long as it takes. Here a request has a time in
which to arrive and a size for its head, a caller a time in which to take the reply, and
the server a number of connections. At the end nobody who is still asking is cut off.
"""

import asyncio
import re
import sys
from typing import Any

from httptools import HttpParserInvalidMethodError
from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol

MOST_CONNECTIONS = 2000
MOST_HEAD_BYTES = 16384  # and of whatever else of a request is nothing to be used
FEW = 8  # requests that are read at once, of those that somebody sends in a row
PATIENCE_S = 20.0  # for a request to arrive, and for a reply to be taken
_FIRST_LINE = re.compile(rb"[A-Z]+ \S+ HTTP/1\.[01]\r\n")
LAST_WORDS_S = 0.25  # at the end, for a caller who keeps its connection


class LimitedProtocol(HttpToolsProtocol):
    """A connection of uvicorn's, with limits. `sweep` has to be called now and then."""

    _waits_since: float | None = None  # for the rest of a request
    _full_since: float | None = None  # with a reply that nobody takes
    _head_bytes = 0
    _in_head = _leaving = _much = False
    _due = 0  # requests that have arrived whole and are not answered yet
    _reading = b""  # what the parser was given last
    _later = b""  # what has come, and is read when they are
    _silent_bytes = 0  # read since there was something to be used
    _refusal: bytes | None = None  # to be sent behind their replies

    def connection_made(self, transport: Any) -> None:
        """Take a new connection, or send it away when there are too many."""
        super().connection_made(transport)
        self._waits_since = self.loop.time()
        if len(self.connections) > MOST_CONNECTIONS:
            self._refuse(503, "too many connections; ask again in a moment")

    def data_received(self, data: bytes) -> None:
        """Read on, unless the caller has been refused: then nothing makes sense."""
        if self._refusal is None:
            self._later += data
            self._read_on()

    def on_message_begin(self) -> None:
        """Note when a request begins."""
        super().on_message_begin()
        self._in_head, self._head_bytes, self._silent_bytes = True, 0, 0
        if self._waits_since is None:
            self._waits_since = self.loop.time()

    def on_headers_complete(self) -> None:
        """Begin to answer, if the head is not too long."""
        self._in_head, self._silent_bytes = False, 0
        if self._much:  # else it cannot be too long
            self._head_bytes += len(self.url)
            self._head_bytes += sum(len(k) + len(v) for k, v in self.headers)
        if not self._is_plain():
            self._refuse(400, "this is HTTP/1.1: one Host, one way to say a size")
        if not self._check_head() or self._refusal is not None:
            return
        super().on_headers_complete()
        if self._leaving:
            self.cycle.keep_alive = False

    def on_body(self, body: bytes) -> None:
        """Read a part of a body."""
        self._silent_bytes = 0
        if self._refusal is None:
            super().on_body(body)

    def on_message_complete(self) -> None:
        """Note that a request has arrived."""
        self._silent_bytes = 0
        if self._refusal is None:
            self._waits_since = None
            self._due += not self.cycle.response_complete
            super().on_message_complete()

    def on_response_complete(self) -> None:
        """Go on with what has come meanwhile, or say the last word."""
        super().on_response_complete()
        self._due = max(0, self._due - 1)  # else it was answered before its end
        if self._refusal is not None and not self._due:
            self._close_with(self._refusal)
        self._read_on()

    def send_400_response(self, msg: str) -> None:
        """Refuse what is not HTTP; uvicorn is just handling the parser's error."""
        error = sys.exception()
        unknown = isinstance(error, HttpParserInvalidMethodError)
        if unknown and _FIRST_LINE.match(self._reading):
            self._refuse(405, "there is no such method", head=b"allow: GET, POST\r\n")
        elif "Content-Length overflow" in str(error):
            self._refuse(413, "the body is too large")
        else:
            self._refuse(400, msg)

    def pause_writing(self) -> None:
        """Note that the caller does not take what it gets."""
        super().pause_writing()
        self._full_since = self.loop.time()

    def resume_writing(self) -> None:
        """Note that it does again."""
        super().resume_writing()
        self._full_since = None

    def shutdown(self) -> None:
        """Let the caller ask once more: who keeps a connection may just be sending."""
        if self._due:
            self.cycle.keep_alive = False
            return
        self._leaving = True
        self.loop.call_later(LAST_WORDS_S, self._leave)

    def sweep(self, now: float) -> None:
        """End the connection if it has used up its time."""
        if self._full_since is not None and now - self._full_since > PATIENCE_S:
            self.transport.abort()
        if self._waits_since is not None and now - self._waits_since > PATIENCE_S:
            self._waits_since = None
            self._refuse(408, "the request took too long to arrive")

    def _read_on(self) -> None:
        """Read a few requests; what came behind them waits until they are answered."""
        gone = self.transport.is_closing
        while self._later and not (self._due or self._refusal or gone()):
            end = _end_of_few(self._later)
            data, self._later = self._later[:end], self._later[end:]
            self._read(data)
        if self._later and not gone():
            self.flow.pause_reading()

    def _read(self, data: bytes) -> None:
        before, self._much = self._in_head, len(data) > MOST_HEAD_BYTES
        self._silent_bytes += len(data)
        self._reading = data
        super().data_received(data)
        if before and self._in_head:  # all of it belongs to one head
            self._head_bytes += len(data)
            self._check_head()
        elif self._silent_bytes > MOST_HEAD_BYTES and self._refusal is None:
            self._refuse(400, "a chunk has too much beside its content")

    def _leave(self) -> None:
        if not self._due:
            self.transport.close()

    def _is_plain(self) -> bool:
        """Return whether all servers would read the head as the parser has read it."""
        version, head = self.parser.get_http_version(), dict(self.headers)
        return (
            version in ("1.0", "1.1")
            and not (version == "1.0" and b"transfer-encoding" in head)
            and b"websocket" not in head.get(b"upgrade", b"").lower()
            and sum(name == b"host" for name, _ in self.headers) <= 1
        )

    def _check_head(self) -> bool:
        if self._head_bytes > MOST_HEAD_BYTES < 2 * len(self.url):
            self._refuse(414, "the address is too long")
        elif self._head_bytes > MOST_HEAD_BYTES:
            self._refuse(431, f"send less than {MOST_HEAD_BYTES:,} bytes of headers")
        return self._head_bytes <= MOST_HEAD_BYTES

    def _refuse(self, status: int, message: str, *, head: bytes = b"") -> None:
        text = message.encode()
        head += b"content-type: text/plain\r\nconnection: close\r\n"
        size = b"content-length: %d\r\n\r\n" % len(text)
        self._refusal = STATUS_LINE[status] + head + size + text
        if not self._due:
            self._close_with(self._refusal)

    def _close_with(self, reply: bytes) -> None:
        if not self.transport.is_closing():
            self.transport.write(reply)
            self.transport.close()


def _end_of_few(data: bytes) -> int:
    """Return where a few requests end at the latest: each has an empty line."""
    end = 0
    for _ in range(FEW):
        if (found := data.find(b"\r\n\r\n", end)) < 0:
            return len(data)
        end = found + 4
    return end


async def sweep_for_ever(connections: set[Any]) -> None:
    """Look at all connections once a second."""
    while True:
        await asyncio.sleep(1)
        now = asyncio.get_running_loop().time()
        for connection in list(connections):
            connection.sweep(now)
