"""How safe is the log of feedback, and what does it cost a request?

    python tests/benchmarks/feedback_log.py

Kills a writer of 1,000 requests 50 times, at random points, and looks for promised
rows that are gone and for rows that are there twice. Then times POST /predict with
and without a log, taking turns, and prints the difference at p50 and p99. The figures
of the design: nothing lost, nothing twice, less than 0.5 ms at p50.
"""

import random
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import requests

sys.path.insert(0, str(Path(__file__).parents[1]))

from test_logstore import kept, kill_at  # noqa: E402

from lessonlib.learn.log import PredictionLog  # noqa: E402
from lessonlib.serve.flask_app import prediction_app  # noqa: E402
from lessonlib.serve.server import serve, stop_all  # noqa: E402

ROUNDS, REQUESTS, TIMED = 50, 1000, 2000


def rounds(folder):
    """Return promised, lost and doubled rows, over all rounds."""
    promised = lost = twice = 0
    for i in range(ROUNDS):
        path = Path(folder) / f"{i}.db"
        seen = kill_at(path, n=REQUESTS, after=random.Random(i).randint(1, REQUESTS))
        promised += len(seen)
        for table in kept(path):
            lost += len(set(seen) - set(table))
            twice += len(table) - len(set(table))
    return promised, lost, twice


def cost(folder):
    """Return the response times in seconds, without a log and with one."""

    def predict(rows):
        return np.full((len(rows), 10), 0.1)

    body = {"rows": np.zeros((1, 64)).tolist()}
    with PredictionLog(Path(folder) / "cost.db") as log, requests.Session() as session:
        plain = serve(prediction_app(predict, columns=64), name="plain")
        logged = serve(prediction_app(predict, columns=64, log=log), name="logged")
        times = ([], [])
        for _ in range(TIMED):
            for server, mine in zip((plain, logged), times, strict=True):
                began = time.perf_counter()
                session.post(f"{server.url}/predict", json=body, timeout=10)
                mine.append(time.perf_counter() - began)
        stop_all()
    return np.array(times)


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        promised, lost, twice = rounds(folder)
        print(f"{ROUNDS} kills: {promised} promised, {lost} lost, {twice} doubled")
        p50, p99 = np.percentile(cost(folder), [50, 99], axis=1) * 1000
    for name, (plain, logged) in {"p50": p50, "p99": p99}.items():
        added = f"{logged - plain:+.2f} ms"
        print(f"{name}: {plain:.2f} ms without, {logged:.2f} ms with a log ({added})")
    sys.exit(bool(lost or twice))
