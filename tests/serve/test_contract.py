"""Does the app keep its contract, whatever it is sent?"""

import http.client
import json
import re
from dataclasses import asdict, replace

import jsonschema
import numpy as np
import pytest
from flask import Flask
from sklearn.neighbors import KNeighborsClassifier

from lessonlib.errors import FeedbackError, Overloaded
from lessonlib.save.answers import Answers
from lessonlib.save.columns import Column
from lessonlib.save.manifest import Manifest
from lessonlib.serve.contract import MAX_BODY_BYTES
from lessonlib.serve.flask_app import prediction_app
from lessonlib.serve.openapi import openapi
from lessonlib.serve.schema import BadRequest, parse_rows
from lessonlib.serve.server import serve

PIXELS = tuple(Column(f"pixel {i // 8},{i % 8}", low=0, high=16) for i in range(64))
FREE = (Column("weight"),)
JSON = {"content_type": "application/json"}


def manifest(columns=PIXELS, classes=(0, 1)):
    libraries = {"scikit-learn": "-"}
    return Manifest("digits", "abc", columns, classes, "", 0, libraries, {}, {})


def halves(rows):
    """Play a classifier that is never sure."""
    return Answers(np.zeros(len(rows), dtype=int), np.full((len(rows), 2), 0.5))


@pytest.fixture
def client():
    return prediction_app(halves, manifest=manifest(), max_rows=3).test_client()


def rows(*changed, n=64, at=0):
    """Return a body with one row of n times 1, in which a value is changed."""
    row = ["1"] * n
    row[at : at + len(changed)] = changed
    return f'{{"rows": [[{", ".join(row)}]]}}'.encode()


def error(reply):
    """Return a reply's error body; the sentence must be one, and give nothing away."""
    body = reply.get_json()["error"]
    assert 10 < len(body["message"]) < 300
    assert not re.search(r"Traceback|File \"|\.py\b", body["message"])
    return body


# -- the kinds of bad body of facts and folklore, with status and code

