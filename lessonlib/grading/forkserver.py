"""The fork server: it has imported what is needed, computed nothing, and it forks.

A worker asks it to check a submission. It forks a checker, and for the checker as many
learner's processes as it needs. It knows no test and no answer.
"""

import contextlib
import gc
import importlib
import os
import shutil
import signal
import socket
import stat
import sys
import tempfile
import threading
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, NoReturn

from lessonlib.grading import sandbox
from lessonlib.grading.channel import Channel, Closed
from lessonlib.grading.isolation import HOMES

FORKED = 3  # the first descriptor after those that every process has
THREAD_STACK = 2**21  # bytes: eight times as much is usual, and counts as memory


def import_first(names: Iterable[str]) -> None:
    """Import what a solved notebook imports: for all who are forked from here.

    A computation here would hang forks. What cannot be imported is the learner's to
    find out.
    """
    for name in names:
        with contextlib.suppress(Exception):
            importlib.import_module(name)
    gc.freeze()  # a collection after a fork would copy all that was imported


class ForkServer:
    """Forks checkers and learners' processes, and leaves nothing behind."""

    def __init__(self, worker: Channel, settings: dict):
        from lessonlib.grading.learner_process import make_shell

        self._worker, self._settings = worker, settings
        self._shell = make_shell()
        self._readable = [Path(path) for path in settings["readable"]]
        self._learner = 0

    def serve(self) -> None:
        """Check one submission after the other, until the worker hangs up."""
        with contextlib.suppress(Closed):
            while True:
                task, plan_socket = self._next()
                import_first(task["imports"])
                self._check(plan_socket)
                self._worker.send({"cleaned": task["ticket"]})

    def _next(self) -> tuple[dict[str, Any], int]:
        _, sockets, _, _ = socket.recv_fds(self._worker.socket, 1, 1)
        if not sockets:
            raise Closed
        return self._worker.receive(), sockets[0]

    def _check(self, plan_socket: int) -> None:
        folder = Path(tempfile.mkdtemp(dir=self._settings["folder"]))
        mine, its = socket.socketpair()
        checker = os.fork()
        if checker == 0:
            mine.close()
            self._become_checker(plan_socket, its, folder)
        os.close(plan_socket)
        its.close()
        try:
            self._help(mine, folder)
        finally:
            mine.close()
            self._end_all()
            _remove(folder)

    def _help(self, checker: socket.socket, folder: Path) -> None:
        """Do what the checker asks for, until it hangs up."""
        while request := checker.recv(1):
            if request == b"s":
                self._end_learner()
                theirs, ours = socket.socketpair()
                self._learner = os.fork()
                if self._learner == 0:
                    checker.close()
                    theirs.close()
                    self._become_learner(ours, folder)
                ours.close()
                socket.send_fds(checker, [b"."], [theirs.fileno()])
                theirs.close()
            elif request == b"i" and self._learner:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(self._learner, signal.SIGINT)

    def _become_checker(
        self, plan_socket: int, forkserver: socket.socket, folder: Path
    ) -> NoReturn:
        from lessonlib.grading.checker import check_submission

        _forked()
        job = Channel(socket.socket(fileno=plan_socket))
        self._worker.socket.close()
        sandbox.hide_memory()
        sandbox.limit(self._settings["memory_bytes"], self._settings["cpu_s"])
        os.chdir(folder)

        def start() -> tuple[socket.socket, Callable[[], None]]:
            forkserver.sendall(b"s")
            _, sockets, _, _ = socket.recv_fds(forkserver, 1, 1)
            return socket.socket(fileno=sockets[0]), lambda: forkserver.sendall(b"i")

        try:
            check_submission(job, start, folder)
        except BaseException as error:
            with contextlib.suppress(Exception):
                job.send({"fault": f"{type(error).__name__}: {error}"[:1000]})
        os._exit(0)

    def _become_learner(self, ours: socket.socket, folder: Path) -> NoReturn:
        from lessonlib.grading.learner_process import LearnerProcess

        try:
            _forked()
            os.setsid()
            os.dup2(ours.fileno(), FORKED)
            os.closerange(FORKED + 1, 1024)
            ours.detach()
            os.chdir(folder)
            os.environ.update(dict.fromkeys(HOMES, str(folder)))
            tempfile.tempdir = str(folder)
            threading.stack_size(THREAD_STACK)
            sandbox.limit(self._settings["memory_bytes"], self._settings["cpu_s"])
            if self._settings["isolated"]:
                sandbox.confine(
                    folder, self._readable, landlock=self._settings["landlock"]
                )
            LearnerProcess(socket.socket(fileno=FORKED), self._shell).serve()
        finally:
            os._exit(0)

    def _end_learner(self) -> None:
        if self._learner:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(self._learner, signal.SIGKILL)
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.kill(self._learner, signal.SIGKILL)
            self._learner = 0

    def _end_all(self) -> None:
        """Kill whatever descends from here: in namespaces of our own, all there is."""
        self._end_learner()
        while True:
            if sandbox.is_first_process():
                with contextlib.suppress(ProcessLookupError):
                    os.kill(-1, signal.SIGKILL)
            else:
                for pid in _children():
                    with contextlib.suppress(ProcessLookupError, PermissionError):
                        os.kill(pid, signal.SIGKILL)
            try:
                os.waitpid(-1, 0)
            except ChildProcessError:
                return


def _forked() -> None:
    sandbox.die_with_parent()
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    nothing = os.open(os.devnull, os.O_RDWR)
    for descriptor in (0, 1, 2):
        os.dup2(nothing, descriptor)


def _children() -> list[int]:
    """Return the processes whose parent is this one: orphans below it are adopted."""
    with contextlib.suppress(OSError):
        path = Path(f"/proc/self/task/{os.getpid()}/children")
        return [int(pid) for pid in path.read_text().split()]
    return []


def _remove(folder: Path) -> None:
    """Delete a folder, also if its owner took all rights from it."""
    for inside, folders, _ in os.walk(folder):
        for name in ("", *folders):
            path = os.path.join(inside, name)
            with contextlib.suppress(OSError):
                if not stat.S_ISLNK(os.lstat(path).st_mode):
                    os.chmod(path, 0o700)
    shutil.rmtree(folder, ignore_errors=True)


def main() -> None:
    """Serve the worker at the descriptor that is the first argument."""
    connection = socket.socket(fileno=int(sys.argv[1]))
    worker = Channel(connection)
    settings = worker.receive()
    alone = settings["own_namespaces"] and sandbox.enter_own_namespaces()
    if not alone:
        sandbox.die_with_parent()
    sandbox.adopt_orphans()
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    forkserver = ForkServer(worker, settings)
    worker.send({"own_namespaces": alone})
    forkserver.serve()
    os._exit(0)  # IPython would tidy up a folder that is gone


if __name__ == "__main__":
    main()
