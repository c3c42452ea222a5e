"""Does what is written for a host do what its README says, behind a real nginx?"""

import http.client
import itertools
import json
import os
import re
import signal
import socket
import ssl
import subprocess
import sys
import time
import warnings
import zipfile
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from types import SimpleNamespace

import pandas as pd
import pytest
import requests
from throwaway_nginx import LIMIT_S, nginx_for

from lessonlib.deploy.host import deploy
from lessonlib.deploy.loopback import NGINX, free_port
from lessonlib.save.artifacts import load_model, save_model
from lessonlib.serve.keys import new_key, revoke_key

pytestmark = pytest.mark.skipif(
    NGINX is None, reason="no nginx (Debian: apt-get install nginx)"
)
FORMS = [
    "array",
    pytest.param("frame", marks=pytest.mark.long),
    pytest.param("texts", marks=pytest.mark.long),
]
numbers = itertools.count()


@contextmanager
def service_of(to, folder, **settings):
    """Start what is in `to` as its unit says, with the library of its wheel alone."""
    with zipfile.ZipFile(next(to.glob("*.whl"))) as archive:
        archive.extractall(folder / "site")
    (folder / "state").mkdir(mode=0o700)
    unit = (to / "northgate.service").read_text()
    here = {"/opt/northgate/.venv/bin/python": sys.executable}
    here["/var/lib/northgate"] = str(folder / "state")
    for path, ours in here.items():
        assert path in unit
        unit = unit.replace(path, ours)
    given = re.findall(r"^Environment=(\w+)=(.*)$", unit, re.M)
    (command,) = re.findall(r"^ExecStart=(.*)$", unit, re.M)
    keys = folder / "state" / "keys"
    new_key(keys, "first")
    env = os.environ | dict(given) | settings | {"PYTHONPATH": str(folder / "site")}
    out = {"stdout": open(folder / "out", "w"), "stderr": subprocess.PIPE}
    with (
        out["stdout"],
        subprocess.Popen(command.split(), cwd=to, env=env, text=True, **out) as process,
    ):
        try:
            assert " at " in process.stderr.readline()
            yield SimpleNamespace(keys=keys, process=process, out=folder / "out")
        finally:
            process.terminate()
            process.communicate(timeout=LIMIT_S)


@pytest.fixture(scope="module", params=FORMS)
def host(request, folder_of, tmp_path_factory):
    folder = tmp_path_factory.mktemp("host")
    port = free_port()
    model, _ = folder_of(request.param)
    deploy(model, folder / "to", domain="127.0.0.1", port=port)
    settings = {"WORKERS": "1", "RATE": "0.01", "BURST": "25"}
    settings["LOG"] = str(folder / "log.db")
    with service_of(folder / "to", folder, **settings) as service:
        with nginx_for(folder / "to") as nginx:
            yield SimpleNamespace(
                **vars(nginx), port=port, service=service, model=load_model(model)
            )


@pytest.fixture
def key(host):
    """Return a key of somebody new, with a limit of its own."""
    return new_key(host.service.keys, f"caller-{next(numbers)}")


def ask(host, path="/predict", *, key=None, method="POST", plain=False, **more):
    """Ask as a stranger would, and take no setting from the environment."""
    url = (host.http if plain else host.https) + path
    headers = more.pop("headers", {}) | (
        {"Authorization": f"Bearer {key}"} if key else {}
    )
    with requests.Session() as session:
        session.trust_env = False
        return session.request(
            method,
            url,
            headers=headers,
            verify=host.certificate,
            timeout=LIMIT_S,
            allow_redirects=False,
            **more,
        )


def code(reply):
    assert reply.headers["Content-Type"] == "application/json", reply.text
    return reply.json()["error"]["code"]


def example(host, n=2):
    return {"rows": [[*host.model.manifest.example]] * n}


def test_it_answers_as_the_model_does(host, key):
    reply = ask(host, key=key, json=example(host))
    (row,) = example(host, 1)["rows"]
    names = [column.name for column in host.model.manifest.columns]
    asked = {"array": [row], "texts": row}.get(host.model.manifest.form)
    if asked is None:
        asked = pd.DataFrame([row], columns=names)
    expected = host.model.estimator.predict(asked).tolist()
    assert reply.status_code == 200
    assert reply.json()["predictions"] == expected * 2
    assert reply.headers["X-Model-Version"] == host.model.manifest.version
    document = ask(host, "/openapi.json", key=key, method="GET").json()
    assert "securitySchemes" in document["components"]


def test_curl_can_do_what_the_readme_says(host, key):
    base = ["curl", "--silent", "--noproxy", "*", "--cacert", host.certificate]
    said = subprocess.run([*base, f"{host.https}/ready"], capture_output=True).stdout
    assert json.loads(said)["status"] == "ready"
    command = [*base, "-H", f"Authorization: Bearer {key}", f"{host.https}/model"]
    said = subprocess.run(command, capture_output=True).stdout
    assert json.loads(said)["version"] == host.model.manifest.version


