"""How does a thread of this process answer HTTP?

`serve(app)` binds a free port of 127.0.0.1, starts waitress on daemon threads and
returns a handle. Serving again under the same name replaces the server, so that a
notebook cell can be run as often as one likes.
"""

import logging
import os
import socket
import threading
import time
from collections import deque
from collections.abc import Callable
from typing import Any, Protocol

import waitress
from waitress import wasyncore
from waitress.channel import HTTPChannel

from lessonlib.errors import ServerError
from lessonlib.serve.waitress_parts import KeptThreads, StrictChannel

HOST = "127.0.0.1"

# State in a module, against the house rule: a cell that is run again has lost its old
# handle, and only a list kept elsewhere can find the server that still answers.
# When a module is loaded again, it keeps its names, and so this list.
_running: dict[str, "Running"] = globals().get("_running", {})
_one_at_a_time: Any = globals().get("_one_at_a_time", threading.RLock())


class Running(Protocol):
    """Whoever answers at a port of this computer, until told to stop."""

    port: int

    def stop(self) -> None:
        """Answer nobody any more. A second call does nothing."""


class Server:
    """A server that answers at `url` until `stop()`. Made by `serve`."""

    def __init__(
        self,
        app: Callable[..., Any],
        *,
        name: str,
        threads: int,
        port: int = 0,
    ):
        listener = _bind(port)  # whoever asks from now on waits for an answer
        self.name = name
        self.port: int = listener.getsockname()[1]
        self.url = f"http://{HOST}:{self.port}"
        self.logs: deque[str] = deque(maxlen=200)  # what would have cluttered the cells
        self._stopping = threading.Lock()
        self._afterwards: list[Callable[[], object]] = []
        self._workers = KeptThreads(name)
        self._wsgi = waitress.create_server(
            app,
            sockets=[listener],
            _dispatcher=self._workers,
            ident="",
            connection_limit=1000,
            channel_timeout=20,
            cleanup_interval=5,
            max_request_header_size=16384,
            max_request_body_size=1 << 24,  # an app has its own limit, and its words
        )
        self._wsgi.channel_class = StrictChannel
        self._wsgi.adj.send_bytes = 65536  # let the loop send: see CONTRIBUTING
        self._loop = threading.Thread(target=self._turn, name=name, daemon=True)
        self._loggers = [logging.getLogger(f"waitress{end}") for end in ("", ".queue")]
        if hasattr(app, "logger"):
            self._loggers.append(app.logger)
        for logger in self._loggers:
            logger.addFilter(self._keep)
        self._loop.start()
        self._workers.set_thread_count(threads)

    def stop(self, *, drain_s: float = 5.0) -> None:
        """Answer what has arrived, then let nobody in. A second call does nothing.

        A request that takes more than `drain_s` seconds longer gets no answer. Its
        thread cannot be ended from outside; it ends when its work does.
        """
        if threading.current_thread() in (self._loop, *self._workers.started):
            message = "a request cannot stop its own server: it would wait for itself"
            raise ServerError(f"{message}; stop {self.name!r} from a cell")
        with self._stopping:
            if not self._loop.is_alive():
                return
            # waitress's own close() goes on answering over connections that are kept
            # alive. So its loop is told to close each when it has nothing to answer.
            in_loop = self._wsgi.trigger.pull_trigger
            quiet, deadline = threading.Event(), time.monotonic() + drain_s
            while not quiet.is_set() and time.monotonic() < deadline:
                in_loop(lambda: self._close_connections(quiet))
                quiet.wait(0.01)
            in_loop(lambda: self._close_connections(quiet, busy_too=True))
            self._workers.set_thread_count(0)
            stuck = self._workers.join(timeout_s=1.0)
            in_loop(self._wsgi._map.clear)  # nothing to wait for: the loop ends
            self._loop.join()
            self._wsgi.trigger.close()  # last: until here, somebody may pull it
            self._wsgi.application = None  # what it holds may go: a model, a log
            for work in self._afterwards:
                work()
            if stuck:
                self.logs.append(f"stopped while {stuck} of its threads were at work")
                return  # and what they may still log stays out of the cells
            for logger in self._loggers:
                logger.removeFilter(self._keep)

    def at_stop(self, work: Callable[[], object]) -> None:
        """Call `work()` once this server is stopped, or has been replaced."""
        self._afterwards.append(work)

    def _turn(self) -> None:
        while self._wsgi._map:
            # select() fails from 1,024 open files on, so: poll
            wasyncore.loop(count=1, map=self._wsgi._map, use_poll=True, timeout=1)

    def _close_connections(
        self, quiet: threading.Event, *, busy_too: bool = False
    ) -> None:
        known = -1
        while self._wsgi.accepting and known != len(self._wsgi.active_channels):
            known = len(self._wsgi.active_channels)
            self._wsgi.handle_accept()  # who waits at the door has arrived, too
        wasyncore.dispatcher.close(self._wsgi)  # the listener alone
        for channel in list(self._wsgi.active_channels.values()):
            waits = channel.requests or channel.total_outbufs_len or _has_sent(channel)
            if busy_too or not waits:
                channel.handle_close()
        if not self._wsgi.active_channels:
            quiet.set()

    def _keep(self, record: logging.LogRecord) -> bool:
        """Take what one of our threads logs, and let no other handler see it."""
        ours = [self._loop, *self._workers.started]
        if not any(each.ident == record.thread and each.is_alive() for each in ours):
            return True
        self.logs.append(logging.Formatter().format(record))
        return False

    def __enter__(self) -> "Server":
        return self

    def __exit__(self, *error: object) -> None:
        self.stop()

    def __repr__(self) -> str:
        state = "answering" if self._loop.is_alive() else "stopped"
        return f"server {self.name!r}: {state} at {self.url}"


