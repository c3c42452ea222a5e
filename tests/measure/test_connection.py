"""Is a reply whole, and does the line stay? Both ends are held here, in one thread."""

import socket

import pytest

from lessonlib.measure.connection import FAILED, Connection, ready

LIMIT_S = 0.5  # of one wait; what must come is waited for again and again
REPLIES = {
    "a length": b"HTTP/1.1 200 OK\r\ncontent-length:5\r\nServer: me\r\n\r\nhello",
    "no body": b"HTTP/1.1 204 No Content\r\nServer: me\r\n\r\n",
    "chunks": b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
    b"3\r\nhel\r\n2;a=b\r\nlo\r\n0\r\n\r\n",
    "a trailer": b"HTTP/1.1 503 Busy\r\nTransfer-Encoding: chunked\r\n\r\n"
    b"1\r\nx\r\n0\r\nDigest: y\r\n\r\n",
}
LENGTH = REPLIES["a length"]


class Ends:
    """A connection under test, and the server's end of it."""

    def __init__(self):
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.listener.settimeout(20)
        self.connection = Connection(self.listener.getsockname()[1])
        self.server = None

    def ask(self, request=b"a question"):
        """Ask, on a new line if the old one is gone; return what the server gets."""
        kept = self.connection.line
        self.connection.ask(request)
        if self.connection.line is not kept:
            self.close()
            self.server, _ = self.listener.accept()
            self.server.settimeout(20)
            self.server.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        got = b""
        while len(got) < len(request):
            if self.connection.unsent and ready([self.connection], 0.001):
                assert self.connection.go_on() is None
            got += self.server.recv(1 << 20)
        return got

    def hear(self):
        """Return what the connection makes of what has come."""
        while not ready([self.connection], LIMIT_S):
            pass
        return self.connection.go_on()

    def close(self):
        if self.server:
            self.server.close()


@pytest.fixture
def ends():
    both = Ends()
    yield both
    both.connection.close()
    both.close()
    both.listener.close()


@pytest.mark.parametrize("reply", REPLIES.values(), ids=REPLIES)
def test_a_reply_may_be_cut_anywhere_and_the_line_stays(ends, reply):
    for cut in range(1, len(reply)):
        assert ends.ask() == b"a question"
        line = ends.connection.line
        ends.server.sendall(reply[:cut])
        assert ends.hear() is None
        ends.server.sendall(reply[cut:])
        assert ends.hear() == int(reply.split()[1])
        assert ends.connection.line is line


@pytest.mark.parametrize(
    ("name", "body"),
    [
        ("a length", b"hello"),
        ("no body", b""),
        ("chunks", b"hello"),
        ("a trailer", b"x"),
    ],
)
def test_the_body_of_a_whole_reply_is_kept_until_the_next_request(ends, name, body):
    ends.ask()
    ends.server.sendall(REPLIES[name])
    while ends.hear() is None:
        pass
    assert ends.connection.body == body
    ends.ask()
    assert ends.connection.body == b""


@pytest.mark.parametrize(
    "reply",
    [
        b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{}",
        b"HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\n{}",
    ],
)
def test_a_server_that_wants_to_hang_up_is_asked_on_a_new_line(ends, reply):
    for _ in range(2):
        assert ends.ask() == b"a question"
        ends.server.sendall(reply)
        assert ends.hear() == 200
        assert ends.connection.line is None


def test_a_reply_without_a_length_ends_when_the_server_hangs_up(ends):
    ends.ask()
    ends.server.sendall(b"HTTP/1.1 200 OK\r\n\r\nsome")
    assert ends.hear() is None
    ends.server.sendall(b" words")
    assert ends.hear() is None
    ends.close()
    assert ends.hear() == 200
    assert ends.ask(b"and again") == b"and again"


@pytest.mark.parametrize("cut", [0, 8, 30, len(LENGTH) - 1])
def test_a_reply_that_breaks_off_has_failed(ends, cut):
    ends.ask()
    ends.server.sendall(LENGTH[:cut])
    assert not cut or ends.hear() is None
    ends.close()
    assert ends.hear() == FAILED
    assert ends.connection.body == b""


def test_chunks_that_break_off_have_failed(ends):
    ends.ask()
    ends.server.sendall(REPLIES["chunks"][:-12])
    assert ends.hear() is None
    ends.close()
    assert ends.hear() == FAILED


@pytest.mark.parametrize(
    "nonsense", [b"nonsense\r\n\r\n", b"HTTP/1.1 OK\r\n\r\n", b"\r\n\r\n"]
)
def test_nonsense_has_failed(ends, nonsense):
    ends.ask()
    ends.server.sendall(nonsense)
    assert ends.hear() == FAILED


def test_a_line_that_was_dropped_while_idle_is_opened_again(ends):
    ends.ask()
    ends.server.sendall(LENGTH)
    assert ends.hear() == 200
    ends.close()
    assert ready([ends.connection], LIMIT_S)  # the news has come
    assert ends.ask(b"again") == b"again"
    ends.server.sendall(LENGTH)
    assert ends.hear() == 200


def test_a_request_larger_than_what_the_line_holds_goes_in_pieces(ends):
    for request in (b"x" * 20_000_000, b"y" * 20_000_000):  # a new line, a kept one
        assert ends.ask(request) == request
        ends.server.sendall(LENGTH)
        assert ends.hear() == 200


def test_who_is_refused_before_all_is_sent_hears_it_and_hangs_up(ends):
    ends.ask()
    ends.server.sendall(LENGTH)
    ends.hear()
    ends.connection.ask(b"x" * 20_000_000)
    assert ends.connection.unsent
    ends.server.sendall(b"HTTP/1.1 413 Too Large\r\nContent-Length: 0\r\n\r\n")
    while (status := ends.hear()) is None:
        pass
    assert status == 413
    assert ends.connection.line is None


def test_where_nobody_listens_the_request_has_failed(ends):
    ends.listener.close()
    ends.connection.ask(b"hello?")
    assert ends.hear() == FAILED


@pytest.mark.parametrize("coarse", [False, True])
def test_ready_tells_who_can_go_on(ends, coarse):
    ends.ask()
    assert ready([], 0.01, coarse=coarse) == set()
    assert ready([ends.connection], 0.01, coarse=coarse) == set()
    ends.server.sendall(LENGTH)
    while not (found := ready([ends.connection], LIMIT_S, coarse=coarse)):
        pass
    assert found == {ends.connection}


def test_a_connection_may_be_closed_twice(ends):
    ends.ask()
    ends.connection.close()
    ends.connection.close()
    assert ends.connection.line is None
