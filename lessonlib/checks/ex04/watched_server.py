"""What does an answer do with the server that it makes, and does it ever end?

A make_server that keeps a diary. The server behind it is a real one, always on
127.0.0.1 and a free port. What would wait for ever comes back, and is written down.
"""

import http.client
import threading
import time
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

from lessonlib.checks.probes import Untouched

WAIT_S = 1.5  # how long a question may take that takes milliseconds
LINGER_S = 0.1  # a thread ends so much later: who does not join it is found out
LIMIT_S = 2.0  # and how long a use of the answer that asks at most four


class Watch:
    """Call it as make_server. At the end of its `with`, all its servers are closed."""

    def __init__(self) -> None:
        self.asked_for: list[tuple[str, int]] = []  # (host, port), as the answer said
        self.servers: list[WatchedServer] = []

    def __call__(
        self, host: Any, port: Any, app: Any, **options: Any
    ) -> "WatchedServer":
        if host is ... or port is ...:
            raise Untouched
        self.asked_for.append((host, port))
        self.servers.append(WatchedServer(_real_server(app, options)))
        return self.servers[-1]

    @property
    def served_in_cell(self) -> bool:
        """True if serve_forever was called where the cell would wait for it."""
        return any(server.served_in_cell for server in self.servers)

    def threads_left(self) -> int:
        """Return how many servers' threads are alive at this moment."""
        threads = [server.thread for server in self.servers if server.thread]
        return sum(thread.is_alive() for thread in threads)

    def __enter__(self) -> "Watch":
        return self

    def __exit__(self, *error: object) -> None:
        for server in self.servers:
            server.close()


class WatchedServer:
    """One of werkzeug's servers, and who called what."""

    def __init__(self, real: Any):
        self._real, self._cell = real, threading.get_ident()
        self._began = threading.Event()
        self.thread: threading.Thread | None = None
        self.served_in_cell = False

    def serve_forever(self, poll_interval: float = 0.02) -> None:
        if threading.get_ident() == self._cell:
            self.served_in_cell = True
            return
        self.thread = threading.current_thread()
        self._began.set()
        try:
            self._real.serve_forever(poll_interval=0.02)
        except (OSError, ValueError):
            pass  # an answer in the wrong order may close it first: nobody answers then
        time.sleep(LINGER_S)

    def shutdown(self) -> None:
        if not self.served_in_cell and self._began.wait(WAIT_S):
            self._real.shutdown()  # before serve_forever it would wait for ever

    def close(self) -> None:
        if self._began.is_set():
            self._real.shutdown()
        self._real.server_close()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._real, name)


def _real_server(app, options):
    from werkzeug.serving import WSGIRequestHandler, make_server

    class Quiet(WSGIRequestHandler):
        def log(self, *message):
            pass

    return make_server("127.0.0.1", 0, app, request_handler=Quiet, **options)


def is_bare(kind: Any) -> bool:
    """Return whether it is a class that has no __init__ yet."""
    return isinstance(kind, type) and kind.__init__ is object.__init__  # type: ignore[misc]


def within_limit(work: Callable[[Any], Any], watch: Any) -> Any:
    """Return what `work(watch)` returns, or raise what it raises; TimeoutError if late.

    Closing the servers ends most waits; at worst a daemon thread is left. An answer in
    a process of its own has its limit there.
    """
    if type(watch) is not Watch:
        return work(watch)
    endings: list[tuple[Any, BaseException | None]] = []

    def run() -> None:
        try:
            endings.append((work(watch), None))
        except BaseException as error:
            endings.append((None, error))

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    thread.join(LIMIT_S)
    if not endings:
        raise TimeoutError("it has not come back: what does it wait for?")
    value, error = endings[0]
    if error is not None:
        raise error
    return value


def parcel_app(environ: Any, start_response: Any) -> list[bytes]:
    """Answer "parcel" to every question."""
    start_response("200 OK", [("Content-Type", "text/plain")])
    return [b"parcel"]


def ask(url: str) -> str:
    """Return the body of the reply at `url`, or "no answer"."""
    connection = http.client.HTTPConnection(urlsplit(url).netloc, timeout=WAIT_S)
    try:
        connection.request("GET", "/")
        return connection.getresponse().read().decode()
    except (OSError, http.client.HTTPException):
        return "no answer"
    finally:
        connection.close()
