"""Who starts a learner's process, watches what it uses, and ends all that is left?

The keeper does, at the checker's word. Where there are namespaces it is process 1 of
one, with the learner's processes and nobody else.
"""

import contextlib
import os
import select
import signal
import socket
import tempfile
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NoReturn

from lessonlib.grading import kernel, sandbox
from lessonlib.grading.channel import Channel
from lessonlib.grading.usage import memory_of, processes_below, resident_of

FORKED = 3  # the first descriptor after those that every process has
THREAD_STACK = 2**21  # bytes: eight times as much is usual, and counts as memory
LOOK_S = 0.2  # from one look at the memory to the next
MOST_AT_ONCE = (
    2 * sandbox.MOST_PROCESSES
)  # root of bubblewrap has no limit in the kernel


class Keeper:
    """Starts and ends the learner's processes of one submission."""

    def __init__(
        self,
        checker: socket.socket,
        folder: Path,
        settings: Mapping[str, Any],
        shell: Any,
    ):
        self._checker, self._folder = checker, folder
        self._settings, self._shell = settings, shell
        self._most_bytes = settings["memory_bytes"] + resident_of(["self"])
        self._learner, self._why = 0, list[str]()

    def serve(self) -> None:
        """Do what the checker asks for, until it hangs up; then end everything."""
        requests = {b"s": self._start, b"i": self._interrupt, b"w": self._say_why}
        try:
            while True:
                if select.select([self._checker], [], [], LOOK_S)[0]:
                    requests[self._checker.recv(1)]()
                self._watch()
        except (OSError, KeyError):  # it is gone
            self._end_learner()

    def _start(self) -> None:
        self._end_learner()
        theirs, ours = socket.socketpair()
        keeper = os.getpid()
        self._why, self._learner = [], os.fork()
        if self._learner == 0:
            theirs.close()
            self._become_learner(ours, keeper)
        ours.close()
        socket.send_fds(self._checker, [b"."], [theirs.fileno()])
        theirs.close()

    def _interrupt(self) -> None:
        if self._learner:
            with contextlib.suppress(ProcessLookupError):
                os.kill(self._learner, signal.SIGINT)

    def _say_why(self) -> None:
        Channel(self._checker).send(self._why)

    def _watch(self) -> None:
        """End a learner whose processes take too much together."""
        processes = processes_below() if self._learner else []
        if len(processes) > MOST_AT_ONCE:
            self._why = ["crashed", f"more than {MOST_AT_ONCE} processes"]
        elif (
            resident_of(processes) > self._most_bytes
            and memory_of(processes) > self._most_bytes
        ):
            most = self._settings["memory_bytes"] / 2**30
            self._why = ["memory", f"its processes took more than {most:g} GB together"]
        else:
            return
        self._end_learner()

    def _become_learner(self, ours: socket.socket, keeper: int) -> NoReturn:
        from lessonlib.grading.learner_process import LearnerProcess

        settings, folder = self._settings, self._folder
        try:
            kernel.die_with_parent()
            os.setsid()
            os.dup2(ours.fileno(), FORKED)
            os.closerange(FORKED + 1, 1024)
            ours.detach()
            folder.mkdir(exist_ok=True)  # an earlier process may have deleted it
            os.chdir(folder)
            os.environ.update(dict.fromkeys(sandbox.HOMES, str(folder)))
            tempfile.tempdir = str(folder)
            threading.stack_size(THREAD_STACK)
            sandbox.limit(settings["memory_bytes"], settings["cpu_s"])
            if settings["isolated"]:
                sandbox.confine(
                    folder,
                    [Path(path) for path in settings["readable"]],
                    [Path(path) for path in settings["needed"]],
                    landlock=settings["landlock"],
                )
            kernel.end_without(keeper)
            LearnerProcess(socket.socket(fileno=FORKED), self._shell).serve()
        finally:
            os._exit(0)

    def _end_learner(self) -> None:
        """Kill the learner's process, and all that it has left."""
        if self._learner:
            self._learner = 0
            end_processes()


def end_processes() -> None:
    """Kill all that descends from this process, and wait for it."""
    while True:
        if os.getpid() == 1:
            with contextlib.suppress(ProcessLookupError):
                os.kill(-1, signal.SIGKILL)
        for pid in () if os.getpid() == 1 else processes_below():
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.kill(int(pid), signal.SIGKILL)
        try:
            os.waitpid(-1, 0)
        except ChildProcessError:
            return
