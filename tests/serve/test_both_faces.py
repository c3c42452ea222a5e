"""Do both faces ask for a key, name a request, and write it down in the same way?"""

import asyncio
import io
import json

import pytest
from faces import ask, asked_of_flask, comparable

from lessonlib.errors import KeysUnavailable
from lessonlib.learn.log import PredictionLog
from lessonlib.serve.asgi_app import AsgiApp
from lessonlib.serve.contract import MAX_BODY_BYTES, OPEN, Contract
from lessonlib.serve.flask_app import flask_app, prediction_app
from lessonlib.serve.keys import Keys, new_key, revoke_key
from lessonlib.serve.monitor import Monitor
from lessonlib.serve.rates import RateLimit
from lessonlib.serve.visit import AccessLog

BODY = b'{"rows": [[2]]}'
FACES = {
    "flask": lambda contract, *a, **k: asked_of_flask(flask_app(contract), *a, **k),
    "asgi": lambda contract, *a, **k: asyncio.run(ask(AsgiApp(contract), *a, **k)),
}


@pytest.fixture(params=FACES)
def face(request):
    return FACES[request.param]


@pytest.fixture
def file(tmp_path):
    return tmp_path / "keys"


def twice(rows):
    return [2.0 * row[0] for row in rows]


def bearer(key):
    return [("Authorization", f"Bearer {key}")]


def contract_with(file, *, limit=None, **beside):
    keys = Keys(file, limit=limit)
    return Contract(twice, columns=1, keys=keys, monitor=Monitor(), **beside)


def code(reply):
    return json.loads(reply[2])["error"]["code"]


PATHS = {
    "predict": (BODY, {}),
    "a bad body": (b"{", {}),
    "too large": (b" " * MAX_BODY_BYTES, {}),
    "another type": (BODY, {"kind": "text/plain"}),
    "feedback": (b"{}", {"path": "/feedback"}),
    "model": (b"", {"path": "/model", "method": "GET"}),
    "its head": (b"", {"path": "/model", "method": "HEAD"}),
    "document": (b"", {"path": "/openapi.json", "method": "GET"}),
    "health": (b"", {"path": "/health", "method": "GET"}),
    "ready": (b"", {"path": "/ready", "method": "GET"}),
    "the form": (b"", {"path": "/", "method": "GET"}),
    "options": (b"", {"method": "OPTIONS"}),
    "another method": (BODY, {"method": "PUT"}),
    "another address": (BODY, {"path": "/elsewhere"}),
}


@pytest.mark.parametrize("name", PATHS)
def test_both_faces_say_the_same_with_keys_and_without(file, tmp_path, name):
    key = new_key(file, "ada")
    body, changes = PATHS[name]
    path, method = changes.get("path", "/predict"), changes.get("method", "POST")
    open_ = path in OPEN or method in ("OPTIONS", "PUT") or path == "/elsewhere"
    ways = {
        "none": ([], 401),
        "wrong": (bearer("wrong"), 401),
        "right": (bearer(key), None),
        "two": (bearer(key) * 2, 401),
        "named": ([*bearer(key), ("X-Request-ID", "named")], None),
        "oddly named": ([("X-Request-ID", "a b")], 401),
        "in the address": (bearer(key), 400),
    }
    with PredictionLog(tmp_path / "log.db") as log:
        contract = contract_with(file, log=log)
        for way, (sent, expected) in ways.items():
            if way == "in the address":
                changes = changes | {"path": f"{path}?key={key}"}
            replies = [
                face(contract, body, sent=sent, **changes) for face in FACES.values()
            ]
            first, second = map(comparable, replies)
            assert first == second, way
            if expected and not open_:
                assert first[0] == expected, way
            else:
                assert first[0] not in (400, 401) or name == "a bad body", way
            assert key.encode() not in first[2]


def test_a_key_is_looked_at_before_the_body_is(file):
    new_key(file, "ada")
    sent = []

    async def receive():
        raise AssertionError("the body was read")

    async def send(message):
        sent.append(message)

    headers = [(b"content-type", b"application/json"), (b"content-length", b"99999999")]
    scope = {"type": "http", "path": "/predict", "method": "POST", "headers": headers}
    asyncio.run(AsgiApp(contract_with(file))(scope, receive, send))
    assert sent[0]["status"] == 401


def test_counts_are_not_for_everybody(file, face):
    key, contract = new_key(file, "ada"), contract_with(file)
    for sent, status in (([], 401), (bearer(key), 200)):
        assert face(contract, path="/metrics", method="GET", sent=sent)[0] == status


def test_a_revoked_key_is_one_no_more(file, face):
    key = new_key(file, "ada")
    contract = contract_with(file)
    assert face(contract, BODY, sent=bearer(key))[0] == 200
    revoke_key(file, "ada")
    assert code(face(contract, BODY, sent=bearer(key))) == "unknown_key"


def test_a_limit_is_each_keys_own(file, face):
    ada, bob = (bearer(new_key(file, name)) for name in ("ada", "bob"))
    contract = contract_with(file, limit=RateLimit(0.01, burst=2))
    assert [face(contract, BODY, sent=ada)[0] for _ in range(3)] == [200, 200, 429]
    status, headers, body = face(contract, BODY, sent=ada)
    assert 90 < int(headers["retry-after"]) <= 100
    assert json.loads(body)["error"]["code"] == "too_many_requests"
    assert face(contract, BODY, sent=bob)[0] == 200
    assert face(contract, path="/health", method="GET")[0] == 200


