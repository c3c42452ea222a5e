"""Where are the submissions, whose are they, and which cannot be taken?

Nothing is unpacked to disk, no link is followed, and no file is read beyond its limit.
"""

import contextlib
import datetime
import functools
import os
import re
import stat
import zipfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from lessonlib.errors import LessonError
from lessonlib.grading.cells import LARGEST_NOTEBOOK
from lessonlib.grading.late import parse_time
from lessonlib.grading.whose import about_file, fits

MOST_ENTRIES = 100_000  # of a zip
OLDER = "also handed in, older, and not graded:"
_TOO_LARGE = f"it is larger than {LARGEST_NOTEBOOK // 2**20} MB"
_IGNORED = (".ipynb_checkpoints", "__MACOSX")


@dataclass(frozen=True)
class Submission:
    """A file that was handed in. `content` is None if it cannot be taken."""

    student: str
    assignment: str  # the name of a source, or "" if it is none's
    file: str
    timestamp: str = ""  # ISO 8601, UTC
    content: bytes | None = field(default=None, repr=False)
    problem: str = ""
    notes: tuple[str, ...] = ()


class _Refused(Exception):
    """The file cannot be taken; the text says why."""


@dataclass(frozen=True)
class _Place:
    """Where a submission lies. Its content is read when its turn comes."""

    about: dict[str, Any]  # of the Submission
    read: Callable[[], bytes] | None  # None: it is refused

    def age(self) -> tuple[bool, datetime.datetime]:
        """Return what sorts: the refused first, then the oldest."""
        when = self.about.get("timestamp", "")
        never = datetime.datetime.min.replace(tzinfo=datetime.UTC)
        return self.read is not None, parse_time(when) if when else never

    def submission(self, older: Sequence["_Place"]) -> Submission:
        notes = tuple(f"{OLDER} {place.about['file']}" for place in older)
        if self.read is None:
            return Submission(**self.about, notes=notes)
        try:
            return Submission(**self.about, notes=notes, content=self.read())
        except _Refused as refused:
            return Submission(**self.about, notes=notes, problem=str(refused))


def find_submissions(
    paths: Sequence[Path], assignments: Sequence[str]
) -> Iterator[Submission]:
    """Yield what was handed in, one content at a time; of copies, the newest.

    Copies of the same time: the one that was named last. Raises LessonError for a path
    that is not there, and if nothing is found.
    """
    with contextlib.ExitStack() as archives:
        copies: dict[tuple[str, str], list[_Place]] = {}
        for path in paths:
            if not path.exists():
                raise LessonError(
                    f"{path} is not there: what was handed in, and where?"
                )
            if path.is_dir():
                places = _in_folder(path, assignments)
            elif path.suffix == ".zip":
                places = _in_zip(path, assignments, archives)
            else:
                places = iter([_file(path, path.parent, assignments)])
            for place in places:
                name = place.about["assignment"] or place.about["file"]
                copies.setdefault((place.about["student"], name), []).append(place)
        if not copies:
            names = ", ".join(map(str, paths))
            raise LessonError(f"no notebook (*.ipynb) and no zip of notebooks: {names}")
        for copied in copies.values():
            *older, newest = sorted(copied, key=_Place.age)
            yield newest.submission(older)


def _in_folder(folder: Path, assignments: Sequence[str]) -> Iterator[_Place]:
    found, to_look_at = list[Path](), [folder]
    while to_look_at:  # no recursion: folders may be deeper than that
        here = to_look_at.pop()
        try:
            with os.scandir(here) as entries:
                inside = [entry for entry in entries if not _ignored([entry.name])]
        except OSError as error:
            yield _closed(here, folder, assignments, error)
            continue
        folders = [each for each in inside if each.is_dir(follow_symlinks=False)]
        to_look_at += [Path(each.path) for each in folders]
        found += [Path(e.path) for e in inside if e.name.endswith(".ipynb")]
    for path in sorted(found):
        yield _file(path, folder, assignments)


def _closed(
    path: Path, folder: Path, assignments: Sequence[str], error: OSError
) -> _Place:
    parts = (*path.relative_to(folder).parts, "")
    about = about_file(parts, folder, assignments, f"{path!s:.300}")
    about |= {"problem": f"the folder cannot be read: {error.strerror}"}
    return _Place(about, None)


