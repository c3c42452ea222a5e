"""Do several processes keep one list of keys, one limit and one access log?"""

import asyncio
import io
import json
import os
import signal
import subprocess
import sys
import time
from contextlib import contextmanager

import pytest
import requests
import uvicorn
from sklearn.linear_model import LinearRegression

from lessonlib.errors import KeysUnavailable
from lessonlib.save.artifacts import save_model
from lessonlib.serve.keys import Keys, new_key, revoke_key
from lessonlib.serve.rates import RateLimit
from lessonlib.serve.visit import AccessLog
from lessonlib.serve.worker import Worker, app_of
from lessonlib.serve.workers import main, serve_processes

LIMIT_S = 30
UNIX = pytest.mark.skipif(os.name == "nt", reason="needs Unix")


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("models") / "line"
    X = [[1.0], [2.0], [3.0]]
    save_model(LinearRegression().fit(X, [2, 4, 6]), folder, example=X)
    return folder


@pytest.fixture
def file(tmp_path):
    return tmp_path / "keys"


def ask(url, key=None, *, body=b'{"rows": [[2]]}', **headers):
    """Ask over a connection of its own, so that any worker may take it."""
    headers["Content-Type"] = "application/json"
    if key:
        headers["Authorization"] = f"Bearer {key}"
    return requests.post(f"{url}/predict", data=body, headers=headers, timeout=LIMIT_S)


@pytest.fixture
def same_signals():
    """Put back what a command does at signals."""
    numbers = [getattr(signal, name, None) for name in ("SIGTERM", "SIGHUP")]
    before = {number: signal.getsignal(number) for number in numbers if number}
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


def until(true):
    deadline = time.monotonic() + LIMIT_S
    while not true():
        assert time.monotonic() < deadline
        time.sleep(0.01)


@pytest.mark.long
@UNIX
def test_they_share_keys_limit_and_access_log(folder, file, tmp_path):
    ada, bob = new_key(file, "ada"), new_key(file, "bob")
    keys = Keys(file, limit=RateLimit(1e-4, burst=40))
    with open(tmp_path / "access.jsonl", "a") as lines:
        with serve_processes(
            folder, workers=2, keys=keys, access_log=lines, max_body_bytes=100
        ) as processes:
            url = processes.url
            assert ask(url).status_code == ask(url, "wrong").status_code == 401
            assert ask(url, bob, body=b" " * 100).status_code == 413
            seen, let_in = set(), 0
            while len(seen) < 2 or let_in < 40:
                reply = ask(url, ada, **{"X-Request-ID": "parcel-17"})
                if reply.status_code == 200:
                    let_in += 1
                    assert reply.json()["request_id"].startswith("parcel-17.")
                assert let_in <= 40
                seen.add(reply.headers["X-Worker"])
            replies = [ask(url, ada) for _ in range(10)]
            assert {reply.status_code for reply in replies} == {429}
            assert int(replies[0].headers["Retry-After"]) > 1000
            assert ask(url, bob).status_code == 200
            revoke_key(file, "bob")
            assert {ask(url, bob).status_code for _ in range(10)} == {401}
            good = file.read_bytes()
            file.write_bytes(b"damaged")
            assert {ask(url, ada).status_code for _ in range(10)} == {503}
            until(lambda: any("nobody is let in: " in x for x in processes.logs))
            assert ada not in str(processes.logs)
            file.write_bytes(good)
            assert ask(url, ada).status_code == 429
    entries = [json.loads(x) for x in (tmp_path / "access.jsonl").open()]
    assert [e["status"] for e in entries].count(200) == 41
    assert {e["key"] for e in entries if e["status"] == 200} == {"ada", "bob"}
    assert "parcel-17" in {entry["request_id"] for entry in entries}


def test_without_their_file_they_do_not_start(folder, file):
    with pytest.raises(KeysUnavailable, match="No such file"):
        serve_processes(folder, keys=Keys(file))


@contextmanager
def killed_at_last(process):
    """End a process in any case: to leave its `with` is to wait for its end."""
    try:
        yield
    finally:
        process.kill()


