"""Exercises of notebook 04: start a server, hold it in a `with`, catch a stale one."""

from lessonlib.checks import Check, replies04, wrong04
from lessonlib.checks.probes import Untouched, call, colocate, expect
from lessonlib.checks.watch04 import Watch, ask, is_bare, parcel_app, within_limit

# -- start: server, thread = start(app, make_server)


def _started(start, look):
    """Start the answer's server and return `look(server, thread, watch)`."""

    def work(watch):
        server, thread = call(start, colocate(start, parcel_app), watch)
        if server is None or server is ... or thread is None or thread is ...:
            raise Untouched
        return look(server, thread, watch)

    with colocate(start, Watch)() as watch:
        return within_limit(work, watch)


def _answers(server, thread, watch):
    if watch.served_in_cell:
        return "the cell waits"
    # the second question is not asked if the first got no answer: each costs its wait
    first = ask(f"http://127.0.0.1:{server.port}")
    return [first, first != "no answer" and ask(f"http://127.0.0.1:{server.port}")]


def _start_binds(start):
    """it binds a free port of this computer alone"""
    seen = _started(start, lambda server, thread, watch: list(watch.asked_for))
    expect(
        seen,
        [("127.0.0.1", 0)],
        called="start(app): (host, port) of make_server",
        hint="which address is this computer's own, and which number says 'any free'?",
    )


def _start_answers(start):
    """start comes back, and the server answers, more than once"""
    expect(
        _started(start, _answers),
        ["parcel", "parcel"],
        called="two questions after start(app)",
        hint="what does the thread have to do, for how long, and who calls it?",
    )


def _start_thread(start):
    """it answers on the thread that comes back, a daemon"""

    def look(server, thread, watch):
        ask(f"http://127.0.0.1:{server.port}")
        ours = [each.thread for each in watch.servers]
        return thread in ours and thread.daemon

    hint = "the thread is started in start, and given back"
    expect(_started(start, look), True, called="the thread of start(app)", hint=hint)


def _start_probe(start):
    def look(server, thread, watch):
        host, port = watch.asked_for[0]
        return [host, "fixed" if port else "free", _answers(server, thread, watch)]

    return _started(start, look)


start = Check(
    title="start a server on a free port",
    promises=(_start_binds, _start_answers, _start_thread),
    probe=_start_probe,
    mistakes=wrong04.START,
)


# -- server: with Server(app, make_server) as server: ... server.url


def _tried(Server, scenario):
    """Return `scenario(server, watch)` for a server of the answer's class."""
    if colocate(Server, is_bare)(Server):
        raise Untouched

    def work(watch):
        server = Server(colocate(Server, parcel_app), watch)
        if server is None or server is ...:
            raise Untouched
        return scenario(server, watch)

    with colocate(Server, Watch)() as watch:
        return within_limit(work, watch)


def _inside(server, watch):
    with server as inside:
        if watch.served_in_cell:
            return "the cell waits"
        return "no server" if inside is None else ask(inside.url)


def _outside(server, watch):
    with server as inside:
        if watch.served_in_cell:
            return "the cell waits"
        url = inside.url
    return [ask(url), watch.threads_left()]


def _after_error(server, watch):
    url, passed_on = "", False
    try:
        with server as inside:
            if watch.served_in_cell:
                return "the cell waits"
            url = inside.url
            raise KeyError("parcel")
    except KeyError:
        passed_on = True
    return [passed_on, ask(url), watch.threads_left()]


def _three_times(server, watch):
    answers = [_inside(server, watch) for _ in range(3)]
    return [*answers, watch.threads_left()]


def _server_inside(Server):
    """inside the with, the app answers at the server's url"""
    called = "a question inside `with Server(app) as server`, at server.url"
    hint = "what does `as` get? and is anybody answering by then?"
    expect(_tried(Server, _inside), "parcel", called=called, hint=hint)


def _server_outside(Server):
    """after the with nobody answers, and no thread is left"""
    called = "[a question after the with, threads left]"
    hint = "which two calls end a server thread, and in which order?"
    expect(_tried(Server, _outside), ["no answer", 0], called=called, hint=hint)


def _server_error(Server):
    """an error inside the with stops the server too, and is passed on"""
    called = "an error inside the with: [passed on, a question after it, threads left]"
    hint = "what does it mean when __exit__ returns something true?"
    seen = _tried(Server, _after_error)
    expect(seen, [True, "no answer", 0], called=called, hint=hint)


def _server_thrice(Server):
    """one object can be used three times, one after the other"""
    called = "three times `with server`, one object: answers, and threads left"
    hint = "a server that is closed cannot be opened: when is it made?"
    expected = ["parcel", "parcel", "parcel", 0]
    expect(_tried(Server, _three_times), expected, called=called, hint=hint)


def _server_probe(Server):
    seen = []
    for scenario in (_inside, _outside, _after_error, _three_times):
        try:
            came = _tried(Server, scenario)
        except TimeoutError:
            return "waits for ever"
        except Exception as error:
            came = type(error).__name__
        seen.append(came)
    return [*seen[:3], seen[3] == ["parcel", "parcel", "parcel", 0]]


server = Check(
    title="a server for `with`",
    promises=(_server_inside, _server_outside, _server_error, _server_thrice),
    probe=_server_probe,
    mistakes=wrong04.SERVER,
)


# -- two that need no server

order, stale = replies04.order, replies04.stale
