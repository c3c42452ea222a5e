"""What does a name of a file or a folder say of a person and an assignment?"""

import os
import re
import unicodedata
from collections.abc import Sequence

from lessonlib.grading.arrivals import NOTEBOOK

_UNFIT = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")
_ATTEMPT = re.compile(  # "HW 5_mgarcia_attempt_2026-11-20-10-00-00_05_x"
    r"(?P<who>.+?)_attempt_\d{4}(?:-\d\d){5}(?:_(?P<rest>.*))?$"
)
_PLATFORMS = (  # their folders and files; `who` and `number` are the person
    re.compile(  # "Maria Garcia_1001_assignsubmission_file"
        r"(?P<who>.+?)_(?P<number>\d+)_assignsubmission_[a-z]+(?:_(?P<rest>.*))?$"
    ),
    re.compile(  # "1001-5001 - Maria Garcia - 20 November, 2026 1000 AM"
        r"(?P<number>\d+)-\d+ - (?P<who>.+?) - [^-]*\d{4} \d{3,4}(?: ?[AP]M)?"
        r"(?: - (?P<rest>.*))?$"
    ),
    _ATTEMPT,
)  # fmt: skip
_CANVAS = re.compile(  # "garciamaria_LATE_1001_5001_05_x-1"
    r"(?P<who>[^_\s]+?)(?:_LATE)?_(?P<number>\d+)_\d+_(?P<rest>.*)$", re.I
)
_COPY = re.compile(
    r"(?i)^copy of |[-_ ]copy ?\d*(?=$| - )|[-_ ]*\(\d+\)(?=$| - )|[-_ ]\d{1,2}$"
)
_GENERAL = {
    *"assignment assignments class course desktop documents downloads exam".split(),
    *"exercise exercises final folder graded grading handed home homework".split(),
    *"homeworks hw in lab labs late lesson lessons new notebook notebooks out".split(),
    *"problem problems ps quiz set solutions students submission submissions".split(),
    *"submitted task temp test the tmp to upload uploads week work zip".split(),
}


def one_line(text: str) -> str:
    """Return a name that every table and every screen can hold, on one line.

    A control character, or a byte that is not UTF-8, is written as Python does: `\\r`.
    Letters with accents are one character each, however a system spells them.
    """
    composed = unicodedata.normalize("NFC", text)
    return re.sub(_UNFIT, lambda found: repr(found[0])[1:-1], composed)


def marked_student(path: Sequence[str], reach: int = 1) -> str:
    """Return whose a path is by a platform's own marks, or by nbgrader's tree.

    Only its first `reach` parts count: what is deeper, somebody else has named.
    """
    found = _mark_in(path[:reach])
    if found and found.re is not _ATTEMPT:
        return _named(found)
    outer = list(path[: min(reach, len(path) - 2)])
    return path[outer.index("submitted") + 1] if "submitted" in outer else ""


def attempt_in(path: Sequence[str], reach: int = 1) -> str:
    """Return what Blackboard writes before an attempt, "HW 5_a_smith", or ""."""
    found = _mark_in(path[:reach])
    return found["who"] if found and found.re is _ATTEMPT else ""


def users_of(attempts: Sequence[str]) -> list[str]:
    """Return the users of one task: what is not alike in "HW 5_a_smith" and others.

    Of one alone a second underscore leaves that open: it keeps its whole name.
    """
    pieces = [each.split("_") for each in attempts]
    shared = min(len(os.path.commonprefix(pieces)), min(map(len, pieces)) - 1)
    if len({*attempts}) == 1 and shared > 1:
        return [*attempts]
    return ["_".join(each[shared:]) for each in pieces]


def _mark_in(path: Sequence[str]) -> re.Match[str] | None:
    """Return the first mark of a platform: behind it, anybody writes what he likes."""
    for part in map(stem_of, path):
        if found := [mark for each in _PLATFORMS if (mark := each.match(part))]:
            return min(found, key=lambda mark: mark.end("who"))
    return None


def _named(found: re.Match[str]) -> str:
    """Return the person with the platform's number: two may have one name."""
    number = found.groupdict().get("number")
    return f"{found['who']}_{number}" if number else found["who"]


def student_in_name(name: str, assignment: str) -> str:
    """Return whose a file is by its own name, or ""."""
    stem = stem_of(name)
    if found := _CANVAS.match(stem):
        return _named(found)
    if " - " in stem:
        pieces = stem.split(" - ")
        others = [p for p in pieces if not (assignment and fits(p, assignment))]
        person = re.sub(r"(?i)^copy of ", "", " - ".join(others))
        return person.strip() if len(others) < len(pieces) else ""
    plain = _COPY.sub("", stem)
    if not assignment or assignment.lower() not in plain.lower():
        return ""
    at = plain.lower().index(assignment.lower())
    rest = f"{plain[:at]} {plain[at + len(assignment) :]}"
    return rest.strip("_- ")


def student_of_folder(folder: str) -> str:
    """Return the person of a folder, or of a zip in the place of one."""
    if not folder.lower().endswith(".zip"):
        return folder
    found = _CANVAS.match(stem_of(folder))
    return _named(found) if found else stem_of(folder)


def stem_of(name: str) -> str:
    """Return a name without what says that it is a notebook or a zip."""
    plain = NOTEBOOK.sub(lambda found: found["whose"] or "", name)
    return re.sub(r"(?i)\.zip$", "", plain)


def without_platform(name: str) -> str:
    """Return a name without what a platform wrote before it."""
    place = stem_of(name)
    for pattern in (*_PLATFORMS, _CANVAS):
        if (found := pattern.match(place)) and found["rest"]:
            return found["rest"]
    return place


def fits(place: str, name: str) -> bool:
    """Return whether a name in a path means the assignment `name`, or its number."""
    number = re.escape(name.partition("_")[0])
    pieces = [_COPY.sub("", piece.strip()) for piece in place.split(" - ")]
    numbered = any(re.match(rf"{number}(?!\d)", piece) for piece in pieces)
    return name.lower() in place.lower() or numbered


def is_general(name: str) -> bool:
    """Return whether a name is that of a task, a class or a folder of any computer."""
    words = re.findall(r"[^\W\d_]+", name.lower())
    return bool(words) and set(words) <= _GENERAL


def is_numbered(name: str) -> bool:
    """Return whether the name has a number that only one person has."""
    return _CANVAS.match(stem_of(name)) is not None


def without_copy(name: str) -> str:
    """Return a name without what a browser or a system adds to that of a copy."""
    return _COPY.sub("", stem_of(name))
