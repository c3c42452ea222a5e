"""Does a server start? `start(app, make_server)` returns it and its thread."""

import threading
from collections.abc import Callable
from typing import Any

from lessonlib.checks import Check, Mistake, case
from lessonlib.checks.ex04.watched_server import Watch, ask, parcel_app, within_limit
from lessonlib.checks.probes import Broken, Untouched, call, colocate, shortened


def _pair(reply: Any) -> Any:
    if isinstance(reply, tuple | list) and len(reply) == 2:
        server, thread = reply
        if server in (None, ...) or hasattr(server, "port"):
            return server, thread
    seen = f"start(app) gave {shortened(reply)}, expected a server and its thread"
    raise Broken(seen, "return both, the server first")


def _started(start: Any, look: Callable[[Any, Any, Any], Any]) -> Any:
    """Start the answer's server and return `look(server, thread, watch)`."""

    def work(watch: Any) -> Any:
        server, thread = _pair(call(start, colocate(start, parcel_app), watch))
        if server is None or server is ... or thread is None or thread is ...:
            raise Untouched
        return look(server, thread, watch)

    with colocate(start, Watch)() as watch:
        return within_limit(work, watch)


def _asked_for(server: Any, thread: Any, watch: Any) -> list[tuple[str, int]]:
    return list(watch.asked_for)


def _answers(server: Any, thread: Any, watch: Any) -> Any:
    if watch.served_in_cell:
        return "the cell waits"
    # the second question is not asked if the first got no answer: each costs its wait
    first = ask(f"http://127.0.0.1:{server.port}")
    return [first, first != "no answer" and ask(f"http://127.0.0.1:{server.port}")]


def _on_a_daemon(server: Any, thread: Any, watch: Any) -> bool:
    ask(f"http://127.0.0.1:{server.port}")
    threads = [watched.thread for watched in watch.servers]
    return thread in threads and thread.daemon


PROMISES = (
    (
        "it binds a free port of this computer alone",
        case(
            _asked_for,
            gives=[("127.0.0.1", 0)],
            called="start(app): (host, port) of make_server",
            hint="which address is this computer's own, and which number says 'any "
            "free'?",
        ),
    ),
    (
        "start comes back, and the server answers, more than once",
        case(
            _answers,
            gives=["parcel", "parcel"],
            called="two questions after start(app)",
            hint="what does the thread have to do, for how long, and who calls it?",
        ),
    ),
    (
        "it answers on the thread that comes back, a daemon",
        case(
            _on_a_daemon,
            gives=True,
            called="the thread of start(app)",
            hint="the thread is started in start, and given back",
        ),
    ),
)


def _probe(start: Any) -> Any:
    def look(server: Any, thread: Any, watch: Any) -> list[Any]:
        host, port = watch.asked_for[0]
        # one port that was typed by hand is the same mistake as any other
        return [host, "fixed" if port else "free", _answers(server, thread, watch)]

    return _started(start, look)


def _bound_to(host, port):
    """Return start with these two blanks filled in."""

    def start(app, make_server):
        server = make_server(host, port, app)
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        return server, thread

    return start


def _called(app, make_server):
    server = make_server("127.0.0.1", 0, app)
    thread = threading.Thread(target=server.serve_forever(), daemon=True)
    thread.start()
    return server, thread


def _once(app, make_server):
    server = make_server("127.0.0.1", 0, app)
    thread = threading.Thread(target=server.handle_request, daemon=True)
    thread.start()
    return server, thread


MISTAKES = (
    Mistake(
        "open to everybody",
        "this server answers at every address of the computer, so anybody who shares "
        "your network can ask it. Read again why the lesson binds 127.0.0.1",
        _bound_to("0.0.0.0", 0),
    ),
    Mistake(
        "localhost",
        "localhost is a name that may stand for two addresses, and a client may try "
        "the wrong one first. Write the address itself",
        _bound_to("localhost", 0),
    ),
    Mistake(
        "fixed port",
        "a port typed by hand works until somebody has it: a colleague, or your own "
        "cell of five minutes ago. Which number stands for 'any free one'?",
        _bound_to("127.0.0.1", 8080),
    ),
    Mistake(
        "called, not named",
        "with the brackets, serve_forever runs here and now, and the cell would wait "
        "for ever; the thread gets what it returns. How do you name a function without "
        "calling it?",
        _called,
    ),
    Mistake(
        "answers once",
        "the first question was answered and the second was not: handle_request does "
        "one and ends. What does the server have that goes on?",
        _once,
    ),
)

start = Check.table(
    title="start a server on a free port",
    name="start",
    promises=PROMISES,
    ask=_started,
    probe=_probe,
    mistakes=MISTAKES,
)