def _file(path: Path, folder: Path, assignments: Sequence[str]) -> _Place:
    about = about_file(path.relative_to(folder).parts, folder, assignments, path)
    assignment = about["assignment"]
    inside = [path, *path.parents][: len(path.relative_to(folder).parts)]
    try:
        if any(part.is_symlink() for part in inside):
            problem = "it is a symbolic link: not followed"
            return _Place(about | {"problem": problem}, None)
        found = path.stat()
    except OSError as error:
        problem = f"it cannot be read: {error.strerror}"
        return _Place(about | {"problem": problem}, None)
    if not stat.S_ISREG(found.st_mode):
        return _Place(about | {"problem": "it is no ordinary file"}, None)
    about["timestamp"] = _handed_in(path, assignment) or _iso(found.st_mtime)
    if found.st_size > LARGEST_NOTEBOOK:
        return _Place(about | {"problem": _TOO_LARGE}, None)

    def read() -> bytes:
        try:
            return path.read_bytes()
        except OSError as error:
            raise _Refused(f"it cannot be read: {error.strerror}") from None

    return _Place(about, read)


def _iso(seconds: float) -> str:
    time = datetime.datetime.fromtimestamp(seconds, datetime.UTC)
    return time.isoformat(timespec="seconds")


def _handed_in(path: Path, assignment: str) -> str:
    """Return the time that nbgrader noted in submitted/STUDENT/ASSIGNMENT, or ""."""
    note = path.parent / "timestamp.txt"
    if not assignment or not fits(path.parent.name, assignment):
        return ""
    if not note.is_file() or note.is_symlink():
        return ""
    try:
        return parse_time(note.read_text("utf-8", "replace")[:40].strip()).isoformat()
    except LessonError:
        return ""


def _in_zip(
    path: Path, assignments: Sequence[str], archives: contextlib.ExitStack
) -> Iterator[_Place]:
    try:
        archive = archives.enter_context(zipfile.ZipFile(path))
    except OSError as error:
        raise LessonError(f"{path} cannot be read: {error.strerror}") from None
    except Exception:  # a damaged list of entries has many kinds of errors
        raise LessonError(f"{path} is no zip, or only a part of one") from None
    entries = archive.infolist()
    if len(entries) > MOST_ENTRIES:
        raise LessonError(f"{path} has more than {MOST_ENTRIES:,} entries")
    for entry in sorted(entries, key=lambda entry: entry.filename):
        parts = re.split(r"[/\\]", entry.filename)
        if entry.filename.endswith(".ipynb") and not _ignored(parts):
            yield _entry(archive, entry, parts, path, assignments)


def _entry(
    archive: zipfile.ZipFile,
    entry: zipfile.ZipInfo,
    parts: Sequence[str],
    path: Path,
    assignments: Sequence[str],
) -> _Place:
    file = f"{path.name}: {entry.filename}"
    about = about_file(parts, path.with_suffix(""), assignments, file)
    with contextlib.suppress(ValueError):  # its header may lie
        written = datetime.datetime(*entry.date_time).replace(tzinfo=datetime.UTC)
        about["timestamp"] = written.isoformat()
    problem = ""
    if ".." in parts or not parts[0] or ":" in parts[0]:
        problem = "its path leads out of the zip: refused"
    elif stat.S_ISLNK(entry.external_attr >> 16):
        problem = "it is a symbolic link: not followed"
    elif entry.flag_bits & 1:
        problem = "it is encrypted"
    elif entry.file_size > LARGEST_NOTEBOOK:
        problem = _TOO_LARGE
    if problem:
        return _Place(about | {"problem": problem}, None)
    return _Place(about, functools.partial(_unpack, archive, entry))


def _unpack(archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> bytes:
    try:
        with archive.open(entry) as file:
            content = file.read(LARGEST_NOTEBOOK + 1)  # its header may lie
    except Exception as error:  # each way to pack has errors of its own
        why = str(error) or "its data is damaged"
        raise _Refused(f"it cannot be unpacked: {why}") from None
    if len(content) > LARGEST_NOTEBOOK:
        raise _Refused(_TOO_LARGE)
    return content


def _ignored(parts: Iterable[str]) -> bool:
    return any(part in _IGNORED or part.startswith("._") for part in parts)
