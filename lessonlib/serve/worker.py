"""What does one of several worker processes do?

It answers with the model of a folder, as quickly as that model can be had, and counts
what it does in files that all of them share. It takes its task and commands from
stdin, one a line, and ends when stdin does: so no worker outlives who started it.
"""

import base64
import json
import os
import signal
import socket
import sys
import time
from collections.abc import Callable, Iterable
from contextlib import suppress
from pathlib import Path
from typing import Any
from wsgiref.types import StartResponse, WSGIEnvironment

import numpy as np
from flask import Flask, Response

from lessonlib.save.artifacts import Manifest, load_model, read_manifest
from lessonlib.serve.batching import MicroBatcher, is_batch_invariant, predict_batched
from lessonlib.serve.contract import MAX_BODY_BYTES, prediction_app
from lessonlib.serve.monitor import Monitor
from lessonlib.serve.predictors import FastPredictor
from lessonlib.serve.server import Server


def app_of(folder: str | Path, *, monitor: Monitor | None = None) -> Flask:
    """Return the app of a model that `save_model` wrote, as quick as it can be had.

    Each reply says in X-Worker which process gave it. For gunicorn, whose /metrics add
    up if PROMETHEUS_MULTIPROC_DIR names an empty folder for the counts:
    gunicorn "lessonlib.serve.worker:app_of('FOLDER')" --workers 2 --threads 4
    """
    model = load_model(folder)
    with np.load(Path(folder) / f"golden-{model.manifest.version}.npz") as golden:
        rows = golden["rows"]
    fast = FastPredictor.from_sklearn(model.estimator, rows)
    predict: Callable[[np.ndarray], Any] = fast.predict_proba if fast.path else model
    # else the last digits of an answer would depend on who asked at the same time
    invariant = is_batch_invariant(predict, rows)
    shared = MicroBatcher(predict) if invariant and not fast.path else predict
    app = signed_app(shared, model.manifest, monitor=monitor)
    app.config["PREDICT_BATCHED"] = predict if invariant else None
    return app


def signed_app(
    predict: Callable[[np.ndarray], Any],
    manifest: Manifest,
    *,
    monitor: Monitor | None = None,
) -> Flask:
    """Return a prediction app that says in each reply which process gave it."""
    monitor = monitor or Monitor(answers=manifest.classes or range(10))
    app = prediction_app(predict, manifest=manifest, monitor=monitor)
    app.config["SIGNATURE"] = {
        "X-Model-Version": manifest.version,
        "X-Worker": f"{os.getpid()}",
    }

    @app.after_request
    def sign(response: Response) -> Response:
        response.headers.update(app.config["SIGNATURE"])
        return response

    return app


class Switch:
    """A WSGI app that passes each request on to the app of the model at work.

    It serves without threads: they would fight for one Python. What arrives in one turn
    of the server's loop is one batch, and a plain request is answered past Flask.
    """

    def __init__(self, folder: str):
        classes = read_manifest(folder).classes
        # one for all models: what was counted stays counted
        self.monitor = Monitor(answers=classes or range(10))
        self.app = self.next_app = app_of(folder, monitor=self.monitor)
        self._answers_ahead: dict[int, Any] = {}
        self.logger = self.app.logger

    def predict_ahead(self, streams: list[Any]) -> None:
        """Ask the model once for all that has arrived: bodies, which are read again."""
        began, app, arrived = time.perf_counter(), self.app, {}
        # kept, so that no later stream gets the number of one of these
        self._streams, self._answers_ahead = streams, {}
        if not app.config.get("PREDICT_BATCHED"):
            return
        for stream in streams:
            body = stream.read(MAX_BODY_BYTES)
            stream.seek(0)
            with suppress(Exception):  # its own turn will tell why
                arrived[id(stream)] = app.extensions["parse"](body)
        answers = predict_batched(app.config["PREDICT_BATCHED"], [*arrived.values()])
        for number, known in zip(arrived, answers, strict=True):
            self._answers_ahead[number] = began, app, known

    def __call__(
        self, environ: WSGIEnvironment, start_response: StartResponse
    ) -> Iterable[bytes]:
        stream, now = environ["wsgi.input"], (time.perf_counter(), self.app, None)
        if not _is_ordinary(environ):
            return self.app(environ, start_response)
        # with the model that was asked: another may have come meanwhile
        began, app, known = self._answers_ahead.pop(id(stream), now)
        try:
            if known:
                rows, answers = known
                reply = app.extensions["answer"](rows, lambda rows: answers).encode()
            else:
                rows = app.extensions["parse"](stream.read())
                reply = app.extensions["answer"](rows).encode()
        except Exception:  # Flask asks again, and finds the words of a refusal
            stream.seek(0)
            return app(environ, start_response)
        headers = {"Content-Type": "application/json", **app.config["SIGNATURE"]}
        headers["Content-Length"] = str(len(reply))
        start_response("200 OK", [*headers.items()])
        self.monitor.seen("/predict", 200, time.perf_counter() - began)
        return [reply]

    def run_command(self, command: str) -> str:
        """Carry out a command of the parent process and return the reply."""
        if command == "switch":
            self.app = self.next_app
            return "ready"
        try:
            folder = command.removeprefix("load ")
            self.next_app = app_of(folder, monitor=self.monitor)
            return f"loaded {self.next_app.config['SIGNATURE']['X-Model-Version']}"
        except Exception as error:  # whatever it is, the old model goes on
            return " ".join(str(error).split()) or repr(error)  # in one line


def _is_ordinary(environ: WSGIEnvironment) -> bool:
    """Return whether a request for a prediction needs no help of Flask's."""
    return (
        environ["PATH_INFO"] == "/predict"
        and environ["REQUEST_METHOD"] == "POST"
        and environ.get("CONTENT_TYPE") == "application/json"
        and int(environ.get("CONTENT_LENGTH") or MAX_BODY_BYTES) < MAX_BODY_BYTES
    )


def work() -> None:
    """Be a worker: take the task and commands from stdin, and end when stdin does."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl+C is for the first process
    task = json.loads(sys.stdin.readline())
    if sys.platform == "win32":
        listener = socket.fromshare(base64.b64decode(task["shared"]))
    else:
        listener = socket.socket(fileno=task["fileno"])
    switch = Switch(task["folder"])
    with Server(switch, name="worker", threads=0, listener=listener):
        print("ready", flush=True)
        for line in sys.stdin:
            print(switch.run_command(json.loads(line)), flush=True)


if __name__ == "__main__":
    work()
