"""Do several processes answer at one address, and go home with their parent?"""

import http.client
import os
import signal
import socket
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from itertools import count
from pathlib import Path
from threading import Barrier

import numpy as np
import pytest
import requests
from sklearn.dummy import DummyClassifier
from sklearn.ensemble import GradientBoostingClassifier, RandomForestClassifier
from sklearn.neural_network import MLPClassifier

from lessonlib.errors import ArtifactError, ServerError
from lessonlib.learn.log import PredictionLog
from lessonlib.mail import arriving_bags, training_bags
from lessonlib.measure.loadtest import open_loop
from lessonlib.save.artifacts import save_model
from lessonlib.serve.batching import is_batch_invariant
from lessonlib.serve.server import stop_all
from lessonlib.serve.worker import app_of
from lessonlib.serve.worker_process import WorkerProcess
from lessonlib.serve.workers import Workers, main, serve_processes
from lessonlib.watch.metrics import read_metrics

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


@pytest.fixture(scope="module")
def started(folder):
    with serve_processes(folder, workers=2) as processes:
        yield processes
    assert processes.pids == ()


@pytest.fixture
def pair(started, folder):
    """Two processes that every test leaves alive, back at the model of `folder`."""
    started.reload(folder)
    return started


def ask_all(processes, *, version=None):
    """Ask until each process has answered; return all replies."""
    replies, deadline = [], time.monotonic() + LIMIT_S
    while {int(r.headers["X-Worker"]) for r in replies} != set(processes.pids):
        assert time.monotonic() < deadline, "not all of them answer"
        replies.append(ask(processes.url))
    assert version is None or {r.headers["X-Model-Version"] for r in replies} == {
        version
    }
    return replies


def asked(url):
    """Return how many requests /metrics counts for /predict."""
    page = requests.get(f"{url}/metrics", timeout=LIMIT_S).text
    return sum(
        value
        for name, value in read_metrics(page).items()
        if name.startswith('http_requests_total{path="/predict"')
    )


def test_all_of_them_answer_as_the_model_does(pair, forest):
    assert len(pair.pids) == 2
    assert "2 worker processes: answering" in repr(pair)
    expected = forest.predict_proba(ROWS).tolist()
    assert all(r.json()["probabilities"] == expected for r in ask_all(pair))


def test_metrics_add_up_over_the_processes_whoever_is_asked(pair):
    before = asked(pair.url)
    n = len(ask_all(pair))
    assert {asked(pair.url) for _ in range(10)} == {before + n}
    assert len(list(Path(pair._desk.name).glob("counter_*.db"))) == 2


@pytest.mark.long
def test_one_that_dies_is_replaced_with_the_model_at_work_and_stays_counted(
    folder, forest, tmp_path
):
    version = save_model(forest, tmp_path, example=ROWS).version
    with serve_processes(tmp_path, workers=2) as processes:
        n = len(ask_all(processes))
        other = RandomForestClassifier(2, random_state=1).fit(ROWS, [0, 1, 2])
        save_model(other, tmp_path, example=ROWS)  # saved is not served
        first, second = processes.pids
        os.kill(first, getattr(signal, "SIGKILL", signal.SIGTERM))
        deadline = time.monotonic() + LIMIT_S
        while first in processes.pids or len(processes.pids) < 2:
            assert time.monotonic() < deadline
            assert ask(processes.url).status_code == 200
            n += 1
        assert second in processes.pids
        n += len(ask_all(processes, version=version))
        assert asked(processes.url) == n
        assert f"worker {first} has ended" in processes.logs[0]
        desk = Path(processes._desk.name)
        assert desk.exists()
    processes.stop()  # twice is fine
    assert processes.pids == ()
    assert "stopped" in repr(processes)
    assert not desk.exists()
    with pytest.raises(requests.ConnectionError):
        ask(processes.url)


@pytest.mark.long
def test_where_no_worker_can_be_started_it_is_said(folder, monkeypatch):
    heard = []
    monkeypatch.setattr("lessonlib.serve.pool._MOST_DEATHS", 1)
    with serve_processes(folder, workers=1, say=heard.append) as processes:
        monkeypatch.setattr(processes, "_copy", "nowhere")
        os.kill(processes.pids[0], signal.SIGTERM)
        assert processes.gave_up.wait(LIMIT_S)
        assert processes.pids == ()
    assert heard[-1] == "no worker can be started in its place"
    assert "no manifest.json" in heard[1]


@pytest.mark.long
def test_all_of_them_write_into_one_log(folder, tmp_path):
    with PredictionLog(tmp_path / "log.db") as log:
        with serve_processes(folder, workers=2, log=log) as processes:
            replies = ask_all(processes)
            label = {"request_id": replies[0].json()["request_id"], "label": 3}
            reply = requests.post(
                f"{processes.url}/feedback", json=label, timeout=LIMIT_S
            )
            assert reply.json() == {"stored": True}
        joined = log.joined()
    assert len(joined) == len(ROWS) * len(replies)
    assert joined.labelled.sum() == 1


