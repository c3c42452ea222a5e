"""Which sandbox does this computer have? The best is taken, and reports name it."""

import dataclasses
import os
import shutil
import sys
from dataclasses import dataclass
from pathlib import Path

from lessonlib.errors import LessonError
from lessonlib.grading import sandbox

PACKAGE = Path(__file__).parents[1]
_KEPT = ("PATH", "LANG", "LC_ALL", "LC_CTYPE", "PYTHONPATH", "SYSTEMROOT")
HOMES = ("HOME", "TMPDIR", "TEMP", "TMP", "IPYTHONDIR", "MPLCONFIGDIR")
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
    hidden: tuple[str, ...] = ()  # what bubblewrap hides

    @property
    def landlock(self) -> bool:
        """True if the learner's process takes its own rights away."""
        return self.files == "Landlock"

    @property
    def text(self) -> str:
        """Say it in words."""
        files = f"files by {self.files}" if self.files else "files not isolated"
        world = "a network and processes of its own"
        return f"{files}, {world if self.own_namespaces else 'network not isolated'}"

    def prefix(self, folder: str) -> list[str]:
        """Return what stands before the command of the fork server."""
        if self.files != "bubblewrap":
            return []
        hide = [word for path in self.hidden for word in ("--tmpfs", path)]
        return [
            "bwrap", "--unshare-net", "--unshare-pid", "--unshare-ipc", "--as-pid-1",
            "--die-with-parent", "--ro-bind", "/", "/", "--dev", "/dev", *hide,
            "--proc", "/proc", "--bind", folder, folder, "--",
        ]  # fmt: skip

    def with_namespaces(self, alone: bool, isolation: str) -> "Isolation":
        """Return it with what turned out; LessonError if more was required."""
        alone = alone or self.files == "bubblewrap"
        if isolation == "required" and not alone:
            raise LessonError(
                "--isolation required: this computer allows no network namespace. "
                "Use auto, or a computer on which `unshare --user --net true` works"
            )
        return dataclasses.replace(self, own_namespaces=alone)


def choose_isolation(isolation: str, hidden: tuple[str, ...] = ()) -> Isolation:
    """Return the best of this computer; LessonError if "required" finds none."""
    if isolation not in ("auto", "required", "off"):
        raise LessonError(f"isolation is auto, required or off, not {isolation!r}")
    if isolation == "off":
        return Isolation()
    if sandbox.landlock_version():
        return Isolation("Landlock")
    if sandbox.LINUX and shutil.which("bwrap"):
        return Isolation("bubblewrap", hidden=hidden)
    if isolation == "required":
        raise LessonError(
            "--isolation required: this computer has neither Landlock (Linux 5.13 or "
            "later) nor bubblewrap. Use auto, or install bubblewrap"
        )
    return Isolation()


def readable_folders() -> list[str]:
    """Return the folders that Python needs. No source, no submission is in them."""
    places = {sys.prefix, sys.base_prefix, sys.exec_prefix, str(PACKAGE)}
    places |= {path for path in sys.path if path.endswith("-packages")}
    places |= set(filter(None, os.environ.get("PYTHONPATH", "").split(os.pathsep)))
    return sorted(places - {str(PACKAGE.parent)})


def submission_environment(folder: str) -> dict[str, str]:
    """Return the environment for submissions: none of the instructor's secrets."""
    kept = {name: os.environ[name] for name in _KEPT if name in os.environ}
    return kept | _FIXED | dict.fromkeys(HOMES, folder)
