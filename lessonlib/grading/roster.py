"""Who of a class handed in, and who did not?"""

import re
import unicodedata
from collections import Counter
from collections.abc import Container, Iterable, Iterator
from pathlib import Path
from typing import Any

from lessonlib.errors import LessonError
from lessonlib.grading.tables import read_table

PERSON = ("last_name", "first_name", "email")
Row = dict[str, Any]


class Roster:
    """The people of a class, and which of those who handed in are which of them.

    Somebody is known by the `student_id` of the roster, or by one of the two halves of
    what a platform writes, "Ada Lovelace_1001", where nobody else is.
    """

    def __init__(self, path: Path | None, submitted: Iterable[tuple[str, str]]):
        """Read the table at `path`; `submitted` has assignments with students."""
        self._people = _people(path) if path else {}
        pairs = {*submitted}
        students = {student for _, student in pairs}
        times = Counter((assignment, _name(student)) for assignment, student in pairs)
        shared = {name for (_, name), n in times.items() if n > 1}
        self._known = {
            student: key
            for student in students
            for key in _keys(student, shared)
            if key in self._people and (key == student or key not in students)
        }
        claims = Counter((a, self._known.get(student)) for a, student in pairs)
        twice = {key for (_, key), n in claims.items() if n > 1}
        self._known = {s: k for s, k in self._known.items() if s == k or k not in twice}
        unknown = sorted(students - {*self._known}) if self._people else []
        self.warnings = [f"not in {path}: {', '.join(unknown)}"] if unknown else []

    def person(self, student: str) -> Row:
        """Return the name and address of who handed in; {} if nobody is known."""
        return self._people.get(self._known.get(student, ""), {})

    def absent(self, grades: list[Row]) -> Iterator[Row]:
        """Yield a row for each notebook that somebody has not handed in."""
        there = {(g["assignment"], self._known.get(g["student_id"])) for g in grades}
        best = {g["assignment"]: g["max_score"] for g in grades if g["assignment"]}
        for name, max_score in best.items():
            for student, person in sorted(self._people.items()):
                if (name, student) not in there:
                    about = {"assignment": name, "student_id": student, "raw_score": 0}
                    about |= {"score": 0, "max_score": max_score}
                    yield about | person | {"status": "not handed in"}


def _people(path: Path) -> dict[str, Row]:
    people: dict[str, Row] = {}
    for row in read_table(path, ["student_id"]):
        student = unicodedata.normalize("NFC", row["student_id"].strip())
        person = {name: row.get(name, "") for name in PERSON}
        if people.setdefault(student, person) != person:
            raise LessonError(
                f"{path} has two people with the student_id {student!r}: give each one "
                "of their own"
            )
    return people


def _name(student: str) -> str:
    name, _, number = student.rpartition("_")
    return name if name and number.isdecimal() else student


def _keys(student: str, shared: Container[str]) -> list[str]:
    """Return what somebody may be called in a roster; the last one counts most."""
    name, number = _name(student), student.rpartition("_")[2]
    halves = [] if name == student else [number, name]
    if name in shared:
        halves = halves[:1]
    repository = re.sub(r"^\d+-", "", student)  # "05-maria", as GitHub Classroom has it
    return [repository, *halves, student.strip(), student]