def test_nobody_without_a_key_is_answered(host, key):
    refused = ask(host, json=example(host))
    assert (refused.status_code, code(refused)) == (401, "no_key")
    assert refused.headers["WWW-Authenticate"] == 'Bearer realm="model"'
    wrong = ask(host, key="x" + key[1:], json=example(host))
    assert (wrong.status_code, code(wrong)) == (401, "unknown_key")
    named = ask(host, f"/predict?access_token={key}", json=example(host))
    assert (named.status_code, code(named)) == (400, "query_refused")
    for path in ("/health", "/ready", "/"):
        assert ask(host, path, method="GET").status_code == 200


def test_a_revoked_key_is_one_no_more(host):
    key = new_key(host.service.keys, "eve")
    assert ask(host, key=key, json=example(host)).status_code == 200
    revoke_key(host.service.keys, "eve")
    assert code(ask(host, key=key, json=example(host))) == "unknown_key"


def test_who_is_over_the_limit_is_told_when_to_come_back(host, key):
    replies = [ask(host, key=key, json=example(host, 1)) for _ in range(26)]
    assert [reply.status_code for reply in replies] == [200] * 25 + [429]
    assert code(replies[-1]) == "too_many_requests"
    assert 0 < int(replies[-1].headers["Retry-After"]) <= 100


def test_what_is_too_large_is_refused_by_both_alike(host, key):
    json_type = {"Content-Type": "application/json"}
    for n_bytes in (1 << 20, (1 << 20) + 1, 3 << 20):  # the first passes nginx
        reply = ask(host, key=key, data=b" " * n_bytes, headers=json_type)
        assert (reply.status_code, code(reply)) == (413, "body_too_large")
        assert ask(host, key=key, json=example(host)).status_code == 200


METRICS = [
    "/metrics",
    "//metrics",
    "/./metrics",
    "/%6detrics",
    "/a/../metrics",
    "/metrics?x",
]


@pytest.mark.parametrize("path", METRICS)
def test_the_counts_are_not_for_the_public(host, key, path):
    connection = http.client.HTTPSConnection(
        "127.0.0.1",
        host.https_port,
        context=ssl.create_default_context(cafile=host.certificate),
        timeout=LIMIT_S,
    )
    connection.request("GET", path, headers={"Authorization": f"Bearer {key}"})
    reply = connection.getresponse()
    content = json.loads(reply.read())
    connection.close()
    assert reply.status in (400, 404)
    assert content["error"]["code"] in ("not_found", "query_refused")


def test_what_comes_unprotected_is_sent_to_https_and_a_key_is_told(host, key):
    reply = ask(host, "/model?a=b", plain=True, method="GET")
    assert reply.status_code == 301
    assert reply.headers["Location"] == "https://127.0.0.1/model?a=b"
    told = ask(host, plain=True, key=key, json=example(host))
    assert (told.status_code, code(told)) == (403, "not_encrypted")


def test_a_request_is_followed_through_all_logs(host, key):
    sent = {"X-Request-ID": f"parcel-{key[:8].strip('-_')}"}
    name = sent["X-Request-ID"]
    reply = ask(host, key=key, json=example(host), headers=sent)
    assert reply.headers["X-Request-ID"] == name
    assert reply.json()["request_id"].startswith(f"{name}.")
    label = {
        "request_id": reply.json()["request_id"],
        "label": reply.json()["predictions"][0],
    }
    assert ask(host, "/feedback", key=key, json=label).json() == {"stored": True}
    front = [*map(json.loads, (host.folder / "access.log").open())]
    behind = [*map(json.loads, host.service.out.open())]
    seen = [entry for entry in front if entry["request_id"] == name]
    assert [(e["path"], e["status"], e["address"]) for e in seen] == [
        ("/predict", 200, "127.0.0.1")
    ]
    seen = [entry for entry in behind if entry["request_id"] == name]
    assert [(e["path"], e["status"]) for e in seen] == [("/predict", 200)]
    assert seen[0]["key"].startswith("caller-")


def test_the_log_says_what_was_asked_also_where_nginx_refuses(host, key):
    name = f"large-{key[:8].strip('-_')}"
    large = {"data": b" " * 2_000_000, "headers": {"X-Request-ID": name}}
    assert ask(host, "/predict?a=b", key=key, **large).status_code == 413
    deadline, seen = time.monotonic() + LIMIT_S, None
    while seen is None and time.monotonic() < deadline:  # it comes when all has arrived
        entries = map(json.loads, (host.folder / "access.log").open())
        seen = next((each for each in entries if each["request_id"] == name), None)
    assert (seen["method"], seen["path"], seen["status"]) == ("POST", "/predict", 413)


