"""Is the log of a server kept when that is started again, or does not move at all?"""

import time

import pytest
import throwaway_postgres

from lessonlib.errors import LogUnavailable
from lessonlib.learn.log import PredictionLog
from lessonlib.serve.contract import Contract
from lessonlib.serve.flask_app import flask_app


@pytest.fixture(scope="module")
def server():
    if why_not := throwaway_postgres.missing():
        pytest.skip(why_not)
    with throwaway_postgres.server() as server:
        yield server


@pytest.fixture
def log(server, monkeypatch):
    monkeypatch.setattr("lessonlib.learn.servers._SILENT_S", 0.3)
    monkeypatch.setattr("lessonlib.learn.servers._BREATHER_S", 0.05)
    with PredictionLog(server.url) as log:
        before = len(log.joined())
        yield log
        assert len(log.joined()) >= before  # nothing is ever taken away


def predict(log, name):
    log.record(name, "m", "v", [[1.0]], [3])


def ids(log, start):
    found = (each for each in log.joined().request_id if each.startswith(start))
    return sorted(found)


def test_a_server_that_was_started_again_is_reached_again(server, log):
    predict(log, "restart-a")
    server.restart()
    predict(log, "restart-b")
    assert log.label("restart-a", 3) is True
    server.restart()
    assert log.label("restart-a", 3) is False
    assert ids(log, "restart") == ["restart-a", "restart-b"]


@pytest.mark.long
def test_a_frozen_server_is_told_of_soon_and_nothing_is_lost_or_doubled(server, log):
    app = flask_app(Contract(lambda rows: [1.0] * len(rows), columns=1, log=log))
    client = app.test_client()
    first = client.post("/predict", json={"rows": [[2]]}).json["request_id"]
    with server.frozen():
        for path, body in (
            ("/predict", {"rows": [[2]]}),
            ("/feedback", {"request_id": first, "label": 1.0}),
        ):
            reply = client.post(path, json=body)
            assert (reply.status_code, reply.headers["Retry-After"]) == (503, "1")
            assert reply.json["error"]["code"] == "log_unavailable"
        time.sleep(0.06)  # after the breather it is tried again, and is no nearer
        for _ in range(3):
            with pytest.raises(LogUnavailable, match="out of reach"):
                predict(log, "frozen-a")
        with pytest.raises(LogUnavailable, match="out of reach"):
            log.joined()
    wait_until_it_moves(log)
    for _ in range(2):
        predict(log, "frozen-a")
    assert ids(log, "frozen") == ["frozen-a"]
    assert log.label(first, 1.0) is True


def test_what_was_under_way_when_the_server_froze_is_not_kept(server, log):
    row = "INSERT INTO strays VALUES (?, 0, '3', 'clerk', 0.0)"

    def freeze_half_way(store):
        store.run(row, ["half"])
        with server.frozen():
            store.run(row, ["the other half"])

    before = log.joined().strays
    with pytest.raises(LogUnavailable):
        log._writer.do(freeze_half_way)
    wait_until_it_moves(log)
    assert log.joined().strays == before


def wait_until_it_moves(log):
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        try:
            return log._writer.do(lambda store: store.run("SELECT 1"))
        except LogUnavailable:
            time.sleep(0.05)
    raise AssertionError("the server does not answer again")
