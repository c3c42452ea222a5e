"""Right answers to the exercises of notebook 04, written differently."""

import threading
from contextlib import ExitStack
from fractions import Fraction

import numpy as np
import pandas as pd

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


# -- tries


def by_counting(times_s, deadline_s):
    best, fewest = 1, 2.0
    for n in range(1, 4):
        late = sum(time_s > deadline_s / n for time_s in times_s) / len(times_s)
        if late**n < fewest:
            best, fewest = n, late**n
    return best


def by_fractions(times_s, deadline_s):
    lost = []
    for n in (1, 2, 3):
        in_time = [time_s for time_s in times_s if time_s * n <= deadline_s]
        lost.append((1 - Fraction(len(in_time), len(times_s))) ** n)
    return lost.index(min(lost)) + 1


def by_numpy(times_s, deadline_s):
    n = np.arange(1, 4)
    late = np.array(times_s)[:, None] > deadline_s / n
    return n[np.argmin(late.mean(axis=0) ** n)]


# -- stale


def by_loop(log, version, since_s):
    latest, parcels = {}, 0
    for line in log:
        if line["at_s"] < since_s:
            continue
        if line["version"] != version:
            parcels += line["parcels"]
        if line["process"] not in latest or latest[line["process"]][0] < line["at_s"]:
            latest[line["process"]] = line["at_s"], line["version"]
    return {
        "parcels": parcels,
        "restart": {number for number in latest if latest[number][1] != version},
    }


def by_pandas(log, version, since_s):
    table = pd.DataFrame(log)
    table = table[table.at_s >= since_s]
    old = table[table.version != version]
    latest = table.sort_values("at_s").groupby("process").tail(1)
    return {
        "restart": latest[latest.version != version].process.tolist(),
        "parcels": old.parcels.sum(),
    }


RIGHTS = {
    "start": [by_names, by_subclass],
    "server": [Plain, WithoutAs, ByStack, Server],
    "tries": [by_counting, by_fractions, by_numpy],
    "stale": [by_loop, by_pandas],
    "order": ["BFADEG", "b f a d e g", "B, F, A, D, E, G", list("BFADEG")],
}
