"""How is a worker process started, told something, and heard?

The parent holds both ends of its pipes: a task and orders go in, one a line, and a line
comes back for each. When the parent goes, its end of the pipe does, too.
"""

import base64
import json
import os
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import IO

from lessonlib.errors import ServerError

_PATIENCE_S = 60.0  # with a worker that says nothing: then it is killed
# workers share the processors: no threads of BLAS in addition
_SETTINGS = {f"{name}_NUM_THREADS": "1" for name in ("OMP", "OPENBLAS", "MKL")}
_SETTINGS["PYTHONIOENCODING"] = "utf-8"  # as the pipes to them have it


class WorkerProcess:
    """One process of lessonlib.serve.worker. What it complains of goes to `complain`.

    `options` are a Contract's, pickled; the open files of `lent` are its own, too.
    """

    def __init__(
        self,
        listener: socket.socket,
        *,
        folder: str,
        options: str,
        counts: str,
        complain: Callable[[str], object],
        lent: Sequence[int] = (),
    ):
        self._popen = subprocess.Popen(
            [sys.executable, "-m", "lessonlib.serve.worker"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            encoding="utf-8",
            errors="replace",
            env=os.environ | _SETTINGS | {"PROMETHEUS_MULTIPROC_DIR": counts},
            pass_fds=() if sys.platform == "win32" else (listener.fileno(), *lent),
        )
        self.pid = self._popen.pid
        self._is_ready, self._last_words = False, "no word"
        self._ear = threading.Thread(target=self._listen, args=[complain], daemon=True)
        self._ear.start()
        task: dict[str, str | int] = {"folder": folder, "options": options}
        if sys.platform == "win32":
            shared = listener.share(self.pid)
            task["shared"] = base64.b64encode(shared).decode()
        else:
            task["fileno"] = listener.fileno()
        self._write_line(task)

    @property
    def alive(self) -> bool:
        """Whether it still runs."""
        return self._popen.poll() is None

    def wait(self) -> int:
        """Return its exit code, once it has ended."""
        return self._popen.wait()

    def wait_until_ready(self) -> None:
        """Return when it answers requests. Raises ServerError if it does not."""
        if self._hear() != "ready":
            self._ear.join(timeout=1.0)  # it has died, so there is an end to hear
            raise ServerError(f"a worker process did not start: {self._last_words}")
        self._is_ready = True

    def tell(self, order: str) -> str:
        """Return the answer to an order, in one line."""
        self._write_line(order)
        return self._hear() or f"worker {self.pid} has died"

    def let_go(self) -> None:
        """Close its stdin, which tells it to answer what has arrived, and end."""
        with suppress(OSError):
            _pipe(self._popen.stdin).close()

    def end(self, *, drain_s: float) -> None:
        """Wait for its end, and kill it after `drain_s` seconds."""
        try:
            self._popen.wait(drain_s)
        except subprocess.TimeoutExpired:
            self._popen.kill()
            self._popen.wait()
        self.let_go()
        _pipe(self._popen.stdout).close()

    def _listen(self, complain: Callable[[str], object]) -> None:
        """Pass on what a worker says on stderr. The last line is kept, too."""
        with _pipe(self._popen.stderr) as stderr:
            for line in filter(None, map(str.rstrip, stderr)):
                self._last_words = line.lstrip()
                if self._is_ready:
                    complain(line)

    def _write_line(self, content: str | dict[str, str | int]) -> None:
        stdin = _pipe(self._popen.stdin)
        with suppress(OSError):  # it has died: its silence says so
            stdin.write(json.dumps(content) + "\n")  # in one line, in ASCII
            stdin.flush()

    def _hear(self) -> str:
        timer = threading.Timer(_PATIENCE_S, self._popen.kill)
        timer.daemon = True  # Ctrl+C may come before it can be cancelled
        timer.start()
        try:
            return _pipe(self._popen.stdout).readline().strip()
        finally:
            timer.cancel()


def _pipe(pipe: IO[str] | None) -> IO[str]:
    assert pipe is not None, "each worker is started with pipes"
    return pipe
