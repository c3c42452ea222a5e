import gc
import importlib
import logging
import os
import socket
import threading
import time
import weakref
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from functools import partial

import numpy as np
import pytest
import requests
from flask import Flask

from lessonlib.errors import ServerError
from lessonlib.serve import server as server_module
from lessonlib.serve.flask_app import prediction_app
from lessonlib.serve.server import HOST, serve, stop_all
from lessonlib.serve.waitress_parts import KeptThreads

BODY = {"rows": [[1]]}
LIMIT_S = 10  # for what should take milliseconds, on a busy computer


@pytest.fixture(autouse=True)
def nothing_left_behind():
    before = set(threading.enumerate())
    yield
    stop_all()
    assert set(threading.enumerate()) - before == set()


@pytest.fixture
def session():
    with requests.Session() as session:
        yield session


def answering(number):
    return prediction_app(lambda rows: np.full(len(rows), number), columns=1)


def ask(session, server):
    reply = session.post(f"{server.url}/predict", json=BODY, timeout=LIMIT_S)
    return reply.json()["predictions"][0]


class Slow:
    """An app whose request waits until it is released: no test needs a clock."""

    def __init__(self):
        self.began, self.release = threading.Event(), threading.Event()
        self.app = Flask("slow")
        self.app.get("/")(self.answer)

    def answer(self):
        self.began.set()
        self.release.wait(60)
        return "done"

    def ask(self, server):
        """Ask on another thread; return it, and the list that its outcome goes to."""
        outcome = []

        def work():
            try:
                outcome.append(requests.get(server.url, timeout=60).text)
            except requests.ConnectionError:
                outcome.append("no answer")

        thread = threading.Thread(target=work)
        thread.start()
        assert self.began.wait(LIMIT_S)
        return thread, outcome


def test_server_takes_a_free_port_of_this_computer(session):
    server = serve(answering(1))
    assert server.url == f"http://{HOST}:{server.port}" and server.port > 0
    assert ask(session, server) == 1
    assert repr(server) == f"server 'default': answering at {server.url}"


def test_server_answers_as_soon_as_serve_returns():
    for number in range(20):
        assert ask(requests, serve(answering(number))) == number


def test_serving_again_replaces_the_model_and_keeps_the_address(session):
    url = serve(answering(-1)).url
    for number in range(60):
        server = serve(answering(number))
        assert server.url == url
        assert ask(session, server) == number


@pytest.mark.long
def test_serving_again_while_others_ask_never_brings_an_old_answer_back():
    newest, over, wrong = [(0, serve(answering(0)))], threading.Event(), []

    def client():
        with requests.Session() as session:
            while not over.is_set():
                number, server = newest[-1]  # serve() had returned with this model
                try:
                    if ask(session, server) < number:
                        wrong.append(number)
                except requests.ConnectionError:
                    pass  # between two servers nobody answers

    clients = [threading.Thread(target=client, daemon=True) for _ in range(3)]
    for thread in clients:
        thread.start()
    try:
        for number in range(1, 40):
            newest.append((number, serve(answering(number))))
    finally:
        over.set()
        for thread in clients:
            thread.join(LIMIT_S)
    assert wrong == []


def test_an_old_address_that_somebody_took_is_given_up(session):
    before = serve(answering(1))
    before.stop()
    with socket.create_server((HOST, before.port)):
        server = serve(answering(2))
        assert server.port != before.port
        assert ask(session, server) == 2


def test_names_are_independent(session):
    a, b = serve(answering(1), name="a"), serve(answering(2), name="b")
    assert (ask(session, a), ask(session, b)) == (1, 2)
    a.stop()
    assert ask(session, b) == 2


def test_a_module_that_is_loaded_again_knows_the_servers_that_run(session):
    before, kept = serve(answering(1)), serve(answering(2), name="kept")
    importlib.reload(server_module)
    server = server_module.serve(answering(3))
    assert server.url == before.url
    assert (ask(session, server), ask(session, kept)) == (3, 2)
    assert "stopped" in repr(before)
    server_module.stop_all()
    assert "stopped" in repr(kept)