def serve(
    app: Callable[..., Any], *, name: str = "default", port: int = 0, threads: int = 4
) -> Server:
    """Return a server that answers for `app`, a Flask app or any other WSGI function.

    It replaces the server of the same name and keeps its address. Port 0 stands for a
    free one. It answers up to `threads` requests at once, and sends a 503 to those that
    would wait more than five seconds. Raises ServerError if it can't have the port.
    """
    if not callable(app):
        raise TypeError(f"serve needs a Flask app or a WSGI function, got {app!r:.60}")
    bypass_proxies()
    with _one_at_a_time:
        old_port = 0
        if name in _running:
            _running[name].stop()
            old_port = _running[name].port
        try:
            server = Server(app, name=name, port=port or old_port, threads=threads)
        except ServerError:
            if port or not old_port:
                raise  # else somebody took the old port meanwhile: any other will do
            server = Server(app, name=name, port=0, threads=threads)
        _running[name] = server
        return server


def remember(running: Running) -> None:
    """Let `stop_all` stop this as well, which has a port of its own."""
    with _one_at_a_time:
        _running[f"port {running.port}"] = running


def stop_all() -> None:
    """Stop all that answers: what `serve` and `serve_processes` have started here."""
    with _one_at_a_time:
        for running in _running.values():
            running.stop()
        _running.clear()


def _has_sent(channel: HTTPChannel) -> bool:
    """Return whether there is something to read that the loop has not seen yet."""
    try:
        return bool(channel.readable() and channel.socket.recv(1, socket.MSG_PEEK))
    except OSError:
        return False


def _bind(port: int) -> socket.socket:
    listener = socket.socket()
    # Windows lets two servers share a port unless told not to; the others make one
    # wait for a port that was just given back, unless told not to.
    option = getattr(socket, "SO_EXCLUSIVEADDRUSE", socket.SO_REUSEADDR)
    listener.setsockopt(socket.SOL_SOCKET, option, 1)
    try:
        listener.bind((HOST, port))
        listener.listen()  # on Linux two may bind a port, but only one may listen
    except (OSError, OverflowError) as error:
        listener.close()
        message = f"port {port} of {HOST} cannot be had ({error})"
        raise ServerError(f"{message}; leave port= out to get a free one") from None
    return listener


def bypass_proxies() -> None:
    """Let requests and curl ask this computer directly, not over a campus's proxy."""
    for variable in ("NO_PROXY", "no_proxy"):
        hosts = [host.strip() for host in os.environ.get(variable, "").split(",")]
        if hosts != ["*"]:  # a lone * is everybody
            ours = [host for host in (HOST, "localhost") if host not in hosts]
            os.environ[variable] = ",".join([*filter(None, hosts), *ours])
