"""Does an engine keep the contract that our own servers keep, to the bit?"""

import os
import signal
import subprocess
import sys
import threading
import time

import grpc
import psutil
import pytest
import requests
from sklearn.ensemble import RandomForestClassifier

from lessonlib.authoring.page import ROOT
from lessonlib.mail import arriving_bags, training_bags
from lessonlib.save.artifacts import save_model
from lessonlib.serve.server import serve
from lessonlib.serve.worker import app_of
from lessonlib.watch.metrics import read_metrics

LIMIT_S = 120
CARDS = arriving_bags()[7].X[:20]
JSON = {"Content-Type": "application/json"}
LOOPBACK = {"127.0.0.1", "::ffff:127.0.0.1", "::1"}


@pytest.fixture(scope="module")
def forest():
    past = training_bags()
    return RandomForestClassifier(20, random_state=0).fit(past.X, past.y)


@pytest.fixture(scope="module")
def folder(forest, tmp_path_factory):
    folder = tmp_path_factory.mktemp("models") / "forest"
    save_model(forest, folder, example=CARDS)
    return folder


@pytest.fixture(scope="module")
def own(folder):
    with serve(app_of(folder), name="own") as server:
        yield server.url


@pytest.fixture(scope="module")
def engine(folder):
    """The engine as a learner starts it. At the end, none of its processes is left."""
    command = [sys.executable, ROOT / "notebooks" / "appendix" / "engine.py", folder]
    process = subprocess.Popen(
        command,
        stdout=subprocess.PIPE,
        text=True,
        # a shell lets what it starts in the background ignore Ctrl+C
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )
    timer = threading.Timer(LIMIT_S, process.kill)
    timer.start()
    words = [process.stdout.readline(), process.stdout.readline()]
    timer.cancel()
    family = psutil.Process(process.pid).children(recursive=True)
    try:
        assert words[0].startswith("2 replicas of forest "), words
        process.url = words[1].split()[2].rstrip(";")
        yield process
        family = psutil.Process(process.pid).children(recursive=True)
        process.send_signal(signal.SIGINT)
        assert process.wait(LIMIT_S) == 0
        _, left = psutil.wait_procs(family, timeout=30)
        assert left == []
    finally:
        process.kill()
        process.wait()
        process.stdout.close()
        for each in family:
            if each.is_running():
                each.kill()


def predict(url, rows=CARDS):
    body = {"rows": rows.tolist()}
    return requests.post(f"{url}/predict", json=body, timeout=LIMIT_S)


def replicas(engine):
    """Return the numbers of two processes that answer."""
    pids, deadline = set(), time.monotonic() + LIMIT_S
    while len(pids) < 2:
        assert time.monotonic() < deadline, f"only {pids} answer"
        pids.add(int(predict(engine.url).headers["X-Worker"]))
    return pids


REQUESTS = {
    "health": ("GET", "/health", {}, 200),
    "ready": ("GET", "/ready", {}, 200),
    "the manifest": ("GET", "/model", {}, 200),
    "openapi": ("GET", "/openapi.json", {}, 200),
    "the page to try it": ("GET", "/", {}, 200),
    "an answer": ("POST", "/predict", {"json": {"rows": CARDS.tolist()}}, 200),
    "a row too short": ("POST", "/predict", {"json": {"rows": [[1, 2, 3]]}}, 422),
    "a word": ("POST", "/predict", {"json": {"rows": [["7"] * 64]}}, 422),
    "NaN": ("POST", "/predict", {"data": '{"rows": [[NaN]]}', "headers": JSON}, 400),
    "no JSON": ("POST", "/predict", {"data": "seven", "headers": JSON}, 400),
    "a form": ("POST", "/predict", {"data": {"rows": "7"}}, 415),
    "a large body": ("POST", "/predict", {"data": b" " * 2**21, "headers": JSON}, 413),
    "no such address": ("GET", "/nothing", {}, 404),
    "no such method": ("DELETE", "/predict", {}, 405),
}


@pytest.mark.parametrize("asked", REQUESTS.values(), ids=REQUESTS)
def test_it_replies_as_our_own_server_does(asked, engine, own):
    method, address, content, status = asked
    ours, its = (
        requests.request(method, url + address, timeout=LIMIT_S, **content)
        for url in (own, engine.url)
    )
    assert its.status_code == ours.status_code == status
    for header in ("Content-Type", "X-Model-Version"):
        assert its.headers[header] == ours.headers[header]
    allowed = [set(r.headers.get("Allow", "").split(", ")) for r in (its, ours)]
    assert allowed[0] == allowed[1]  # in any order
    if address == "/":
        assert its.text == ours.text
        return
    bodies = its.json(), ours.json()
    for body in bodies:
        body.pop("request_id", None)  # no two requests have the same
    assert bodies[0] == bodies[1] != {}


def test_two_replicas_answer_with_the_bits_of_the_model(engine, forest):
    expected = forest.predict_proba(CARDS).tolist()
    answers = {}
    for pid in replicas(engine):
        while pid not in answers:
            reply = predict(engine.url)
            answers[int(reply.headers["X-Worker"])] = reply.json()["probabilities"]
    assert list(answers.values()) == [expected, expected]


def test_the_replicas_count_together(engine):
    def counted():
        page = requests.get(f"{engine.url}/metrics", timeout=LIMIT_S).text
        return read_metrics(page)['http_requests_total{path="/predict",status="200"}']

    replicas(engine)
    before = counted()
    for _ in range(20):
        predict(engine.url)
    assert counted() == before + 20


def test_a_stranger_finds_no_door_that_opens(engine):
    """All listen on 127.0.0.1, but for one door a replica, which wants the token."""
    doors, pids = [], replicas(engine)
    for process in psutil.Process(engine.pid).children(recursive=True):
        for each in process.net_connections("tcp"):
            if each.status == psutil.CONN_LISTEN and each.laddr.ip not in LOOPBACK:
                doors.append(each.laddr.port)
                assert process.pid in pids
    assert len(doors) == len(pids)
    for port in doors:
        with grpc.insecure_channel(f"127.0.0.1:{port}") as channel:
            ask = channel.unary_unary("/ray.serve.ASGIService/HandleRequest")
            with pytest.raises(grpc.RpcError) as refusal:
                ask(b"", timeout=LIMIT_S)
        assert refusal.value.code() == grpc.StatusCode.UNAUTHENTICATED


def test_a_replica_that_dies_is_replaced_and_no_caller_notices(engine, forest):
    killed, _ = before = replicas(engine)
    os.kill(killed, signal.SIGKILL)
    expected = forest.predict_proba(CARDS).tolist()
    after, deadline = set(), time.monotonic() + LIMIT_S
    while len(after - {killed}) < 2:
        assert time.monotonic() < deadline, f"only {after} answer"
        reply = predict(engine.url)
        assert reply.status_code == 200
        assert reply.json()["probabilities"] == expected
        after.add(int(reply.headers["X-Worker"]))
    assert killed not in after
    assert len(after - before) == 1
