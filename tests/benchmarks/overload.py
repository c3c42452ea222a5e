"""What do callers feel when there are far too many of them?

python tests/benchmarks/overload.py

`serve` (four threads) and the workers (two processes) serve a model that takes 40 ms a
row. They get five times what they can answer, then hardly anything. Then the workers
serve a quick model: newcomers knock, with a new connection each, beside 128 busy
connections, beside 1,000 silent ones, and beside 20 that pipeline 300 requests each.
"""

import multiprocessing
import socket
import statistics
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import requests
from sklearn.ensemble import RandomForestClassifier
from slow_model import ROW_S, Slow

from lessonlib.mail import arriving_bags, training_bags
from lessonlib.measure.loadtest import closed_loop, open_loop
from lessonlib.save.artifacts import load_model, save_model
from lessonlib.serve.flask_app import prediction_app
from lessonlib.serve.server import serve
from lessonlib.serve.workers import serve_processes

PAST, ROWS = training_bags(), arriving_bags()[7].X


def overloaded(url: str, capacity_rps: float) -> None:
    """Print what five times the capacity gives, and what comes right after it."""
    run = open_loop(
        url, ROWS, rate=5 * capacity_rps, seconds=12, timeout_s=30, workers=900
    )
    good = run.response_s[run.status == 200]
    shares = {int(code): int((run.status == code).sum()) for code in set(run.status)}
    p50, p99 = (np.percentile(good, p) for p in (50, 99))
    print(f"  {len(run.status)} requests, {shares}; of the answered p50 {p50:.2f} s, ")
    print(f"  p99 {p99:.2f} s; {run.late:.0%} sent late")
    after = closed_loop(url, ROWS, users=1, requests_each=20)
    print(f"  right after it: {after.errors} errors, the slowest of 20 ", end="")
    print(f"{1000 * after.response_s.max():.0f} ms")


@contextmanager
def served(folder: Path) -> Iterator[str]:
    """Let another process `serve` a saved model: this one holds all the callers."""
    ours, its = multiprocessing.Pipe()
    process = multiprocessing.Process(target=_serve, args=[folder, its])
    process.start()
    yield ours.recv()
    ours.send("stop")
    process.join()


def _serve(folder: Path, pipe: Any) -> None:
    with serve(prediction_app(load_model(folder))) as server:
        pipe.send(server.url)
        pipe.recv()


def newcomers(url: str, *, rate: float = 100, seconds: float = 4) -> str:
    """Return the times of callers who come with a connection of their own."""
    times_s: list[float] = []

    def knock() -> None:
        began = time.perf_counter()
        body = {"rows": [ROWS[0].tolist()]}
        requests.post(f"{url}/predict", json=body, timeout=60).raise_for_status()
        times_s.append(time.perf_counter() - began)

    threads, n = [], round(rate * seconds)
    begin = time.perf_counter()
    for i in range(n):
        time.sleep(max(0, begin + i / rate - time.perf_counter()))
        threads.append(threading.Thread(target=knock))
        threads[-1].start()
    for thread in threads:
        thread.join()
    ms = sorted(1000 * each for each in times_s)
    middle, worst = statistics.median(ms), ms[int(0.99 * len(ms))]
    return f"{len(ms)} of {n} answered, p50 {middle:.1f} ms, p99 {worst:.1f} ms"


@contextmanager
def busy(url: str, n: int = 128) -> Iterator[None]:
    """Let `n` callers ask without a pause over connections that they keep."""
    done = threading.Event()

    def load() -> None:
        while not done.is_set():
            closed_loop(url, ROWS, users=n, requests_each=5, timeout_s=60)

    thread = threading.Thread(target=load)
    thread.start()
    time.sleep(1)
    yield
    done.set()
    thread.join()


@contextmanager
def silent(url: str, n: int = 1000) -> Iterator[None]:
    """Hold `n` connections that say nothing."""
    with ExitStack() as stack:
        for _ in range(n):
            stack.enter_context(socket.create_connection(_address(url)))
        yield


@contextmanager
def pipelining(url: str, n: int = 20) -> Iterator[None]:
    """Let `n` connections send 300 requests at a time, and read the replies."""
    done = threading.Event()

    def pipeline() -> None:
        with socket.create_connection(_address(url)) as connection:
            while not done.is_set():
                connection.sendall(b"GET /health HTTP/1.1\r\nHost: here\r\n\r\n" * 300)
                seen = 0
                while seen < 300:
                    seen += connection.recv(65536).count(b"HTTP/1.1 200")

    threads = [threading.Thread(target=pipeline) for _ in range(n)]
    for thread in threads:
        thread.start()
    time.sleep(0.5)
    yield
    done.set()
    for thread in threads:
        thread.join()


def _address(url: str) -> tuple[str, int]:
    return "127.0.0.1", int(url.rpartition(":")[2])


def main() -> None:
    """Print all of it."""
    with tempfile.TemporaryDirectory() as place, ExitStack() as stack:
        slow, quick = Path(place, "slow"), Path(place, "quick")
        save_model(Slow().fit(PAST.X[:50], PAST.y[:50]), slow, example=PAST.X[:5])
        forest = RandomForestClassifier(100, random_state=0).fit(PAST.X, PAST.y)
        save_model(forest, quick, example=PAST.X[:20])
        print("five times too much, serve:")
        with served(slow) as url:
            overloaded(url, 4 / ROW_S)
        print("five times too much, two workers:")
        with serve_processes(slow, workers=2) as workers:
            overloaded(workers.url, 2 / ROW_S)
        workers = stack.enter_context(serve_processes(quick, workers=2))
        print("newcomers alone:", newcomers(workers.url))
        beside: dict[str, Callable[[str], Any]] = {
            "128 busy connections": busy,
            "1,000 silent connections": silent,
            "20 connections with 300 requests at a time": pipelining,
        }
        for name, crowd in beside.items():
            with crowd(workers.url):
                print(f"newcomers beside {name}:", newcomers(workers.url))


if __name__ == "__main__":
    main()
