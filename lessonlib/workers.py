"""How do several processes answer at one address?

Threads of one Python take turns; processes do not. Each loads the saved model for
itself, and all of them take requests from one socket that the first process has opened.
In a terminal: python -m lessonlib.workers FOLDER --workers 2
"""

import argparse
import base64
import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import threading
from contextlib import suppress
from pathlib import Path

import numpy as np
from flask import Flask

from lessonlib.artifacts import load_model
from lessonlib.batching import MicroBatcher
from lessonlib.contract import prediction_app
from lessonlib.errors import ServerError
from lessonlib.predictors import FastPredictor
from lessonlib.serving import HOST, Server, bypass_proxies

_WINDOWS = sys.platform == "win32"
_ALONE = {f"{name}_NUM_THREADS": "1" for name in ("OMP", "OPENBLAS", "MKL")}


def app_of(folder: str | Path) -> Flask:
    """Return the app of a model that `save_model` wrote, as quick as it can be had.

    Each reply says in X-Worker which process gave it. For gunicorn:
    gunicorn "lessonlib.workers:app_of('FOLDER')" --workers 2 --threads 4
    """
    model = load_model(folder)
    with np.load(Path(folder) / f"golden-{model.manifest.version}.npz") as golden:
        fast = FastPredictor.from_sklearn(model.estimator, golden["rows"])
    predict = fast.predict_proba if fast.path else MicroBatcher(model)
    app = prediction_app(predict, manifest=model.manifest)

    @app.after_request
    def sign(response):
        response.headers["X-Worker"] = str(os.getpid())
        return response

    return app


class Workers:
    """Processes that answer at `url` until `stop()`. Made by `serve_processes`."""

    def __init__(self, folder: str | Path, *, workers: int, threads: int, port: int):
        if workers < 1 or threads < 1:
            raise ValueError(f"got workers={workers} and threads={threads}")
        bypass_proxies()
        self._listener = _listen(port)
        self.port: int = self._listener.getsockname()[1]
        self.url = f"http://{HOST}:{self.port}"
        self._processes: list[subprocess.Popen[str]] = []
        self._complaints = tempfile.TemporaryFile("w+", encoding="utf-8")
        self._stopped = False
        try:
            for _ in range(workers):
                self._start({"folder": str(folder), "threads": threads})
            for process in self._processes:
                self._wait_until_ready(process)
        except BaseException:
            self.stop()
            raise

    @property
    def pids(self) -> tuple[int, ...]:
        """The operating system's numbers of the processes that still run."""
        return tuple(each.pid for each in self._processes if each.poll() is None)

    def stop(self, *, drain_s: float = 10.0) -> None:
        """Answer what has arrived, then end the processes. A second call is fine."""
        if self._stopped:
            return
        self._stopped = True
        self._listener.close()
        for process in self._processes:
            with suppress(OSError):
                _pipe(process.stdin).close()  # which tells the worker to go home
        for process in self._processes:
            try:
                process.wait(drain_s)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
            _pipe(process.stdout).close()
        self._complaints.close()

    def _start(self, task):
        listening = [] if _WINDOWS else [self._listener.fileno()]
        process = subprocess.Popen(
            [sys.executable, "-m", "lessonlib.workers", "--work"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._complaints,
            encoding="utf-8",
            env=os.environ | _ALONE,  # workers share the processor: no threads of BLAS
            pass_fds=listening,
        )
        self._processes.append(process)
        if _WINDOWS:
            shared = self._listener.share(process.pid)
            task = task | {"shared": base64.b64encode(shared).decode()}
        else:
            task = task | {"fileno": self._listener.fileno()}
        process.stdin.write(json.dumps(task) + "\n")
        process.stdin.flush()

    def _wait_until_ready(self, process, *, timeout_s=60):
        timer = threading.Timer(timeout_s, process.kill)
        timer.start()
        said = process.stdout.readline().strip()
        timer.cancel()
        if said != "ready":
            self._complaints.seek(0)
            last = (self._complaints.read().strip().splitlines() or ["no word"])[-1]
            raise ServerError(f"a worker process did not start: {last}")

    def __enter__(self) -> "Workers":
        return self

    def __exit__(self, *error: object) -> None:
        self.stop()

    def __repr__(self) -> str:
        if self._stopped:
            return f"worker processes: stopped at {self.url}"
        return f"{len(self.pids)} worker processes: answering at {self.url}"


def serve_processes(
    folder: str | Path, *, workers: int = 2, threads: int = 4, port: int = 0
) -> Workers:
    """Return processes that answer for the model of `folder`, at one free port.

    They end with `stop()`, or when this process ends, however it ends. A model that
    `FastPredictor` does not know is answered in batches: give it `threads=64`. Raises
    ServerError if the port cannot be had, or if a process cannot load the model.
    """
    return Workers(folder, workers=workers, threads=threads, port=port)


def _pipe(pipe):
    assert pipe is not None, "each worker is started with pipes"
    return pipe


def _listen(port):
    try:
        return socket.create_server((HOST, port), backlog=1024)
    except (OSError, OverflowError) as error:
        message = f"port {port} of {HOST} cannot be had ({error})"
        raise ServerError(f"{message}; leave port= out to get a free one") from None


def _work():
    """Be a worker: take the task from stdin, and end when stdin does."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl+C is for the first process
    task = json.loads(sys.stdin.readline())
    if "shared" in task:
        listener = socket.fromshare(base64.b64decode(task["shared"]))
    else:
        listener = socket.socket(fileno=task["fileno"])
    app, threads = app_of(task["folder"]), task["threads"]
    with Server(app, name="worker", threads=threads, listener=listener):
        print("ready", flush=True)
        sys.stdin.read()


def main(words: list[str] | None = None) -> None:
    """Serve a saved model from several processes until Ctrl+C."""
    parser = argparse.ArgumentParser(prog="python -m lessonlib.workers")
    parser.add_argument("folder", help="where save_model has put the model")
    parser.add_argument("--workers", type=int, default=2, help="processes (2)")
    parser.add_argument("--threads", type=int, default=4, help="in each process (4)")
    parser.add_argument("--port", type=int, default=0, help="a free one, if left out")
    options = vars(parser.parse_args(words))
    with serve_processes(options.pop("folder"), **options) as processes:
        print(f"{processes}; Ctrl+C ends them", flush=True)
        with suppress(KeyboardInterrupt):
            threading.Event().wait()


if __name__ == "__main__":
    _work() if sys.argv[1:] == ["--work"] else main()