@pytest.mark.parametrize(
    "given", ["a b", "x" * 65, "é".encode().decode("latin-1"), None]
)
def test_an_odd_id_or_none_gets_one(host, given):
    headers = {"X-Request-ID": given} if given else {}
    for path in ("/health", "/metrics", "/elsewhere"):
        reply = ask(host, path, method="GET", headers=headers)
        assert re.fullmatch("[0-9a-f]{32}", reply.headers["X-Request-ID"])


def test_a_reply_tells_browsers_what_to_do_and_nobody_what_runs_here(host, key):
    for path in ("/ready", "/metrics", "/model", "/elsewhere"):
        headers = ask(host, path, method="GET", key=key).headers
        assert "max-age=" in headers["Strict-Transport-Security"]
        assert headers["Server"] == "nginx"
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert "X-Worker" not in headers


@pytest.mark.parametrize("version", ["TLSv1", "TLSv1_1", "TLSv1_2", "TLSv1_3"])
def test_old_versions_of_tls_are_refused(host, version):
    context = ssl.create_default_context(cafile=host.certificate)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # Python thinks little of the old ones, too
        context.set_ciphers("ALL:@SECLEVEL=0")
        context.minimum_version = context.maximum_version = ssl.TLSVersion[version]
    with socket.create_connection(("127.0.0.1", host.https_port)) as connection:
        if version in ("TLSv1_2", "TLSv1_3"):
            with context.wrap_socket(connection, server_hostname="127.0.0.1") as tls:
                assert tls.version() == version.replace("_", ".")
        else:
            with pytest.raises((ssl.SSLError, OSError)):
                context.wrap_socket(connection, server_hostname="127.0.0.1")


@pytest.mark.skipif(not os.path.exists("/proc/net/tcp"), reason="asks Linux")
def test_the_service_listens_to_this_computer_alone(host):
    with open("/proc/net/tcp") as v4, open("/proc/net/tcp6") as v6:
        rows = [line.split() for line in [*v4, *v6][1:]]
    local = [
        row[1]
        for row in rows
        if row[1].endswith(f":{host.port:04X}") and row[3] == "0A"
    ]
    assert local == [f"0100007F:{host.port:04X}"]


def test_no_key_is_in_any_log(host, key):
    ask(host, key=key, json=example(host))
    ask(host, f"/predict?key={key}", key=key, json=example(host))
    ask(host, f"/elsewhere?key={key}", key=key, json=example(host))
    kept = [*host.folder.glob("*.log"), host.service.out]
    assert any(path.stat().st_size for path in kept)
    assert not [path for path in kept if key in path.read_text()]
    connection = http.client.HTTPConnection("127.0.0.1", host.port, timeout=LIMIT_S)
    connection.request("GET", "/metrics", headers={"Authorization": f"Bearer {key}"})
    page = connection.getresponse().read().decode()
    connection.close()
    assert "http_requests_total" in page and key not in page


# -- a service that is down, slow, or asked too often: nginx alone has to answer


@pytest.fixture(scope="module")
def alone(folder_of, tmp_path_factory):
    """nginx in front of a port where nobody listens, with short times and limits."""
    folder = tmp_path_factory.mktemp("alone")
    port = free_port()
    deploy(folder_of("array")[0], folder / "to", domain="127.0.0.1", port=port)
    changes = [
        ("rate=400r/s", "rate=1r/s"),
        ("burst=400", "burst=30"),
        ("proxy_read_timeout 15s", "proxy_read_timeout 300ms"),
        ("client_body_timeout 10s", "client_body_timeout 300ms"),
        ("client_header_timeout 10s", "client_header_timeout 300ms"),
    ]
    with nginx_for(folder / "to", changes=changes) as nginx:
        yield SimpleNamespace(**vars(nginx), port=port)


def test_a_service_that_is_down_is_told_as_json(alone):
    for method in ("GET", "POST", "HEAD"):
        reply = ask(alone, method=method)
        assert (reply.status_code, reply.headers["Retry-After"]) == (502, "1")
        assert reply.headers["Content-Type"] == "application/json"
    assert code(ask(alone)) == "no_service"


def test_a_service_that_says_nothing_is_given_up(alone):
    with socket.create_server(("127.0.0.1", alone.port)):
        reply = ask(alone)
        assert (reply.status_code, code(reply)) == (504, "no_answer_in_time")
        assert reply.headers["Retry-After"] == "1"


