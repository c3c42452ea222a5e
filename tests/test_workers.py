"""Do several processes answer at one address, and go home with their parent?"""

import os
import signal
import socket
import subprocess
import sys
import time

import numpy as np
import pytest
import requests
from sklearn.ensemble import GradientBoostingClassifier, RandomForestClassifier

from lessonlib.artifacts import save_model
from lessonlib.errors import ServerError
from lessonlib.mail import arriving_bags, training_bags
from lessonlib.workers import app_of, main, serve_processes

LIMIT_S = 30
ROWS = arriving_bags()[7].X[:3]


@pytest.fixture(scope="module")
def forest():
    past = training_bags()
    return RandomForestClassifier(5, random_state=0).fit(past.X, past.y)


@pytest.fixture(scope="module")
def folder(forest, tmp_path_factory):
    folder = tmp_path_factory.mktemp("models") / "forest"
    save_model(forest, folder, example=ROWS)
    return folder


def ask(url):
    return requests.post(
        f"{url}/predict", json={"rows": ROWS.tolist()}, timeout=LIMIT_S
    )


def gone(pid):
    """Wait until there is no such process; a zombie is gone as well."""
    deadline = time.monotonic() + LIMIT_S
    while time.monotonic() < deadline:
        try:
            os.kill(pid, 0)
            with open(f"/proc/{pid}/stat") as file:
                if file.read().rsplit(")", 1)[1].split()[0] == "Z":
                    return True
        except (ProcessLookupError, FileNotFoundError):
            return True
        time.sleep(0.02)
    return False


def test_all_of_them_answer_as_the_model_does_until_they_are_stopped(folder, forest):
    with serve_processes(folder, workers=2) as processes:
        assert len(processes.pids) == 2
        assert "2 worker processes: answering" in repr(processes)
        replies = [ask(processes.url) for _ in range(3)]
        deadline = time.monotonic() + LIMIT_S
        while len({r.headers["X-Worker"] for r in replies}) < 2:
            assert time.monotonic() < deadline, "only one of them answers"
            replies.append(ask(processes.url))
        pids = {int(reply.headers["X-Worker"]) for reply in replies}
        assert pids == set(processes.pids)
        expected = forest.predict_proba(ROWS).tolist()
        assert all(reply.json()["probabilities"] == expected for reply in replies)
    processes.stop()  # twice is fine
    assert processes.pids == ()
    assert "stopped" in repr(processes)
    with pytest.raises(requests.ConnectionError):
        ask(processes.url)


def test_a_model_that_cannot_be_loaded_is_told(tmp_path):
    with pytest.raises(ServerError, match=r"did not start: .*no manifest.json"):
        serve_processes(tmp_path / "nothing", workers=1)


def test_a_port_that_is_taken_is_told(folder):
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        with pytest.raises(ServerError, match=f"port {port}"):
            serve_processes(folder, port=port)


def test_no_worker_is_no_service(folder):
    with pytest.raises(ValueError, match="workers=0"):
        serve_processes(folder, workers=0)


def test_a_model_without_a_faster_way_is_served_in_batches(tmp_path):
    past = training_bags()
    model = GradientBoostingClassifier(n_estimators=1, max_depth=1)
    save_model(model.fit(past.X, past.y), tmp_path / "m", example=ROWS)
    reply = (
        app_of(tmp_path / "m")
        .test_client()
        .post("/predict", json={"rows": ROWS.tolist()})
    )
    assert reply.json["probabilities"] == model.predict_proba(ROWS).tolist()
    assert reply.headers["X-Worker"] == str(os.getpid())


@pytest.mark.skipif(not os.path.isdir("/proc"), reason="looks up processes in /proc")
def test_they_die_with_their_parent(folder):
    code = (
        "import os, sys\nfrom lessonlib.workers import serve_processes\n"
        "print(*serve_processes(sys.argv[1]).pids, flush=True)\nsys.stdin.read()"
    )
    command = [sys.executable, "-c", code, str(folder)]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as parent:
        pids = [int(pid) for pid in parent.stdout.readline().split()]
        parent.kill()
    assert len(pids) == 2
    assert all(map(gone, pids))


@pytest.mark.skipif(os.name == "nt", reason="sends a Unix signal")
def test_one_command_serves_until_ctrl_c(folder):
    command = [sys.executable, "-m", "lessonlib.workers", str(folder), "--workers", "1"]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        said = process.stdout.readline()
        assert said.startswith("1 worker processes: answering at http://127.0.0.1:")
        url = said.split(" at ")[1].split(";")[0]
        assert ask(url).status_code == 200
        process.send_signal(signal.SIGINT)
        assert process.wait(LIMIT_S) == 0
        assert process.stderr.read() == ""


def test_the_command_explains_itself(capsys):
    with pytest.raises(SystemExit):
        main(["--help"])
    assert "where save_model has put the model" in capsys.readouterr().out


@pytest.mark.skipif(os.name == "nt", reason="gunicorn needs Unix")
def test_gunicorn_serves_the_same_app(folder, forest):
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    app = f"lessonlib.workers:app_of({str(folder)!r})"
    command = [sys.executable, "-m", "gunicorn", app, "--workers", "2"]
    command += ["--bind", f"127.0.0.1:{port}", "--log-level", "error"]
    with subprocess.Popen(command) as process:
        try:
            deadline, reply = time.monotonic() + LIMIT_S, None
            while reply is None and time.monotonic() < deadline:
                try:
                    reply = ask(f"http://127.0.0.1:{port}")
                except requests.ConnectionError:
                    time.sleep(0.05)
            assert reply is not None
            expected = forest.predict_proba(np.array(ROWS)).tolist()
            assert reply.json()["probabilities"] == expected
        finally:
            process.terminate()