def test_all_processes_take_the_new_model_and_go_on_counting(
    pair, folder, forest, tmp_path
):
    old = save_model(forest, tmp_path, example=ROWS).version
    assert pair.reload(tmp_path) == old
    n = asked(pair.url) + len(ask_all(pair, version=old))
    past = training_bags()
    other = RandomForestClassifier(3, random_state=1).fit(past.X, past.y)
    new = save_model(other, tmp_path, example=ROWS).version
    n += len(ask_all(pair, version=old))  # saved is not served
    assert pair.reload() == new != old
    replies = ask_all(pair, version=new)
    expected = other.predict_proba(ROWS).tolist()
    assert all(reply.json()["probabilities"] == expected for reply in replies)
    assert asked(pair.url) == n + len(replies)
    assert pair.reload(folder) == old  # another folder, and so the way back
    ask_all(pair, version=old)


def test_a_model_that_cannot_be_loaded_leaves_the_old_one_in_all(pair, tmp_path):
    version = ask(pair.url).headers["X-Model-Version"]
    with pytest.raises(ServerError, match=r"old model stays .*no manifest\.json"):
        pair.reload(tmp_path)
    ask_all(pair, version=version)
    assert pair.reload() == version


def test_a_folder_may_have_any_name_and_an_odd_one_breaks_nothing(
    pair, forest, tmp_path
):
    foreign = tmp_path / "mö\nload x"
    version = save_model(forest, foreign, example=ROWS[:2]).version
    assert pair.reload(foreign) == version
    ask_all(pair, version=version)
    with pytest.raises(ServerError, match="no manifest"):
        pair.reload(tmp_path / "nö")
    assert pair.reload(foreign) == version


def test_nobody_is_turned_away_while_the_model_changes(pair):
    with ThreadPoolExecutor(1) as pool:
        run = pool.submit(open_loop, pair.url, ROWS, rate=100, seconds=1)
        for _ in range(3):
            pair.reload()
    assert run.result().errors == 0


def test_a_model_that_cannot_be_loaded_is_told(tmp_path):
    with pytest.raises(ArtifactError, match=r"no manifest\.json"):
        serve_processes(tmp_path / "nothing", workers=1)
    save_model(DummyClassifier().fit([[0]], [0]), tmp_path, example=[[0]])
    next(tmp_path.glob("model-*")).write_bytes(b"damaged")
    with pytest.raises(ServerError, match="did not start: .*has changed since"):
        serve_processes(tmp_path, workers=1)


def test_a_port_that_is_taken_is_told(folder):
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        with pytest.raises(ServerError, match=f"port {port}"):
            serve_processes(folder, port=port)


def test_an_address_that_is_not_ours_is_told(folder):
    with pytest.raises(ServerError, match=r"of 192\.0\.2\.1 cannot be had"):
        serve_processes(folder, host="192.0.2.1")  # of documentation, RFC 5737


def test_no_worker_is_no_service(folder):
    with pytest.raises(ValueError, match="workers=0"):
        serve_processes(folder, workers=0)


def test_a_model_that_minds_its_company_is_asked_alone(tmp_path):
    # 200 columns: enough for the processor's library to add up in another order
    rng = np.random.default_rng(0)
    X, y = rng.normal(size=(300, 200)), rng.integers(0, 10, 300)
    model = MLPClassifier([50], max_iter=200, tol=1.0).fit(X, y)
    alike = is_batch_invariant(model.predict_proba, X[:20])
    save_model(model, tmp_path / "m", example=X[:20])
    client = app_of(tmp_path / "m").test_client()
    for row in X[:10]:
        answer = client.post("/predict", json={"rows": [row.tolist()]}).json
        assert answer["probabilities"] == model.predict_proba([row]).tolist()
    if not alike:  # as it is on most processors
        batch = client.post("/predict", json={"rows": X[:3].tolist()}).json
        assert batch["probabilities"] == model.predict_proba(X[:3]).tolist()


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


@pytest.mark.long
@pytest.mark.skipif(not os.path.isdir("/proc"), reason="looks up processes in /proc")
def test_a_start_that_is_interrupted_leaves_no_process(folder, monkeypatch):
    started = []

    def start_one(self, _start=Workers._start):
        if started:
            raise KeyboardInterrupt
        started.append(_start(self))
        return started[0]

    monkeypatch.setattr(Workers, "_start", start_one)
    with pytest.raises(KeyboardInterrupt):
        serve_processes(folder, workers=2)
    assert gone(started[0].pid)


