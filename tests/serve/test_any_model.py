"""Does each kind of model that people bring get through, from saving to its labels?

One model after the other is saved, loaded, asked through both faces and by worker
processes, by rows and by records, and its labels are joined. A thirteenth cannot be
served, and is told why.
"""

import asyncio
import json

import numpy as np
import pandas as pd
import pytest
import requests
from sklearn.compose import make_column_transformer
from sklearn.datasets import make_multilabel_classification
from sklearn.ensemble import (
    HistGradientBoostingClassifier,
    IsolationForest,
    RandomForestClassifier,
    RandomForestRegressor,
)
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LinearRegression, LogisticRegression, Ridge
from sklearn.model_selection import FixedThresholdClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler
from sklearn.svm import SVC
from test_asgi_app import ask, asked_of_flask, comparable

from lessonlib.learn.log import PredictionLog
from lessonlib.save.artifacts import load_model, save_model
from lessonlib.serve.asgi_app import AsgiApp
from lessonlib.serve.flask_app import flask_app
from lessonlib.serve.monitor import Monitor
from lessonlib.serve.worker import contract_of
from lessonlib.serve.workers import serve_processes
from lessonlib.watch.column_drift import compare_columns
from lessonlib.watch.metrics import read_metrics

# SVC(probability=True) is what people bring, until it is gone
pytestmark = pytest.mark.filterwarnings("ignore:The `probability` parameter")
N, LIMIT_S = 120, 30
RNG = np.random.default_rng(14)
X = RNG.normal(size=(N, 4))
GAPS = np.where(RNG.random(X.shape) < 0.2, np.nan, X)
YES = X[:, 0] + X[:, 1] / 2 + RNG.normal(size=N) / 2 > 0
CITIES = RNG.choice(["Leeds", "York", "Hull"], N)
PEOPLE = pd.DataFrame(
    {
        "age": RNG.integers(18, 90, N),
        "income": np.where(RNG.random(N) < 0.2, np.nan, RNG.normal(30, 5, N)),
        "city": CITIES,
        "member": YES,
        "since": pd.to_datetime("2026-01-01")
        + pd.to_timedelta(RNG.integers(0, 300, N), "D"),
    }
)
PARCELS = pd.DataFrame({"city": pd.Categorical(CITIES), "weight": GAPS[:, 0]})
WORDS = [f"{'good' if yes else 'lost'} parcel {i % 7}" for i, yes in enumerate(YES)]


def people():
    """Return a pipeline for a table of numbers with gaps, words, truths and dates."""
    return make_pipeline(
        make_column_transformer(
            (make_pipeline(SimpleImputer(), StandardScaler()), ["age", "income"]),
            (OneHotEncoder(), ["city"]),
            ("passthrough", ["member"]),
        ),
        LogisticRegression(),
    )


MODELS = {
    "a table with words and gaps": (people(), PEOPLE, YES),
    "words": (make_pipeline(TfidfVectorizer(), LogisticRegression()), WORDS, YES),
    "gaps in an array": (HistGradientBoostingClassifier(max_iter=5), GAPS, YES),
    "categories of a table": (
        HistGradientBoostingClassifier(max_iter=5), PARCELS, YES),
    "a price": (Ridge(), X, X[:, 0] * 3),
    "two prices": (LinearRegression(), X, X[:, :2] * 3),
    "a price in a column": (LinearRegression(), X, X[:, :1] * 3),
    "a forest of prices": (RandomForestRegressor(5), PEOPLE[["age"]], X[:, 0]),
    "outliers": (IsolationForest(n_estimators=10, random_state=0), X, None),
    "truths": (RandomForestClassifier(5, random_state=0), X, YES),
    "names": (SVC(probability=True, random_state=0), X, CITIES),
    "a threshold": (
        FixedThresholdClassifier(LogisticRegression(), threshold=0.9), X, YES),
}  # fmt: skip


@pytest.fixture(scope="module", params=MODELS)
def saved(request, tmp_path_factory):
    model, table, y = MODELS[request.param]
    model.fit(table, y)
    folder = tmp_path_factory.mktemp("models") / "m"
    save_model(model, folder, example=table[:20])
    return folder, model, table


@pytest.fixture(scope="module")
def workers(tmp_path_factory):
    folder = tmp_path_factory.mktemp("models") / "first"
    save_model(Ridge().fit(X, X[:, 0]), folder, example=X[:5])
    with (
        PredictionLog(folder.parent / "log.db") as log,
        serve_processes(folder, workers=1, log=log) as processes,
    ):
        yield processes, log


