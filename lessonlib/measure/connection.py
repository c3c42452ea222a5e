"""How does one thread listen to many connections?

It asks, and turns to the others; nobody's reply is waited for. Then it waits for all of
them at once, until the first can go on.
"""

import io
import math
import select
import socket
import sys
import time
from collections.abc import Collection
from contextlib import suppress
from http.client import HTTPException, HTTPResponse, IncompleteRead
from types import SimpleNamespace
from typing import Any

FAILED = -1  # the status of a request that got no answer at all
_LONGEST_WAIT_S = 0.5  # then a stop is heard, also of a notebook's button


class Connection:
    """A line to one port of this computer, for one request after the other."""

    def __init__(self, port: int):
        self.port = port
        self.line: socket.socket | None = None
        self.until_s = math.inf  # for who waits: when to give up
        self.body = b""  # of the reply, once it is whole

    def fileno(self) -> int:
        """Return what the operating system calls the line: select asks for it."""
        return self.line.fileno() if self.line else -1

    def ask(self, request: bytes) -> None:
        """Send as much of `request` as can be sent now; `go_on` does the rest."""
        if self.line and select.select([self.line], [], [], 0)[0]:
            self.close()  # the server hung up while it was idle
        self.unsent, self.heard, self.body = request, b"", b""
        if self.line:
            with suppress(OSError):  # if it lasts, go_on meets it again
                self._send(self.line)
            return
        self.line = socket.socket()
        self.line.setblocking(False)
        self.line.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.line.connect_ex(("127.0.0.1", self.port))  # go_on sends when it is open

    def go_on(self) -> int | None:
        """Return the status of a whole reply, FAILED if none will come, or None yet."""
        assert self.line is not None, "nothing was asked"
        try:
            with suppress(BlockingIOError):
                self._send(self.line)
            with suppress(BlockingIOError):
                piece = self.line.recv(65536)
                self.heard += piece
                return self._status(hung_up=not piece)
        except (OSError, HTTPException):
            return FAILED
        return None

    def close(self) -> None:
        """Hang up. The next request opens the line again."""
        if self.line:
            self.line.close()
        self.line = None

    def _send(self, line: socket.socket) -> None:
        if self.unsent:
            self.unsent = self.unsent[line.send(self.unsent) :]

    def _status(self, *, hung_up: bool) -> int | None:
        if b"\r\n\r\n" in self.heard:  # after the headers
            heard = io.BytesIO(self.heard)
            line: Any = SimpleNamespace(makefile=lambda mode: heard)  # all that it asks
            reply = HTTPResponse(line)
            reply.begin()
            ends = reply.chunked and self.heard.endswith(b"\r\n\r\n")
            ends = ends or reply.length is not None or hung_up
            with suppress(IncompleteRead):
                body = reply.read()
                if ends:
                    self.body = body
                    if reply.will_close or self.unsent:
                        self.close()
                    return reply.status
        return FAILED if hung_up else None


def ready(
    asking: Collection[Connection],
    wait_s: float,
    *,
    coarse: bool = sys.platform == "win32",
) -> set[Connection]:
    """Return who can go on, as soon as one can; after `wait_s` perhaps nobody."""
    wait_s = min(max(wait_s, 0.0), _LONGEST_WAIT_S)
    unsent = [each for each in asking if each.unsent]
    if not coarse:
        return set().union(*select.select(asking, unsent, unsent, wait_s))
    # Windows: select may wait 16 ms too long, and refuses to wait for nobody
    found = select.select(asking, unsent, unsent, 0) if asking else ()
    if not any(found):
        time.sleep(min(wait_s, 0.0005))
    return set().union(*found)