def test_servers_of_one_name_from_several_threads_leave_one():
    begun = threading.Barrier(8)
    servers = []
    apps = [answering(number) for number in range(8)]  # Python 3.11: not in 8 threads

    def cell(number):
        begun.wait()
        servers.append(serve(apps[number]))

    threads = [threading.Thread(target=cell, args=[i]) for i in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum("answering" in repr(server) for server in servers) == 1


def test_stop_may_be_called_twice_and_at_once():
    server = serve(answering(1))
    threads = [threading.Thread(target=server.stop) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(LIMIT_S)
    server.stop()
    assert "stopped" in repr(server)


def test_stopped_server_answers_nobody_not_even_an_open_connection(session):
    server = serve(answering(1))
    assert ask(session, server) == 1
    server.stop()
    with pytest.raises(requests.ConnectionError):
        ask(session, server)
    with pytest.raises(requests.ConnectionError):
        ask(requests, server)


def test_stopped_server_gives_its_port_back():
    server = serve(answering(1))
    server.stop()
    with socket.socket() as listener:
        if hasattr(socket, "SO_REUSEADDR") and os.name != "nt":
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((HOST, server.port))


def test_stop_closes_connections_that_are_kept_open():
    server = serve(answering(1))
    sessions = [requests.Session() for _ in range(20)]
    assert [ask(session, server) for session in sessions] == [1] * 20
    server.stop()
    for session in sessions:
        with pytest.raises(requests.ConnectionError):
            ask(session, server)
        session.close()


def test_stop_closes_connections_that_never_asked():
    server = serve(answering(1))
    silent = [socket.create_connection((HOST, server.port)) for _ in range(20)]
    silent[0].sendall(b"POST /predict HTTP/1.1\r\nContent-Le")
    ask(requests, server)  # so all of them were let in
    server.stop()
    for client in silent:
        client.settimeout(LIMIT_S)
        try:
            assert client.recv(1) == b""
        except ConnectionResetError:
            pass
        client.close()


def test_stop_lets_a_request_in_flight_finish():
    slow = Slow()
    server = serve(slow.app)
    thread, outcome = slow.ask(server)
    stopping = threading.Thread(target=server.stop)
    stopping.start()
    assert "answering" in repr(server)  # it waits
    slow.release.set()
    stopping.join(LIMIT_S)
    thread.join(LIMIT_S)
    assert outcome == ["done"]


def test_stop_gives_a_request_up_that_never_ends():
    slow = Slow()
    server = serve(slow.app, threads=2)
    thread, outcome = slow.ask(server)
    server.stop(drain_s=0.05)
    thread.join(LIMIT_S)
    assert outcome == ["no answer"]
    assert server.logs[-1] == "stopped while 1 of its threads were at work"
    assert "stopped" in repr(server)
    slow.release.set()  # its thread ends with its work
    for worker in server._workers.started:
        worker.join(LIMIT_S)


def test_stop_answers_what_had_arrived_behind_a_busy_request():
    slow = Slow()
    server = serve(slow.app)
    kept = [requests.Session() for _ in range(2)]
    slow.release.set()
    assert [session.get(server.url, timeout=LIMIT_S).text for session in kept] == [
        "done",
        "done",
    ]
    slow.release.clear()
    slow.began.clear()
    first, outcome = slow.ask(server)
    pool = ThreadPoolExecutor(3)
    asking = [pool.submit(session.get, server.url, timeout=LIMIT_S) for session in kept]
    asking.append(pool.submit(requests.get, server.url, timeout=LIMIT_S))
    for _ in range(3):
        threading.Event().wait(0.1)  # they are sent: on a kept line, and at the door
    stopping = threading.Thread(target=server.stop)
    stopping.start()
    slow.release.set()
    assert [each.result(LIMIT_S).text for each in asking] == ["done"] * 3
    for thread in (stopping, first):
        thread.join(LIMIT_S)
    assert outcome == ["done"]
    pool.shutdown()
    for session in kept:
        session.close()


def test_requests_that_wait_behind_one_that_never_ends_are_given_up_too():
    slow = Slow()
    server = serve(slow.app, threads=1)
    threads = [slow.ask(server) for _ in range(3)]
    server.stop(drain_s=0.05)
    for thread, outcome in threads:
        thread.join(LIMIT_S)
        assert outcome == ["no answer"]
    slow.release.set()
    for worker in server._workers.started:
        worker.join(LIMIT_S)


def test_a_request_cannot_stop_its_own_server(session):
    app = Flask("suicidal")
    app.get("/")(lambda: server.stop() or "stopped")
    server = serve(app)
    assert session.get(server.url, timeout=LIMIT_S).status_code == 500
    assert "stop 'default' from a cell" in server.logs[-1]
    assert session.get(server.url, timeout=LIMIT_S).status_code == 500  # still there


def test_with_stops_the_server_also_after_an_error():
    with pytest.raises(KeyError), serve(answering(1)) as server:
        raise KeyError("in the cell")
    assert "stopped" in repr(server)
    with serve(answering(1)) as server:
        assert ask(requests, server) == 1


def test_a_hundred_connections_at_once_are_served():
    server = serve(answering(1))
    sessions = [requests.Session() for _ in range(150)]
    assert {ask(session, server) for session in sessions} == {1}
    for session in sessions:
        session.close()


def test_who_would_wait_for_too_long_is_told_to_come_back(monkeypatch):
    monkeypatch.setattr(KeptThreads, "max_wait_s", 0.3)
    app = Flask("slow")
    app.route("/")(lambda: time.sleep(0.05) or "done")
    server = serve(app, name="crowded", threads=1)
    ask = partial(requests.get, server.url, timeout=LIMIT_S)
    with ThreadPoolExecutor(30) as pool:
        replies = [reply.result() for reply in [pool.submit(ask) for _ in range(90)]]
    refused = [reply for reply in replies if reply.status_code == 503]
    assert 0 < len(refused) < 90
    assert {r.status_code for r in replies} == {200, 503}
    assert {r.json()["error"]["code"] for r in refused} == {"overloaded"}
    assert all(int(reply.headers["Retry-After"]) >= 1 for reply in refused)
    assert ask().status_code == 200  # as soon as the crowd is gone


def test_300_requests_at_once_wait_for_a_turn_each_among_those_of_others():
    asked, all_there = [], threading.Event()

    def app(environ, start_response):
        asked.append(environ["PATH_INFO"])
        assert all_there.wait(LIMIT_S)
        start_response("200 OK", [("Content-Length", "0")])
        return [b""]

    server = serve(app, threads=1)
    with ExitStack() as stack:
        *crowd, newcomer = (
            stack.enter_context(socket.create_connection((HOST, server.port), LIMIT_S))
            for _ in range(21)
        )
        for n, client in enumerate((*crowd, newcomer), start=1):
            path = b"/crowd" if client is not newcomer else b"/newcomer"
            times = 300 if client is not newcomer else 1
            client.sendall(b"GET %s HTTP/1.1\r\nHost: x\r\n\r\n" % path * times)
            while len(server._workers.queue) + len(asked) < n:
                threading.Event().wait(0.001)
        all_there.set()
        assert newcomer.recv(4096).startswith(b"HTTP/1.1 200")
        assert asked.index("/newcomer") < 20 * 10  # of 6,000


def test_long_replies_arrive_whole(session):
    app = Flask("long")
    app.get("/")(lambda: "x" * 3_000_000)
    server = serve(app)
    assert len(session.get(server.url, timeout=LIMIT_S).text) == 3_000_000


def test_a_failing_model_is_a_json_error_and_its_traceback_is_in_the_logs(capfd):
    app = prediction_app(lambda rows: 1 / 0, columns=1)
    server = serve(app)
    reply = requests.post(f"{server.url}/predict", json=BODY, timeout=LIMIT_S)
    assert reply.status_code == 500 and reply.json()["error"]["code"]
    assert "Traceback" not in reply.text and "ZeroDivisionError" in server.logs[-1]
    server.stop()
    assert capfd.readouterr() == ("", "")


def test_a_failing_wsgi_function_is_logged_and_the_next_request_is_served(capfd):
    calls = []

    def app(environ, start_response):
        calls.append(1)
        if len(calls) == 1:
            raise KeyError("parcel")
        start_response("200 OK", [])
        return [b"fine"]

    server = serve(app)
    assert requests.get(server.url, timeout=LIMIT_S).status_code == 500
    assert requests.get(server.url, timeout=LIMIT_S).text == "fine"
    assert "KeyError: 'parcel'" in server.logs[-1]
    assert capfd.readouterr() == ("", "")


def test_logs_of_two_servers_of_one_app_are_told_apart():
    app = prediction_app(lambda rows: 1 / 0, columns=1)
    a, b = serve(app, name="a"), serve(app, name="b")
    requests.post(f"{a.url}/predict", json=BODY, timeout=LIMIT_S)
    assert (len(a.logs), len(b.logs)) == (1, 0)


def test_logging_is_as_before_once_the_server_is_stopped(caplog):
    app = answering(1)
    watched = [app.logger, logging.getLogger("waitress")]
    before = [(each.handlers[:], each.filters[:], each.propagate) for each in watched]
    server = serve(app)
    app.logger.warning(
        "from a cell"
    )  # not from the server: it goes where it always did
    server.stop()
    assert [record.message for record in caplog.records] == ["from a cell"]
    assert before == [(each.handlers, each.filters, each.propagate) for each in watched]


def test_a_port_that_is_taken_is_one_sentence():
    before = set(threading.enumerate())
    with socket.create_server((HOST, 0)) as other:
        port = other.getsockname()[1]
        with pytest.raises(ServerError, match=rf"port {port} .* leave port= out"):
            serve(answering(1), port=port)
    assert set(threading.enumerate()) == before
    assert serve(answering(1), port=port).port == port


def test_a_port_that_is_none_is_one_sentence():
    with pytest.raises(ServerError, match="port 70000 .* must be 0-65535"):
        serve(answering(1), port=70000)


def test_two_servers_never_share_a_port():
    server = serve(answering(1), name="a")
    with pytest.raises(ServerError):
        serve(answering(2), name="b", port=server.port)
    assert ask(requests, server) == 1


def test_serve_refuses_what_is_no_app():
    with pytest.raises(TypeError, match="got 'model.joblib'"):
        serve("model.joblib")


def test_stop_all_stops_every_name():
    servers = [serve(answering(1), name=name) for name in "abc"]
    stop_all()
    stop_all()
    assert all("stopped" in repr(server) for server in servers)


@pytest.mark.parametrize("before", ["", "intranet", "*", " 127.0.0.1 , intranet"])
def test_a_proxy_of_the_environment_is_not_asked(monkeypatch, before):
    with socket.create_server((HOST, 0)) as closed:
        nobody = f"http://{HOST}:{closed.getsockname()[1]}"
    for variable in ("HTTP_PROXY", "http_proxy", "ALL_PROXY"):
        monkeypatch.setenv(variable, nobody)
    for variable in ("NO_PROXY", "no_proxy"):
        monkeypatch.setenv(variable, before)
    server = serve(answering(7))
    assert ask(requests, server) == 7
    by_name = f"http://localhost:{server.port}/predict"
    assert requests.post(by_name, json=BODY, timeout=LIMIT_S).ok
    if before == "intranet":
        assert os.environ["no_proxy"] == "intranet,127.0.0.1,localhost"
    settled = os.environ["no_proxy"]
    serve(answering(7))
    assert os.environ["no_proxy"] == settled


def test_a_stopped_server_lets_go_of_its_app_and_says_so_to_who_wants_to_know():
    app, heard = answering(1), []
    known = weakref.ref(app)
    server = serve(app, name="mine")
    server.at_stop(lambda: heard.append("stopped"))
    del app
    serve(answering(2), name="mine")
    gc.collect()
    assert known() is None
    server.stop()
    assert heard == ["stopped"]
