"""Whose is a file that was handed in, and for which assignment?"""

import re
from collections.abc import Sequence
from pathlib import Path, PurePosixPath
from typing import Any

_UNFIT = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")


def about_file(
    parts: Sequence[str], folder: Path, assignments: Sequence[str], file: Path | str
) -> dict[str, Any]:
    """Return student, assignment and file, as all tables and pages name them.

    `parts` is the path of the file within `folder`, or within a zip of that name.
    """
    student, assignment = _whose(parts, folder, assignments)
    about = {"student": student, "assignment": assignment, "file": str(file)}
    return {name: _one_line(text) for name, text in about.items()}


def _one_line(text: str) -> str:
    """Return a name that every table and every screen can hold, on one line.

    A control character, or a byte that is not UTF-8, is written as Python does: `\\r`.
    """
    return re.sub(_UNFIT, lambda found: repr(found[0])[1:-1], text)


def _whose(
    parts: Sequence[str], folder: Path, assignments: Sequence[str]
) -> tuple[str, str]:
    """Return student and assignment as the places of a file say them.

    A file lies in the student's folder, be it of nbgrader's tree or of a platform's zip
    ("Ada Lovelace_123_assignsubmission_file"), or has the student's name itself.
    """
    stem = PurePosixPath(parts[-1]).stem
    places = [stem, *reversed(parts[:-1])]
    assignment = next(
        (name for place in places for name in assignments if fits(place, name)), ""
    )
    folders = [p for p in parts[:-1] if p not in (*assignments, "submitted", "..")]
    if folders:
        return re.split(r"_\d+_assignsubmission", folders[0])[0], assignment
    rest = stem.replace(assignment, "").strip("_- ") if assignment else stem
    if rest and rest != stem:  # "lovelaceada_12345_678_05_measure...-1"
        return re.sub(r"(?i)(_late)?(_\d+){2}[_-]*\d*$", "", rest), assignment
    return (folder.name if assignment else stem), assignment


def fits(place: str, name: str) -> bool:
    """Return whether a name in a path means the assignment `name`, or its number."""
    number = name.partition("_")[0]
    return name in place or re.match(rf"{re.escape(number)}(?!\d)", place) is not None
