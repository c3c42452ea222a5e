"""What does waitress do otherwise here? It keeps its threads, and is stricter."""

import threading
import time
from collections.abc import Callable

from waitress.channel import HTTPChannel
from waitress.parser import (
    HTTPRequestParser,
    ParsingError,
    TransferEncodingNotImplemented,
)
from waitress.task import ThreadedTaskDispatcher


class StrictParser(HTTPRequestParser):
    """waitress's, but as strict as others: no request may have two ends."""

    def parse_header(self, header_plus: bytes) -> None:
        """Read the head of a request, or raise ParsingError: status 400."""
        try:
            super().parse_header(header_plus)
        except TransferEncodingNotImplemented as error:  # a fault of theirs, not ours
            raise ParsingError(str(error)) from None
        if b"\ncontent-length:" in header_plus.lower() and self.chunked:
            raise ParsingError("Content-Length and Transfer-Encoding")


class StrictChannel(HTTPChannel):
    """A connection whose requests are read by StrictParser."""

    parser_class = StrictParser


class KeptThreads(ThreadedTaskDispatcher):
    """waitress's threads, but kept: to be joined, and to tell whose log a line is."""

    def __init__(self, name: str):
        super().__init__()
        self._name = name
        self.started: list[threading.Thread] = []

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