def test_while_the_file_is_damaged_nobody_is_let_in_but_a_watcher(file, face, caplog):
    key = new_key(file, "ada")
    contract = contract_with(file)
    good = file.read_bytes()
    file.write_bytes(b"?")
    status, headers, body = face(contract, BODY, sent=bearer(key))
    assert (status, headers["retry-after"]) == (503, "1")
    error = json.loads(body)["error"]
    assert error["code"] == "keys_unavailable" and str(file) not in error["message"]
    assert str(file) in caplog.text and key not in caplog.text
    assert face(contract, path="/health", method="GET")[0] == 200
    file.write_bytes(good)
    assert face(contract, BODY, sent=bearer(key))[0] == 200


def test_an_app_with_a_file_that_cannot_be_read_is_not_made(file):
    with pytest.raises(KeysUnavailable, match="No such file"):
        prediction_app(twice, columns=1, keys=Keys(file))
    key = new_key(file, "ada")
    lines = io.StringIO()
    app = prediction_app(twice, columns=1, keys=Keys(file), access_log=lines)
    assert asked_of_flask(app, BODY, sent=bearer(key))[0] == 200
    assert json.loads(lines.getvalue())["key"] == "ada"


def test_no_key_is_in_a_log_a_count_or_a_page(file, face, caplog):
    key, lines = new_key(file, "ada"), io.StringIO()
    digest = file.read_text().split()[-1]
    contract = contract_with(file, access_log=AccessLog(lines))
    contract.ask = lambda table: 1 / 0
    assert face(contract, BODY, sent=bearer(key))[0] == 500
    face(contract, BODY, sent=bearer(key), path=f"/predict?key={key}")
    face(contract, BODY, sent=bearer(key), path="/elsewhere")
    pages = [
        face(contract, path=path, method="GET", sent=bearer(key))[2].decode()
        for path in ("/", "/model", "/metrics", "/openapi.json")
    ]
    kept = [caplog.text, lines.getvalue(), repr(contract.keys), *pages]
    assert "ZeroDivisionError" in caplog.text
    assert not [text for text in kept if key in text or digest in text]


def test_a_request_is_followed_from_its_header_to_the_log(file, face, tmp_path):
    key, lines = new_key(file, "ada"), io.StringIO()
    with PredictionLog(tmp_path / "log.db") as log:
        contract = contract_with(file, log=log, access_log=AccessLog(lines))
        sent = [*bearer(key), ("X-Request-ID", "parcel-17")]
        replies = [face(contract, BODY, sent=sent) for _ in range(2)]
        ids = [json.loads(body)["request_id"] for *_, body in replies]
        label = json.dumps({"request_id": ids[1], "label": 4}).encode()
        assert face(contract, label, path="/feedback", sent=sent)[0] == 200
        joined = log.joined()
    assert {headers["x-request-id"] for _, headers, _ in replies} == {"parcel-17"}
    assert sorted(joined.request_id) == sorted(ids)  # two answers, and both are kept
    assert all(each.startswith("parcel-17.") for each in ids)
    entries = [json.loads(line) for line in lines.getvalue().splitlines()]
    assert [(e["path"], e["status"], e["key"]) for e in entries] == [
        ("/predict", 200, "ada"), ("/predict", 200, "ada"), ("/feedback", 200, "ada")
    ]  # fmt: skip
    assert {entry["request_id"] for entry in entries} == {"parcel-17"}
    assert entries[0]["bytes"] == len(replies[0][2])


def test_each_request_is_one_line_whatever_becomes_of_it(face):
    lines = io.StringIO()
    contract = Contract(twice, columns=1, access_log=AccessLog(lines))
    asked = [
        (200, BODY, {}), (422, b"{}", {}), (413, b" " * MAX_BODY_BYTES, {}),
        (415, BODY, {"kind": "text/plain"}), (404, BODY, {"path": "/a%0Ab"}),
        (405, BODY, {"method": "PUT"}), (200, b"", {"method": "OPTIONS"}),
        (200, b"", {"path": "/health?a=b", "method": "GET"}),
    ]  # fmt: skip
    replies = [face(contract, body, **changes) for _, body, changes in asked]
    entries = [json.loads(line) for line in lines.getvalue().splitlines()]
    statuses = [status for status, *_ in asked]
    assert [reply[0] for reply in replies] == statuses
    assert [entry["status"] for entry in entries] == statuses
    assert [entry["request_id"] for entry in entries] == [
        headers["x-request-id"] for _, headers, _ in replies
    ]
    assert entries[-1]["path"] == "/health"
    assert (entries[0]["key"], entries[0]["model"]) == ("", "0")


def test_who_is_about_to_end_is_not_ready_but_answers(face):
    contract = Contract(twice, columns=1)
    assert face(contract, path="/ready", method="GET")[0] == 200
    contract.leaving = True
    status, headers, body = face(contract, path="/ready", method="GET")
    assert (status, headers["retry-after"]) == (503, "1")
    assert "about to end" in json.loads(body)["error"]["message"]
    assert face(contract, path="/health", method="GET")[0] == 200
    assert face(contract, BODY)[0] == 200


def test_the_document_says_where_a_key_is_asked_for(file):
    new_key(file, "ada")
    document = json.loads(contract_with(file).page("/openapi.json")[0])
    assert document["components"]["securitySchemes"]["key"]["scheme"] == "bearer"
    for path, operations in document["paths"].items():
        for operation in operations.values():
            asks = operation.get("security") == [{"key": []}]
            assert asks == (path not in OPEN)
            assert asks == ({"400", "401", "429"} <= operation["responses"].keys())
    plain = json.loads(Contract(twice, columns=1).page("/openapi.json")[0])
    assert "security" not in json.dumps(plain)


def test_a_limit_of_a_body_that_lets_nothing_in_is_refused():
    with pytest.raises(ValueError, match="max_body_bytes must be 1 or more, got 0"):
        Contract(twice, columns=1, max_body_bytes=0)
