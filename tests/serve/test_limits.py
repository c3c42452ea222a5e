"""Is a slow, silent or greedy caller sent away, and nobody else?"""

import asyncio
import socket
import threading
import time
from contextlib import contextmanager

import pytest
import uvicorn
from hostile_requests import REQUESTS, get, post
from uvicorn.server import ServerState

from lessonlib.serve import limits
from lessonlib.serve.asgi_app import AsgiApp
from lessonlib.serve.contract import Contract
from lessonlib.serve.limits import LimitedProtocol

LIMIT_S = 20
HEALTH = get(b"GET /health HTTP/1.1")


class Loop:
    """A server of uvicorn's connections on a thread, whose clock the test sets."""

    def __init__(self):
        self.app = AsgiApp(Contract(lambda rows: rows[:, 0], columns=2))
        self.state, self.asked = ServerState(), []
        self.loop = asyncio.new_event_loop()
        self.thread = threading.Thread(target=self.loop.run_forever)
        config = uvicorn.Config(
            self.noted, interface="asgi3", http=LimitedProtocol, log_config=None
        )
        config.load()

        def connection():
            return LimitedProtocol(config, self.state, {}, _loop=self.loop)

        made = self.loop.create_server(connection, "127.0.0.1", 0)
        self.server = self.loop.run_until_complete(made)
        self.port = self.server.sockets[0].getsockname()[1]
        self.thread.start()

    async def noted(self, scope, receive, send):
        self.asked.append(scope["path"])
        await self.app(scope, receive, send)

    @contextmanager
    def busy(self):
        """Keep the loop at work until the end of a `with`: what is sent waits."""
        done = threading.Event()
        self.loop.call_soon_threadsafe(done.wait, LIMIT_S)
        yield
        done.set()

    def client(self, sent=b""):
        client = socket.create_connection(("127.0.0.1", self.port), timeout=LIMIT_S)
        client.sendall(sent)
        return client

    def do(self, work):
        """Run `work()` in the loop, and return what it returns."""

        async def later():
            return work()

        return asyncio.run_coroutine_threadsafe(later(), self.loop).result(LIMIT_S)

    def sweep(self, *, after_s):
        """Sweep as if so many seconds had gone by, all that was sent having come."""
        time.sleep(0.05)
        self.do(
            lambda: [
                each.sweep(self.loop.time() + after_s)
                for each in list(self.state.connections)
            ]
        )

    def stop(self):
        self.do(self.server.close)
        for connection in list(self.state.connections):
            self.do(connection.transport.abort)
        self.loop.call_soon_threadsafe(self.loop.stop)
        self.thread.join()
        self.loop.close()


@pytest.fixture
def loop():
    loop = Loop()
    yield loop
    loop.stop()


def healthy(client):
    """Return whether the next reply is that of /health; it is read to its end."""
    received = b""
    while b'{"status": "ok"}' not in received:
        if not (piece := client.recv(4096)):
            return False
        received += piece
    return received.startswith(b"HTTP/1.1 200")


def read(client):
    """Return all that comes until the other side closes."""
    received = b""
    with client:
        try:
            while piece := client.recv(1 << 16):
                received += piece
        except ConnectionError:
            pass
    return received


SLOW = {
    "nothing": b"",
    "half a line": b"POST /pre",
    "half a head": b"POST /predict HTTP/1.1\r\nHost: x\r\n",
    "half a body": post(b"{", length=b"100"),
    "half a chunk": REQUESTS["a size of 72 bits"][:-20],
}


@pytest.mark.parametrize("name", SLOW)
def test_a_request_that_does_not_come_to_its_end_is_given_up(loop, name):
    client = loop.client(SLOW[name])
    loop.sweep(after_s=limits.PATIENCE_S - 1)
    with loop.client(HEALTH) as other:
        assert healthy(other)
        loop.sweep(after_s=limits.PATIENCE_S + 1)
    assert read(client).startswith(b"HTTP/1.1 408")


def test_a_kept_connection_may_rest_between_requests(loop):
    with loop.client(HEALTH) as client:
        assert healthy(client)
        loop.sweep(after_s=limits.PATIENCE_S + 1)
        client.sendall(HEALTH)
        assert healthy(client)


def test_who_does_not_take_the_replies_is_cut_off(loop):
    client = loop.client()
    client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    ask = threading.Thread(
        target=lambda: _send_all(client, get(b"GET / HTTP/1.1") * 20_000), daemon=True
    )
    ask.start()
    deadline = time.monotonic() + LIMIT_S
    while loop.do(lambda: [c for c in loop.state.connections if c._full_since]) == []:
        assert time.monotonic() < deadline
        time.sleep(0.01)
    loop.sweep(after_s=limits.PATIENCE_S + 1)
    ask.join(LIMIT_S)
    assert not ask.is_alive()
    assert loop.do(lambda: list(loop.state.connections)) == []
    client.close()


def _send_all(client, data):
    try:
        client.sendall(data)
    except OSError:
        pass  # cut off, as it should be


def test_too_many_connections_are_sent_away_and_those_before_stay(loop, monkeypatch):
    monkeypatch.setattr(limits, "MOST_CONNECTIONS", 3)
    clients = [loop.client() for _ in range(3)]
    assert read(loop.client()).startswith(b"HTTP/1.1 503")
    for client in clients:
        client.sendall(HEALTH)
        assert healthy(client)
        client.close()


def test_a_long_head_is_refused_before_its_end(loop):
    endless = b"GET / HTTP/1.1\r\nX-A: " + b"a" * 300_000
    assert read(loop.client(endless)).startswith(b"HTTP/1.1 431")


def test_at_the_end_a_caller_who_keeps_asking_gets_its_last_answer(loop, monkeypatch):
    monkeypatch.setattr(limits, "LAST_WORDS_S", 0.5)
    busy, idle = loop.client(HEALTH), loop.client(HEALTH)
    for client in (busy, idle):
        assert healthy(client)
    loop.do(lambda: [each.shutdown() for each in list(loop.state.connections)])
    busy.sendall(HEALTH)
    reply = read(busy)
    assert reply.startswith(b"HTTP/1.1 200") and b"connection: close" in reply
    assert read(idle) == b""


def test_300_requests_at_once_wait_for_a_turn_each_among_those_of_others(loop):
    crowd, newcomer = [loop.client() for _ in range(20)], loop.client()
    with loop.busy():
        for client in crowd:
            client.sendall(HEALTH * 300)
        newcomer.sendall(get(b"GET /ready HTTP/1.1"))
    assert newcomer.recv(4096).startswith(b"HTTP/1.1 200")
    assert loop.asked.index("/ready") < 20 * 10  # of 6,000
    for client in (*crowd, newcomer):
        client.close()
