"""Does a worker answer past Flask as Flask does, and a crowd as each alone?"""

import io
import json
import socket

import numpy as np
import pytest
import requests
from hypothesis import HealthCheck, given, settings
from odd_rows import batches
from sklearn.ensemble import GradientBoostingClassifier, RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from werkzeug.test import EnvironBuilder, run_wsgi_app

from lessonlib.mail import arriving_bags, training_bags
from lessonlib.save.artifacts import load_model, save_model
from lessonlib.serve.contract import MAX_BODY_BYTES
from lessonlib.serve.server import HOST, serve
from lessonlib.serve.worker import Switch
from lessonlib.watch.metrics import read_metrics

PAST, ROWS = training_bags(), arriving_bags()[7].X[:6]
MODELS = {
    "fast": RandomForestClassifier(10, random_state=0),
    "in batches": GradientBoostingClassifier(n_estimators=1, random_state=0),
    "alone": LogisticRegression(max_iter=5, tol=1.0),
}


@pytest.fixture(scope="module", params=MODELS)
def folder(request, tmp_path_factory):
    folder = tmp_path_factory.mktemp("models") / "m"
    model = MODELS[request.param].fit(PAST.X, PAST.y)
    save_model(model, folder, example=PAST.X[:20])
    return folder


@pytest.fixture(scope="module")
def shared(folder):
    """A switch for all tests that only ask it."""
    return Switch(folder)


@pytest.fixture
def switch(folder):
    return Switch(folder)


def body_of(rows):
    return json.dumps({"rows": rows.tolist()}).encode()


def environ_of(body, **changes):
    options = {"path": "/predict", "method": "POST", "content_type": "application/json"}
    return EnvironBuilder(
        input_stream=io.BytesIO(body), **options | changes
    ).get_environ() | {"CONTENT_LENGTH": str(len(body))}


def ask(app, environ):
    """Return status, headers and content, without what differs in each reply."""
    pieces, status, headers = run_wsgi_app(app, environ)
    content = b"".join(pieces)
    if content.startswith(b'{"request_id"'):
        content = content[content.index(b'"model"') :]
    return status, dict(headers), content


ODD = {
    "one row": (body_of(ROWS[:1]), {}),
    "six rows": (body_of(ROWS), {}),
    "63 pixels": (body_of(ROWS[:1, 1:]), {}),
    "no JSON": (b"{", {}),
    "a NaN": (b'{"rows": [[NaN]]}', {}),
    "nothing": (b"", {}),
    "too large": (b" " * MAX_BODY_BYTES, {}),
    "another type": (body_of(ROWS), {"content_type": "text/plain"}),
    "a type with a charset": (
        body_of(ROWS),
        {"content_type": "application/json; charset=utf-8"},
    ),
    "another method": (body_of(ROWS), {"method": "PUT"}),
    "another address": (body_of(ROWS), {"path": "/elsewhere"}),
    "a page": (b"", {"path": "/model", "method": "GET"}),
}


@pytest.mark.parametrize("name", ODD)
def test_past_flask_the_reply_is_flasks_to_the_byte(shared, name):
    body, changes = ODD[name]
    expected = ask(shared.app, environ_of(body, **changes))
    assert ask(shared, environ_of(body, **changes)) == expected


@pytest.mark.parametrize("name", ODD)
def test_in_a_crowd_too(shared, name):
    body, changes = ODD[name]
    environs = [environ_of(body, **changes), environ_of(body_of(ROWS[2:3]))]
    expected = [ask(shared.app, environ) for environ in environs]
    again = [environ_of(body, **changes), environ_of(body_of(ROWS[2:3]))]
    shared.predict_ahead([environ["wsgi.input"] for environ in again])
    assert [ask(shared, environ) for environ in again] == expected


def probabilities(reply):
    return json.loads(b"{" + reply[2])["probabilities"]


def test_a_crowd_with_odd_rows_gets_the_models_bits(shared, folder):
    model = load_model(folder).estimator

    @settings(
        max_examples=30,
        deadline=None,
        derandomize=True,
        suppress_health_check=list(HealthCheck),
    )
    @given(batches(model, most=80))
    def check(rows):
        rows = rows[np.isfinite(rows).all(axis=1) & (abs(rows) < 1e38).all(axis=1)]
        parts = np.split(rows, range(3, len(rows), 3))
        environs = [environ_of(body_of(part)) for part in parts if len(part)]
        shared.predict_ahead([environ["wsgi.input"] for environ in environs])
        for environ, part in zip(environs, parts, strict=False):
            expected = model.predict_proba(np.array(part)).tolist()
            assert probabilities(ask(shared, environ)) == expected

    check()