AT_2 = {"row": 0, "column": "pixel 0,2"}
BAD_BODIES = {
    "NaN": (rows("NaN", at=2), 400, "not_json", {}),
    "Infinity": (rows("-Infinity", at=2), 400, "not_json", {}),
    "1e400": (rows("1e400", at=2), 422, "out_of_range", AT_2),
    "10**400": (rows("1" + 400 * "0", at=2), 422, "out_of_range", AT_2),
    "minus 10**400": (rows("-1" + 400 * "0", at=2), 422, "out_of_range", AT_2),
    "5,000 digits": (rows(5000 * "9", at=2), 422, "out_of_range", AT_2),
    "just too large": (rows("16.000000000000004", at=2), 422, "out_of_range", AT_2),
    "text": (rows('"abc"', at=2), 422, "not_a_number", AT_2),
    "number as text": (rows('"17.99"', at=2), 422, "not_a_number", AT_2),
    "Arabic digits": (rows('"٣"', at=2), 422, "not_a_number", AT_2),
    "bare Arabic digit": (rows("٣", at=2), 400, "not_json", {}),
    "lone surrogate": (rows(r'"\ud800"', at=2), 400, "not_json", {}),
    "null": (rows("null", at=2), 422, "not_a_number", AT_2),
    "true": (rows("true", at=2), 422, "not_a_number", AT_2),
    "list for a number": (rows("[1]", at=2), 422, "not_a_number", AT_2),
    "object for a number": (rows("{}", at=2), 422, "not_a_number", AT_2),
    "63 features": (rows(n=63), 422, "wrong_shape", {"row": 0}),
    "65 features": (rows(n=65), 422, "wrong_shape", {"row": 0}),
    "second row short": (b'{"rows": [%s, [1]]}' % (b"[" + 63 * b"1," + b"1]"),
                         422, "wrong_shape", {"row": 1}),
    "an image": (b'{"rows": [[%s]]}' % b", ".join([b"[1, 1, 1, 1, 1, 1, 1, 1]"] * 8),
                 422, "wrong_shape", {"row": 0}),
    "nested row": (b'{"rows": [[%s]]}' % rows()[9:-1], 422, "wrong_shape", {"row": 0}),
    "row that is a number": (b'{"rows": [1]}', 422, "wrong_shape", {"row": 0}),
    "rows that are text": (b'{"rows": "1234"}', 422, "no_rows", {}),
    "empty batch": (b'{"rows": []}', 422, "no_rows", {}),
    "empty row": (b'{"rows": [[]]}', 422, "wrong_shape", {"row": 0}),
    "missing key": (b'{"feature": [3]}', 422, "no_rows", {}),
    "[]": (b"[]", 422, "no_rows", {}),
    "null body": (b"null", 422, "no_rows", {}),
    "not JSON": (b"pixel=1&pixel=2", 400, "not_json", {}),
    "no body": (b"", 400, "not_json", {}),
    "truncated": (rows()[:-5], 400, "not_json", {}),
    "duplicate keys": (b'{"rows": [], %s' % rows()[1:], 400, "not_json", {}),
    "100k-deep nesting": (100_000 * b"[" + 100_000 * b"]", 400, "not_json", {}),
    "deep in a row": (b'{"rows": [' + 100_000 * b"[" + 100_000 * b"]" + b"]}",
                      400, "not_json", {}),
    "deep, but not too deep": (b'{"rows": [' + 300 * b"[" + 300 * b"]" + b"]}",
                               422, "wrong_shape", {"row": 0}),
    "bad UTF-8": (rows('"@"').replace(b"@", b"\xff"), 400, "not_json", {}),
    "surrogate as UTF-8": (rows('"@"').replace(b"@", b"\xed\xa0\x80"),
                           400, "not_json", {}),
    "UTF-16": (rows().decode().encode("utf-16"), 400, "not_json", {}),
    "byte order mark": (b"\xef\xbb\xbf" + rows(), 400, "not_json", {}),
    "too many rows": (b'{"rows": [[], [], [], []]}', 422, "too_many_rows", {}),
    "too large": (rows() + MAX_BODY_BYTES * b" ", 413, "body_too_large", {}),
}  # fmt: skip


@pytest.mark.parametrize("name", BAD_BODIES)
def test_bad_body_is_refused_with_its_status_and_code(name, client):
    body, status, code, where = BAD_BODIES[name]
    reply = client.post("/predict", data=body, **JSON)
    seen = error(reply)
    assert (reply.status_code, seen.pop("code")) == (status, code)
    seen.pop("message")
    assert seen == where


def test_an_image_of_lines_is_told_to_be_one_row(client):
    reply = client.post("/predict", json={"rows": [[[1] * 8] * 8]})
    assert error(reply)["message"] == (
        "row 0 must be a list of 64 values, got 8 lists: an image is one row, with its "
        "lines one behind the other"
    )


@pytest.mark.parametrize("depth", range(100, 1200, 50))
def test_no_depth_of_nesting_crashes_the_server(depth, client):
    for left, right in ("[]", ('{"a":', "}")):
        body = f'{{"rows": [[{left * depth}1{right * depth}]]}}'
        assert client.post("/predict", data=body, **JSON).status_code in (400, 422)


@pytest.mark.parametrize("value", ["0", "16", "-0.0", "1e-400", "16.0", "1E1"])
def test_any_number_within_the_limits_is_taken(value, client):
    assert client.post("/predict", data=rows(value), **JSON).status_code == 200


@pytest.mark.parametrize("value", ["9007199254740993", "-1.7e308", "1" + 300 * "0"])
def test_without_limits_every_finite_number_is_taken(value):
    assert parse_rows(f'{{"rows": [[{value}]]}}'.encode(), FREE) == [[float(value)]]


def test_without_limits_infinity_is_refused_all_the_same():
    with pytest.raises(BadRequest) as refused:
        parse_rows(b'{"rows": [[1e400]]}', FREE)
    assert refused.value.code == "out_of_range"


