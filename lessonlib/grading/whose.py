"""Whose is a file that was handed in, and for which assignment?

What a learning platform writes into a name says who it was. Else it is the folder in
which somebody's files differ from the others'. What neither can tell is not guessed.
"""

import os
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from lessonlib.errors import LessonError
from lessonlib.grading.names import (
    attempt_in,
    fits,
    is_general,
    is_numbered,
    marked_student,
    one_line,
    student_in_name,
    student_of_folder,
    users_of,
    without_copy,
    without_platform,
)

Parts = tuple[str, ...]
_OURS = ("my-work", "exercises", "notebooks", "solutions", "submitted", ".", "..", "")


@dataclass(frozen=True)
class Owner:
    """Who handed a file in, and for which assignment, "" if it is none's."""

    student: str
    assignment: str
    problem: str = ""  # why it is not known who
    sure: bool = True  # no other file could have the name for the same reason


@dataclass(frozen=True)
class _Seen:
    """What the path of one file says, by itself."""

    path: Parts
    folders: list[str]  # those that may have somebody's name
    mark: str  # the person, as a platform writes it where nobody else can
    own: str  # the person in the name of the file
    user: str  # of Blackboard, at first with the task before it
    assignment: str


def owners(
    paths: Sequence[Parts], root: str, assignments: Sequence[str], *, by: str = ""
) -> list[Owner]:
    """Return whose each file in `root` is; `paths` are their paths within it.

    `by` says where a person's name is: "file", or a folder's number; 0 is `root`.
    Raises LessonError if the folders leave open which of them are people's.
    """
    reach = 1 + len(os.path.commonprefix([list(path[:-1]) for path in paths]))
    seen = [*_told_users([_look(path, root, reach, assignments) for path in paths])]
    if by:
        return [_placed(each, root, by) for each in seen]
    depth = _shared_depth(seen, root)
    found = [_found(each, depth, root) for each in seen]
    several = any(each.own or len(each.folders) > depth for each in seen)
    return _doubted(found, [_place(each, depth) for each in seen], several)


def _look(path: Parts, root: str, reach: int, assignments: Sequence[str]) -> _Seen:
    folders = [part for part in path[:-1] if part not in (*assignments, *_OURS)]
    assignment = _assignment(path, assignments)
    own = student_in_name(path[-1], assignment)
    mark = marked_student((root, *path), 1 + reach)
    user = attempt_in((root, *path), 1 + reach)
    return _Seen(path, folders, mark, own, user, assignment)


def _told_users(seen: Sequence[_Seen]) -> Iterator[_Seen]:
    """Yield them with Blackboard's users: within a task they are what differs."""
    tasks = defaultdict[str, list[str]](list)
    for each in filter(lambda each: each.user, seen):
        tasks[each.assignment].append(each.user)
    users = {
        (task, attempt): user
        for task, attempts in tasks.items()
        for attempt, user in zip(attempts, users_of(attempts), strict=True)
    }
    for each in seen:
        user = users.get((each.assignment, each.user), "")
        yield replace(each, mark=each.mark or user, user=user)


def _found(seen: _Seen, depth: int, root: str) -> Owner:
    """Return the owner by a platform's mark, a folder, the file's name, or all else."""
    below = seen.folders[depth : depth + 1]
    student = seen.mark or "".join(map(student_of_folder, below)) or seen.own
    only = (seen.folders or [root])[-1]
    return Owner(one_line(student or only), seen.assignment, sure=bool(student))


def _placed(seen: _Seen, root: str, by: str) -> Owner:
    if student := _by(by, seen, root):
        return Owner(one_line(student), seen.assignment)
    whole = one_line("/".join(seen.path))
    problem = f"whose it is cannot be told: --by {by} finds no name in {whole}"
    return Owner(whole, seen.assignment, problem)


def _shared_depth(seen: Sequence[_Seen], root: str) -> int:
    """Return how many folders all files share, before those of people begin.

    Raises LessonError if some lie in what could be a person's folder or a class's.
    """
    depth = len(os.path.commonprefix([each.folders for each in seen]))
    deeper = [each for each in seen if len(each.folders) > depth]
    loose = [e for e in seen if not (e.own or e.mark or e.folders[depth:])]
    alone = len(loose) == len(seen) and (depth or is_general(root))
    if loose and (deeper or depth > 1 or alone):
        path = loose[0].path
        first = 0 if alone else 1
        names = enumerate((root, *path[:-1])[first:], first)
        where = "".join(f"--by {n} for {name}, " for n, name in names) or "--by 1, "
        raise LessonError(
            f"{one_line(root)}: whose is {one_line('/'.join(path))}? Say where the "
            f"names of people are: {one_line(where)}or --by file"
        )
    return depth


def _place(seen: _Seen, depth: int) -> Parts:
    """Return what may tell copies from two people's: where it lies, without the name.

    What a platform writes is a person's own. A name without a number may be somebody
    else's, too.
    """
    if seen.mark:
        return ()
    if seen.folders[depth:]:
        return tuple(without_copy(part) for part in seen.folders[depth + 1 :])
    return () if is_numbered(seen.path[-1]) else seen.path[-1:]


def _doubted(
    found: Sequence[Owner], below: Sequence[Parts], several: bool
) -> list[Owner]:
    """Say of which files it is open whether they are copies, or two people's."""
    places: dict[tuple[str, str], list[Parts]] = defaultdict(list)
    for owner, folders in zip(found, below, strict=True):
        places[owner.student, owner.assignment].append(folders)
    return [
        replace(owner, problem=problem)
        if (problem := _doubt(owner, places[owner.student, owner.assignment], several))
        else owner
        for owner in found
    ]


def _doubt(owner: Owner, places: Sequence[Parts], several: bool) -> str:
    if not owner.assignment:
        return ""
    if not owner.sure and several:
        return "whose it is cannot be told: its name has nobody's name, and others' do"
    if not owner.sure and len(places) > 1:
        return (
            f"{len(places)} notebooks of {owner.assignment}, and no name says whose: "
            f"--by 0 if all are those of {owner.student}"
        )
    *_, last = ordered = sorted(set(places), key=len)
    if all(last[: len(each)] == each for each in ordered):
        return ""
    names = " and ".join("/".join(each) or "." for each in ordered)
    return (
        f"{owner.student} has {owner.assignment} in {one_line(names)}: copies, or two "
        "people's? Say where people's names are, such as --by 1 or --by file"
    )


def _by(by: str, seen: _Seen, root: str) -> str:
    """Return who it is by the place that an instructor has named, or ""."""
    if by == "file":
        return marked_student(seen.path[-1:]) or seen.user or seen.own
    place = (root, *seen.path[:-1])[int(by) : int(by) + 1]
    return marked_student(place) or "".join(map(student_of_folder, place))


def _assignment(path: Parts, assignments: Sequence[str]) -> str:
    places = [without_platform(part) for part in reversed(path)]
    return next((a for place in places for a in assignments if fits(place, a)), "")
