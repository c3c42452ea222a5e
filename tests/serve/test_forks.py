"""Does what was made before a fork work after it, while others were at work?"""

import os
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest
import requests

from lessonlib.learn.log import PredictionLog
from lessonlib.watch.metrics import read_metrics

LIMIT_S = 30
FORKS = pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork on this system")

# Threads keep an object busy in the parent, so that each fork finds it in the middle of
# something; each child has to get through in time.
BUSY = """
import multiprocessing, os, sys, threading, time, uuid
import numpy as np
from lessonlib.choose.traffic import Shadow
from lessonlib.learn.log import PredictionLog
from lessonlib.serve.batching import MicroBatcher
from lessonlib.serve.monitor import Monitor

rows = np.ones((1, 2))

def slow_total(rows):
    time.sleep(0.001)
    return rows.sum(axis=1)

def count():
    monitor.seen("/predict", 200, 0.01)
    monitor.predicted([[1.0]], [3], None)
    monitor.page()

def write():
    log.record(uuid.uuid4().hex, "m", "v", [[1.0]], [3])

batcher, shadow = MicroBatcher(slow_total), Shadow(slow_total, slow_total)
monitor, log = Monitor(), PredictionLog(sys.argv[1])
WORK = {
    "batcher": (lambda: batcher(rows), 4),
    "shadow": (lambda: shadow(rows), 3),
    "monitor": (count, 6),
    "log": (write, 3),
}
context = multiprocessing.get_context("fork")

def keep_busy(work, done):
    while not done.is_set():
        work()

def in_child(name):
    for _ in range(5):
        WORK[name][0]()
    if name == "monitor":
        assert 'status="200"} 5.0' in monitor.page()  # its own
    log.close()

def ended(name):
    child = context.Process(target=in_child, args=[name])
    child.start()
    child.join(10)
    if child.exitcode is None:
        child.kill()
    return child.exitcode

for name, (work, forks) in WORK.items():
    done = threading.Event()
    threads = [threading.Thread(target=keep_busy, args=(work, done)) for _ in "123"]
    for thread in threads:
        thread.start()
    codes = {ended(name) for _ in range(forks)}
    done.set()
    for thread in threads:
        thread.join(10)
    work()
    print(name, codes, flush=True)
"""


@pytest.mark.long
@FORKS
def test_a_fork_in_the_middle_of_work_leaves_both_sides_at_work(tmp_path):
    command = [sys.executable, "-W", "ignore", "-c", BUSY, tmp_path / "log.db"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=300)
    told = [f"{name} {{0}}" for name in ("batcher", "shadow", "monitor", "log")]
    assert (done.stdout.splitlines(), done.stderr) == (told, "")


APP = """
import numpy as np
from lessonlib.choose.traffic import Shadow
from lessonlib.learn.log import PredictionLog
from lessonlib.serve.batching import MicroBatcher
from lessonlib.serve.flask_app import prediction_app
from lessonlib.serve.monitor import Monitor

def total(rows):
    return rows.sum(axis=1)

both = Shadow(MicroBatcher(total), total)
app = prediction_app(both, columns=2, log=PredictionLog("log.db"), monitor=Monitor())
reply = app.test_client().post("/predict", json={"rows": [[1, 2]]})  # before the fork
assert reply.status_code == 200, reply.data
"""


@pytest.mark.long
@FORKS
def test_all_of_it_answers_under_gunicorn_that_loads_before_it_forks(tmp_path):
    Path(tmp_path, "office.py").write_text(APP)
    with socket.create_server(("127.0.0.1", 0)) as probe:
        url = f"http://127.0.0.1:{probe.getsockname()[1]}"
    command = [sys.executable, "-m", "gunicorn", "office:app", "--preload"]
    command += ["--workers", "2", "--threads", "4", "--log-level", "critical"]
    command += ["--bind", url.removeprefix("http://")]
    with subprocess.Popen(command, cwd=tmp_path) as process:
        try:
            wait_for(url)
            ids = [predicted(url) for _ in range(20)]
            label = {"request_id": ids[0], "label": 3.0}
            reply = requests.post(f"{url}/feedback", json=label, timeout=LIMIT_S)
            assert reply.status_code == 200
            page = requests.get(f"{url}/metrics", timeout=LIMIT_S).text
            assert read_metrics(page)["model_sure_answers_total"] == 0
        finally:
            process.terminate()
    with PredictionLog(tmp_path / "log.db") as log:
        joined = log.joined()
    assert {*ids} < {*joined.request_id} and len(joined) == 21
    assert joined.labelled.sum() == 1


def wait_for(url):
    deadline = time.monotonic() + LIMIT_S
    while time.monotonic() < deadline:
        try:
            return requests.get(f"{url}/health", timeout=LIMIT_S)
        except requests.ConnectionError:
            time.sleep(0.05)
    raise AssertionError("gunicorn does not answer")


def predicted(url):
    body = {"rows": [[1.0, 2.0]]}
    reply = requests.post(f"{url}/predict", json=body, timeout=LIMIT_S)
    assert reply.json()["predictions"] == [3.0]
    return reply.json()["request_id"]
