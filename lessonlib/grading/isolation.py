"""Which sandbox does this computer have? The best is taken, and reports name it."""

import dataclasses
import os
import shutil
from collections.abc import Iterable
from dataclasses import dataclass

from lessonlib.errors import LessonError
from lessonlib.grading import kernel, sandbox
from lessonlib.grading.syscalls import can_refuse_calls

_KEPT = ("PATH", "LANG", "LC_ALL", "LC_CTYPE", "PYTHONPATH", "SYSTEMROOT")
_FIXED = {
    "no_proxy": "127.0.0.1",
    "PYTHONHASHSEED": "0",  # two runs, two machines: the same grade
    "OMP_NUM_THREADS": "1",  # a core a submission, and a fork after many would hang
    "OPENBLAS_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
    "MALLOC_ARENA_MAX": "2",  # each arena counts 64 MB of address space
}


@dataclass(frozen=True)
class Isolation:
    """A rung of the ladder: what keeps files, processes and the network apart."""

    files: str = ""  # "Landlock", "bubblewrap" or ""
    own_namespaces: bool = False
    calls_refused: bool = False

    @property
    def landlock(self) -> bool:
        """True if the learner's process takes its own rights away."""
        return self.files == "Landlock"

    @property
    def lacking(self) -> list[str]:
        """Return what a submission is not kept from, in words: nothing, at best."""
        there = {
            "files not isolated": bool(self.files),
            "network not isolated": self.own_namespaces,
            "modes of files, processes and disk not protected": self.own_namespaces,
            "sockets of others not protected": self.calls_refused,
        }
        return [words for words, fine in there.items() if not fine]

    @property
    def text(self) -> str:
        """Say it in words."""
        files = [f"files by {self.files}"] if self.files else []
        world = ["a network and processes of its own"] if self.own_namespaces else []
        return ", ".join([*files, *world, *self.lacking])

    def prefix(self, folder: str, readable: Iterable[str]) -> list[str]:
        """Return what stands before the command of the fork server."""
        if self.files != "bubblewrap":
            return []
        shown = [p for p in readable if not p.startswith("/proc")]
        return [
            "bwrap", "--unshare-net", "--unshare-pid", "--unshare-ipc", "--as-pid-1",
            "--die-with-parent", "--dev", "/dev", "--proc", "/proc",
            *(word for path in shown for word in ("--ro-bind-try", path, path)),
            "--bind", folder, folder, "--",
        ]  # fmt: skip

    def with_namespaces(self, alone: bool, isolation: str) -> "Isolation":
        """Return it with what turned out; LessonError if more was required."""
        found = dataclasses.replace(self, own_namespaces=alone)
        if isolation == "required" and found.lacking:
            raise LessonError(
                f"--isolation required: {', '.join(found.lacking)}. This computer "
                "allows no network namespace or has no filter of system calls. Use "
                "auto, or a computer on which `unshare --user --net true` works"
            )
        return found


def choose_isolation(isolation: str) -> Isolation:
    """Return the best of this computer; LessonError if "required" finds none."""
    if isolation not in ("auto", "required", "off"):
        raise LessonError(f"isolation is auto, required or off, not {isolation!r}")
    if isolation == "off":
        return Isolation()
    refused = can_refuse_calls()
    if sandbox.landlock_version():
        return Isolation("Landlock", calls_refused=refused)
    if kernel.LINUX and shutil.which("bwrap"):
        return Isolation("bubblewrap", calls_refused=refused)
    if isolation == "required":
        raise LessonError(
            "--isolation required: this computer has neither Landlock (Linux 5.13 or "
            "later) nor bubblewrap. Use auto, or install bubblewrap"
        )
    return Isolation(calls_refused=refused)


def submission_environment(folder: str) -> dict[str, str]:
    """Return the environment for submissions: none of the instructor's secrets."""
    kept = {name: os.environ[name] for name in _KEPT if name in os.environ}
    return kept | _FIXED | dict.fromkeys(sandbox.HOMES, folder)
