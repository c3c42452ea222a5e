"""How is each request asked when it is due?

One thread sends what is due and listens to all that were asked. Many threads would take
turns, also with a server in the same Python.
"""

import time
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from heapq import heappop, heappush
from typing import NamedTuple
from urllib.parse import urlsplit

import numpy as np

from lessonlib.measure.connection import FAILED, Connection, ready


class Turn(NamedTuple):
    """A request, its place among all, and when it is due: seconds from the start."""

    due_s: float
    i: int
    request: bytes


class Reply(NamedTuple):
    """How the request at place `i` ended; times are seconds from the start."""

    i: int
    sent_s: float
    answered_s: float  # or given up
    status: int  # of HTTP, or FAILED
    body: bytes


class Client:
    """Asks one server of this computer, over as few connections as are needed at once.

    A server silent for `timeout_s` fails the request. When `stopped()` becomes true,
    no more is sent or heard: it is asked at least twice a second.
    """

    def __init__(
        self,
        url: str,
        *,
        timeout_s: float,
        stopped: Callable[[], bool] = lambda: False,
    ):
        address = urlsplit(url)
        if address.hostname != "127.0.0.1" or not address.port:
            raise ValueError(f"only http://127.0.0.1:PORT may be asked, got {url!r}")
        self._port, self._timeout_s, self._stopped = address.port, timeout_s, stopped
        self._start_s = 0.0
        self._waiting: list[tuple[float, Turn, Iterator[Turn]]] = []  # a heap
        self._asking: dict[Connection, tuple[int, float, Iterator[Turn]]] = {}
        self._spare: list[Connection] = []

    def turns(
        self, path: str, bodies: Iterable[bytes], due_s: Sequence[float] | np.ndarray
    ) -> list[Turn]:
        """Return a turn to POST each body to `path`; it need not be JSON."""
        head = f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1:{self._port}\r\n".encode()
        head += b"Content-Type: application/json\r\nContent-Length: %d\r\n\r\n"
        return [
            Turn(float(at_s), i, head % len(body) + body)
            for i, (at_s, body) in enumerate(zip(due_s, bodies, strict=True))
        ]

    def replies(
        self, callers: Iterable[Iterator[Turn]], *, pause_s: float = 0.0
    ) -> Generator[Reply, None, None]:
        """Yield how each request ended, as soon as it has.

        Each caller asks its turns one by one, none before it is due, nor within
        `pause_s` of the reply before. Callers may share an iterator of turns: whoever
        is free takes the next.
        """
        self._start_s = time.perf_counter()
        try:
            for caller in callers:
                self._wait_for_turn(caller, 0.0)
            while (self._waiting or self._asking) and not self._stopped():
                while self._waiting and self._waiting[0][0] <= self._now_s():
                    _, turn, caller = heappop(self._waiting)
                    self._send(turn, caller)
                for reply, caller in self._heard():
                    self._wait_for_turn(caller, reply.answered_s + pause_s)
                    yield reply
        finally:
            self._hang_up()

    def _now_s(self) -> float:
        return time.perf_counter() - self._start_s

    def _wait_for_turn(self, caller: Iterator[Turn], free_s: float) -> None:
        if (turn := next(caller, None)) is not None:
            heappush(self._waiting, (max(turn.due_s, free_s), turn, caller))

    def _send(self, turn: Turn, caller: Iterator[Turn]) -> None:
        connection = self._spare.pop() if self._spare else Connection(self._port)
        sent_s = self._now_s()
        self._asking[connection] = turn.i, sent_s, caller
        connection.ask(turn.request)
        connection.until_s = sent_s + self._timeout_s

    def _heard(self) -> Iterator[tuple[Reply, Iterator[Turn]]]:
        """Wait for a reply or a turn; yield what is over, and who asked."""
        next_s = [connection.until_s for connection in self._asking]
        next_s += [at_s for at_s, *_ in self._waiting[:1]]
        found = ready(self._asking, min(next_s) - self._now_s())
        heard_s = self._now_s()  # what is read from here on was here by then
        silent = {each for each in self._asking if each.until_s <= heard_s} - found
        for connection in found | silent:
            connection.until_s = heard_s + self._timeout_s
            status = FAILED if connection in silent else connection.go_on()
            if status is None:
                continue
            if status == FAILED:
                connection.close()
            i, sent_s, caller = self._asking.pop(connection)
            self._spare.append(connection)
            yield Reply(i, sent_s, heard_s, status, connection.body), caller

    def _hang_up(self) -> None:
        for connection in [*self._asking, *self._spare]:
            connection.close()
        self._waiting, self._asking, self._spare = [], {}, []
