"""What does one of several worker processes do?

It answers with the model of a folder, as quickly as that model can be had, and counts
what it does in files that all of them share. It takes its task and commands from
stdin, one a line, and ends when stdin does: so no worker outlives who started it.
"""

import asyncio
import base64
import json
import logging
import os
import pickle
import signal
import socket
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import uvicorn
from flask import Flask

from lessonlib.save.artifacts import load_model
from lessonlib.save.columns import build_table
from lessonlib.save.manifest import read_files, read_golden
from lessonlib.serve.asgi_app import AsgiApp
from lessonlib.serve.batching import Apart, MicroBatcher, is_batch_invariant
from lessonlib.serve.contract import Contract
from lessonlib.serve.door import Door
from lessonlib.serve.flask_app import flask_app
from lessonlib.serve.limits import LimitedProtocol, sweep_for_ever
from lessonlib.serve.monitor import Monitor
from lessonlib.serve.predictors import FastPredictor
from lessonlib.serve.visit import AccessLog

DRAIN_S = 10.0  # for requests that have arrived when a worker is to end


def app_of(
    folder: str | Path, *, monitor: Monitor | None = None, **options: Any
) -> Flask:
    """Return the Flask app of a model that `save_model` wrote, as quick as can be had.

    Each reply says in X-Worker which process gave it. `options` are a Contract's. For
    gunicorn, whose /metrics add up if PROMETHEUS_MULTIPROC_DIR names an empty folder:
    gunicorn "lessonlib.serve.worker:app_of('FOLDER')" --workers 2 --threads 4
    """
    contract = contract_of(folder, monitor=monitor or Monitor(), **options)
    if contract.ask_apart is None:
        contract.ask = MicroBatcher(contract.ask)
    return flask_app(contract)


def contract_of(folder: str | Path, **options: Any) -> Contract:
    """Return the contract of a saved model, as quick as can be had.

    Requests share a call where a row gets the same bits alone as among others; else the
    last digits of an answer would depend on who asks at the same time. `options` are
    those of a Contract.
    """
    model = load_model(folder)
    golden = read_golden(read_files(folder)[2]).values
    rows = build_table(golden, model.manifest.columns, model.manifest.form)
    fast = FastPredictor.from_sklearn(model.estimator, rows)
    predict: Any = fast if fast.path else model
    contract = Contract(predict, manifest=model.manifest, **options)
    contract.headers["X-Worker"] = f"{os.getpid()}"
    if not is_batch_invariant(predict, rows):
        contract.ask_apart = Apart(contract.ask, model.estimator, rows)
    return contract


class Worker(uvicorn.Server):
    """A server of uvicorn's that obeys commands, and ends as politely as it can."""

    def __init__(self, folder: str, **options: Any):
        # one monitor for all models: what was counted stays counted
        self._options = {"monitor": Monitor()} | options
        self._next = contract_of(folder, **self._options)
        self.app = AsgiApp(self._next)
        super().__init__(
            uvicorn.Config(
                self.app,
                http=LimitedProtocol,
                ws="none",
                lifespan="off",
                log_config=None,
                access_log=False,
                server_header=False,
                date_header=False,
                proxy_headers=False,  # nobody is believed who says where he comes from
                backlog=1024,
                timeout_keep_alive=60,
                timeout_graceful_shutdown=int(DRAIN_S),
            )
        )

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Begin to accept, and say so."""
        await super().startup(sockets if sys.platform == "win32" else [])
        if sys.platform != "win32":
            for listener in sockets or ():
                door = Door(listener, self._connection, lambda: self.app.turn_s)
                self.servers.append(door)  # type: ignore[arg-type]
        connections = self.server_state.connections
        self._sweeping = asyncio.create_task(sweep_for_ever(connections))
        print("ready", flush=True)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Answer who has asked, and tell who still asks that this is the end."""
        self.app.contract.leaving = True
        await super().shutdown(sockets)

    def _connection(self) -> LimitedProtocol:
        state = {"server_state": self.server_state, "app_state": self.lifespan.state}
        return LimitedProtocol(config=self.config, **state)

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """End at SIGTERM. Ctrl+C is for the first process, which then tells us."""
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        signal.signal(signal.SIGTERM, self.handle_exit)
        yield

    def obey(self) -> None:
        """Carry out what comes from stdin, until it ends; then end, too."""
        with suppress(BrokenPipeError):  # who asked has died meanwhile
            for line in sys.stdin:
                print(self.run_command(json.loads(line)), flush=True)
        self.should_exit = True

    def run_command(self, command: str) -> str:
        """Carry out a command of the parent process and return the reply."""
        if command == "switch":
            self.app.contract = self._next
            return "ready"
        try:
            folder = command.removeprefix("load ")
            self._next = contract_of(folder, **self._options)
            return f"loaded {self._next.manifest.version}"
        except Exception as error:  # whatever it is, the old model goes on
            return " ".join(str(error).split()) or repr(error)  # in one line


def work() -> None:
    """Be a worker: take the task and commands from stdin, and end when stdin does."""
    logging.getLogger("uvicorn").setLevel(logging.ERROR)  # not each bad request
    task = json.loads(sys.stdin.readline())
    if sys.platform == "win32":
        listener = socket.fromshare(base64.b64decode(task["shared"]))
    else:
        listener = socket.socket(fileno=task["fileno"])
    options = pickle.loads(base64.b64decode(task["options"]))  # our parent made it
    if "access_log" in options:
        options["access_log"] = AccessLog(open(options["access_log"], "w"))
    worker = Worker(task["folder"], **options)
    threading.Thread(target=worker.obey, daemon=True).start()
    worker.run([listener])
    if options.get("log") is not None:
        options["log"].close()
    with suppress(BrokenPipeError):
        sys.stdout.flush()
    os._exit(0)  # a thread still waits for stdin, and would stop Python from ending


if __name__ == "__main__":
    work()
