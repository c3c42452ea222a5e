"""Are both faces of a contract one, and does a crowd get what each would get alone?"""

import asyncio
import json
import sqlite3
from contextlib import closing
from copy import copy

import numpy as np
import pandas as pd
import pytest
from faces import ask, asked_of_flask, comparable
from hypothesis import HealthCheck, given, settings
from odd_rows import batches
from sklearn.compose import make_column_transformer
from sklearn.ensemble import GradientBoostingClassifier, RandomForestClassifier
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder

from lessonlib.learn.log import PredictionLog
from lessonlib.mail import arriving_bags, training_bags
from lessonlib.save.artifacts import load_model, save_model
from lessonlib.serve.asgi_app import AsgiApp
from lessonlib.serve.contract import MAX_BODY_BYTES, Contract
from lessonlib.serve.flask_app import flask_app
from lessonlib.serve.monitor import Monitor
from lessonlib.serve.worker import Worker, contract_of
from lessonlib.watch.metrics import read_metrics

PAST, ROWS = training_bags(), arriving_bags()[7].X[:6]
TOWNS = pd.DataFrame(
    {"town": ["Leeds", "York", "Hull"] * 8, "weight": np.arange(24) / 2}
)
TOWNS.loc[3, "weight"] = None


def towns(last, *, sparse=False):
    """Return a model of a table with words and gaps."""
    table = make_column_transformer(
        (OneHotEncoder(sparse_output=sparse), ["town"]),
        (SimpleImputer(), ["weight"]),
        sparse_threshold=float(sparse),
    )
    return make_pipeline(table, last)


MODELS = {
    "fast": (RandomForestClassifier(10, random_state=0), PAST.X, PAST.y),
    "in batches": (
        GradientBoostingClassifier(n_estimators=1, random_state=0), PAST.X, PAST.y),
    "alone": (LogisticRegression(max_iter=5, tol=1.0), PAST.X, PAST.y),
    "a table": (
        towns(RandomForestClassifier(3, random_state=0)), TOWNS, TOWNS["town"]),
    "the last step alone": (towns(LogisticRegression()), TOWNS, TOWNS["town"]),
    "the last step of sparse rows alone": (
        towns(LogisticRegression(), sparse=True), TOWNS, TOWNS["town"] == "York"),
    "numbers": (LinearRegression(), PAST.X, PAST.y[:, None] * 1.5),
}  # fmt: skip


@pytest.fixture(scope="module", params=MODELS)
def folder(request, tmp_path_factory):
    folder = tmp_path_factory.mktemp("models") / "m"
    model, X, y = MODELS[request.param]
    save_model(model.fit(X, y), folder, example=X[:20])
    return folder


@pytest.fixture(scope="module")
def made(folder):
    return contract_of(folder, monitor=Monitor())


@pytest.fixture
def app(made):
    return AsgiApp(copy(made))


def body_of(rows):
    return json.dumps({"rows": rows.tolist()}).encode()


def good_bodies(contract):
    """Return bodies that the model of a contract answers."""
    example = [*contract.manifest.example]
    names = [column.name for column in contract.manifest.columns]
    record = dict(zip(names, example, strict=True))
    return [json.dumps({"rows": [example] * n}).encode() for n in (1, 2, 5)] + [
        json.dumps({"records": [record, record]}, indent=1).encode()
    ]


ODD = {
    "no JSON": (b"{", {}),
    "a NaN": (b'{"rows": [[NaN]]}', {}),
    "too few": (b'{"rows": [[1]]}', {}),
    "an unknown column": (b'{"records": [{"hight": 1}]}', {}),
    "both": (b'{"records": [{}], "rows": []}', {}),
    "a key twice": (b'{"rows": [[1]], "rows": [[1]]}', {}),
    "an escape": (b'{"\\u0072ows": [[1]]}', {}),
    "a lone surrogate": (b'{"records": [{"\\ud800": 1}]}', {}),
    "nested deeply": (b'{"rows": ' + b"[" * 5000 + b"]" * 5000 + b"}", {}),
    "nothing": (b"", {}),
    "too large": (b" " * MAX_BODY_BYTES, {}),
    "another type": (b"{}", {"kind": "text/plain"}),
    "a type with a charset": (b"{}", {"kind": "application/json; charset=utf-8"}),
    "another method": (b"{}", {"method": "PUT"}),
    "another address": (b"{}", {"path": "/elsewhere"}),
    "no log": (b"{}", {"path": "/feedback"}),
    "a page": (b"", {"path": "/model", "method": "GET"}),
    "its head": (b"", {"path": "/model", "method": "HEAD"}),
    "a document": (b"", {"path": "/openapi.json", "method": "GET"}),
    "the form": (b"", {"path": "/", "method": "GET"}),
    "options": (b"", {"path": "/predict", "method": "OPTIONS"}),
    "a page by POST": (b"", {"path": "/health", "method": "POST"}),
}  # fmt: skip


