"""Can a host be tried out, with nginx and without?"""

import socket
import subprocess
import sys
import time

import pytest
import requests
from flask import Flask, jsonify, request

from lessonlib.deploy import loopback
from lessonlib.deploy.host import deploy
from lessonlib.deploy.loopback import (
    NGINX,
    free_port,
    front_of,
    log_entry,
    nginx,
)
from lessonlib.deploy.tls import tls_server
from lessonlib.deploy.way import first_request
from lessonlib.errors import LessonError, ServerError
from lessonlib.serve.server import serve

needs_nginx = pytest.mark.skipif(
    NGINX is None, reason="no nginx (Debian: apt-get install nginx)"
)
app = Flask("service")


@app.post("/predict")
def predict():
    return jsonify(id=request.headers["X-Request-ID"])


@app.post("/closed")
def closed():
    return "not here", 403


@pytest.fixture(scope="module")
def deployed(folder_of, tmp_path_factory):
    folder = tmp_path_factory.mktemp("deployed")
    deploy(folder_of("array")[0], folder, domain="predict.example.org")
    return folder


@pytest.fixture(params=[pytest.param("nginx", marks=needs_nginx), "stand-in"])
def front(request, deployed, monkeypatch):
    if request.param == "stand-in":
        monkeypatch.setattr(loopback, "NGINX", None)
    with serve(app) as service, front_of(deployed, service.url) as front:
        assert front.program == request.param
        yield front


def ask(front, trust):
    with requests.Session() as session:
        session.trust_env = False
        headers, url = {"X-Request-ID": "parcel-17"}, f"{front.url}/predict"
        return session.post(url, json={}, headers=headers, verify=trust, timeout=30)


def test_a_request_reaches_the_service_and_both_logs_know_it(front):
    assert ask(front, front.authority).json() == {"id": "parcel-17"}
    entry = log_entry(front.log, "parcel-17")
    assert (entry["path"], entry["status"]) == ("/predict", 200)


def test_who_does_not_trust_the_authority_hangs_up(front):
    with pytest.raises(requests.exceptions.SSLError):
        ask(front, True)


def test_it_can_be_stopped_twice_and_leaves_nothing(front):
    front.stop()
    front.stop()
    assert not front.log.parent.exists()
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", int(front.url.rsplit(":")[-1])))


def test_another_authority_does_not_vouch_for_it(front):
    with tls_server(app) as other, pytest.raises(requests.exceptions.SSLError):
        ask(other, front.authority)


def test_a_request_that_the_log_has_not_is_told(front, monkeypatch):
    ask(front, front.authority)
    monkeypatch.setattr(loopback, "_LIMIT_S", 0.1)
    with pytest.raises(LessonError, match="has no request parcel-18"):
        log_entry(front.log, "parcel-18")


@needs_nginx
def test_a_site_that_nginx_cannot_read_is_told(deployed):
    with pytest.raises(ServerError, match="keepalive_nonsense"):
        nginx(deployed, changes={"keepalive_timeout": "keepalive_nonsense"})


@needs_nginx
def test_a_change_of_what_is_not_there_is_refused(deployed):
    with pytest.raises(ValueError, match="the site has no 'nonsense'"):
        nginx(deployed, changes={"nonsense": ""})


@needs_nginx
def test_nginx_ends_with_the_process_that_started_it(deployed):
    code = f"""
from lessonlib.deploy.loopback import nginx
front = nginx({str(deployed)!r})
print(front.url, flush=True)
import os
os.kill(os.getpid(), 9)
"""
    words = [sys.executable, "-c", code]
    done = subprocess.run(words, capture_output=True, text=True, timeout=60)
    port = int(done.stdout.rsplit(":")[-1])
    deadline_s = time.monotonic() + 30
    while time.monotonic() < deadline_s:
        try:
            socket.create_connection(("127.0.0.1", port)).close()
        except ConnectionRefusedError:
            return
    raise AssertionError("nginx listens on")


def test_two_free_ports_are_never_one():
    # a server of plain HTTP and one of TLS at the same port: nginx does not start
    assert all(len({*loopback._free_ports(2)}) == 2 for _ in range(200))


def test_a_free_port_is_one_that_can_be_had():
    port = free_port()
    with serve(app, port=port) as server:
        assert server.port == port


def test_the_steps_of_a_first_request_are_timed(front):
    asked = {"authority": front.authority, "body": {"a": 1}}
    asked["headers"] = {"X-Request-ID": "parcel-17"}
    times = first_request(f"{front.url}/predict", **asked)
    assert min(times.connect_s, times.tls_s, times.answer_s) > 0
    with pytest.raises(ServerError, match="gave status 403"):
        first_request(f"{front.url}/closed", **asked)
