"""Does a server end with its `with`? `Server(app, make_server)`, and its `url`."""

import threading
from collections.abc import Callable
from typing import Any

from lessonlib.checks import Check, Mistake, case
from lessonlib.checks.ex04.watched_server import (
    Watch,
    ask,
    is_bare,
    parcel_app,
    within_limit,
)
from lessonlib.checks.probes import Untouched, colocate


def _tried(Server: Any, scenario: Callable[[Any, Any], Any]) -> Any:
    """Return `scenario(server, watch)` for a server of the answer's class."""
    if colocate(Server, is_bare)(Server):
        raise Untouched

    def work(watch: Any) -> Any:
        server = Server(colocate(Server, parcel_app), watch)
        if server is None or server is ...:
            raise Untouched
        return scenario(server, watch)

    with colocate(Server, Watch)() as watch:
        return within_limit(work, watch)


def _inside(server: Any, watch: Any) -> str:
    with server:
        return "the cell waits" if watch.served_in_cell else ask(server.url)


def _outside(server: Any, watch: Any) -> Any:
    with server:
        if watch.served_in_cell:
            return "the cell waits"
        url = server.url
        ask(url)
    left = watch.threads_left()
    return [ask(url), left]


def _after_error(server: Any, watch: Any) -> Any:
    url, passed_on = "", False
    try:
        with server:
            if watch.served_in_cell:
                return "the cell waits"
            url = server.url
            ask(url)
            raise KeyError("parcel")
    except KeyError:
        passed_on = True
    left = watch.threads_left()
    return [passed_on, ask(url), left]


def _three_times(server: Any, watch: Any) -> list[Any]:
    answers = [_inside(server, watch) for _ in range(3)]
    return [*answers, watch.threads_left()]


THRICE = ["parcel", "parcel", "parcel", 0]

PROMISES = (
    (
        "inside the with, the app answers at the server's url",
        case(
            _inside,
            gives="parcel",
            called="a question inside `with server`, at server.url",
            hint="where is url set, and is anybody answering by then?",
        ),
    ),
    (
        "after the with nobody answers, and no thread is left",
        case(
            _outside,
            gives=["no answer", 0],
            called="[a question after the with, threads left]",
            hint="what ends the thread, and how do you wait until it has ended?",
        ),
    ),
    (
        "an error inside the with stops the server too, and is passed on",
        case(
            _after_error,
            gives=[True, "no answer", 0],
            called="an error inside the with: [passed on, a question after it, "
            "threads left]",
            hint="what does it mean when __exit__ returns something true?",
        ),
    ),
    (
        "one object can be used three times, one after the other",
        case(
            _three_times,
            gives=THRICE,
            called="three times `with server`, one object: answers, and threads left",
            hint="a closed server can't be opened again: when is it made?",
        ),
    ),
)


def _probe(Server: Any) -> Any:
    results = []
    for scenario in (_inside, _outside, _after_error, _three_times):
        try:
            result = _tried(Server, scenario)
        except TimeoutError:
            return "waits for ever"
        except Exception as error:
            result = type(error).__name__
        results.append(result)
    return [*results[:3], results[3] == THRICE]


class _LeftRunning:
    def __init__(self, app, make_server):
        self._app, self._make = app, make_server

    def __enter__(self):
        self._wsgi = self._make("127.0.0.1", 0, self._app)
        self.url = f"http://127.0.0.1:{self._wsgi.port}"
        self._thread = threading.Thread(target=self._wsgi.serve_forever, daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *error):
        pass


class _Swallowing(_LeftRunning):
    def __exit__(self, *error):
        stops = (self._wsgi.shutdown, self._thread.join, self._wsgi.server_close)
        return all(stop() is None for stop in stops)


class _JoinedFirst(_LeftRunning):
    def __exit__(self, *error):
        self._thread.join()  # what follows is not reached
        self._wsgi.server_close()


class _InTheCell(_LeftRunning):
    def __enter__(self):
        self._wsgi = self._make("127.0.0.1", 0, self._app)
        self.url = f"http://127.0.0.1:{self._wsgi.port}"
        self._wsgi.serve_forever()
        return self

    def __exit__(self, *error):
        self._wsgi.server_close()


class _NotJoined(_LeftRunning):
    def __exit__(self, *error):
        self._wsgi.shutdown()
        self._wsgi.server_close()


class _Once:
    def __init__(self, app, make_server):
        self._wsgi = make_server("127.0.0.1", 0, app)
        self.url = f"http://127.0.0.1:{self._wsgi.port}"
        self._thread = threading.Thread(target=self._wsgi.serve_forever, daemon=True)

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, *error):
        self._wsgi.shutdown()
        self._thread.join()
        self._wsgi.server_close()


MISTAKES = (
    Mistake(
        "in the cell",
        "serve_forever was called on the notebook's own thread, and would never have "
        "come back to the block. Who should call it?",
        _InTheCell,
    ),
    Mistake(
        "not joined",
        "the server no longer answers, but its thread may still be at work when the "
        "block is over. Which method of a thread waits until it has ended?",
        _NotJoined,
    ),
    Mistake(
        "left running",
        "the block is over, and the server still answers: that is how an old model "
        "stays at work. What did the lesson's stop do, and where does it belong here?",
        _LeftRunning,
    ),
    Mistake(
        "swallowed the error",
        "the server is stopped, but the error in the block is gone: __exit__ returned "
        "something true, which tells Python to forget it",
        _Swallowing,
    ),
    Mistake(
        "once only",
        "the first time works, the second doesn't: a closed server can't be opened, "
        "nor an ended thread started. What has to be made anew for each block, and in "
        "which method?",
        _Once,
    ),
    Mistake(
        "joined first",
        "the end never comes: join waits for the thread, and the thread serves until "
        "somebody calls shutdown. Who, and when?",
        _JoinedFirst,
    ),
)

server = Check.table(
    title="a server for `with`",
    name="Server",
    promises=PROMISES,
    ask=_tried,
    probe=_probe,
    mistakes=MISTAKES,
)