@pytest.mark.parametrize("name", ODD)
def test_an_odd_request_gets_the_same_reply_from_both_faces(app, name):
    body, changes = ODD[name]
    alone = asyncio.run(ask(app, body, **changes))
    assert comparable(alone) == comparable(
        asked_of_flask(flask_app(app.contract), body, **changes)
    )
    assert alone[0] < 500


def test_a_good_request_gets_the_same_reply_from_both_faces_and_in_a_crowd(app):
    async def crowd():
        odd = [ask(app, body, **changes) for body, changes in ODD.values()]
        good = [ask(app, body) for body in good_bodies(app.contract)]
        return await asyncio.gather(*odd[::2], *good, *odd[1::2])

    replies = asyncio.run(crowd())
    flask = flask_app(app.contract)
    good = [reply for reply in replies if reply[2].startswith(b'{"request_id"')]
    assert len(good) == 4
    for body, reply in zip(good_bodies(app.contract), good, strict=True):
        assert comparable(reply) == comparable(asked_of_flask(flask, body))


def test_a_crowd_with_odd_rows_gets_the_models_bits(tmp_path):
    model = MODELS["fast"][0].fit(PAST.X, PAST.y)
    save_model(model, tmp_path / "m", example=PAST.X[:20])
    app = AsgiApp(contract_of(tmp_path / "m", monitor=Monitor()))

    @settings(
        max_examples=30,
        deadline=None,
        derandomize=True,
        suppress_health_check=list(HealthCheck),
    )
    @given(batches(model, most=80))
    def check(rows):
        rows = rows[np.isfinite(rows).all(axis=1) & (abs(rows) < 1e38).all(axis=1)]
        parts = [part for part in np.split(rows, range(3, len(rows), 3)) if len(part)]

        async def crowd():
            return await asyncio.gather(*(ask(app, body_of(part)) for part in parts))

        for (_, _, body), part in zip(asyncio.run(crowd()), parts, strict=True):
            said = json.loads(body)
            assert said["probabilities"] == model.predict_proba(part).tolist()
            assert said["predictions"] == model.predict(part).tolist()

    check()


def counted(app):
    """Let an app note the rows of each call of its model; a list: each asked alone."""
    contract, calls = app.contract, []
    ask, apart = contract.ask, contract.ask_apart
    contract.ask = lambda table: calls.append(len(table)) or ask(table)
    if apart is not None:
        contract.ask_apart = lambda table, n: calls.append(n) or apart(table, n)
    return calls


def six(app):
    body = good_bodies(app.contract)[0]

    async def crowd():
        return await asyncio.gather(*(ask(app, body) for _ in range(6)))

    return asyncio.run(crowd())


def test_the_crowd_is_asked_once_unless_the_model_minds_its_company(app):
    calls = counted(app)
    assert {status for status, *_ in six(app)} == {200}
    assert calls == [[1] * 6 if app.contract.ask_apart else 6]


def test_those_who_do_not_fit_into_a_batch_come_into_the_next(app):
    calls, app.max_batch = counted(app), 4
    assert {status for status, *_ in six(app)} == {200}
    assert calls == ([[1] * 4, [1] * 2] if app.contract.ask_apart else [4, 2])


def fail(app, *, from_rows):
    """Let the model of an app crash when it is asked for so many rows or more."""
    contract = app.contract
    ask, apart = contract.ask, contract.ask_apart
    contract.ask = lambda table: ask(table) if len(table) < from_rows else 1 / 0
    if apart is not None:
        contract.ask_apart = lambda table, sizes: (
            apart(table, sizes) if len(table) < from_rows else 1 / 0
        )


def test_a_batch_that_fails_is_asked_one_by_one(app):
    fail(app, from_rows=2)
    assert {status for status, *_ in six(app)} == {200}