def test_the_crowd_is_asked_once_unless_the_model_minds_its_company(switch):
    calls = []
    honest = switch.app.config["PREDICT_BATCHED"]
    if honest is None:
        assert not switch.predict_ahead([io.BytesIO(body_of(ROWS))])
        return
    switch.app.config["PREDICT_BATCHED"] = lambda rows: (
        calls.append(len(rows)) or honest(rows)
    )
    environs = [environ_of(body_of(row[None])) for row in ROWS]
    switch.predict_ahead([environ["wsgi.input"] for environ in environs])
    assert calls == [6]
    for environ in environs:
        assert ask(switch, environ)[0] == "200 OK"
    assert calls == [6]


def test_a_batch_that_fails_is_asked_one_by_one(switch):
    def fails(rows):
        raise ZeroDivisionError

    switch.app.config["PREDICT_BATCHED"] = fails
    environs = [environ_of(body_of(row[None])) for row in ROWS]
    switch.predict_ahead([environ["wsgi.input"] for environ in environs])
    assert {ask(switch, environ)[0] for environ in environs} == {"200 OK"}


def test_a_model_that_crashes_is_a_500_of_flask(switch):
    switch.app.extensions["answer"] = None
    switch.app.view_functions["predict_route"] = lambda: 1 / 0
    assert ask(switch, environ_of(body_of(ROWS)))[0].startswith("500")


def test_what_was_foreseen_is_the_answer_of_the_model_that_was_asked(switch, tmp_path):
    environ = environ_of(body_of(ROWS[:1]))
    expected = ask(switch.app, environ_of(body_of(ROWS[:1])))
    switch.predict_ahead([environ["wsgi.input"]] * 2)
    other = RandomForestClassifier(3, random_state=5).fit(PAST.X, PAST.y)
    save_model(other, tmp_path / "other", example=PAST.X[:20])
    assert switch.run_command(f"load {tmp_path / 'other'}").startswith("loaded ")
    assert switch.run_command("switch") == "ready"
    if switch._answers_ahead:
        assert ask(switch, environ) == expected
    assert ask(switch, environ_of(body_of(ROWS[:1]))) != expected


def test_each_answer_is_counted_once(switch):
    environs = [environ_of(body_of(row[None])) for row in ROWS]
    switch.predict_ahead([environ["wsgi.input"] for environ in environs])
    for environ in environs:
        ask(switch, environ)
    counts = read_metrics(switch.monitor.page())
    assert counts['http_requests_total{path="/predict",status="200"}'] == 6
    answers = [n for name, n in counts.items() if name.startswith("model_predictions")]
    assert sum(answers) == 6


HEAD = b"POST /predict HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
ROUGH = [
    b"nonsense\r\n\r\n",
    HEAD + b"Content-Length: 5\r\n\r\n[[[[[",
    HEAD + b"Content-Length: 99999\r\n\r\n" + b"[" * 99999,
    HEAD + b"Content-Length: 10\r\n\r\ncut",
    HEAD + b"Content-Length: -1\r\n\r\n",
    HEAD + b"Transfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n",
    b"GET /metrics HTTP/1.0\r\n\r\n",
]


def test_a_crowd_of_rough_requests_leaves_the_server_at_work(switch):
    body = body_of(ROWS[:1])
    whole = HEAD + b"Content-Length: %d\r\n\r\n" % len(body) + body
    with serve(switch, threads=0) as server:
        address = (HOST, server.port)
        clients = [socket.create_connection(address, timeout=20) for _ in range(40)]
        for client, rough in zip(clients, (ROUGH + [whole + whole]) * 5, strict=True):
            client.sendall(rough)
        for client in clients[:20]:
            client.close()  # before the answer
        for client in clients[23::8]:  # two requests at once are answered in order
            said = b""
            while said.count(b'"probabilities"') < 2:
                said += client.recv(65536)
            assert said.count(b"200 OK") == 2
        for client in clients[20:]:
            client.close()
        reply = requests.post(
            f"{server.url}/predict", json={"rows": ROWS.tolist()}, timeout=20
        )
        assert reply.status_code == 200
        assert not server.logs
