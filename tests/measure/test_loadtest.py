"""What do callers feel? Stub servers, and no assertion that something was fast."""

import _thread
import itertools
import math
import socket
import socketserver
import threading
import time

import numpy as np
import pytest

from lessonlib.measure.connection import FAILED
from lessonlib.measure.loadtest import (
    LoadRun,
    closed_loop,
    constant_arrivals,
    open_loop,
    poisson_arrivals,
)
from lessonlib.serve.server import serve

ROWS = np.arange(6.0).reshape(3, 2)
LIMIT_S = 20  # for what must happen, but may be late on a busy computer


def answering(status="200 OK"):
    """Return a WSGI app that answers with `status`, and the list of bodies it gets."""
    bodies = []

    def app(environ, start_response):
        bodies.append(environ["wsgi.input"].read().decode())
        start_response(status, [("Content-Length", "2")])
        return [b"{}"]

    return app, bodies


@pytest.fixture
def stub():
    """Serve an app under the test's name, and stop it afterwards."""
    servers = []

    def start(app, **options):
        servers.append(serve(app, name="stub", **options))
        return servers[-1].url

    yield start
    for server in servers:
        server.stop()


# -- a run, by hand


def run_of(due, sent, answered, status=None):
    status = [200] * len(due) if status is None else status
    return LoadRun(*(np.array(each) for each in (due, sent, answered, status)))


def test_response_time_counts_from_due_and_service_time_from_sent():
    run = run_of([0.0, 1.0], [0.5, 1.25], [2.5, 1.75])
    assert run.response_s.tolist() == [2.5, 0.75]
    assert run.service_s.tolist() == [2.0, 0.5]
    assert run.lag_s.tolist() == [0.5, 0.25]


def test_everything_but_200_is_an_error_and_stays_among_the_times():
    run = run_of([0, 0, 0], [0, 0, 0], [1, 2, 3], [200, 503, FAILED])
    assert run.errors == 2
    assert run.percentile(100) == 3
    assert run.summary().n == 3


def test_an_interval_takes_the_times_in_the_order_in_which_they_were_due():
    due = np.random.default_rng(0).permutation(1000.0 * np.arange(1000))
    slow = np.where(due < 20_000, 5.0, 0.1)  # one bad moment, told in any order
    assert run_of(due, due, due + slow).interval(99).moments == 1


def test_a_run_says_its_rate_from_the_first_due_to_the_last_answer():
    run = run_of([10, 11, 12, 13], [10, 11, 12, 13], [10.5, 11.5, 12.5, 14])
    assert repr(run).startswith("1 requests/s, 0 errors; 4 times: p50 500.0 ms")


def test_late_is_the_share_sent_more_than_a_mean_gap_after_due():
    due = np.arange(10.0)  # a gap of 1 s
    sent = due + [0, 0, 0.5, 1.0, 1.5, 2, 0, 0, 0, 0]
    assert run_of(due, sent, sent + 1).late == 0.2  # 1.5 and 2


def test_a_run_whose_requests_were_sent_late_gives_no_verdict():
    due = np.arange(100.0)
    punctual = run_of(due, due + (due < 5) * 2, due + 3)
    late = run_of(due, due + (due < 6) * 2, due + 3)
    assert "no verdict" not in repr(punctual)
    assert repr(late).endswith("no verdict: 6% of the requests were sent late")


@pytest.mark.parametrize("due", [[0.0], [0.0, 0.0, 0.0]])
def test_requests_without_a_gap_are_not_called_late(due):
    run = run_of(due, np.array(due) + 0.001, np.array(due) + 0.1)
    assert run.late == 0


# -- schedules


def test_constant_arrivals_are_even():
    assert constant_arrivals(rate=4, seconds=1).tolist() == [0, 0.25, 0.5, 0.75]


def test_poisson_arrivals_are_as_many_and_spread_by_chance():
    due = poisson_arrivals(rate=100, seconds=50, seed=1)
    gaps = np.diff(due)
    assert len(due) == 5000
    assert 0 <= due.min() < 1 and 49 < due.max() < 50
    assert (gaps >= 0).all()
    assert 0.95 < gaps.std() / gaps.mean() < 1.05  # of exponential gaps: 1


def test_poisson_arrivals_come_back_with_their_seed():
    first, again, other = (
        poisson_arrivals(rate=10, seconds=2, seed=s) for s in (1, 1, 2)
    )
    assert first.tolist() == again.tolist() != other.tolist()


@pytest.mark.parametrize(("rate", "seconds"), [(0, 1), (5, 0), (-5, -1), (0.1, 1)])
def test_a_schedule_without_a_request_is_refused(rate, seconds):
    with pytest.raises(ValueError, match=f"rate={rate}"):
        constant_arrivals(rate=rate, seconds=seconds)


@pytest.mark.parametrize(
    "arrivals", [[], [0, 2, 1], [-1, 0], [0, math.nan], [math.inf]]
)
def test_arrivals_that_cannot_be_kept_are_refused(arrivals):
    with pytest.raises(ValueError, match="the earliest first"):
        open_loop("http://127.0.0.1:1", ROWS, arrivals=arrivals)


