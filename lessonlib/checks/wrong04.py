"""Wrong answers to the exercises of notebook 04, and what to tell who gives them."""

import threading

from lessonlib.checks import Mistake

# -- start


def _starting(host="127.0.0.1", port=0, run="serve_forever", *, at_once=False):
    def start(app, make_server):
        server = make_server(host, port, app)
        work = getattr(server, run)
        thread = threading.Thread(target=work() if at_once else work, daemon=True)
        thread.start()
        return server, thread

    return start


START = (
    Mistake(
        "open to everybody",
        "this server answers at every address of the computer, so whoever shares your "
        "network may ask it. Read again why the lesson binds 127.0.0.1",
        _starting("0.0.0.0"),
    ),
    Mistake(
        "localhost",
        "localhost is a name that may stand for two addresses, and a client may try "
        "the wrong one first. Write the address itself",
        _starting("localhost"),
    ),
    Mistake(
        "fixed port",
        "a port typed by hand works until somebody has it: a colleague, or your own "
        "cell of five minutes ago. Which number stands for 'any free one'?",
        _starting(port=8080),
    ),
    Mistake(
        "called, not named",
        "with the brackets, serve_forever runs here and now, and the cell would wait "
        "for ever; the thread gets what it returns. How does one name a function "
        "without calling it?",
        _starting(at_once=True),
    ),
    Mistake(
        "answers once",
        "the first question was answered and the second was not: handle_request does "
        "one and ends. What does the server have that goes on?",
        _starting(run="handle_request"),
    ),
)


# -- server


class _Right:
    """The right answer; each mistake replaces a part of it."""

    def __init__(self, app, make_server):
        self._app, self._make = app, make_server

    def __enter__(self):
        self._wsgi = self._make("127.0.0.1", 0, self._app)
        self.url = f"http://127.0.0.1:{self._wsgi.port}"
        self._thread = threading.Thread(target=self._wsgi.serve_forever, daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *error):
        self._wsgi.shutdown()
        self._thread.join()
        self._wsgi.server_close()


class _InTheCell(_Right):
    def __enter__(self):
        self._wsgi = self._make("127.0.0.1", 0, self._app)
        self.url = f"http://127.0.0.1:{self._wsgi.port}"
        self._wsgi.serve_forever()
        return self

    def __exit__(self, *error):
        self._wsgi.server_close()


class _NoSelf(_Right):
    def __enter__(self):
        super().__enter__()


class _LeftRunning(_Right):
    def __exit__(self, *error):
        pass


class _Swallowing(_Right):
    def __exit__(self, *error):
        super().__exit__(*error)
        return True


class _Once(_Right):
    def __init__(self, app, make_server):
        self._wsgi = make_server("127.0.0.1", 0, app)
        self.url = f"http://127.0.0.1:{self._wsgi.port}"
        self._thread = threading.Thread(target=self._wsgi.serve_forever, daemon=True)

    def __enter__(self):
        self._thread.start()
        return self


class _JoinedFirst(_Right):
    def __exit__(self, *error):
        self._thread.join()
        self._wsgi.shutdown()


SERVER = (
    Mistake(
        "in the cell",
        "serve_forever was called on the notebook's own thread, and would never have "
        "come back to the block. Who should call it?",
        _InTheCell,
    ),
    Mistake(
        "no self",
        "`as` gets what __enter__ returns, and yours returns nothing, so the block has "
        "no server to ask for its url",
        _NoSelf,
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
        "the first time works, the second does not: a closed server cannot be opened, "
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


# -- order

ORDER = (
    Mistake(
        "sleeps",
        "the two seconds of C buy nothing: from which line on does a caller wait "
        "rather than be refused? On a busy computer they may even be too few",
        "BFACDEG",
    ),
    Mistake(
        "called, not named",
        "in H, serve_forever() runs at once, on your own thread, and the line never "
        "ends. Compare the brackets of F and H",
        "BHADEG",
    ),
    Mistake(
        "asked before the start",
        "at D the port is bound but nobody serves: the question waits for an answer "
        "until its timeout, as the next line is never reached before it",
        "BFDAEG",
    ),
    Mistake(
        "joined before shutdown",
        "G waits until the thread has ended, and the thread ends when E is called. In "
        "this order the notebook waits for ever",
        "BFADGE",
    ),
    Mistake(
        "stopped before it was asked",
        "a clean start and a clean stop, and then D asks a server that is gone: what "
        "would requests raise?",
        "BFAEGD",
    ),
    Mistake(
        "thread before the port",
        "F uses the name `server`. Which line makes it? Bind first: then a port that "
        "is taken is an error in your cell, and not on a thread",
        "FBADEG",
    ),
)


# -- stale


def _versions(replies):
    return [reply.headers.get("X-Model-Version") for reply in replies]


STALE = (
    Mistake(
        "trusted the nameless",
        "a reply that names no version was counted as fresh. A server that old may not "
        "know the header at all: what can you say for it?",
        lambda replies, version: sum(
            each not in (None, version) for each in _versions(replies)
        ),
    ),
    Mistake(
        "trips over the nameless",
        "one of the replies has no such header, and headers[...] raises KeyError then. "
        "Is there a way to ask that gives None instead?",
        lambda replies, version: sum(
            reply.headers["X-Model-Version"] != version for reply in replies
        ),
    ),
    Mistake(
        "counted the fresh",
        "these are the replies of the right model. Which are asked for?",
        lambda replies, version: _versions(replies).count(version),
    ),
    Mistake(
        "successes only",
        "refusals and failures were left out. An old server refuses by its old rules, "
        "so its 422 is as stale as its 200",
        lambda replies, version: sum(
            reply.ok and reply.headers.get("X-Model-Version") != version
            for reply in replies
        ),
    ),
    Mistake(
        "begins alike",
        "b21 is not b2, although it begins like it. When are two versions the same?",
        lambda replies, version: sum(
            not (each or "").startswith(version) for each in _versions(replies)
        ),
    ),
)
