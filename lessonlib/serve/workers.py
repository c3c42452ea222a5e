"""How do several processes answer at one address?

Threads of one Python take turns; processes do not. Each loads the saved model for
itself, and all of them take requests from one socket that the first process has opened.
One that dies is replaced. In a terminal:
python -m lessonlib.serve.workers FOLDER --workers 2
There a signal (kill -HUP) makes all of them load the folder again.
"""

import argparse
import base64
import pickle
import pkgutil
import signal
import socket
import sys
import tempfile
import threading
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import Any

from lessonlib.errors import LessonError, ServerError
from lessonlib.save.manifest import read_files, write_files
from lessonlib.serve.server import HOST, bypass_proxies, remember
from lessonlib.serve.worker_process import WorkerProcess

_MOST_DEATHS = 3  # in a row, before the first answer: then nobody is started any more


class Workers:
    """Processes that answer at `url` until `stop()`. Made by `serve_processes`.

    What happens to them is in `logs`, and told to `say`, if given.
    """

    def __init__(
        self,
        folder: str | Path,
        *,
        workers: int,
        host: str,
        port: int,
        log: Any = None,
        say: Callable[[str], object] | None = None,
    ):
        if workers < 1:
            raise ValueError(f"at least one worker has to work, got workers={workers}")
        bypass_proxies()
        self._desk = tempfile.TemporaryDirectory()  # counts, and what they load
        try:
            self._folder, self._copy = str(folder), self._copied(folder)
            self._listener = _bind_for_all(host, port)
        except BaseException:
            self._desk.cleanup()
            raise
        self.port: int = self._listener.getsockname()[1]
        self.url = f"http://{f'[{host}]' if ':' in host else host}:{self.port}"
        self.logs: deque[str] = deque(maxlen=200)
        self._say, self._log = say, base64.b64encode(pickle.dumps(log)).decode()
        self._complaints = tempfile.TemporaryFile("w+", encoding="utf-8")
        self._orders = threading.Lock()  # one at a time: a reload, or a new worker
        self._stopped, self.gave_up = False, threading.Event()
        self._processes: list[WorkerProcess] = []
        try:
            for _ in range(workers):
                self._processes.append(self._start())  # now, or an interrupt loses it
            for process in self._processes:
                process.wait_until_ready()
        except BaseException:
            self.stop()
            raise
        for i in range(workers):
            threading.Thread(target=self._keep, args=[i], daemon=True).start()
        remember(self)

    @property
    def pids(self) -> tuple[int, ...]:
        """The operating system's numbers of the processes that still run."""
        return tuple(each.pid for each in self._processes if each.alive)

    def reload(self, folder: str | Path | None = None) -> str:
        """Load the folder again, or another one, in all processes; return its version.

        No process takes the new model before all have loaded and tried it: if one
        cannot, all keep the old one, and ServerError says why. What has been asked
        before is answered by the model that was asked.
        """
        folder = str(folder or self._folder)
        with self._orders:
            try:
                copy = self._copied(folder)
            except LessonError as error:
                raise ServerError(
                    f"the old model stays in all workers: {error}"
                ) from None
            replies = [process.tell(f"load {copy}") for process in self._processes]
            refusals = [words for words in replies if not words.startswith("loaded ")]
            if refusals:
                message = f"the old model stays in all workers: {refusals[0]}"
                raise ServerError(message)
            for process in self._processes:
                process.tell("switch")
            self._folder, self._copy = folder, copy
        return replies[0].removeprefix("loaded ")

    def stop(self, *, drain_s: float = 10.0) -> None:
        """Answer what has arrived, then end the processes. It may be called again."""
        self._stopped = True
        with self._orders:
            self._listener.close()
            for process in self._processes:
                process.let_go()
            for process in self._processes:
                process.end(drain_s=drain_s)
            self._complaints.close()
            self._desk.cleanup()

    def _copied(self, folder: str | Path) -> str:
        """Copy a saved model to the desk: all load the same, whatever becomes of it."""
        desk = tempfile.mkdtemp(dir=self._desk.name)
        write_files(desk, *read_files(folder))
        return desk

    def _start(self) -> WorkerProcess:
        return WorkerProcess(
            self._listener,
            folder=self._copy,
            log=self._log,
            counts=self._desk.name,
            complaints=self._complaints,
        )

    def _keep(self, i: int) -> None:
        """Wait for the end of a worker, and put another in its place."""
        deaths = 0
        while deaths < _MOST_DEATHS:
            code = self._processes[i].wait()
            with self._orders:
                if self._stopped:
                    return
                pid = self._processes[i].pid
                self._note(f"worker {pid} has ended ({code}); another takes its place")
                self._processes[i].end(drain_s=0)
                self._processes[i] = self._start()
                try:
                    self._processes[i].wait_until_ready()
                    deaths = 0
                except ServerError as error:
                    self._processes[i].end(drain_s=1)
                    self._note(str(error))
                    deaths += 1
        self._note("no worker can be started in its place")
        self.gave_up.set()

    def _note(self, line: str) -> None:
        self.logs.append(line)
        if self._say:
            self._say(line)

    def __enter__(self) -> "Workers":
        return self

    def __exit__(self, *error: object) -> None:
        self.stop()

    def __repr__(self) -> str:
        if self._stopped:
            return f"worker processes: stopped at {self.url}"
        return f"{len(self.pids)} worker processes: answering at {self.url}"


