"""How does one submission live apart from the next? In a house, built and torn down.

The house is a process. In it are the checker and the keeper, and nothing that an
earlier submission has touched.
"""

import contextlib
import os
import socket
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NoReturn

from lessonlib.grading import kernel, sandbox
from lessonlib.grading.channel import Channel
from lessonlib.grading.keeper import Keeper
from lessonlib.grading.namespaces import divide_processes, enter_house
from lessonlib.grading.proxies import KeeperClient


def allows_houses(folder: Path) -> bool:
    """Return whether this computer lends namespaces: a house is built for a trial."""
    trial = os.fork()
    if trial == 0:
        with contextlib.suppress(OSError):
            enter_house(folder)
            divide_processes()
            os._exit(0)
        os._exit(1)
    return os.waitpid(trial, 0)[1] == 0


def live(
    plan_socket: int,
    folder: Path,
    settings: Mapping[str, Any],
    shell: Any,
    *,
    parent: int,
) -> NoReturn:
    """Check one submission in this process and its children; then exit."""
    needed = [Path(path) for path in settings["needed"]]
    if settings["own_namespaces"]:
        enter_house(folder, needed)
    elif settings["isolated"] and os.geteuid() == 0:
        os.chown(folder, sandbox.NOBODY, sandbox.NOBODY)
    kernel.die_with_parent()
    kernel.end_without(parent)
    kernel.adopt_orphans()
    mine, its = socket.socketpair()
    house = os.getpid()
    if os.fork() == 0:
        mine.close()
        _check(plan_socket, its, folder, settings, house)
    os.close(plan_socket)
    its.close()
    if settings["own_namespaces"]:
        divide_processes()
    if os.fork() == 0:
        _keep(mine, folder, settings, shell)
    mine.close()
    with contextlib.suppress(ChildProcessError):
        while os.waitpid(-1, 0):
            pass
    os._exit(0)


def _keep(
    checker: socket.socket, folder: Path, settings: Mapping[str, Any], shell: Any
) -> NoReturn:
    kernel.die_with_parent()
    kernel.adopt_orphans()
    try:
        Keeper(checker, folder, settings, shell).serve()
    finally:
        os._exit(0)


def _check(
    plan_socket: int,
    keeper: socket.socket,
    folder: Path,
    settings: Mapping[str, Any],
    house: int,
) -> NoReturn:
    """Be the checker. It has the rights of a submission, and its tests are hidden.

    When it ends, as with the house, the keeper ends the learner.
    """
    from lessonlib.grading.checker import check_submission

    kernel.die_with_parent()
    job = Channel(socket.socket(fileno=plan_socket))
    try:
        sandbox.limit(settings["memory_bytes"], settings["cpu_s"])
        os.chdir(folder)
        tempfile.tempdir = str(folder)  # what a check writes, the learner has to reach
        if settings["isolated"]:
            sandbox.renounce_rights([Path(path) for path in settings["needed"]])
        kernel.hide_memory()
        kernel.end_without(house)
        check_submission(job, KeeperClient(keeper))
    except BaseException as error:
        with contextlib.suppress(Exception):
            report_fault(job, error)
    os._exit(0)


def report_fault(job: Channel, error: BaseException) -> None:
    """Tell the worker of an error that is the grader's own."""
    job.send({"fault": f"{type(error).__name__}: {error}"[:1000]})