def test_rows_become_lists_of_floats():
    X = parse_rows(b'{"rows": [[1], [2.5]], "note": "other keys are left alone"}', FREE)
    assert X == [[1.0], [2.5]] and all(type(value) is float for (value,) in X)


@pytest.mark.parametrize("name", ['"', "a\\b", "a\nb", "\u2028", "__proto__", "", "é"])
def test_a_column_may_have_any_name(name):
    columns = [Column(name), Column("b", "text")]
    app = prediction_app(lambda table: table[:, 0], columns=columns)
    for body in ({"rows": [[2, "x"]]}, {"records": [{name: 2, "b": "x"}]}):
        reply = app.test_client().post("/predict", json=body)
        assert reply.get_json()["predictions"] == [2.0]
    reply = app.test_client().post("/predict", json={"records": [{name: "2", "b": ""}]})
    assert error(reply)["column"] == name


def test_the_value_seen_is_cut_short_in_the_message(client):
    body = rows(json.dumps("x" * 10_000))
    assert len(error(client.post("/predict", data=body, **JSON))["message"]) < 300


# -- the request around the body


@pytest.mark.parametrize("kind", ["text/plain", "application/xml", "", None])
def test_a_body_that_is_not_called_json_is_refused(kind, client):
    reply = client.post("/predict", data=rows(), content_type=kind)
    assert (reply.status_code, error(reply)["code"]) == (415, "unsupported_media_type")


def test_a_charset_in_the_content_type_is_fine(client):
    kind = "application/json; charset=utf-8"
    assert client.post("/predict", data=rows(), content_type=kind).status_code == 200


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE", "PATCH", "HEAD"])
def test_a_wrong_method_is_told_which_is_right(method, client):
    reply = client.open("/predict", method=method)
    assert reply.status_code == 405
    assert "POST" in reply.headers["Allow"]
    if method != "HEAD":
        assert error(reply)["code"] == "method_not_allowed"


@pytest.mark.parametrize("path", ["/predikt", "/predict/", "/static/x", "/%00", "/ü"])
def test_an_unknown_address_is_404_in_json(path, client):
    reply = client.get(path)
    assert (reply.status_code, error(reply)["code"]) == (404, "not_found")


@pytest.mark.parametrize("path", ["/", "/health", "/ready", "/model", "/openapi.json"])
def test_pages_answer_get_head_and_options_and_refuse_post(path, client):
    statuses = [
        client.open(path, method=method).status_code
        for method in ("GET", "HEAD", "OPTIONS", "POST")
    ]
    assert statuses == [200, 200, 200, 405]


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        (rows(), 200, None),
        (b"", 400, "not_json"),
        (rows() + MAX_BODY_BYTES * b" ", 413, "body_too_large"),
        (rows() + MAX_BODY_BYTES * b" " + b"garbage", 413, "body_too_large"),
    ],
)
def test_chunked_bodies_keep_the_same_limits(body, status, code, client):
    # so a WSGI server says: no length, but the end of the body can be found
    chunked = {"HTTP_TRANSFER_ENCODING": "chunked", "wsgi.input_terminated": True}
    reply = client.post("/predict", data=body, environ_overrides=chunked, **JSON)
    assert reply.status_code == status
    assert code is None or error(reply)["code"] == code


def test_whoever_serves_pictures_may_take_larger_bodies():
    app = prediction_app(halves, manifest=manifest(), max_body_bytes=2 * MAX_BODY_BYTES)
    client = app.test_client()
    for size, status in ((MAX_BODY_BYTES, 200), (2 * MAX_BODY_BYTES, 413)):
        reply = client.post("/predict", data=rows() + size * b" ", **JSON)
        assert reply.status_code == status
    assert error(reply)["message"] == "send less than 2,097,152 bytes"


