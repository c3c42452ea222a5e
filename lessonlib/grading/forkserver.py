"""The fork server: it has imported what is needed, computed nothing, and it forks.

A worker asks it to check a submission. It forks a house for it, in which checker and
learner live. It knows no test and no answer.
"""

import contextlib
import gc
import importlib
import os
import signal
import socket
import sys
import tempfile
from collections.abc import Iterable
from pathlib import Path
from typing import Any, NoReturn

from lessonlib.grading import kernel
from lessonlib.grading.channel import Channel, Closed
from lessonlib.grading.house import allows_houses, live, report_fault
from lessonlib.grading.keeper import end_processes
from lessonlib.grading.scratch import remove_tree


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
    """Forks a house for each submission, and leaves nothing behind."""

    def __init__(self, worker: Channel, settings: dict[str, Any]):
        from lessonlib.grading.shell import make_shell

        self._worker, self._settings, self._pid = worker, settings, os.getpid()
        self._shell = make_shell()

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
        house = os.fork()
        if house == 0:
            self._be_the_house(plan_socket, folder)
        os.close(plan_socket)
        os.waitpid(house, 0)
        end_processes()  # orphans, where there are no namespaces
        remove_tree(folder)

    def _be_the_house(self, plan_socket: int, folder: Path) -> NoReturn:
        self._worker.socket.close()
        nothing = os.open(os.devnull, os.O_RDWR)
        for descriptor in (0, 1, 2):
            os.dup2(nothing, descriptor)
        try:
            live(plan_socket, folder, self._settings, self._shell, parent=self._pid)
        except BaseException as error:
            with contextlib.suppress(Exception):
                report_fault(Channel(socket.socket(fileno=plan_socket)), error)
        os._exit(1)


def main() -> None:
    """Serve the worker at the descriptor that is the first argument."""
    connection = socket.socket(fileno=int(sys.argv[1]))
    worker = Channel(connection)
    settings = worker.receive()
    kernel.die_with_parent()
    kernel.end_without(settings["worker"])
    kernel.adopt_orphans()
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    if settings["own_namespaces"]:
        settings["own_namespaces"] = allows_houses(Path(settings["folder"]))
    forkserver = ForkServer(worker, settings)
    worker.send({"own_namespaces": settings["own_namespaces"]})
    forkserver.serve()
    os._exit(0)  # IPython would tidy up a folder that is gone


if __name__ == "__main__":
    main()
