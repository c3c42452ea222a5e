"""Do all servers say no in the same way, and go on, whatever comes over a socket?"""

import os
import re
import socket
import subprocess
import sys
import threading
import time
from collections import Counter
from contextlib import ExitStack, contextmanager, suppress

import numpy as np
import pytest
import requests
from hostile_requests import FINE, REQUESTS, get, post
from sklearn.ensemble import RandomForestClassifier

from lessonlib.save.artifacts import save_model
from lessonlib.serve.server import serve
from lessonlib.serve.worker import app_of
from lessonlib.serve.workers import serve_processes

LIMIT_S = 30
QUIET = "still waiting"  # for the rest of a request
SERVERS = ["serve", "workers"] + (["gunicorn"] if os.name == "posix" else [])
# gunicorn's own parser differs here, and no harm is done
DIFFERENT = {
    "a TLS hello": {"400", QUIET},  # a line that does not end
    "an encoding nobody knows": {"400", "501"},
    "an encoding that is nearly one": {"400", "501"},
    "a size of 72 bits": {"400", QUIET},  # a chunk that does not end
}


@pytest.fixture(scope="module")
def ports(tmp_path_factory):
    """The port of each server, all with the same model of two columns."""
    folder = tmp_path_factory.mktemp("models") / "m"
    X = np.random.default_rng(0).normal(size=(50, 2))
    forest = RandomForestClassifier(3, random_state=0).fit(X, X[:, 0] > 0)
    save_model(forest, folder, example=X[:5])
    with (
        serve(app_of(folder), name="hostile") as ours,
        serve_processes(folder, workers=1) as workers,
        gunicorn(folder) as port,
    ):
        yield {"serve": ours.port, "workers": workers.port, "gunicorn": port}


class gunicorn:
    """The app under gunicorn, as notebook 06 starts it; nothing on Windows."""

    def __init__(self, folder):
        self.app = f"lessonlib.serve.worker:app_of({str(folder)!r})"

    def __enter__(self):
        if "gunicorn" not in SERVERS:
            return None
        with socket.create_server(("127.0.0.1", 0)) as probe:
            port = probe.getsockname()[1]
        command = [sys.executable, "-m", "gunicorn", self.app, "--threads", "4"]
        command += ["--bind", f"127.0.0.1:{port}", "--log-level", "critical"]
        self.process = subprocess.Popen(command)
        deadline = time.monotonic() + LIMIT_S
        while time.monotonic() < deadline:
            try:
                requests.get(f"http://127.0.0.1:{port}/health", timeout=LIMIT_S)
                return port
            except requests.ConnectionError:
                time.sleep(0.05)
        self.process.kill()
        raise AssertionError("gunicorn does not answer")

    def __exit__(self, *error):
        if "gunicorn" in SERVERS:
            self.process.terminate()
            self.process.wait(LIMIT_S)


def statuses(port, raw, *, quiet_s):
    """Return the statuses of all replies to what is sent over one connection."""
    with socket.create_connection(("127.0.0.1", port), timeout=quiet_s) as client:
        received = b""
        try:
            client.sendall(raw)
            while piece := client.recv(1 << 16):
                received += piece
                if _whole(received) >= raw.count(b" HTTP/1.1\r\nHost"):
                    break
        except TimeoutError:
            received = received or QUIET.encode()
        except ConnectionError:
            pass  # it was told no, and has sent on
    if received == QUIET.encode():
        return [QUIET]
    found = re.findall(rb"HTTP/1\.[01] (\d{3})", received)
    return [status.decode() for status in found if status != b"100"] or ["closed"]


def _whole(received):
    """Return how many replies have come with their bodies."""
    n = 0
    while (end := received.find(b"\r\n\r\n")) > 0:
        head = received[:end].lower()
        size = head.partition(b"content-length: ")[2].partition(b"\r")[0]
        received = received[end + 4 + int(size or 0) :]
        n += not head.startswith(b"http/1.1 100")
    return n