@pytest.mark.long
def test_an_image_of_224_by_224_pixels_in_colour_is_answered():
    n = 224 * 224 * 3
    app = prediction_app(lambda X: X.sum(axis=1), columns=n, max_body_bytes=1 << 22)
    reply = app.test_client().post("/predict", json={"rows": [[0.5] * n]})
    assert (reply.status_code, reply.json["predictions"]) == (200, [n / 2])


def test_over_a_socket_chunks_and_bodies_of_2_MB_are_answered():
    with serve(prediction_app(halves, manifest=manifest()), name="contract") as server:
        for body, status in ((rows(), 200), (rows() + 2 * MAX_BODY_BYTES * b" ", 413)):
            for content in (body, iter([body])):  # an iterator is sent in chunks
                connection = http.client.HTTPConnection(
                    "127.0.0.1", server.port, timeout=10
                )
                headers = {"Content-Type": "application/json"}
                connection.request("POST", "/predict", content, headers)
                reply = connection.getresponse()
                seen = json.loads(reply.read())
                connection.close()
                assert reply.status == status
                assert ("error" in seen) is (status != 200)


# -- what comes back


def test_probabilities_come_beside_the_predictions():
    def answer(rows):
        probabilities = np.array([[0.1, 0.9], [0.8, 0.2]])
        return Answers(np.array(["dog", "cat"]), probabilities)

    app = prediction_app(answer, manifest=manifest(FREE, classes=("cat", "dog")))
    body = app.test_client().post("/predict", json={"rows": [[1], [2]]}).get_json()
    assert body["predictions"] == ["dog", "cat"]
    assert body["probabilities"] == [[0.1, 0.9], [0.8, 0.2]]
    assert body["model"] == {"name": "digits", "version": "abc"}


@pytest.mark.parametrize("answers", [[5.6], np.array([5], dtype=np.int64), ["cat"]])
def test_a_plain_function_may_return_any_list_of_values(answers):
    app = prediction_app(lambda rows: answers, columns=1)
    body = app.test_client().post("/predict", json={"rows": [[3]]}).get_json()
    assert body["predictions"] == list(answers)
    assert "probabilities" not in body


def test_every_request_has_an_id_of_its_own(client):
    ids = {
        client.post("/predict", data=rows(), **JSON).json["request_id"] for _ in "ab"
    }
    assert len(ids) == 2


def test_every_reply_names_the_model_version(client):
    for path in ("/health", "/predict", "/nowhere"):
        assert client.get(path).headers["X-Model-Version"] == "abc"


@pytest.mark.parametrize(
    "answers",
    [[float("nan")], [float("inf")], [1, 2], 3.0, None,
     np.full((1, 2), np.nan), [[1, 2], [3]], [object()]],
)  # fmt: skip
def test_an_answer_that_is_none_is_a_500_in_json_and_says_nothing(answers, caplog):
    app = prediction_app(lambda rows: answers, columns=1)
    reply = app.test_client().post("/predict", json={"rows": [[3]]})
    assert (reply.status_code, error(reply)["code"]) == (500, "server_error")


def test_a_failing_model_leaves_its_traceback_in_the_log_alone(caplog):
    def fail(rows):
        raise KeyError("secret")

    reply = prediction_app(fail, columns=1).test_client().post(
        "/predict", json={"rows": [[3]]}
    )  # fmt: skip
    assert reply.status_code == 500
    assert "secret" not in reply.get_data(as_text=True)
    assert "secret" in caplog.text


@pytest.mark.parametrize("columns", [None, 0, -1, 2.0])
def test_a_plain_function_must_say_how_much_it_takes(columns):
    with pytest.raises(ValueError, match=f"got columns={columns!r}"):
        prediction_app(halves, columns=columns)


def test_two_apps_of_one_process_do_not_mix():
    apps = [prediction_app(lambda rows, k=k: [k], columns=k) for k in (1, 2)]
    for k, app in enumerate(apps, start=1):
        assert isinstance(app, Flask)
        reply = app.test_client().post("/predict", json={"rows": [[0] * k]})
        assert reply.get_json()["predictions"] == [k]