def test_open_loop_wants_a_schedule():
    with pytest.raises(ValueError, match="needs rate="):
        open_loop("http://127.0.0.1:1", ROWS, rate=5)


# -- both loops


def test_open_loop_sends_every_planned_request_and_the_rows_in_turn(stub):
    app, bodies = answering()
    run = open_loop(stub(app), ROWS, rate=100, seconds=0.2)
    assert run.due_s.tolist() == constant_arrivals(rate=100, seconds=0.2).tolist()
    assert run.errors == 0 and len(bodies) == 20
    turns = [f'{{"rows": [[{a}, {b}]]}}' for a, b in ROWS]
    assert [bodies.count(turn) for turn in turns] == [7, 7, 6]


def test_no_request_is_sent_before_it_is_due_nor_answered_before_it_is_sent(stub):
    arrivals = poisson_arrivals(rate=100, seconds=0.3, seed=3)
    run = open_loop(stub(answering()[0]), ROWS, arrivals=arrivals)
    assert run.due_s.tolist() == arrivals.tolist()
    assert (run.lag_s >= -1e-3).all()  # a clock's grain
    assert (run.service_s > 0).all()


def test_closed_loop_asks_for_each_user_and_never_two_at_once(stub):
    at_once, most, lock = 0, 0, threading.Lock()

    def app(environ, start_response):
        nonlocal at_once, most
        with lock:
            at_once += 1
            most = max(most, at_once)
        time.sleep(0.002)
        with lock:
            at_once -= 1
        start_response("200 OK", [("Content-Length", "0")])
        return [b""]

    run = closed_loop(stub(app), ROWS, users=3, requests_each=10)
    assert len(run.status) == 30 and run.errors == 0
    assert most <= 3
    assert run.lag_s.tolist() == [0] * 30
    for user in np.arange(30).reshape(3, 10):
        assert (run.sent_s[user[1:]] >= run.answered_s[user[:-1]]).all()


def test_a_user_of_a_closed_loop_rests_between_requests(stub):
    url = stub(answering()[0])
    run = closed_loop(url, ROWS, users=1, requests_each=3, pause_s=0.05)
    assert (run.sent_s[1:] - run.answered_s[:-1] >= 0.049).all()


@pytest.mark.parametrize("workers", [1, 64])
def test_a_stall_is_felt_by_everyone_who_was_due(stub, workers):
    stall_s, turn = 0.3, itertools.count()

    def app(environ, start_response):
        if next(turn) == 0:
            time.sleep(stall_s)
        start_response("200 OK", [("Content-Length", "0")])
        return [b""]

    url = stub(app, threads=1)
    run = open_loop(url, ROWS, rate=100, seconds=0.2, workers=workers)
    assert (run.response_s >= stall_s - run.due_s - 1e-3).all()
    if workers == 1:  # the next request leaves late, and still counts from due
        assert run.lag_s[1] >= stall_s - run.due_s[1] - 1e-3
        assert run.late > 0.5


def test_a_stall_is_felt_once_by_a_closed_loop(stub):
    turn = itertools.count()

    def app(environ, start_response):
        if next(turn) == 5:
            time.sleep(0.3)
        start_response("200 OK", [("Content-Length", "0")])
        return [b""]

    run = closed_loop(stub(app), ROWS, users=1, requests_each=20)
    assert run.response_s[5] >= 0.299


def test_errors_stay_in_the_run(stub):
    run = open_loop(stub(answering("503 Busy")[0]), ROWS, rate=100, seconds=0.1)
    assert run.status.tolist() == [503] * 10
    assert run.errors == 10 and len(run.response_s) == 10


def test_requests_without_an_answer_stay_in_with_the_time_they_cost(stub):
    released = threading.Event()

    def app(environ, start_response):
        released.wait(LIMIT_S)
        start_response("200 OK", [("Content-Length", "0")])
        return [b""]

    url = stub(app)
    try:
        run = open_loop(url, ROWS, rate=100, seconds=0.05, timeout_s=0.2)
    finally:
        released.set()
    assert run.status.tolist() == [FAILED] * 5
    assert (run.service_s >= 0.19).all()


def test_after_a_failure_the_next_request_gets_a_connection_of_its_own(stub):
    turn, released = itertools.count(), threading.Event()

    def app(environ, start_response):
        if next(turn) == 0:
            released.wait(LIMIT_S)
        released.set()
        start_response("200 OK", [("Content-Length", "0")])
        return [b""]

    run = closed_loop(stub(app), ROWS, users=1, requests_each=2, timeout_s=0.5)
    assert run.status.tolist() == [FAILED, 200]


def test_a_server_that_is_not_there_fails_every_request():
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    url = f"http://127.0.0.1:{port}"
    run = closed_loop(url, ROWS, users=2, requests_each=3)
    assert run.status.tolist() == [FAILED] * 6
    assert np.isfinite(run.answered_s).all()


def test_a_server_that_talks_nonsense_fails_the_request_alone():
    with _raw_server(b"nonsense\r\n\r\n") as url:
        run = closed_loop(url, ROWS, users=1, requests_each=3)
    assert run.status.tolist() == [FAILED] * 3


