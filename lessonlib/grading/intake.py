"""Who handed in what, what counts of it, and what became of all that came in?

Nothing is dropped without a word: each file is taken, an older copy, unreadable, or
nothing that is graded, and is listed with the reason.
"""

import dataclasses
import datetime
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from lessonlib.errors import LessonError
from lessonlib.grading.archives import in_class_zip, in_found_zip
from lessonlib.grading.arrivals import Arrival, Refused, in_folder, on_disk
from lessonlib.grading.late import parse_time
from lessonlib.grading.names import one_line, student_of_folder
from lessonlib.grading.whose import Owner, owners

OLDER = "also handed in, older, and not graded:"
STATES = ("taken", "older", "unreadable", "not ours")


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


@dataclass(frozen=True)
class Account:
    """What became of a file that came in: one of STATES, and why."""

    file: str
    student: str
    assignment: str
    state: str
    reason: str = ""


@dataclass(frozen=True)
class _Place:
    """A file, whose it is, and from what of all that was named it came."""

    entry: Arrival
    owner: Owner
    root: Path

    @property
    def file(self) -> str:
        return one_line(self.entry.file)

    def age(self) -> tuple[bool, datetime.datetime]:
        """Return what sorts: the refused first, then the oldest."""
        when = self.entry.timestamp
        never = datetime.datetime.min.replace(tzinfo=datetime.UTC)
        readable = self.entry.read is not None and not self.owner.problem
        return readable, parse_time(when) if when else never

    def submission(self, older: Sequence["_Place"], problem: str) -> Submission:
        blank = Submission(
            self.owner.student, self.owner.assignment, self.file,
            one_line(self.entry.timestamp),
            problem=problem or one_line(self.entry.problem or self.owner.problem),
            notes=tuple(f"{OLDER} {place.file}" for place in older),
        )  # fmt: skip
        if blank.problem or self.entry.read is None:
            return blank
        try:
            return dataclasses.replace(blank, content=self.entry.read())
        except Refused as refused:
            return dataclasses.replace(blank, problem=str(refused))

    def account(self, state: str, reason: str = "") -> Account:
        return Account(
            self.file, self.owner.student, self.owner.assignment, state, reason
        )


class Intake:
    """All that came in. The content of a file is read when its turn comes."""

    def __init__(
        self,
        paths: Sequence[Path],
        assignments: Sequence[str],
        *,
        zone: datetime.tzinfo = datetime.UTC,
        by: str = "",
    ):
        """Look through `paths`; LessonError if one is not there, or has nothing.

        Times that name no zone are in `zone`. `by` is where the names of people are,
        where that cannot be told: a folder's number from 1 on, or "file".
        """
        self.unzoned: list[str] = []  # zips whose times name no zone
        self._others: list[Account] = []
        self._copies: dict[tuple[str, str], list[_Place]] = defaultdict(list)
        self._problems: dict[str, str] = {}
        self.times: dict[tuple[str, str], str] = {}  # by assignment and student
        for root, entries in _entries(paths, zone).items():
            self._add(root, entries, assignments, by)
        if not self._copies:
            names = ", ".join(map(str, paths))
            raise LessonError(f"no notebook (*.ipynb) and no zip of notebooks: {names}")

    def _add(
        self, root: Path, found: Sequence[Arrival], assignments: Sequence[str], by: str
    ) -> None:
        entries = _without_lessons([entry.sorted_out() for entry in found])
        ours = [entry for entry in entries if not entry.other]
        name = student_of_folder(root.resolve().name)
        whose = owners([entry.parts for entry in ours], name, assignments, by=by)
        for entry, owner in zip(ours, whose, strict=True):
            place = _Place(entry, owner, root)
            self._copies[owner.student, owner.assignment or place.file].append(place)
        self._others += [
            Account(one_line(e.file), "", "", "not ours", e.other)
            for e in entries
            if e.other
        ]
        if any(not entry.zoned for entry in ours):
            self.unzoned.append(str(root))

    def submissions(self) -> Iterator[Submission]:
        """Yield what is to be graded, one content at a time; of copies, the newest.

        Of copies of the same time, it is the one that was named last.
        """
        for copied in self._copies.values():
            *older, newest = sorted(copied, key=_Place.age)
            submission = newest.submission(older, _two_people(copied))
            whose = submission.assignment, submission.student
            self.times[whose] = submission.timestamp
            if submission.problem:
                self._problems[submission.file] = submission.problem
            yield submission

    def accounts(self, problems: Mapping[str, str] | None = None) -> list[Account]:
        """Return what became of each file, when all submissions have been read.

        `problems` has, by file, what else turned out to be unreadable.
        """
        known = self._problems | dict(problems or {})
        found = []
        for copied in self._copies.values():
            *older, newest = sorted(copied, key=_Place.age)
            why = known.get(newest.file, "")
            found.append(newest.account("unreadable" if why else "taken", why))
            for place in older:
                problem = place.entry.problem or place.owner.problem
                found.append(
                    place.account("unreadable", problem)
                    if problem
                    else place.account("older", f"{newest.file} is newer")
                )
        return sorted([*found, *self._others], key=lambda account: account.file)


def find_submissions(
    paths: Sequence[Path], assignments: Sequence[str]
) -> Iterator[Submission]:
    """Yield what was handed in, as `Intake` finds it."""
    yield from Intake(paths, assignments).submissions()


def count_states(accounts: Sequence[Account]) -> str:
    """Return the sum of what came in, in words."""
    counted = Counter(account.state for account in accounts)
    parts = ", ".join(f"{counted[state]} {state}" for state in STATES)
    return f"{len(accounts)} came in: {parts}"


def _entries(paths: Sequence[Path], zone: datetime.tzinfo) -> dict[Path, list[Arrival]]:
    """Return the files of each folder and zip that was named, or of named files."""
    found: dict[Path, list[Arrival]] = defaultdict(list)
    for path in paths:
        if not path.exists():
            raise LessonError(f"{path} is not there: what was handed in, and where?")
        if path.is_dir():
            found[path] += _unzipped(in_folder(path), zone)
        elif path.suffix.lower() == ".zip":
            found[path] += in_class_zip(path, zone)
        else:
            found[path.parent].append(on_disk(path, path.parent))
    return found


def _unzipped(entries: Iterator[Arrival], zone: datetime.tzinfo) -> Iterator[Arrival]:
    for entry in entries:
        if entry.is_zip:
            yield from in_found_zip(entry, zone)
        else:
            yield entry


def _without_lessons(entries: Sequence[Arrival]) -> list[Arrival]:
    """Return entries; of a whole my-work/, what lies beside exercises/ is not ours."""

    def before(entry: Arrival, folder: str) -> tuple[str, ...] | None:
        inside = entry.parts[:-1]
        return inside[: inside.index(folder)] if folder in inside else None

    work = {before(entry, "exercises") for entry in entries if not entry.other} - {None}
    what = "a notebook of the lesson: those in exercises count"
    return [
        entry.not_ours(what)
        if not entry.other and before(entry, "notebooks") in work
        else entry
        for entry in entries
    ]


def _two_people(copied: Sequence[_Place]) -> str:
    """Say if copies may be two people's: each in a zip, and none says whose."""
    roots = {place.root for place in copied}
    if len(roots) == 1 or all(place.owner.sure for place in copied):
        return ""
    if not all(root.suffix.lower() == ".zip" for root in roots):
        return ""
    names = " and ".join(sorted(map(str, roots)))
    return f"copies, or two people's? {one_line(names)}: --by 0 if they are named so"