def test_there_are_enough_of_them():
    assert len(REQUESTS) > 100


@pytest.mark.parametrize("name", REQUESTS)
def test_a_hostile_request_gets_one_refusal_and_the_same_from_all(ports, name):
    # what never ends is waited for; all else is answered at once
    quiet_s = 0.3 if QUIET in DIFFERENT.get(name, ()) else LIMIT_S
    found = {
        server: statuses(ports[server], REQUESTS[name], quiet_s=quiet_s)
        for server in SERVERS
    }
    first = {server: found[server][0] for server in SERVERS}
    assert first["serve"] == first["workers"]
    assert set(first.values()) <= DIFFERENT.get(name, {first["serve"]}), first
    assert "200" not in first.values() or name in FINE or name in DIFFERENT
    assert all(status[0] == "4" for server, status in first.items()
               if server != "gunicorn" and status not in ("200", QUIET))  # fmt: skip


@pytest.mark.parametrize("server", SERVERS)
def test_in_the_middle_of_good_ones_it_spoils_none_before_it(ports, server):
    for name, raw in REQUESTS.items():
        if QUIET in DIFFERENT.get(name, ()):
            continue
        found = statuses(ports[server], post() + raw + post(), quiet_s=1)
        assert found[0] == "200", name
        # one after it is answered, or the connection was closed: no third way
        assert found[2:] in ([], ["200"]) or found[1:] == ["200"], (name, found)


@pytest.mark.parametrize("server", SERVERS)
def test_a_good_caller_is_answered_while_they_come(ports, server):
    over, outcomes = threading.Event(), Counter()
    body = {"rows": [[1.5, 2]]}

    def good():
        with requests.Session() as session:
            while not over.is_set():
                url = f"http://127.0.0.1:{ports[server]}/predict"
                outcomes[session.post(url, json=body, timeout=10).status_code] += 1

    caller = threading.Thread(target=good)
    caller.start()
    try:
        for raw in REQUESTS.values():
            with socket.create_connection(("127.0.0.1", ports[server])) as client:
                client.sendall(raw[:200_000])  # and nobody reads the answer
    finally:
        over.set()
        caller.join()
    assert set(outcomes) == {200}


# -- crowds

REFUSED = post(b'{"rows": [["' + b"x" * 900_000 + b'", 2]]}')
CROWDS = {  # how many, what each sends, and what each of them adds again and again
    "announce a body and send nothing": (100, post(b"", length=b"100"), b""),
    "send a byte now and then": (200, post(b"", length=b"100000"), b" "),
    "send a head byte by byte": (200, b"POST /predict HTTP/1.1\r\nX-A: ", b"a"),
    "pipeline and never read": (300, get(b"GET /model HTTP/1.1") * 300, b""),
    "send an endless extension": (16, REQUESTS["an endless extension"], b"a" * 10_000),
    "send 900 KB that are refused": (16, REFUSED, REFUSED),
}


@contextmanager
def crowd(port, n, first, more):
    """Hold n connections that send `first`, and return what lets all of them add."""
    with ExitStack() as stack:
        clients = [
            stack.enter_context(socket.create_connection(("127.0.0.1", port), LIMIT_S))
            for _ in range(n)
        ]
        left = [first] * n

        def send():
            for i, client in enumerate(clients):
                client.setblocking(False)
                with suppress(OSError):  # it takes no more now, or has been sent away
                    left[i] = left[i][client.send(left[i] or more) :]

        send()
        yield send


@pytest.mark.long
@pytest.mark.parametrize("server", ["serve", "workers"])
@pytest.mark.parametrize("name", CROWDS)
def test_a_newcomer_is_answered_beside_a_crowd(ports, server, name):
    port = ports[server]
    with crowd(port, *CROWDS[name]) as send:
        for _ in range(20):
            send()
            reply = requests.post(
                f"http://127.0.0.1:{port}/predict",
                json={"rows": [[1.5, 2]]},
                timeout=LIMIT_S / 3,
            )
            assert reply.status_code == 200
