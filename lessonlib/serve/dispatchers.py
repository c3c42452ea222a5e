"""Who answers what has arrived: one of several threads, or the server's own loop?"""

import threading
import time
from collections import deque
from collections.abc import Callable
from typing import Any

from waitress.channel import HTTPChannel
from waitress.task import ThreadedTaskDispatcher


class InlineDispatcher:
    """No threads: the loop itself answers, and no two threads fight for one Python."""

    started = ()

    def __init__(self, app: Any):
        self._arrived: deque[HTTPChannel] = deque()
        self._predict_ahead = getattr(app, "predict_ahead", None)

    def add_task(self, channel: HTTPChannel) -> None:
        self._arrived.append(channel)

    def answer_arrived(self) -> None:
        if self._predict_ahead and len(self._arrived) > 1:
            requests = [channel.requests[0] for channel in self._arrived]
            self._predict_ahead([request.get_body_stream() for request in requests])
        while self._arrived:
            channel = self._arrived.popleft()
            try:
                channel.service()
                if channel.total_outbufs_len:
                    channel.handle_write()  # at once: not in the loop's next turn
            except BaseException:  # even SystemExit: the others are to be answered
                channel.logger.exception("a request ended the hard way")
                channel.handle_close()

    def set_thread_count(self, count: int) -> None:
        pass

    def join(self, *, timeout_s: float) -> int:
        return 0


class ThreadDispatcher(ThreadedTaskDispatcher):
    """waitress's threads, but kept: to be joined, and to tell whose log a line is."""

    def __init__(self, name: str):
        super().__init__()
        self._name = name
        self.started: list[threading.Thread] = []

    def start_new_thread(self, target: Callable[..., None], thread_no: int) -> None:
        thread = threading.Thread(
            target=target,
            args=[thread_no],
            name=f"{self._name} worker {thread_no}",
            daemon=True,
        )
        self.started.append(thread)
        thread.start()

    def answer_arrived(self) -> None:
        pass

    def join(self, *, timeout_s: float) -> int:
        """Return how many still work after `timeout_s`."""
        deadline = time.monotonic() + timeout_s
        for thread in self.started:
            thread.join(max(0.0, deadline - time.monotonic()))
        return sum(thread.is_alive() for thread in self.started)
