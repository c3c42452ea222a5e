"""Can a client that a public generator made of our document ask the live server?"""

import importlib
import json
import os
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
import requests
from openapi_spec_validator import validate
from sklearn.compose import make_column_transformer
from sklearn.ensemble import RandomForestClassifier
from sklearn.feature_extraction.text import CountVectorizer
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder

from lessonlib.learn.log import PredictionLog
from lessonlib.mail import training_bags
from lessonlib.save.artifacts import load_model, save_model
from lessonlib.serve.flask_app import prediction_app
from lessonlib.serve.keys import Keys, new_key
from lessonlib.serve.monitor import Monitor
from lessonlib.serve.server import serve
from lessonlib.serve.workers import serve_processes

PAST = training_bags()
PEOPLE = pd.DataFrame(
    {
        "age": [34.0, 51.0, 29.0, None] * 6,
        "home town": ["Leeds", "York", None, "Hull"] * 6,
        "paid": [True, False, True, True] * 6,
    }
)
WORDS = make_pipeline(SimpleImputer(strategy="most_frequent"), OneHotEncoder())


def people():
    """Return a model of a table with a name of two words, words and gaps."""
    columns = make_column_transformer(
        (WORDS, ["home town"]), (SimpleImputer(), ["age"]), ("passthrough", ["paid"])
    )
    return make_pipeline(columns, RandomForestClassifier(5, random_state=0))


TEXTS = np.array(["a good parcel", "a lost parcel"] * 5)
MODELS = {
    "people": (people(), PEOPLE, PEOPLE["paid"]),
    "digits": (RandomForestClassifier(5, random_state=0), PAST.X, PAST.y),
    "prices": (LinearRegression(), PAST.X[:, :3], PAST.y * 1.5),
    "texts": (make_pipeline(CountVectorizer(), LogisticRegression()), TEXTS, TEXTS),
}


@pytest.fixture(scope="module", params=MODELS)
def saved(request, tmp_path_factory):
    folder = tmp_path_factory.mktemp(request.param)
    model, X, y = MODELS[request.param]
    save_model(model.fit(X, y), folder / "model", example=X)
    return SimpleNamespace(name=request.param, folder=folder, example=X)


@pytest.fixture(scope="module")
def server(saved):
    model = load_model(saved.folder / "model")
    with PredictionLog(saved.folder / "log.sqlite") as log:
        app = prediction_app(model, log=log, monitor=Monitor())
        with serve(app, name="generated client") as server:
            yield server


def generate(*source, to):
    """Let the generator make a client of a document."""
    command = [sys.executable, "-m", "openapi_python_client", "generate", *source]
    command += ["--meta", "none", "--output-path", to]
    command += ["--config", Path(__file__).with_name("generator.yaml")]
    finished = subprocess.run(
        command,
        env=os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)},
        capture_output=True,
        text=True,
    )
    said = finished.stdout + finished.stderr
    assert finished.returncode == 0, said
    assert "warning" not in said.lower(), said  # or some pieces are missing


@pytest.fixture(scope="module")
def made(saved, server):
    """Yield the package that the generator made of the server's own document."""
    package = f"client_of_{saved.name}"
    folder = saved.folder / package
    generate("--url", f"{server.url}/openapi.json", to=folder)
    sys.path.insert(0, str(saved.folder))

    def part(name):
        return importlib.import_module(f"{package}.{name}")

    with part("client").Client(base_url=server.url) as client:
        yield SimpleNamespace(client=client, models=part("models"), api=part)


def ask(made, operation, **given):
    module = made.api(f"api.default.{operation}")
    return module.sync_detailed(client=made.client, **given)


def body_of(made, saved, *, named):
    """Return a body of the generated classes: two rows of the example."""
    document = json.loads(ask(made, "get_openapi").content)
    names = list(document["components"]["schemas"]["Record"]["properties"])
    rows = pd.DataFrame(saved.example[:2]).astype(object)
    rows = rows.where(rows.notna(), None).to_numpy().tolist()
    if not named:
        return made.models.RowsRequest(rows)
    records = [
        made.models.Record.from_dict(dict(zip(names, row, strict=True))) for row in rows
    ]
    return made.models.RecordsRequest(records)


def test_the_document_is_valid(made):
    validate(json.loads(ask(made, "get_openapi").content))


@pytest.mark.parametrize("named", [False, True], ids=["rows", "records"])
def test_it_gets_the_answers_of_the_model(named, made, saved):
    reply = ask(made, "predict", body=body_of(made, saved, named=named))
    assert reply.status_code == 200
    expected = MODELS[saved.name][0].predict(saved.example[:2]).tolist()
    assert reply.parsed.to_dict()["predictions"] == expected
    assert (
        reply.parsed.model.version
        == load_model(saved.folder / "model").manifest.version
    )


def test_it_sends_back_a_label_as_it_got_it(made, saved):
    reply = ask(made, "predict", body=body_of(made, saved, named=True)).parsed
    label = made.models.FeedbackRequest(reply.request_id, reply.predictions[0])
    assert ask(made, "send_label", body=label).parsed.stored is True
    stranger = made.models.FeedbackRequest("a stranger", reply.predictions[0])
    refused = ask(made, "send_label", body=stranger)
    assert (refused.status_code, refused.parsed.error.code) == (404, "unknown_request")


def test_it_understands_a_refusal(made):
    refused = ask(made, "predict", body=made.models.RowsRequest([]))
    assert (refused.status_code, refused.parsed.error.code) == (422, "no_rows")


@pytest.mark.parametrize(
    "page",
    ["get_health", "get_manifest", "get_metrics", "get_readiness", "get_try_it_page"],
)
def test_it_reads_every_page(page, made):
    assert ask(made, page).status_code == 200


@pytest.mark.parametrize("saved", ["people"], indirect=True)
def test_workers_answer_the_same_client(made, saved):
    body = body_of(made, saved, named=True)
    expected = ask(made, "predict", body=body).parsed.predictions
    with serve_processes(saved.folder / "model", workers=1) as processes:
        with made.api("client").Client(base_url=processes.url) as client:
            reply = made.api("api.default.predict").sync(client=client, body=body)
    assert reply.predictions == expected


@pytest.mark.parametrize("saved", ["people"], indirect=True)
def test_a_client_with_a_key_is_answered(saved, tmp_path, monkeypatch):
    key = new_key(tmp_path / "keys", "ada")
    model = load_model(saved.folder / "model")
    app = prediction_app(model, keys=Keys(tmp_path / "keys"), monitor=Monitor())
    with serve(app, name="guarded") as server:
        headers = {"Authorization": f"Bearer {key}"}
        document = requests.get(
            f"{server.url}/openapi.json", headers=headers, timeout=30
        )
        (tmp_path / "openapi.json").write_bytes(document.content)
        validate(document.json())
        generate("--path", tmp_path / "openapi.json", to=tmp_path / "keyed_client")
        monkeypatch.syspath_prepend(tmp_path)
        client = importlib.import_module("keyed_client.client")
        page = importlib.import_module("keyed_client.api.default.get_manifest")
        for token, status in ((key, 200), ("wrong", 401)):
            with client.AuthenticatedClient(server.url, token=token) as asking:
                reply = page.sync_detailed(client=asking)
                assert reply.status_code == status
        assert reply.parsed.error.code == "unknown_key"
