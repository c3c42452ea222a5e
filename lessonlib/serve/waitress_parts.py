"""What does waitress do otherwise here?

It keeps its threads, is stricter, and refuses whom it would let wait for too long.
"""

import json
import re
import threading
import time
from collections.abc import Callable
from typing import Any

from waitress.channel import HTTPChannel
from waitress.parser import (
    HTTPRequestParser,
    ParsingError,
    TransferEncodingNotImplemented,
)
from waitress.task import ThreadedTaskDispatcher
from waitress.utilities import BadRequest, Error, RequestHeaderFieldsTooLarge

MOST_BESIDE_BYTES = 16384  # of a chunk or a body: extensions, and what comes behind
FIRST_BYTES = 1024  # read where a request begins: into more, hundreds would fit
_NAME = rb"(?!(?i:content-length|transfer-encoding):)[!#$%&'*+.^_`|~\w-]+"
# what a request begins with, as far as it has come: no greeting of TLS, SSH or mail
_BEGINNING = re.compile(
    rb"(?:\r\n)*(?:[!-~]+ [^\x00- \x7f]+ HTTP/1\.[01]\r\n|[!-~][^\n]*\Z|\r?\Z)"
)
_SAYS_THE_SIZE = re.compile(rb"(?:content-length|transfer-encoding):")
_LARGEST_CHUNK = 2**64 - 1  # as others read the size of a chunk
_TRAILER = re.compile(rb"(?:%s:[^\x00-\x08\x0a-\x1f\x7f]*\r\n)*(?:\r\n)?" % _NAME)


class TooLongAddress(Error):
    """What a caller is told whose first line does not end."""

    code = 414
    reason = "URI Too Long"


class StrictParser(HTTPRequestParser):
    """waitress's, but as strict as others: no request may have two ends."""

    error: Any
    completed: bool

    def received(self, data: bytes) -> int:
        """Read a part of a request; return how much of `data` belongs to it."""
        head = self.header_plus + data if self.body_rcv is None else b""
        if not _BEGINNING.match(head):
            self._refuse(BadRequest("a first line is: method, address, HTTP/1.1"))
            return len(data)
        n: int = super().received(data)
        if isinstance(self.error, RequestHeaderFieldsTooLarge) and b"\n" not in head:
            self.error = TooLongAddress("the address is too long")
        if self.chunked and self.body_rcv is not None and self.error is None:
            self._check_chunk(self.body_rcv)
        return n

    def parse_header(self, header_plus: bytes) -> None:
        """Read the head of a request, or raise ParsingError: status 400."""
        try:
            super().parse_header(header_plus)
        except TransferEncodingNotImplemented as error:  # a fault of theirs, not ours
            raise ParsingError(str(error)) from None
        lines = header_plus.lower().splitlines()
        names = [line.partition(b":")[0] for line in lines]
        sizes = [line for line in lines if _SAYS_THE_SIZE.match(line)]
        chunks = b"".join(sizes).count(b"chunked")
        if chunks and (len(sizes) + chunks > 2 or self.version == "1.0"):
            raise ParsingError("Transfer-Encoding, and another way to say the size")
        if names.count(b"host") > 1 or any(line[:1] in (b" ", b"\t") for line in lines):
            raise ParsingError("a header is said twice, or in two lines")

    def _check_chunk(self, body: Any) -> None:
        beside = len(body.control_line) + len(body.trailer)
        malformed = self.completed and not _TRAILER.fullmatch(body.trailer)
        endless = body.chunk_remainder > _LARGEST_CHUNK
        if malformed or endless or beside > MOST_BESIDE_BYTES:
            self.error = BadRequest("a chunk, or what comes behind, is malformed")
            self.completed = True

    def _refuse(self, error: Error) -> None:
        """Do as waitress does where there is nothing to be read further."""
        super().parse_header(b"GET / HTTP/1.0\r\n")
        self.error, self.completed = error, True


class StrictChannel(HTTPChannel):
    """A connection whose requests are read by StrictParser."""

    parser_class = StrictParser
    arrived_s = 0.0  # when its request had arrived whole

    def recv(self, buffer_size: int) -> bytes:
        """Return what has come: little before the body of a request."""
        in_body = self.request is not None and self.request.headers_finished
        data: bytes = super().recv(buffer_size if in_body else FIRST_BYTES)
        return data


class TooMany(Error):
    """What a caller is told who would wait for too long: status 503."""

    def __init__(self, waiting: int, wait_s: float):
        super().__init__(f"{waiting} requests wait already; ask again soon")
        self._wait_s = wait_s

    def to_response(self, ident: str | None = None) -> tuple[str, list[Any], bytes]:
        """Return status, headers and body."""
        error = {"code": "overloaded", "message": self.body}
        headers = {"Content-Type": "application/json"}
        headers["Retry-After"] = f"{max(1, round(self._wait_s))}"
        body = json.dumps({"error": error}).encode()
        return "503 Service Unavailable", [*headers.items()], body


class KeptThreads(ThreadedTaskDispatcher):
    """waitress's threads, but kept: to be joined, and to tell whose log a line is.

    While somebody has waited for more than `max_wait_s`, new requests are refused.
    """

    max_wait_s = 5.0

    def __init__(self, name: str):
        super().__init__()
        self._name = name
        self.started: list[threading.Thread] = []

    def add_task(self, task: StrictChannel) -> None:
        """Let a connection with a request wait for a thread, or refuse it."""
        task.arrived_s = now_s = time.monotonic()
        with self.lock:
            honest = (each for each in self.queue if not each.requests[0].error)
            wait_s = now_s - next(honest, task).arrived_s  # of who came first
        if wait_s <= self.max_wait_s:
            super().add_task(task)
            return
        task.requests[0].error = TooMany(len(self.queue), wait_s)
        with self.lock:
            self.queue.appendleft(task)  # it is quick
            self.queue_cv.notify()

    def start_new_thread(self, target: Callable[..., None], thread_no: int) -> None:
        """Start a thread whose name says whose it is."""
        thread = threading.Thread(
            target=target,
            args=[thread_no],
            name=f"{self._name} worker {thread_no}",
            daemon=True,
        )
        self.started.append(thread)
        thread.start()

    def join(self, *, timeout_s: float) -> int:
        """Return how many still work after `timeout_s`."""
        deadline = time.monotonic() + timeout_s
        for thread in self.started:
            thread.join(max(0.0, deadline - time.monotonic()))
        return sum(thread.is_alive() for thread in self.started)
