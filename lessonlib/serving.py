"""How does a thread of this process answer HTTP?

`serve(app)` binds a free port of 127.0.0.1, starts waitress on a daemon thread and
returns a handle. Serving again under the same name replaces the server, so that a
notebook cell can be run as often as one likes.
"""

import logging
import os
import threading
import time
from collections import deque
from collections.abc import Callable
from typing import Any

import waitress
from waitress import wasyncore

from lessonlib.errors import ServerError

HOST = "127.0.0.1"
_DRAIN_S = 5.0  # how long a request in flight may take when its server is stopped

# State in a module, against the house rule: a cell that is run again has lost its old
# handle, and only a list kept elsewhere can find the server that still answers.
_running: dict[str, "Server"] = {}


class Server:
    """A server that answers at `url` until `stop()`. Made by `serve`."""

    def __init__(self, app: Callable[..., Any], *, name: str, port: int, threads: int):
        self.name = name
        self.logs: deque[str] = deque(maxlen=200)  # what would have cluttered the cells
        self._loggers = _redirect(app, self.logs)
        try:
            self._wsgi = waitress.create_server(
                app,
                host=HOST,
                port=port,
                threads=threads,
                ident="",
                send_bytes=65536,  # let the loop send: see CONTRIBUTING
                connection_limit=1000,
                channel_timeout=20,
                cleanup_interval=5,
                max_request_header_size=16384,
            )
        except OSError as error:
            raise ServerError(
                f"port {port} of {HOST} cannot be had ({error.strerror}); leave port= "
                "out and a free one is taken"
            ) from None
        self.port = int(self._wsgi.effective_port)
        self.url = f"http://{HOST}:{self.port}"
        self._thread = threading.Thread(target=self._wsgi.run, name=name, daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Answer what is in flight, then let nobody in. A second call does nothing."""
        if not self._thread.is_alive():
            return
        # waitress's own close() goes on answering over connections that are kept alive.
        # So its loop is told to close them, each as soon as it has nothing to answer.
        quiet = threading.Event()
        deadline = time.monotonic() + _DRAIN_S
        while time.monotonic() < deadline and not quiet.is_set():
            self._wsgi.trigger.pull_trigger(lambda: self._close_idle(quiet))
            quiet.wait(0.01)
        self._wsgi.trigger.pull_trigger(lambda: wasyncore.close_all(self._wsgi._map))
        self._thread.join()
        self._wsgi.task_dispatcher.shutdown()
        for logger, handler in self._loggers:
            logger.removeHandler(handler)

    def _close_idle(self, quiet):
        if self._wsgi.accepting:
            wasyncore.dispatcher.close(self._wsgi)  # the listener alone
            self._wsgi.accepting = False
        for channel in list(self._wsgi.active_channels.values()):
            if not channel.requests and not channel.total_outbufs_len:
                channel.handle_close()
        if not self._wsgi.active_channels:
            quiet.set()

    def __enter__(self) -> "Server":
        return self

    def __exit__(self, *error: object) -> None:
        self.stop()

    def __repr__(self) -> str:
        state = "answering" if self._thread.is_alive() else "stopped"
        return f"server {self.name!r}: {state} at {self.url}"


def serve(
    app: Callable[..., Any], *, name: str = "default", port: int = 0, threads: int = 4
) -> Server:
    """Return a server that answers for `app`, a Flask app or any other WSGI function.

    It replaces the server of the same name and keeps its address. Port 0 stands for a
    free one. Raises ServerError if the port that was asked for cannot be had.
    """
    _bypass_proxies()
    before = _running.pop(name, None)
    if before:
        before.stop()
    if before and port in (0, before.port):
        try:
            _running[name] = Server(app, name=name, port=before.port, threads=threads)
            return _running[name]
        except ServerError:
            if port:
                raise  # else somebody else was faster: any free port will do
    _running[name] = Server(app, name=name, port=port, threads=threads)
    return _running[name]


def stop_all() -> None:
    """Stop every server that `serve` has started in this process."""
    while _running:
        _running.popitem()[1].stop()


def _bypass_proxies():
    # On many campuses requests and curl ask a proxy, even for this computer itself.
    for variable in ("NO_PROXY", "no_proxy"):
        hosts = [host for host in os.environ.get(variable, "").split(",") if host]
        if HOST not in hosts:
            os.environ[variable] = ",".join([*hosts, HOST])


class _Ring(logging.Handler):
    def __init__(self, lines):
        super().__init__()
        self._lines = lines

    def emit(self, record):
        self._lines.append(self.format(record))


def _redirect(app, lines):
    loggers = [logging.getLogger("waitress")]
    if hasattr(app, "logger"):  # Flask's own would write into whatever cell is running
        app.logger.handlers.clear()
        loggers.append(app.logger)
    redirected = []
    for logger in loggers:
        logger.propagate = False
        logger.addHandler(handler := _Ring(lines))
        redirected.append((logger, handler))
    return redirected