def serve_processes(
    folder: str | Path,
    *,
    workers: int = 2,
    host: str = HOST,
    port: int = 0,
    log: Any = None,
    say: Callable[[str], object] | None = None,
) -> Workers:
    """Return processes that answer for the model of `folder`, at one free port.

    Only this computer can ask them, unless `host` names another of its addresses. They
    end with `stop()`, or when this process ends, however it ends. Each opens the `log`
    for itself, if one is given. Raises ServerError if the port cannot be had, or a
    process cannot load the model.
    """
    return Workers(folder, workers=workers, host=host, port=port, log=log, say=say)


def _bind_for_all(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        return socket.create_server((host, port), family=family, backlog=1024)
    except (OSError, OverflowError) as error:
        message = f"port {port} of {host} cannot be had ({error})"
        raise ServerError(f"{message}; leave port= out to get a free one") from None


def main(words: list[str] | None = None) -> None:
    """Serve a saved model from several processes until Ctrl+C; SIGHUP: load again."""
    parser = argparse.ArgumentParser(prog="python -m lessonlib.serve.workers")
    parser.add_argument("folder", help="where save_model has put the model")
    parser.add_argument("--workers", type=int, default=2, help="processes (2)")
    parser.add_argument("--host", default=HOST, help=f"an address of ours ({HOST})")
    parser.add_argument("--port", type=int, default=0, help="a free one, if left out")
    parser.add_argument("--log", help="a file to keep predictions and labels in")
    options = vars(parser.parse_args(words))
    if options["log"]:
        # by its name: this room comes before that of the log
        open_log = pkgutil.resolve_name("lessonlib.learn.log:PredictionLog")
        options["log"] = open_log(options["log"])
    orders: SimpleQueue[int] = SimpleQueue()  # a second one may come meanwhile
    for name in ("SIGTERM", "SIGHUP"):
        if hasattr(signal, name):
            signal.signal(getattr(signal, name), lambda number, _: orders.put(number))
    folder = options.pop("folder")
    with serve_processes(folder, **options, say=_complain) as processes:
        print(f"{processes}; Ctrl+C ends them", flush=True)
        with suppress(KeyboardInterrupt):
            _obey(processes, orders)
    if processes.gave_up.is_set():
        sys.exit("no worker is left: see above")


def _obey(processes: Workers, orders: "SimpleQueue[int]") -> None:
    """Reload at SIGHUP, and come back at SIGTERM or when all workers are lost."""
    while not processes.gave_up.is_set():
        with suppress(Empty):
            if orders.get(timeout=0.5) == signal.SIGTERM:
                return
            try:
                version = processes.reload()
                print(f"all workers answer with version {version}", flush=True)
            except ServerError as error:
                _complain(str(error))


def _complain(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


if __name__ == "__main__":
    main()