def test_the_model_page_is_the_manifest(client):
    page = client.get("/model").get_json()
    assert page["name"] == "digits"
    assert page["columns"][63] == asdict(PIXELS[63])


# -- the contract as a document


def schema_of(document):
    body = document["paths"]["/predict"]["post"]["requestBody"]
    return body["content"]["application/json"]


def test_the_schema_and_the_code_refuse_the_same_bodies():
    document = openapi(manifest(), max_rows=3)
    schema = schema_of(document)["schema"] | {"components": document["components"]}
    jsonschema.Draft202012Validator.check_schema(schema)
    validator = jsonschema.Draft202012Validator(schema)
    bodies = [body for body, _, code, _ in BAD_BODIES.values() if code != "not_json"]
    assert not any(
        validator.is_valid(json.loads(body, parse_int=float))
        for body in bodies
        if len(body) <= MAX_BODY_BYTES
    )
    assert validator.is_valid(json.loads(rows()))


@pytest.mark.parametrize("limits", [(None, None), (0, 16), (5, None), (None, -2)])
def test_the_example_of_the_document_is_answered(limits):
    weight = Column("weight", low=limits[0], high=limits[1])
    features = (weight, Column("height"))
    app = prediction_app(lambda rows: rows[:, 0], manifest=manifest(features, None))
    example = schema_of(app.test_client().get("/openapi.json").json)["example"]
    assert app.test_client().post("/predict", json=example).status_code == 200


def test_every_address_of_the_document_is_served_and_the_other_way_round():
    app = prediction_app(halves, manifest=manifest())
    document = app.test_client().get("/openapi.json").get_json()
    listed = {(path, m) for path, item in document["paths"].items() for m in item}
    served = {
        (rule.rule, method.lower())
        for rule in app.url_map.iter_rules()
        for method in rule.methods - {"HEAD", "OPTIONS"}
    }
    assert listed == served


def test_every_status_of_a_bad_body_is_in_the_document():
    replies = openapi(manifest(), max_rows=3)["paths"]["/predict"]["post"]["responses"]
    statuses = {str(status) for _, status, _, _ in BAD_BODIES.values()}
    assert statuses | {"200", "415", "500", "503"} == set(replies)


def test_health_and_ready_say_what_a_watcher_waits_for(client):
    assert client.get("/health").get_json() == {"status": "ok"}
    assert client.get("/ready").get_json() == {
        "status": "ready",
        "model": {"name": "digits", "version": "abc"},
    }


# -- what is kept and counted


class Log:
    """Keep what the app hands over, as a PredictionLog would."""

    def __init__(self):
        self.kept, self.labels = [], []

    def record_all(self, requests, *, latency_s):
        self.kept += [(*each, latency_s) for each in requests]

    def label(self, request_id, label, *, row, source):
        if all(request_id != kept[0] for kept in self.kept):
            raise FeedbackError(f"no request {request_id!r}")
        self.labels.append((request_id, label, row, source))


class Monitor:
    """Count as a Monitor would."""

    def __init__(self):
        self.answered, self.predictions = [], []

    def expect(self, manifest):
        assert manifest.name == "digits"

    def seen(self, path, status, latency_s):
        assert latency_s > 0
        self.answered.append((path, status))

    def predicted(self, rows, predictions, probabilities):
        self.predictions += predictions

    def page(self):
        return "cards_total 1.0\n"


def logged(classes=(0, 1)):
    log = Log()
    app = prediction_app(halves, manifest=manifest(classes=classes), log=log)
    return log, app.test_client()


def test_what_is_answered_is_kept_under_its_request_id():
    log, client = logged()
    reply = client.post("/predict", data=rows(), **JSON).get_json()
    request_id, name, version, X, predictions, probabilities, latency_s = log.kept[0]
    assert request_id == reply["request_id"]
    assert (name, version, X) == ("digits", "abc", [[1.0] * 64])
    assert (predictions, probabilities) == ([0], [[0.5, 0.5]])
    assert latency_s > 0


