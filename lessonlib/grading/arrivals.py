"""What lies in a folder, and which of it is a notebook?

No link is followed, and no file is read beyond its limit.
"""

import contextlib
import dataclasses
import datetime
import os
import re
import stat
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from lessonlib.errors import LessonError
from lessonlib.grading.cells import LARGEST_NOTEBOOK as LARGEST_FILE
from lessonlib.grading.late import parse_time

TOO_LARGE = f"it is larger than {LARGEST_FILE // 2**20} MB"
NOTEBOOK = re.compile(r"(?i)\.ipynb(?:\.txt|\.json| ?\(\d+\)|(?P<whose> - [^.]+))?$")
_PACKED = re.compile(r"(?i)\.(7z|rar|tar|tgz|gz|bz2|xz|zst)$")
_SYSTEM = ("__MACOSX", ".DS_Store", ".git", ".ipynb_checkpoints", "Thumbs.db")


class Refused(Exception):
    """A file cannot be taken; the text says why."""


@dataclass(frozen=True)
class Arrival:
    """A file that came in. Its content is read when its turn comes."""

    parts: tuple[str, ...]  # its path within what was named; a zip is a folder
    file: str  # as people are told
    timestamp: str = ""  # ISO 8601, UTC
    zoned: bool = True  # the time came with its zone
    read: Callable[[], bytes] | None = None
    size_bytes: int = 0
    problem: str = ""  # why it cannot be taken
    other: str = ""  # what it is, if it is nothing to be graded

    @property
    def is_zip(self) -> bool:
        """Return whether its name says that it holds others."""
        return not self.other and self.parts[-1].lower().endswith(".zip")

    def refused(self, problem: str) -> "Arrival":
        """Return it as what cannot be taken."""
        return dataclasses.replace(self, problem=problem, read=None)

    def not_ours(self, what: str) -> "Arrival":
        """Return it as what nobody has to grade."""
        return dataclasses.replace(self, other=what, problem="", read=None)

    def opened(self, count: int) -> "Arrival":
        """Return it as a zip whose `count` entries are told one by one."""
        return self.not_ours(f"a zip: opened, {count} in it")

    def sorted_out(self) -> "Arrival":
        """Return it as what its name says: a notebook, an archive, or another file."""
        if self.other or NOTEBOOK.search(self.parts[-1]):
            return self
        if self.is_zip or _PACKED.search(self.parts[-1]):
            return self.refused(self.problem or "of archives, only a zip is opened")
        if self.problem and not self.parts[-1]:  # a folder
            return self
        return self.not_ours(f"not a notebook (*.ipynb){'; ' * bool(self.problem)}"
                             f"{self.problem}")  # fmt: skip


def ignored(parts: Iterable[str]) -> str:
    """Return what a file is that belongs to a system and not to a person, or ""."""
    if any(part in _SYSTEM or part.startswith("._") for part in parts):
        return "a file of the system, of Git or of Jupyter"
    return ""


def in_folder(folder: Path) -> Iterator[Arrival]:
    """Yield the files of a folder and of those in it, and what cannot be read."""
    found, to_look_at = list[Path](), [folder]
    while to_look_at:  # no recursion: folders may be deeper than that
        here = to_look_at.pop()
        try:
            with os.scandir(here) as entries:
                inside = list(entries)
        except OSError as error:
            yield _closed(here, folder, error)
            continue
        if not inside and here != folder:
            yield _entry(here, folder).not_ours("an empty folder")
        for each in inside:
            path = Path(each.path)
            is_folder = each.is_dir(follow_symlinks=False)
            (to_look_at if is_folder and not ignored([each.name]) else found).append(
                path
            )
    for path in sorted(found):
        yield on_disk(path, folder)


def _closed(path: Path, folder: Path, error: OSError) -> Arrival:
    parts = (*path.relative_to(folder).parts, "")
    problem = f"the folder cannot be read: {error.strerror}"
    return Arrival(parts, f"{path!s:.300}", problem=problem)


def _entry(path: Path, folder: Path) -> Arrival:
    return Arrival(path.relative_to(folder).parts, str(path))


def on_disk(path: Path, folder: Path) -> Arrival:
    """Return the file at `path`, which is in `folder`."""
    entry = _entry(path, folder)
    if why := ignored(entry.parts):
        return entry.not_ours(why)
    inside = [path, *path.parents][: len(entry.parts)]
    try:
        if any(part.is_symlink() for part in inside):
            return entry.refused("it is a symbolic link: not followed")
        found = path.stat()
    except OSError as error:
        return entry.refused(f"it cannot be read: {error.strerror}")
    if not stat.S_ISREG(found.st_mode):
        return entry.refused("it is no ordinary file")
    entry = dataclasses.replace(
        entry, timestamp=_collected(path, folder) or _iso(found.st_mtime),
        size_bytes=found.st_size, read=lambda: _read(path),
    )  # fmt: skip
    return entry.refused(TOO_LARGE) if found.st_size > LARGEST_FILE else entry


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise Refused(f"it cannot be read: {error.strerror}") from None


def _iso(seconds: float) -> str:
    time = datetime.datetime.fromtimestamp(seconds, datetime.UTC)
    return time.isoformat(timespec="seconds")


def _collected(path: Path, folder: Path) -> str:
    """Return the time that nbgrader noted in submitted/STUDENT/ASSIGNMENT, or "".

    A folder of that name within what somebody handed in is no word of nbgrader's.
    """
    note, tree = path.parent / "timestamp.txt", [*path.parents[2:3]]
    is_its = any(
        each.name == "submitted"
        and (folder.is_relative_to(each) or each.parent == folder)
        for each in tree
    )
    if not is_its or not note.is_file() or note.is_symlink():
        return ""
    with contextlib.suppress(LessonError):
        return parse_time(note.read_text("utf-8", "replace")[:60].strip()).isoformat()
    return ""
