"""How do several processes answer at one address?

Threads of one Python take turns; processes do not. Each loads the saved model for
itself, and all of them take requests from one socket that the first process has opened.
In a terminal: python -m lessonlib.serve.workers FOLDER --workers 2
There a signal (kill -HUP) makes all of them load the folder again.
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
from queue import Empty, SimpleQueue
from typing import IO

from lessonlib.errors import ServerError
from lessonlib.serve.server import HOST, bypass_proxies

_PATIENCE_S = 60.0  # with a worker that says nothing: then it is killed
# workers share the processors: no threads of BLAS in addition
_SETTINGS = {f"{name}_NUM_THREADS": "1" for name in ("OMP", "OPENBLAS", "MKL")}
_SETTINGS["PYTHONIOENCODING"] = "utf-8"  # as the pipes to them have it


class Workers:
    """Processes that answer at `url` until `stop()`. Made by `serve_processes`."""

    def __init__(self, folder: str | Path, *, workers: int, port: int):
        if workers < 1:
            raise ValueError(f"at least one worker has to work, got workers={workers}")
        bypass_proxies()
        self._listener = _bind_for_all(port)
        self.port: int = self._listener.getsockname()[1]
        self.url = f"http://{HOST}:{self.port}"
        self._processes: list[subprocess.Popen[str]] = []
        self._complaints = tempfile.TemporaryFile("w+", encoding="utf-8")
        self._counts = tempfile.TemporaryDirectory()  # of all workers, for /metrics
        self._stopped, self._folder = False, str(folder)
        try:
            for _ in range(workers):
                self._start({"folder": self._folder})
            for process in self._processes:
                self._wait_until_ready(process)
        except BaseException:
            self.stop()
            raise

    @property
    def pids(self) -> tuple[int, ...]:
        """The operating system's numbers of the processes that still run."""
        return tuple(each.pid for each in self._processes if each.poll() is None)

    def reload(self, folder: str | Path | None = None) -> str:
        """Load the folder again, or another one, in all processes; return its version.

        No process takes the new model before all have loaded and tried it: if one
        cannot, all keep the old one, and ServerError says why. What has been asked
        before is answered by the model that was asked.
        """
        folder = str(folder or self._folder)
        replies = [self._tell(process, f"load {folder}") for process in self._processes]
        refusals = [words for words in replies if not words.startswith("loaded ")]
        if refusals:
            raise ServerError(f"the old model stays in all workers: {refusals[0]}")
        if len(set(replies)) > 1:
            changed = f"{folder} changed while it was loaded; reload again"
            raise ServerError(f"the old model stays in all workers: {changed}")
        for process in self._processes:
            self._tell(process, "switch")
        self._folder = folder
        return replies[0].removeprefix("loaded ")

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
        self._counts.cleanup()

    def _start(self, task: dict[str, str | int]) -> None:
        listening = [] if sys.platform == "win32" else [self._listener.fileno()]
        process = subprocess.Popen(
            [sys.executable, "-m", "lessonlib.serve.worker"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._complaints,
            encoding="utf-8",
            env=os.environ
            | _SETTINGS
            | {"PROMETHEUS_MULTIPROC_DIR": self._counts.name},
            pass_fds=listening,
        )
        self._processes.append(process)
        if sys.platform == "win32":
            shared = self._listener.share(process.pid)
            task = task | {"shared": base64.b64encode(shared).decode()}
        else:
            task = task | {"fileno": self._listener.fileno()}
        _write_line(process, task)

    def _tell(self, process: subprocess.Popen[str], order: str) -> str:
        with suppress(OSError):  # it has died: its silence says so
            _write_line(process, order)
        return self._hear(process) or f"worker {process.pid} has died"

    def _hear(self, process: subprocess.Popen[str]) -> str:
        timer = threading.Timer(_PATIENCE_S, process.kill)
        timer.start()
        try:
            return _pipe(process.stdout).readline().strip()
        finally:  # also when Ctrl+C comes meanwhile: a timer keeps a program alive
            timer.cancel()

    def _wait_until_ready(self, process: subprocess.Popen[str]) -> None:
        if self._hear(process) != "ready":
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


def serve_processes(folder: str | Path, *, workers: int = 2, port: int = 0) -> Workers:
    """Return processes that answer for the model of `folder`, at one free port.

    They end with `stop()`, or when this process ends, however it ends. Raises
    ServerError if the port cannot be had, or a process cannot load the model.
    """
    return Workers(folder, workers=workers, port=port)


def _write_line(
    process: subprocess.Popen[str], content: str | dict[str, str | int]
) -> None:
    stdin = _pipe(process.stdin)
    stdin.write(json.dumps(content) + "\n")  # in one line, in ASCII
    stdin.flush()


def _pipe(pipe: IO[str] | None) -> IO[str]:
    assert pipe is not None, "each worker is started with pipes"
    return pipe


def _bind_for_all(port: int) -> socket.socket:
    try:
        return socket.create_server((HOST, port), backlog=1024)
    except (OSError, OverflowError) as error:
        message = f"port {port} of {HOST} cannot be had ({error})"
        raise ServerError(f"{message}; leave port= out to get a free one") from None


def main(words: list[str] | None = None) -> None:
    """Serve a saved model from several processes until Ctrl+C; SIGHUP: load again."""
    parser = argparse.ArgumentParser(prog="python -m lessonlib.serve.workers")
    parser.add_argument("folder", help="where save_model has put the model")
    parser.add_argument("--workers", type=int, default=2, help="processes (2)")
    parser.add_argument("--port", type=int, default=0, help="a free one, if left out")
    options = vars(parser.parse_args(words))
    with serve_processes(options.pop("folder"), **options) as processes:
        hangups: SimpleQueue[int] = SimpleQueue()  # a second one may come meanwhile
        if sys.platform != "win32":
            signal.signal(signal.SIGHUP, lambda number, _: hangups.put(number))
        print(f"{processes}; Ctrl+C ends them", flush=True)
        with suppress(KeyboardInterrupt):
            while True:
                with suppress(Empty):
                    hangups.get(timeout=3600)
                    _reload_aloud(processes)


def _reload_aloud(processes: Workers) -> None:
    try:
        print(f"all workers answer with version {processes.reload()}", flush=True)
    except ServerError as error:
        print(error, file=sys.stderr, flush=True)


if __name__ == "__main__":
    main()
