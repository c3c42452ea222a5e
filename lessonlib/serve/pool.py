"""How are several processes kept at work, and alike?

All of them take requests from one socket, and load one copy of a saved model. One that
dies is replaced, and a new model comes to all of them or to none.
"""

import base64
import os
import pickle
import socket
import sys
import tempfile
import threading
from collections import deque
from collections.abc import Callable
from pathlib import Path
from typing import IO, Any

from lessonlib.errors import LessonError, ServerError
from lessonlib.save.manifest import read_files, write_files
from lessonlib.serve.server import bypass_proxies, remember
from lessonlib.serve.worker_process import WorkerProcess

_MOST_DEATHS = 3  # in a row, before the first answer: then nobody is started any more


class Workers:
    """Processes that answer at `url` until `stop()`. Made by `serve_processes`.

    What happens to them, and what they complain of, is in `logs`, and told to `say`.
    `options` are a Contract's.
    """

    def __init__(
        self,
        folder: str | Path,
        *,
        workers: int,
        host: str,
        port: int,
        say: Callable[[str], object] | None = None,
        access_log: IO[str] | None = None,
        **options: Any,
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
        self._say = say
        self._orders = threading.Lock()  # one at a time: a reload, or a new worker
        self._stopped, self.gave_up = False, threading.Event()
        self._lent: list[int] = []  # open files that workers write to
        self._processes: list[WorkerProcess] = []
        try:
            self._options = self._packed(options, access_log)
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
            while self._lent:
                os.close(self._lent.pop())
            self._desk.cleanup()

    def _copied(self, folder: str | Path) -> str:
        """Copy a saved model to the desk: all load the same, whatever becomes of it."""
        desk = tempfile.mkdtemp(dir=self._desk.name)
        write_files(desk, *read_files(folder))
        return desk

    def _packed(self, options: dict[str, Any], access_log: IO[str] | None) -> str:
        """Return the options of all workers as a text."""
        if (keys := options.get("keys")) is not None:
            keys.names()  # one that cannot be read is told now
            options["keys"] = keys.counted_in(tempfile.mkdtemp(dir=self._desk.name))
        if access_log is not None:
            if sys.platform == "win32":
                raise ServerError("an access log of several processes needs Unix")
            options["access_log"] = _number_of(access_log)
            self._lent.append(options["access_log"])
        return base64.b64encode(pickle.dumps(options)).decode()

    def _start(self) -> WorkerProcess:
        return WorkerProcess(
            self._listener,
            folder=self._copy,
            options=self._options,
            counts=self._desk.name,
            complain=self._note,
            lent=self._lent,
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


def _number_of(file: IO[str]) -> int:
    """Return a number of an open file that means the same in a worker."""
    try:
        return os.dup(file.fileno())  # that of stdout is another file there
    except (OSError, AttributeError):
        message = "access_log has to be a file that the system has opened"
        raise ValueError(f"{message}, got {file!r:.60}") from None


def _bind_for_all(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        return socket.create_server((host, port), family=family, backlog=1024)
    except (OSError, OverflowError) as error:
        message = f"port {port} of {host} cannot be had ({error})"
        raise ServerError(f"{message}; leave port= out to get a free one") from None