@UNIX
@pytest.mark.long
def test_the_command_guards_limits_and_writes_lines_of_json(folder, file):
    key = new_key(file, "ada")
    command = [sys.executable, "-m", "lessonlib.serve.workers", str(folder)]
    command += ["--workers", "1", "--keys", str(file), "--rate", "0.001"]
    command += ["--burst", "2", "--access-log", "--max-body-bytes", "50"]
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
    with subprocess.Popen(command, **pipes) as process, killed_at_last(process):
        url = process.stderr.readline().split(" at ")[1].split(";")[0]
        bodies = [None, b" " * 50, b'{"rows": [[2]]}', b'{"rows": [[3]]}']
        statuses = [ask(url).status_code]
        statuses += [ask(url, key, body=body).status_code for body in bodies[1:]]
        process.send_signal(signal.SIGHUP)
        assert "all workers answer with version" in process.stderr.readline()
        assert ask(url, key).status_code == 429  # a new model is no new limit
        process.send_signal(signal.SIGTERM)
        out, err = process.communicate(timeout=LIMIT_S)
    assert (process.returncode, err) == (0, "")
    entries = [json.loads(line) for line in out.splitlines()]
    assert (
        [e["status"] for e in entries] == [*statuses, 429] == [401, 413, 200, 429, 429]
    )
    assert [entry["key"] for entry in entries] == ["", *["ada"] * 4]


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["--rate", "1"], "give --keys, too"),
        (["--keys", "k", "--burst", "1"], "--burst goes with --rate"),
        (["--keys", "k", "--rate", "0"], "rate_rps must be above 0"),
        (["--keys", "k", "--rate", "-1"], "rate_rps must be above 0"),
        (["--keys", "k", "--rate", "nan"], "rate_rps must be above 0"),
        (["--keys", "k", "--rate", "inf"], "rate_rps must be above 0"),
        (["--keys", "k", "--rate", "1", "--burst", "0"], "burst must be 1 or more"),
    ],
)
def test_a_limit_that_makes_no_sense_is_told(folder, capsys, words, told):
    with pytest.raises(SystemExit):
        main([str(folder), *words])
    assert told in capsys.readouterr().err


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["{folder}", "--keys", "{folder}/none"], "No such file"),
        (["{folder}/none"], "no manifest.json in"),
        (["{folder}", "--workers", "0"], "at least one worker"),
        pytest.param(
            ["{folder}", "--workers", "1", "--max-body-bytes", "0"],
            "max_body_bytes must",
            marks=pytest.mark.long,
        ),
    ],
)
@pytest.mark.usefixtures("same_signals")
def test_what_the_command_cannot_do_is_a_sentence(folder, words, told):
    with pytest.raises(SystemExit, match=told):
        main([word.format(folder=folder) for word in words])


@UNIX
@pytest.mark.parametrize("file", [io.StringIO(), "access.jsonl"], ids=["text", "path"])
def test_a_log_that_is_no_open_file_is_refused(folder, file):
    with pytest.raises(ValueError, match="access_log has to be a file that the system"):
        serve_processes(folder, access_log=file)


def test_gunicorn_s_app_takes_the_same_options(folder, file):
    key, lines = new_key(file, "ada"), io.StringIO()
    options = {"keys": Keys(file), "access_log": AccessLog(lines)}
    client = app_of(folder, max_body_bytes=20, **options).test_client()
    headers = {"Authorization": f"Bearer {key}"}
    statuses = [
        client.post("/predict", json={"rows": [[2]]}).status_code,
        client.post("/predict", json={"rows": [[2]]}, headers=headers).status_code,
        client.post("/predict", json={"rows": [[2]] * 2}, headers=headers).status_code,
    ]
    assert statuses == [401, 200, 413]
    assert [json.loads(x)["status"] for x in lines.getvalue().splitlines()] == statuses


def test_a_worker_that_is_to_end_says_so_before_it_does(folder, monkeypatch):
    worker, seen = Worker(str(folder)), []

    async def shutdown(server, sockets):
        seen.append(server.app.contract.leaving)

    monkeypatch.setattr(uvicorn.Server, "shutdown", shutdown)
    assert not worker.app.contract.leaving
    asyncio.run(worker.shutdown())
    assert seen == [True]


class Broken(io.StringIO):
    """A pipe that nobody reads any more."""

    def write(self, text):
        raise BrokenPipeError


def test_a_worker_ends_when_its_parent_dies_in_the_midst_of_an_order(
    folder, monkeypatch
):
    worker = Worker(str(folder))
    monkeypatch.setattr("sys.stdin", io.StringIO('"switch"\n'))
    monkeypatch.setattr("sys.stdout", Broken())
    worker.obey()
    assert worker.should_exit
