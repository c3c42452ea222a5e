"""Where are the submissions, whose are they, and which cannot be taken?

Nothing is unpacked to disk, no link is followed, and no file is read beyond its limit.
"""

import datetime
import re
import stat
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

from lessonlib.errors import LessonError
from lessonlib.grading.merge import LARGEST_NOTEBOOK

MOST_ENTRIES = 100_000  # of a zip
_MEGABYTES = LARGEST_NOTEBOOK // 2**20
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


def find_submissions(
    paths: Sequence[Path], assignments: Sequence[str]
) -> Iterator[Submission]:
    """Yield what was handed in, one content at a time; the first of a pair counts.

    Raises LessonError for a path that is not there, and if nothing is found.
    """
    taken: set[tuple[str, str]] = set()
    for path in paths:
        if not path.exists():
            raise LessonError(f"{path} is not there: what was handed in, and where?")
        if path.is_dir():
            found = _in_folder(path, assignments)
        elif path.suffix == ".zip":
            found = _in_zip(path, assignments)
        else:
            found = iter([_from_file(path, path.parent, assignments)])
        for each in found:
            whose = each.student, each.assignment or each.file
            if whose not in taken:
                taken.add(whose)
                yield each
    if not taken:
        names = ", ".join(map(str, paths))
        raise LessonError(f"no notebook (*.ipynb) and no zip of notebooks in {names}")


def _in_folder(folder, assignments):
    for path in sorted(folder.rglob("*.ipynb")):
        if not _ignored(path.parts):
            yield _from_file(path, folder, assignments)


def _from_file(path, folder, assignments):
    student, assignment = _whose(path.relative_to(folder).parts, folder, assignments)
    about = {"student": student, "assignment": assignment, "file": str(path)}
    inside = [path, *path.parents][: len(path.relative_to(folder).parts)]
    if any(each.is_symlink() for each in inside):
        return Submission(**about, problem="it is a symbolic link: not followed")
    found = path.stat()
    if not stat.S_ISREG(found.st_mode):
        return Submission(**about, problem="it is no ordinary file")
    handed_in = path.parent / "timestamp.txt"
    written = datetime.datetime.fromtimestamp(found.st_mtime, datetime.UTC)
    about["timestamp"] = written.isoformat(timespec="seconds")
    if handed_in.is_file() and not handed_in.is_symlink():
        about["timestamp"] = handed_in.read_text("utf-8", "replace").strip()[:40]
    if found.st_size > LARGEST_NOTEBOOK:
        return Submission(**about, problem=f"it is larger than {_MEGABYTES} MB")
    try:
        return Submission(**about, content=path.read_bytes())
    except OSError as error:
        return Submission(**about, problem=f"it cannot be read: {error.strerror}")


def _in_zip(path, assignments):
    try:
        with zipfile.ZipFile(path) as archive:
            entries = archive.infolist()
            if len(entries) > MOST_ENTRIES:
                raise LessonError(f"{path} has more than {MOST_ENTRIES:,} entries")
            for entry in sorted(entries, key=lambda each: each.filename):
                parts = re.split(r"[/\\]", entry.filename)
                if entry.filename.endswith(".ipynb") and not _ignored(parts):
                    yield _from_entry(archive, entry, parts, path, assignments)
    except zipfile.BadZipFile:
        raise LessonError(f"{path} is no zip, or only a part of one") from None


def _from_entry(archive, entry, parts, path, assignments):
    student, assignment = _whose(parts, path.with_suffix(""), assignments)
    written = datetime.datetime(*entry.date_time, tzinfo=datetime.UTC)
    about = {
        "student": student, "assignment": assignment,
        "file": f"{path.name}: {entry.filename}", "timestamp": written.isoformat(),
    }  # fmt: skip
    problem = ""
    if ".." in parts or not parts[0] or ":" in parts[0]:
        problem = "its path leads out of the zip: refused"
    elif stat.S_ISLNK(entry.external_attr >> 16):
        problem = "it is a symbolic link: not followed"
    elif entry.flag_bits & 1:
        problem = "it is encrypted"
    elif entry.file_size > LARGEST_NOTEBOOK:
        problem = f"it is larger than {_MEGABYTES} MB"
    if problem:
        return Submission(**about, problem=problem)
    try:
        with archive.open(entry) as file:
            content = file.read(LARGEST_NOTEBOOK + 1)  # its header may lie
    except (zipfile.BadZipFile, OSError, NotImplementedError, ValueError) as error:
        return Submission(**about, problem=f"it cannot be unpacked: {error}")
    if len(content) > LARGEST_NOTEBOOK:
        return Submission(**about, problem=f"it is larger than {_MEGABYTES} MB")
    return Submission(**about, content=content)


def _whose(parts: Sequence[str], folder: Path, assignments: Sequence[str]):
    """Return student and assignment as the places of a file say them.

    A file lies in the student's folder, be it of nbgrader's tree or of a platform's zip
    ("Ada Lovelace_123_assignsubmission_file"), or has the student's name itself.
    """
    stem = PurePosixPath(parts[-1]).stem
    places = [stem, *reversed(parts[:-1])]
    assignment = next(
        (name for place in places for name in assignments if _fits(place, name)), ""
    )
    folders = [p for p in parts[:-1] if p not in (*assignments, "submitted", "..")]
    if folders:
        return re.split(r"_\d+_assignsubmission", folders[0])[0], assignment
    rest = stem.replace(assignment, "").strip("_- ") if assignment else stem
    if rest and rest != stem:  # "lovelaceada_12345_678_05_measure...-1"
        return re.sub(r"(_late)?(_\d+){2}[_-]*\d*$", "", rest), assignment
    return (folder.name if assignment else stem), assignment


def _fits(place, name):
    number = name.partition("_")[0]
    return name in place or re.match(rf"{re.escape(number)}(?!\d)", place) is not None


def _ignored(parts):
    return any(part in _IGNORED or part.startswith("._") for part in parts)