@pytest.mark.parametrize(
    "start",
    [b"POST /predict HTTP/1.1\r\n", b"POST /predict HTTP/1.1\r\nHost: localhost\r\n"
     b"Content-Length: 10\r\n\r\n123"],
    ids=["the head", "the body"],
)  # fmt: skip
def test_a_slow_caller_is_given_up_and_the_service_never_asked(alone, start):
    context = ssl.create_default_context(cafile=alone.certificate)
    with socket.create_server(("127.0.0.1", alone.port)) as service:
        address = ("127.0.0.1", alone.https_port)
        with socket.create_connection(address, timeout=LIMIT_S) as connection:
            with context.wrap_socket(connection, server_hostname="127.0.0.1") as tls:
                tls.sendall(start)
                with suppress(OSError):  # cut off, or closed
                    assert tls.recv(1000) == b""
        service.settimeout(0.1)
        with pytest.raises(TimeoutError):
            service.accept()


ODD = {
    "an address too long": (b"GET /" + b"a" * 10_000 + b" HTTP/1.1\r\n\r\n", 414),
    "a head too long": (
        b"GET / HTTP/1.1\r\nHost: localhost\r\nA: " + b"a" * 10_000 + b"\r\n\r\n", 400),
    "no host": (b"GET / HTTP/1.1\r\n\r\n", 400),
    "two lengths": (
        b"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1\r\n"
        b"Content-Length: 2\r\n\r\n", 400),
}  # fmt: skip


@pytest.mark.parametrize("name", ODD)
def test_what_nginx_cannot_read_is_told_as_json(alone, name):
    request, status = ODD[name]
    context = ssl.create_default_context(cafile=alone.certificate)
    address = ("127.0.0.1", alone.https_port)
    with socket.create_connection(address, timeout=LIMIT_S) as connection:
        with context.wrap_socket(connection, server_hostname="127.0.0.1") as tls:
            tls.sendall(request)
            reply = http.client.HTTPResponse(tls)
            reply.begin()
            assert reply.status == status
            assert "error" in json.loads(reply.read())


def test_a_flood_from_one_address_is_told_to_wait(alone):
    replies = [ask(alone, "/health", method="GET") for _ in range(40)]
    assert replies[-1].status_code == 429
    assert code(replies[-1]) == "too_many_requests"
    assert replies[-1].headers["Retry-After"] == "1"


# -- a day of work


@pytest.mark.long
def test_nothing_is_lost_over_reloads_but_what_a_killed_worker_had(folder_of, tmp_path):
    port = free_port()
    to, (model, manifest) = tmp_path / "to", folder_of("array")
    deploy(model, to, domain="127.0.0.1", port=port)
    callers, rate_rps, seconds = 12, 300, 10
    body = {"rows": [[*manifest.example]]}
    settings = {"WORKERS": "2", "RATE": "10000", "BURST": "10000"}
    with (
        service_of(to, tmp_path, **settings) as service,
        nginx_for(to) as nginx,
        ThreadPoolExecutor(callers + 1) as pool,
    ):
        key, began = new_key(service.keys, "ada"), time.monotonic() + 0.5
        killed_s = []

        def call(number):
            """Ask when it is due; return status, content, and when of each."""
            replies = []
            with requests.Session() as session:
                session.trust_env = False
                for i in range(number, rate_rps * seconds, callers):
                    time.sleep(max(0.0, began + i / rate_rps - time.monotonic()))
                    status, content, sent_s = None, None, time.monotonic()
                    with suppress(requests.RequestException):  # cut off within
                        reply = session.post(
                            f"{nginx.https}/predict",
                            json=body,
                            headers={"Authorization": f"Bearer {key}"},
                            verify=nginx.certificate,
                            timeout=LIMIT_S,
                        )
                        status, content = reply.status_code, reply.json()
                    ended_s = time.monotonic()
                    replies.append((status, content, sent_s, ended_s))
            return replies

        def trouble():
            """Load another model twenty times, and kill a worker in the midst."""
            for i in range(20):
                time.sleep(max(0.0, began + i * seconds / 21 - time.monotonic()))
                save_model(
                    load_model(model).estimator, to / "model", example=[[i % 17] * 64]
                )
                service.process.send_signal(signal.SIGHUP)
                if i == 10:
                    pid = service.process.pid
                    with open(f"/proc/{pid}/task/{pid}/children") as children:
                        killed_s.append(time.monotonic())
                        os.kill(int(children.read().split()[0]), signal.SIGKILL)

        troubled = pool.submit(trouble)
        several = list(pool.map(call, range(callers)))
        troubled.result()
    replies = [reply for one in several for reply in one]
    lost = [reply for reply in replies if reply[0] != 200]
    versions = {
        content["model"]["version"] for status, content, *_ in replies if status == 200
    }
    assert len(replies) == rate_rps * seconds and len(versions) > 5
    assert len(lost) <= callers  # each caller had one request in flight
    for status, content, sent_s, ended_s in lost:
        assert sent_s - 0.1 < killed_s[0] < ended_s
        assert status is None or content["error"]["code"] == "no_service"
    print(f"{len(replies)} asked, {len(lost)} lost, {len(versions)} models")