def bodies(folder, model, table):
    """Return rows of the table as two bodies, and what the model says of them."""
    manifest = load_model(folder).manifest
    golden = json.loads(next(folder.glob("golden-*.json")).read_bytes())["rows"][:3]
    names = [column.name for column in manifest.columns]
    records = [dict(zip(names, row, strict=True)) for row in golden]
    said = {"predictions": model.predict(table[:3]).tolist()}
    if hasattr(model, "predict_proba"):
        said["probabilities"] = model.predict_proba(table[:3]).tolist()
    if hasattr(model, "score_samples") and not hasattr(model, "predict_proba"):
        said["scores"] = model.decision_function(table[:3]).tolist()
    if np.ndim(said["predictions"]) == 2 and len(said["predictions"][0]) == 1:
        said["predictions"] = [value for (value,) in said["predictions"]]
    encoded = [json.dumps({"rows": golden}), json.dumps({"records": records})]
    return [each.encode() for each in encoded], said


def answers(body):
    reply = json.loads(body)
    return {key: reply[key] for key in reply if key not in ("request_id", "model")}


def test_both_faces_say_what_the_model_says(saved):
    contract = contract_of(saved[0], monitor=Monitor())
    app, flask = AsgiApp(contract), flask_app(contract)
    sent, said = bodies(*saved)
    for body in sent:
        status, headers, reply = asyncio.run(ask(app, body))
        assert status == 200
        assert_close(answers(reply), said)
        theirs = comparable(asked_of_flask(flask, body))
        assert comparable((status, headers, reply)) == theirs


def assert_close(found, expected):
    """Compare answers: numbers up to the last digits, all else to the letter."""
    assert found.keys() == expected.keys()
    for key, values in expected.items():
        if np.asarray(values).dtype.kind == "f":
            assert np.allclose(found[key], values, rtol=1e-9, atol=1e-9)
        else:
            assert found[key] == values
            assert [type(each) for each in found[key]] == [type(v) for v in values]


def test_workers_keep_answers_and_labels(saved, workers):
    processes, log = workers
    version = processes.reload(saved[0])
    sent, said = bodies(*saved)
    for body in sent:
        kind = {"Content-Type": "application/json"}
        url = f"{processes.url}/predict"
        reply = requests.post(url, data=body, headers=kind, timeout=LIMIT_S)
        assert reply.status_code == 200, reply.text
        assert_close(answers(reply.content), said)
        label = {
            "request_id": reply.json()["request_id"],
            "label": reply.json()["predictions"][0],
        }
        heard = requests.post(f"{processes.url}/feedback", json=label, timeout=LIMIT_S)
        assert heard.json() == {"stored": True}
    joined = log.joined()
    here = joined.version == version
    assert here.sum() == 6
    assert (joined.labelled & here).sum() == 2
    kept = [(joined.prediction[i], joined.label[i]) for i in np.flatnonzero(here)]
    assert all(label in (None, answer) for answer, label in kept)
    page = requests.get(f"{processes.url}/metrics", timeout=LIMIT_S).text
    assert read_metrics(page)['http_requests_total{path="/predict",status="200"}'] > 0


def test_what_drifts_is_told_by_column(saved):
    folder, _, table = saved
    columns = load_model(folder).manifest.columns
    same = compare_columns(table[:60], table[60:], columns)
    assert [drift.column for drift in same] == [column.name for column in columns]
    if not isinstance(table, pd.DataFrame):
        return
    other = table[60:].copy()
    first = columns[0].name
    other[first] = other[first].iloc[0]  # what varied is stuck
    moved = [each.column for each in compare_columns(table[:60], other, columns)
             if each.moved]  # fmt: skip
    assert moved == [first]


def test_a_model_of_several_labels_is_told_why_not(tmp_path):
    X, y = make_multilabel_classification(random_state=0)
    model = RandomForestClassifier(3).fit(X, y)
    with pytest.raises(ValueError, match="several labels"):
        save_model(model, tmp_path / "m", example=X[:5])
    assert not (tmp_path / "m").exists()


@pytest.mark.parametrize("package", ["lightgbm", "xgboost"])
def test_boosters_of_others_too_where_they_are(package, tmp_path):
    module = pytest.importorskip(package)
    name = {"lightgbm": "LGBMClassifier", "xgboost": "XGBClassifier"}[package]
    model = getattr(module, name)(n_estimators=5).fit(PARCELS[["weight"]], YES)
    manifest = save_model(model, tmp_path / "m", example=PARCELS[["weight"]][:20])
    assert manifest.columns[0].name == "weight" and package in manifest.libraries
    rows = PARCELS[["weight"]][:9]
    said = load_model(tmp_path / "m")(rows)
    assert np.array_equal(said.predictions, model.predict(rows))
