"""Is each request asked when it is due, and heard, until somebody stops it?"""

import threading

import pytest

from lessonlib.measure.client import Client
from lessonlib.measure.connection import FAILED
from lessonlib.serve.server import serve

LIMIT_S = 20  # for what must happen, but may be late on a busy computer


class Echo:
    """A WSGI app that says what it was asked, and keeps it; it may hold its tongue."""

    def __init__(self):
        self.asked, self.speak = [], threading.Event()
        self.speak.set()

    def __call__(self, environ, start_response):
        body = environ["wsgi.input"].read()
        self.asked.append((environ["PATH_INFO"], environ["CONTENT_TYPE"], body))
        self.speak.wait(LIMIT_S)
        reply = b"%b: %b" % (environ["PATH_INFO"].encode(), body)
        start_response("200 OK", [("Content-Length", str(len(reply)))])
        return [reply]


@pytest.fixture
def echo():
    app = Echo()
    with serve(app, name="echo") as server:
        app.url = server.url
        yield app
        app.speak.set()


def ask(client, bodies, due_s, *, callers=2, path="/predict"):
    """Return the replies in the order in which they were asked."""
    turns = iter(client.turns(path, bodies, due_s))
    return sorted(client.replies([turns] * callers), key=lambda reply: reply.i)


def test_a_reply_has_the_place_of_its_request_and_its_body(echo):
    bodies = [b"one", b"two", b"three"]
    replies = ask(Client(echo.url, timeout_s=LIMIT_S), bodies, [0, 0.05, 0.1])
    assert [reply.i for reply in replies] == [0, 1, 2]
    assert [reply.status for reply in replies] == [200, 200, 200]
    expected = [b"/predict: one", b"/predict: two", b"/predict: three"]
    assert [reply.body for reply in replies] == expected


@pytest.mark.parametrize("body", [b"", b"{", b"\xff\x00", b"%d %s", b"x" * 300_000])
def test_a_body_is_sent_as_it_is_and_called_json(echo, body):
    (reply,) = ask(Client(echo.url, timeout_s=LIMIT_S), [body], [0], path="/feedback")
    assert echo.asked == [("/feedback", "application/json", body)]
    assert reply.body == b"/feedback: " + body


def test_times_count_from_the_start_of_each_run(echo):
    client = Client(echo.url, timeout_s=LIMIT_S)
    for _ in range(2):
        early, late = ask(client, [b"a", b"b"], [0.0, 0.2])
        assert 0 <= early.sent_s < early.answered_s
        assert 0.2 <= late.sent_s < late.answered_s
        assert early.sent_s < 0.2  # it did not wait for the other


def test_a_caller_asks_its_own_turns_one_by_one(echo):
    client = Client(echo.url, timeout_s=LIMIT_S)
    turns = client.turns("/predict", [b"a", b"b", b"c", b"d"], [0] * 4)
    shares = [iter(turns[:2]), iter(turns[2:])]
    replies = sorted(client.replies(shares), key=lambda reply: reply.i)
    assert [reply.i for reply in replies] == [0, 1, 2, 3]
    assert replies[1].sent_s >= replies[0].answered_s
    assert replies[3].sent_s >= replies[2].answered_s


def test_a_silent_server_fails_the_request_and_says_nothing(echo):
    echo.speak.clear()
    (reply,) = ask(Client(echo.url, timeout_s=0.2), [b"hello?"], [0])
    assert (reply.status, reply.body) == (FAILED, b"")
    assert reply.answered_s - reply.sent_s >= 0.2


def test_after_a_stop_nothing_more_is_sent(echo):
    stopped = threading.Event()
    client = Client(echo.url, timeout_s=LIMIT_S, stopped=stopped.is_set)
    turns = iter(client.turns("/predict", [b"first", b"second"], [0, 0]))
    replies = client.replies([turns])
    assert next(replies).body == b"/predict: first"
    stopped.set()
    assert list(replies) == []
    assert len(echo.asked) == 1


@pytest.mark.parametrize("due_s", [0, 3600])
def test_a_stop_is_heard_while_nothing_else_is(echo, due_s):
    echo.speak.clear()
    stopped, found = threading.Event(), []
    client = Client(echo.url, timeout_s=3600, stopped=stopped.is_set)
    listen = threading.Thread(target=lambda: found.extend(ask(client, [b"a"], [due_s])))
    listen.start()
    stopped.set()
    listen.join(LIMIT_S)
    assert not listen.is_alive() and found == []


def test_each_turn_needs_a_body():
    with pytest.raises(ValueError, match="shorter"):
        Client("http://127.0.0.1:1", timeout_s=1).turns("/predict", [b"a"], [0, 1])