def test_a_connection_that_the_server_dropped_meanwhile_is_no_error():
    reply = b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"  # then it hangs up
    with _raw_server(reply) as url:
        run = closed_loop(url, ROWS, users=1, requests_each=4, pause_s=0.2)
    assert run.errors == 0


class _raw_server:
    """A server that says `pieces` to one request a connection, and hangs up."""

    def __init__(self, *pieces, pause_s=0.0, handler=None):
        class Handler(socketserver.BaseRequestHandler):
            def handle(self):
                asked = b""
                while b"rows" not in asked:  # the body comes after the headers
                    asked += self.request.recv(65536)
                for i, piece in enumerate(pieces):
                    time.sleep(pause_s * (i > 0))
                    self.request.sendall(piece)

        address, handler = ("127.0.0.1", 0), handler or Handler
        self.server = socketserver.ThreadingTCPServer(address, handler)
        self.thread = threading.Thread(target=self.server.serve_forever, args=[0.01])

    def __enter__(self):
        self.thread.start()
        return f"http://127.0.0.1:{self.server.server_address[1]}"

    def __exit__(self, *error):
        self.server.shutdown()
        self.thread.join()
        self.server.server_close()


@pytest.mark.parametrize(
    "url",
    [
        "http://example.org:80",
        "http://localhost:8000",
        "http://127.0.0.1:80@example.org/",
        "http://127.0.0.2:8000",
        "http://127.0.0.1",
        "127.0.0.1:8000",
    ],
)
def test_only_this_computer_is_asked(url):
    with pytest.raises(ValueError, match="may be asked, got"):
        closed_loop(url, ROWS, users=1, requests_each=1)


@pytest.mark.parametrize("rows", [np.zeros(3), np.zeros((0, 3)), [[[1]]]])
def test_rows_that_are_no_rows_are_refused(rows):
    with pytest.raises(ValueError, match=r"shape \(n, k\)"):
        open_loop("http://127.0.0.1:1", rows, rate=1, seconds=1)


@pytest.mark.parametrize("counts", [(0, 1), (1, 0)])
def test_a_closed_loop_without_a_request_is_refused(counts):
    users, requests_each = counts
    with pytest.raises(ValueError, match="needs users and requests"):
        closed_loop(
            "http://127.0.0.1:1", ROWS, users=users, requests_each=requests_each
        )


def test_proxies_of_the_environment_are_not_asked(stub, monkeypatch):
    url = stub(answering()[0])
    for name in ("NO_PROXY", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    assert open_loop(url, ROWS, rate=100, seconds=0.05).errors == 0


def test_a_reply_in_pieces_is_answered_when_the_last_one_is_here():
    head = b"HTTP/1.1 200 O", b"K\r\nConnection: close\r\nContent-Le"
    pieces = (*head, b"ngth: 4\r\n\r\nab", b"cd")
    with _raw_server(*pieces, pause_s=0.05) as url:
        run = closed_loop(url, ROWS, users=2, requests_each=2)
    assert run.errors == 0
    assert (run.response_s >= 0.149).all()


def test_a_server_that_is_slow_but_not_silent_is_waited_for():
    pieces = (b"HTTP/1.1 200 OK\r\n", b"Content-Length: 2\r\n", b"\r\n{", b"}")
    with _raw_server(*pieces, pause_s=0.5) as url:
        run = closed_loop(url, ROWS, users=1, requests_each=1, timeout_s=1.2)
    assert run.errors == 0


def test_while_one_reply_is_awaited_the_others_are_heard(stub):
    turns, released, others_came = itertools.count(), threading.Event(), []

    def app(environ, start_response):
        turn = next(turns)
        if turn == 0:
            others_came.append(released.wait(LIMIT_S))
        if turn == 19:
            released.set()
        start_response("200 OK", [("Content-Length", "0")])
        return [b""]

    run = open_loop(stub(app), ROWS, rate=200, seconds=0.1, timeout_s=LIMIT_S)
    assert run.errors == 0
    assert others_came == [True]


def test_connections_are_opened_as_they_are_needed_and_all_closed_afterwards():
    hung_up = []

    class Handler(socketserver.BaseRequestHandler):
        def handle(self):
            while self.request.recv(65536):
                self.request.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
            hung_up.append(1)

    with _raw_server(handler=Handler) as url:
        run = open_loop(url, ROWS, rate=20, seconds=0.5, workers=64)
        closed_loop(url, ROWS, users=4, requests_each=2)
    assert run.errors == 0
    assert 2 <= len(hung_up) <= 14  # as many as were under way at once, and hung up


def test_an_interrupted_run_asks_no_more(stub):
    asked = []

    def app(environ, start_response):
        asked.append(1)
        if len(asked) == 1:
            _thread.interrupt_main()  # the stop button of the notebook
        start_response("200 OK", [("Content-Length", "0")])
        return [b""]

    url = stub(app)
    with pytest.raises(KeyboardInterrupt):
        open_loop(url, ROWS, rate=50, seconds=LIMIT_S, workers=2)
    assert len(asked) < 50 * LIMIT_S
