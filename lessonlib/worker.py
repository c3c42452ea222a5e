"""What does one of several worker processes do?

It answers with the model of a folder, as quickly as that model can be had, and counts
what it does in files that all of them share. It takes its task and its orders from
stdin, one a line, and ends when stdin does: so no worker outlives who started it.
"""

import base64
import json
import os
import signal
import socket
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from flask import Flask

from lessonlib.artifacts import load_model, read_manifest
from lessonlib.batching import MicroBatcher, same_in_company
from lessonlib.contract import prediction_app
from lessonlib.errors import LessonError
from lessonlib.monitoring import Monitor
from lessonlib.predictors import FastPredictor
from lessonlib.serving import Server


def app_of(folder: str | Path, *, monitor: Monitor | None = None) -> Flask:
    """Return the app of a model that `save_model` wrote, as quick as it can be had.

    Each reply says in X-Worker which process gave it. For gunicorn, whose /metrics add
    up if PROMETHEUS_MULTIPROC_DIR names an empty folder for the counts:
    gunicorn "lessonlib.worker:app_of('FOLDER')" --workers 2 --threads 4
    """
    model = load_model(folder)
    with np.load(Path(folder) / f"golden-{model.manifest.version}.npz") as golden:
        rows = golden["rows"]
    fast = FastPredictor.from_sklearn(model.estimator, rows)
    predict: Callable[[np.ndarray], Any] = model
    if fast.path:
        predict = fast.predict_proba
    elif same_in_company(model, rows):  # else company would change the last digits
        predict = MicroBatcher(model)
    answers = model.manifest.classes or range(10)
    monitor = monitor or Monitor(answers=answers)
    app = prediction_app(predict, manifest=model.manifest, monitor=monitor)
    app.config["MODEL_VERSION"] = model.manifest.version

    @app.after_request
    def sign(response):
        response.headers["X-Worker"] = str(os.getpid())
        return response

    return app


class Switch:
    """A WSGI app that passes each request on to the app of the model at work."""

    def __init__(self, folder: str):
        classes = read_manifest(folder).classes
        # one for all models: what was counted stays counted
        self.monitor = Monitor(answers=classes or range(10))
        self.app = self.next_app = app_of(folder, monitor=self.monitor)
        self.logger = self.app.logger

    def __call__(self, environ: Any, start_response: Callable[..., Any]) -> Any:
        return self.app(environ, start_response)

    def obey(self, order: str) -> str:
        """Do what the first process says, and return what it shall hear."""
        if order == "switch":
            self.app = self.next_app
            return "ready"
        try:
            folder = order.removeprefix("load ")
            self.next_app = app_of(folder, monitor=self.monitor)
            return f"loaded {self.next_app.config['MODEL_VERSION']}"
        except (LessonError, OSError, ValueError) as error:
            return " ".join(str(error).split())  # in one line


def work() -> None:
    """Be a worker: take the task and orders from stdin, and end when stdin does."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl+C is for the first process
    task = json.loads(sys.stdin.readline())
    if sys.platform == "win32":
        listener = socket.fromshare(base64.b64decode(task["shared"]))
    else:
        listener = socket.socket(fileno=task["fileno"])
    switch = Switch(task["folder"])
    with Server(switch, name="worker", threads=task["threads"], listener=listener):
        print("ready", flush=True)
        for order in sys.stdin:
            print(switch.obey(order.rstrip("\n")), flush=True)


if __name__ == "__main__":
    work()
