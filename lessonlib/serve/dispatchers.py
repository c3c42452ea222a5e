"""Who answers what has arrived: one of several threads, or the server's own loop?"""

import threading
import time
from collections import deque

from waitress.task import ThreadedTaskDispatcher


class NoThreads:
    """No threads: the loop itself answers, and no two threads fight for one Python."""

    started = ()

    def __init__(self, app):
        self._arrived, self._foresee = deque(), getattr(app, "foresee", None)

    def add_task(self, channel):
        self._arrived.append(channel)

    def answer_arrived(self):
        if self._foresee and len(self._arrived) > 1:  # an app may like to know them all
            requests = [channel.requests[0] for channel in self._arrived]
            self._foresee([each.get_body_stream() for each in requests])
        while self._arrived:
            channel = self._arrived.popleft()
            try:
                channel.service()
                if channel.total_outbufs_len:
                    channel.handle_write()  # at once: not in the loop's next turn
            except BaseException:  # even SystemExit: the others are to be answered
                channel.logger.exception("a request ended the hard way")
                channel.handle_close()

    def set_thread_count(self, count):
        pass

    def join(self, *, timeout_s):
        return 0


class Threads(ThreadedTaskDispatcher):
    """waitress's threads, but kept: to be joined, and to tell whose log a line is."""

    def __init__(self, name):
        super().__init__()
        self._name, self.started = name, []

    def start_new_thread(self, target, thread_no):
        options = {"name": f"{self._name} worker {thread_no}", "daemon": True}
        thread = threading.Thread(target=target, args=[thread_no], **options)
        self.started.append(thread)
        thread.start()

    def answer_arrived(self):
        pass

    def join(self, *, timeout_s):
        """Return how many still work after `timeout_s`."""
        deadline = time.monotonic() + timeout_s
        for thread in self.started:
            thread.join(max(0.0, deadline - time.monotonic()))
        return sum(thread.is_alive() for thread in self.started)