def test_a_model_that_crashes_is_a_500_as_of_flask(app, caplog):
    fail(app, from_rows=1)
    replies = [*map(comparable, six(app))]
    assert replies[0][0] == 500 and replies == [replies[0]] * 6
    flask = flask_app(app.contract)
    body = good_bodies(app.contract)[0]
    assert comparable(asked_of_flask(flask, body)) == replies[0]
    assert "ZeroDivisionError" in caplog.text


def test_who_would_wait_too_long_is_told_to_come_back(app):
    app.max_wait_s, app._row_s = 1.0, 0.4
    statuses = [status for status, *_ in six(app)]
    assert statuses == [200] * 3 + [503] * 3
    app._row_s = 0.4
    status, headers, body = six(app)[-1]
    assert (status, headers["retry-after"]) == (503, "1")
    assert json.loads(body)["error"]["code"] == "overloaded"
    app._row_s = 0.0
    assert {status for status, *_ in six(app)} == {200}  # nobody waits any more


def test_a_client_that_has_gone_keeps_nobody_waiting(app):
    body = good_bodies(app.contract)[0]

    async def crowd():
        first, second = (asyncio.create_task(ask(app, body)) for _ in "ab")
        for _ in range(3):
            await asyncio.sleep(0)
        first.cancel()
        return await second

    assert asyncio.run(crowd())[0] == 200


def test_each_answer_is_counted_once(app):
    before = read_metrics(app.contract.monitor.page())
    six(app)
    after = read_metrics(app.contract.monitor.page())
    gained = {name: n - before.get(name, 0) for name, n in after.items()}
    assert gained['http_requests_total{path="/predict",status="200"}'] == 6
    names = ("model_predictions_total", "model_prediction_value_count")
    assert sum(n for name, n in gained.items() if name.startswith(names)) == 6


def test_a_request_is_answered_by_the_model_that_was_asked(folder, tmp_path):
    worker = Worker(str(folder))
    other = RandomForestClassifier(3, random_state=5).fit(PAST.X, PAST.y)
    save_model(other, tmp_path / "other", example=PAST.X[:20])
    body = good_bodies(worker.app.contract)[0]
    before = load_model(folder).manifest.version

    async def change():
        first = asyncio.create_task(ask(worker.app, body))
        for _ in range(2):
            await asyncio.sleep(0)  # it has been read, and waits
        assert worker.run_command(f"load {tmp_path / 'other'}").startswith("loaded ")
        assert worker.run_command("switch") == "ready"
        return await first, await ask(worker.app, path="/ready", method="GET")

    first, now = asyncio.run(change())
    assert first[0] == 200 and first[1]["x-model-version"] == before
    assert now[1]["x-model-version"] != before


def test_a_model_that_cannot_be_loaded_is_told_in_a_line(folder):
    worker = Worker(str(folder))
    assert "\n" not in worker.run_command("load nowhere")
    assert worker.app.contract.manifest.name == "m"


# -- a log that cannot be written


@pytest.mark.parametrize("face", ["flask", "asgi"])
def test_while_the_log_is_locked_a_caller_is_told_to_come_back(
    tmp_path, monkeypatch, caplog, face
):
    monkeypatch.setattr("lessonlib.learn.store._LOCKED_MS", 50)
    with PredictionLog(tmp_path / "log.db") as log:
        contract = Contract(lambda rows: [1.0] * len(rows), columns=1, log=log)

        def tell(path, fields):
            body = json.dumps(fields).encode()
            if face == "flask":
                return asked_of_flask(flask_app(contract), body, path=path)
            return asyncio.run(ask(AsgiApp(contract), body, path=path))

        def predicted():
            reply = tell("/predict", {"rows": [[2]]})
            return json.loads(reply[2])["request_id"]

        first = predicted()
        label = {"request_id": first, "label": 1.0}
        with closing(
            sqlite3.connect(tmp_path / "log.db", isolation_level=None)
        ) as other:
            other.execute("BEGIN IMMEDIATE")
            for request in (("/predict", {"rows": [[2]]}), ("/feedback", label)):
                status, headers, body = tell(*request)
                assert (status, headers["retry-after"]) == (503, "1")
                error = json.loads(body)["error"]
                assert error["code"] == "log_unavailable"
                assert "ask again" in error["message"]
            other.execute("ROLLBACK")
        assert "another program has locked it" in caplog.text
        assert tell("/feedback", label)[0] == 200
        answered = [first, predicted()]  # and none of those who were told to come back
        assert log.joined().request_id.tolist() == answered
        assert log.joined().label.tolist() == [1.0, None]
