"""Right answers to the exercises of notebook 04, written differently."""

import threading
from contextlib import ExitStack

# -- start


def by_names(app, make_server):
    server = make_server(host="127.0.0.1", port=0, app=app)
    thread = threading.Thread(target=server.serve_forever)
    thread.daemon = True
    thread.start()
    return server, thread


class Loop(threading.Thread):
    def __init__(self, server):
        super().__init__(daemon=True)
        self.server = server

    def run(self):
        self.server.serve_forever()


def by_subclass(app, make_server):
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = Loop(server)
    thread.start()
    return [server, thread]


# -- server


class Plain:
    def __init__(self, app, make_server):
        self.app, self.make_server = app, make_server

    def __enter__(self):
        self.wsgi = self.make_server("127.0.0.1", 0, self.app)
        self.url = f"http://127.0.0.1:{self.wsgi.port}/"
        self.thread = threading.Thread(target=self.wsgi.serve_forever)
        self.thread.start()
        return self

    def __exit__(self, kind, error, trace):
        self.wsgi.shutdown()
        self.wsgi.server_close()
        self.thread.join(timeout=5)
        return False


class WithoutAs(Plain):
    """`with server:` asks for no value of __enter__."""

    def __enter__(self):
        super().__enter__()


class ByStack:
    """What has to be undone is put on a stack as it is done."""

    def __init__(self, app, make_server):
        self.app, self.make_server, self.wsgi = app, make_server, None

    @property
    def url(self):
        return f"http://127.0.0.1:{self.wsgi.server_port}"

    def __enter__(self):
        with ExitStack() as undo:
            self.wsgi = self.make_server("127.0.0.1", 0, self.app)
            undo.callback(self.wsgi.server_close)
            thread = threading.Thread(target=self.wsgi.serve_forever, daemon=True)
            thread.start()
            undo.callback(thread.join)
            undo.callback(self.wsgi.shutdown)
            self.undo = undo.pop_all()
        return self

    def __exit__(self, *error):
        self.undo.close()


class Server:
    """A factory may stand for the class: what counts is what comes of a call."""

    def __new__(cls, app, make_server):
        return Plain(app, make_server)

    def __init__(self, app, make_server):
        pass


# -- stale


def by_filter(replies, version):
    return len([r for r in replies if r.headers.get("X-Model-Version") != version])


def by_loop(replies, version):
    count = 0
    for reply in replies:
        if "x-model-version" not in reply.headers:
            count += 1
        elif reply.headers["x-model-version"] != version:
            count += 1
    return count


RIGHTS = {
    "start": [by_names, by_subclass],
    "server": [Plain, WithoutAs, ByStack, Server],
    "order": ["BFADEG", "b f a d e g", "B, F, A, D, E, G", list("BFADEG")],
    "stale": [by_filter, by_loop],
}