@pytest.mark.long
def test_a_stop_that_was_interrupted_goes_on_when_called_again(folder, monkeypatch):
    processes = serve_processes(folder, workers=1)
    (pid,) = processes.pids
    desk = Path(processes._desk.name)
    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr(subprocess.Popen, "wait", interrupt)
        patch.setattr(WorkerProcess, "let_go", lambda self: None)
        processes.stop()
    assert processes.pids == (pid,)
    processes.stop()
    assert gone(pid) and not desk.exists()


def interrupt(*_, **__):
    raise KeyboardInterrupt


@pytest.mark.long
def test_stop_all_ends_processes_whose_handle_is_lost(folder, monkeypatch):
    monkeypatch.setattr("lessonlib.serve.server._running", {})  # not those of others
    pids = serve_processes(folder, workers=1).pids
    stop_all()
    assert gone(pids[0])


@pytest.mark.long
def test_they_die_with_their_parent(folder):
    code = (
        "import os, sys\nfrom lessonlib.serve.workers import serve_processes\n"
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
@pytest.mark.parametrize(
    ("end", "host"), [("SIGINT", "127.0.0.1"), ("SIGTERM", "localhost")]
)
def test_one_command_serves_until_it_is_told_to_end(folder, tmp_path, end, host):
    with command(folder, tmp_path, "--host", host) as process:
        said = process.stdout.readline()
        assert said.startswith(f"1 worker processes: answering at http://{host}:")
        url = said.split(" at ")[1].split(";")[0]
        assert ask(url).status_code == 200
        for _ in range(3):
            process.send_signal(signal.SIGHUP)  # the second while the first is heard
        assert process.stdout.readline().startswith("all workers answer with version")
        with ThreadPoolExecutor(16) as pool:
            all_here = Barrier(17)
            callers = [pool.submit(ask_until_it_ends, url, all_here) for _ in range(16)]
            all_here.wait(LIMIT_S)
            process.send_signal(getattr(signal, end))
        # each has had an answer to all that it asked, the last with a good-bye
        assert {caller.result() for caller in callers} == {"close"}
        assert process.wait(LIMIT_S) == 0
        assert process.stderr.read() == ""
    assert os.listdir(tmp_path) == []


def command(folder, temporary, *words):
    """Start the workers' command, with one worker and a folder for what it writes."""
    line = [sys.executable, "-m", "lessonlib.serve.workers", str(folder)]
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
    env = os.environ | {"TMPDIR": str(temporary)}
    return subprocess.Popen([*line, "--workers", "1", *words], env=env, **pipes)


def ask_until_it_ends(url, all_here):
    """Ask over one connection; return what the last answer says of it."""
    connection = http.client.HTTPConnection(
        url.removeprefix("http://"), timeout=LIMIT_S
    )
    with closing(connection):
        for n in count():
            connection.request("GET", "/health")
            reply = connection.getresponse()
            assert (reply.status, reply.read()) == (200, b'{"status": "ok"}')
            if said := reply.headers["Connection"]:
                return said
            if n == 0:
                all_here.wait(LIMIT_S)


@pytest.mark.long
@pytest.mark.skipif(not os.path.isdir("/proc"), reason="looks up processes in /proc")
def test_the_command_ends_and_says_so_when_no_worker_is_left(folder, tmp_path):
    with command(folder, tmp_path) as process:
        assert process.stdout.readline().startswith("1 worker processes: answering")
        for manifest in tmp_path.rglob("manifest.json"):
            manifest.unlink()  # of the copy that they load
        (worker,) = (
            Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()
        )
        os.kill(int(worker), signal.SIGKILL)
        assert process.wait(LIMIT_S) == 1
        said = process.stderr.read()
    assert f"worker {worker} has ended (-9)" in said
    assert said.endswith("no worker is left: see above\n")
    assert os.listdir(tmp_path) == []


def test_the_command_explains_itself(capsys):
    with pytest.raises(SystemExit):
        main(["--help"])
    assert "where save_model has put the model" in capsys.readouterr().out


@pytest.mark.long
@pytest.mark.skipif(os.name == "nt", reason="gunicorn needs Unix")
def test_gunicorn_serves_the_same_app_and_the_counts_add_up(folder, forest, tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    app = f"lessonlib.serve.worker:app_of({str(folder)!r})"
    command = [sys.executable, "-m", "gunicorn", app, "--workers", "2"]
    command += ["--bind", f"127.0.0.1:{port}", "--log-level", "error"]
    shared = os.environ | {"PROMETHEUS_MULTIPROC_DIR": str(tmp_path)}
    with subprocess.Popen(command, env=shared) as process:
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
            workers, n = {reply.headers["X-Worker"]}, 1
            while len(workers) < 2 and time.monotonic() < deadline:
                reply = ask(f"http://127.0.0.1:{port}")
                workers, n = workers | {reply.headers["X-Worker"]}, n + 1
            assert len(workers) == 2
            assert asked(f"http://127.0.0.1:{port}") == n
        finally:
            process.terminate()