def test_what_is_refused_is_not_kept():
    log, client = logged()
    client.post("/predict", data=rows("true"), **JSON)
    assert log.kept == []


def test_an_answer_that_cannot_be_sent_is_not_kept():
    log = Log()
    app = prediction_app(lambda rows: [np.nan], columns=1, log=log)
    assert app.test_client().post("/predict", json={"rows": [[1]]}).status_code == 500
    assert log.kept == []


def test_a_label_goes_to_the_log():
    log, client = logged()
    request_id = client.post("/predict", data=rows(), **JSON).json["request_id"]
    said = {"request_id": request_id, "label": 1}
    reply = client.post("/feedback", json=said)
    assert (reply.status_code, reply.json) == (200, {"stored": True})
    client.post("/feedback", json=said | {"row": 2, "source": "clerk"})
    assert log.labels == [(request_id, 1, 0, "client"), (request_id, 1, 2, "clerk")]
    assert type(log.labels[0][1]) is int  # the class itself, not JSON's 1.0


@pytest.mark.parametrize(
    "classes",
    [
        *((False, True), (0, 1), (3, 7), (-1, 1), (2.0, 4.0)),
        *(("cat", "dog"), ("0", "1"), ("true", "false"), ("ä", ""), ("only",)),
    ],
)
def test_what_predict_has_answered_feedback_takes_as_the_same_class(classes):
    X = np.arange(2.0 * len(classes)).reshape(-1, 1)
    model = KNeighborsClassifier(1).fit(X, np.array(classes * 2))
    kept = tuple(model.classes_.tolist())
    log = Log()
    wrapped = manifest(columns=(Column("x"),), classes=kept)
    app = prediction_app(model.predict_proba, manifest=wrapped, log=log)
    client = app.test_client()
    reply = client.post("/predict", json={"rows": X.tolist()}).json
    said = {"request_id": reply["request_id"]}
    for i, label in enumerate(reply["predictions"]):
        label = json.loads(json.dumps(label))  # as a client has it
        told = client.post("/feedback", json=said | {"label": label, "row": i})
        assert told.json == {"stored": True}
    stored = [label for _, label, _, _ in log.labels]
    assert stored == model.predict(X).tolist()
    assert {type(label) for label in stored} == {type(kept[0])}


@pytest.mark.parametrize(
    ("classes", "label"),
    [((False, True), 0), ((False, True), "true"), ((0, 1), True), (("0", "1"), 1)],
)
def test_a_label_that_only_looks_like_a_class_is_refused(classes, label):
    log, client = logged(classes)
    request_id = client.post("/predict", data=rows(), **JSON).json["request_id"]
    said = {"request_id": request_id, "label": label}
    reply = client.post("/feedback", json=said)
    assert (reply.status_code, error(reply)["code"]) == (422, "unknown_label")
    assert json.dumps(list(classes)) in error(reply)["message"]
    assert log.labels == []


def test_a_label_for_nobodys_request_is_404():
    _, client = logged()
    reply = client.post("/feedback", json={"request_id": "x", "label": 1})
    assert (reply.status_code, error(reply)["code"]) == (404, "unknown_request")


BAD_FEEDBACK = [
    (b"nothing", 400, "not_json"),
    (b"[]", 422, "no_request_id"),
    (b'{"request_id": 7, "label": 1}', 422, "no_request_id"),
    (b'{"request_id": "x"}', 422, "unknown_label"),
    (b'{"request_id": "x", "label": true}', 422, "unknown_label"),
    (b'{"request_id": "x", "label": [1]}', 422, "unknown_label"),
    (b'{"request_id": "x", "label": 7}', 422, "unknown_label"),
    (b'{"request_id": "x", "label": 1, "row": -1}', 422, "bad_row"),
    (b'{"request_id": "x", "label": 1, "row": 0.5}', 422, "bad_row"),
    (b'{"request_id": "x", "label": 1, "row": 1e400}', 422, "bad_row"),
    (b'{"request_id": "x", "label": 1, "row": true}', 422, "bad_row"),
    (b'{"request_id": "x", "label": 1, "source": ""}', 422, "bad_source"),
    (b'{"request_id": "\\ud800", "label": 1}', 400, "not_json"),
    (b'{"request_id": "x", "label": 1, "source": "\\udfff"}', 400, "not_json"),
    (b'{"request_id": "%s", "label": 1}' % (900_000 * b"x"), 422, "no_request_id"),
    (b'{"request_id": "x", "label": 1, "source": "%s"}' % (900_000 * b"x"),
     422, "bad_source"),
    (b'{"request_id": "x", "label": "%s"}' % (900_000 * b"x"), 422, "unknown_label"),
]  # fmt: skip


