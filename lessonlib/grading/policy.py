"""What was asked, and is remembered for the next time?"""

import argparse
import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from lessonlib.errors import LessonError
from lessonlib.grading.late import load_policy, load_zone, parse_time


def read_policy(options: argparse.Namespace, sources: Iterable[str]) -> dict[str, Any]:
    """Return what was due when, and how names and times are read: also of before.

    Raises LessonError, before anything is graded, for what makes no sense.
    """
    path = options.out / "policy.json"
    known = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
    zone, by = options.zone or known.get("zone", ""), options.by or known.get("by", "")
    due = known.get("due", {}) | _due(options.due, sources, zone)
    late = options.late or known.get("late", "none")
    load_policy(late)
    if late != "none" and not due:
        raise LessonError(f"--late {late} needs --due, such as --due 05=2026-11-30")
    if by and by != "file" and not by.isdecimal():
        raise LessonError(f"--by {by}: say the number of a folder, such as 1, or file")
    roster = str(options.roster.resolve()) if options.roster else known.get("roster")
    if roster and not Path(roster).is_file():
        raise LessonError(f"--roster {roster} is not there")
    return {"due": due, "late": late, "roster": roster, "zone": zone, "by": by}


def _due(words: Iterable[str], sources: Iterable[str], zone: str) -> dict[str, str]:
    """Return the due time of each notebook that was named, by its name or number."""
    due, names = {}, list(sources)
    for word in words:
        name, _, time = word.partition("=")
        fitting = [source for source in names if name and source.startswith(name)]
        if len(fitting) != 1 or not time:
            numbers = ", ".join(source.partition("_")[0] for source in names)
            raise LessonError(
                f"--due {word}: expected NOTEBOOK=TIME, such as 05=2026-11-30T23:59Z, "
                f"with one of {numbers}"
            )
        due[fitting[0]] = parse_time(time, load_zone(zone or "UTC")).isoformat()
    return due
