"""How safe is the log of feedback, what does it cost a request, and how does it grow?

    python tests/benchmarks/feedback_log.py
    python tests/benchmarks/feedback_log.py growth

Kills a writer of 1,000 requests 50 times, at random points, and looks for promised
rows that are gone and for rows that are there twice. Then times POST /predict with
and without a log, taking turns, and prints the difference at p50 and p99. The figures
of the design: nothing lost, nothing twice, less than 0.5 ms at p50. At last it asks
each question of a log with 10,000 rows and of one with 100,000, and prints the ratio:
about 1 for a question about one row, about 10 for one about all.
"""

import random
import sys
import tempfile
import time
from itertools import count
from pathlib import Path

import numpy as np
import requests

TESTS = Path(__file__).parents[1]
sys.path[:0] = [str(TESTS), str(TESTS / "learn")]

from test_store import kept, kill_at  # noqa: E402

from lessonlib.errors import FeedbackError  # noqa: E402
from lessonlib.learn.labels import accuracy_by_time  # noqa: E402
from lessonlib.learn.log import PredictionLog  # noqa: E402
from lessonlib.serve.flask_app import prediction_app  # noqa: E402
from lessonlib.serve.server import serve, stop_all  # noqa: E402

ROUNDS, REQUESTS, TIMED = 50, 1000, 2000
FEW, MANY = 10_000, 100_000
ROW = np.zeros((1, 64))


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

    body = {"rows": ROW.tolist()}
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


def stray(log):
    """Label a prediction that nobody has made."""
    try:
        log.label("nobody", 3)
    except FeedbackError:
        pass


def questions(folder, n):
    """Return the seconds that each question takes of a log with `n` rows of each kind.

    One row of it has all `n` labels, from two people who never agree.
    """
    clock, fresh = count(), count()
    with PredictionLog(Path(folder) / f"{n}.db", now=lambda: next(clock)) as log:
        row = ROW[0, :4].tolist()
        for start in range(0, n, 1000):
            ids = range(start, start + 1000)
            log.record_all([(f"r{i}", "m", "v", [row], [3], None) for i in ids])
        log._writer.do(lambda store: label_all(store, n))
        for _ in range(50):
            stray(log)
        ask = {
            "record": lambda: log.record(f"new{next(fresh)}", "m", "v", [row], [3]),
            "label": lambda: log.label(f"r{next(fresh)}", 3, source="a new one"),
            "label, of many": lambda: log.label("r0", next(fresh)),
            "label, of none": lambda: stray(log),
            "joined": lambda: log.joined(),
            "joined, of early days": lambda: log.joined(as_of_s=5),
        }
        times = {name: best_of(call) for name, call in ask.items()}
        all_of_it = log.joined()
        slow = lambda: accuracy_by_time(all_of_it, window_s=0.01, delay_s=1)  # noqa: E731
        return times | {"accuracy_by_time": best_of(slow)}


def label_all(store, n):
    """Write a label for each row, and `n` for the first."""
    sql = "INSERT INTO labels VALUES (?, 0, ?, ?, ?, ?)"
    for i in range(n):
        store.run(sql, (f"r{i}", 0, "3", "clerk", float(i)))
        store.run(sql, ("r0", i + 1, f"{i % 2}", f"clerk {i % 2}", float(i)))


def best_of(call, rounds=5):
    """Return the shortest of some times in seconds."""
    times = []
    for _ in range(rounds):
        began = time.perf_counter()
        call()
        times.append(time.perf_counter() - began)
    return min(times)


def print_growth(folder):
    """Print what each question takes of a small log and of a large one."""
    few, many = (questions(folder, n) for n in (FEW, MANY))
    print(f"{'':24}{FEW:>10,} rows{MANY:>10,} rows   ratio")
    for name, small_s in few.items():
        large_s = many[name]
        both = f"{1000 * small_s:>12.2f} ms{1000 * large_s:>12.2f} ms"
        print(f"{name:24}{both}{large_s / small_s:>8.1f}")


def main(only_growth):
    """Print the figures; return whether a row is gone or there twice."""
    with tempfile.TemporaryDirectory() as folder:
        if only_growth:
            print_growth(folder)
            return False
        promised, lost, twice = rounds(folder)
        print(f"{ROUNDS} kills: {promised} promised, {lost} lost, {twice} doubled")
        p50, p99 = np.percentile(cost(folder), [50, 99], axis=1) * 1000
        for name, (plain, logged) in {"p50": p50, "p99": p99}.items():
            added = f"{logged - plain:+.2f} ms"
            print(f"{name}: {plain:.2f} ms without, {logged:.2f} with ({added})")
        print_growth(folder)
        return bool(lost or twice)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:] == ["growth"]))