@pytest.mark.parametrize(("body", "status", "code"), BAD_FEEDBACK)
def test_bad_feedback_is_refused(body, status, code):
    log, client = logged()
    reply = client.post("/feedback", data=body, **JSON)
    assert (reply.status_code, error(reply)["code"]) == (status, code)
    assert log.labels == []


def test_the_document_refuses_the_same_feedback():
    document = openapi(manifest(), max_rows=3, feedback=True)
    asked = document["paths"]["/feedback"]["post"]["requestBody"]
    schema = document["components"]["schemas"]["FeedbackRequest"]
    validator = jsonschema.Draft202012Validator(schema)
    assert validator.is_valid(asked["content"]["application/json"]["example"])
    for body, status, _ in BAD_FEEDBACK:
        assert status == 400 or not validator.is_valid(json.loads(body)), body


@pytest.mark.parametrize("label", ["1e400", "null", '"1"'])
def test_a_model_of_numbers_takes_numbers_as_labels(label):
    log = Log()
    numbers = replace(manifest(FREE, None), answers="numbers")
    app = prediction_app(lambda X: X[:, 0], manifest=numbers, log=log)
    client = app.test_client()
    request_id = client.post("/predict", json={"rows": [[1]]}).json["request_id"]
    body = f'{{"request_id": "{request_id}", "label": {label}}}'
    assert client.post("/feedback", data=body, **JSON).status_code == 422
    assert client.post("/feedback", data=body.replace(label, "2.5"), **JSON).json
    assert log.labels == [(request_id, 2.5, 0, "client")]


def test_every_reply_is_counted_with_its_address_and_status():
    monitor = Monitor()
    app = prediction_app(halves, manifest=manifest(), monitor=monitor)
    client = app.test_client()
    client.post("/predict", data=rows(), **JSON)
    client.post("/predict", data=b"", **JSON)
    client.get("/health")
    client.get("/any/text/of/a/stranger")
    assert monitor.answered == [
        ("/predict", 200), ("/predict", 400), ("/health", 200), ("unknown", 404)
    ]  # fmt: skip
    assert monitor.predictions == [0]
    page = client.get("/metrics")
    assert page.mimetype == "text/plain" and page.text == "cards_total 1.0\n"


def test_without_a_log_and_a_monitor_their_addresses_are_not_there(client):
    assert client.post("/feedback", json={}).status_code == 404
    assert client.get("/metrics").status_code == 404


def test_the_document_lists_feedback_and_metrics_where_they_are_served():
    app = prediction_app(halves, manifest=manifest(), log=Log(), monitor=Monitor())
    listed = set(app.test_client().get("/openapi.json").json["paths"])
    assert listed == {rule.rule for rule in app.url_map.iter_rules()}
    assert {"/feedback", "/metrics"} < listed


def test_an_overloaded_model_is_a_503_that_says_when_to_come_back():
    def busy(rows):
        raise Overloaded("the queue is full", retry_after_s=2.4)

    reply = (
        prediction_app(busy, columns=1)
        .test_client()
        .post("/predict", json={"rows": [[1]]})
    )
    assert (reply.status_code, error(reply)["code"]) == (503, "overloaded")
    assert reply.headers["Retry-After"] == "2"
