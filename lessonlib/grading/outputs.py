"""Results become grades: what is written down, and in which columns.

`results.jsonl` has a line for each submission, as they come. All else is made from it.
"""

import csv
import datetime
import importlib
import io
import json
import os
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

from lessonlib.errors import LessonError
from lessonlib.grading.pages import report_name, student_page

Policy = Callable[[float, float], float]
_DAY_S = 86_400
_GRADES = (
    "assignment", "duedate", "timestamp", "student_id", "last_name", "first_name",
    "email", "raw_score", "late_submission_penalty", "score", "max_score",
)  # fmt: skip
_QUESTIONS = (
    "assignment", "student_id", "question", "title", "points", "out_of", "status",
    "mistake", "seconds",
)  # fmt: skip
_MANUAL = ("assignment", "student_id", "question", "out_of", "points", "comment")


def append_result(out: Path, result: Mapping[str, Any]) -> None:
    """Write one line, and let the disk have it before the next submission."""
    with (out / "results.jsonl").open("a", encoding="utf-8") as file:
        file.write(json.dumps(result, separators=(",", ":")) + "\n")
        file.flush()
        os.fsync(file.fileno())


def read_results(out: Path) -> list[dict[str, Any]]:
    """Return the results of a folder, by assignment and student; the last one counts.

    A line that was cut off halfway is left out: its submission is graded again.
    """
    path, found = out / "results.jsonl", {}
    lines = path.read_bytes().splitlines() if path.exists() else []
    for line in lines:
        try:
            result = json.loads(line)
        except ValueError:
            continue
        found[result["assignment"], result["student"]] = result
    return [found[whose] for whose in sorted(found)]


def mend(out: Path) -> None:
    """End a line that was cut off, so that the next result has a line of its own."""
    path = out / "results.jsonl"
    if path.exists() and path.read_bytes()[-1:] not in (b"", b"\n"):
        with path.open("ab") as file:
            file.write(b"\n")


# -- what it costs to be late


def no_penalty(seconds_late: float, score: float) -> float:
    """Return 0: late is as good as in time."""
    return 0.0


def nothing_after_due(seconds_late: float, score: float) -> float:
    """Return the whole score: what is late counts for nothing."""
    return score if seconds_late > 0 else 0.0


def per_day(share: float) -> Policy:
    """Return a policy that takes `share` of the score for each day that has begun."""

    def policy(seconds_late: float, score: float) -> float:
        days = -(-max(0.0, seconds_late) // _DAY_S)
        return min(score, score * share * days)

    return policy


def load_policy(text: str) -> Policy:
    """Return the policy of "none", "zero", "10%-a-day" or "module:function"."""
    if text in ("none", "zero"):
        return no_penalty if text == "none" else nothing_after_due
    number, _, rest = text.partition("%")
    if rest == "-a-day" and number.replace(".", "", 1).isdigit():
        return per_day(float(number) / 100)
    module, _, name = text.partition(":")
    try:
        return getattr(importlib.import_module(module), name)
    except (ImportError, AttributeError, ValueError) as error:
        raise LessonError(
            f"--late {text}: {error}. Say none, zero, 10%-a-day, or module:function"
        ) from None


def seconds_late(due: str, timestamp: str) -> float:
    """Return how long after `due` a submission came; 0 if either is not known.

    Times are ISO 8601; one without a zone is UTC.
    """
    if not due or not timestamp:
        return 0.0
    return max(0.0, (_time(timestamp) - _time(due)).total_seconds())


def _time(text):
    for form in (text, text.removesuffix(" UTC").strip()):
        try:
            time = datetime.datetime.fromisoformat(form)
        except ValueError:
            continue
        return time if time.tzinfo else time.replace(tzinfo=datetime.UTC)
    raise LessonError(f"{text!r} is no time: write it as 2026-11-30T23:59Z")


# -- tables


def write_outputs(
    out: Path,
    *,
    late: Policy = no_penalty,
    due: Mapping[str, str] | None = None,
    roster: Path | None = None,
) -> None:
    """Write grades.csv, questions.csv and manual.csv from the results of a folder.

    Points that a human has entered in manual.csv are kept and added. Raises LessonError
    for points that are no number from 0 to what the question gives.
    """
    results, due = read_results(out), due or {}
    people = _people(roster)
    written = by_hand(out / "manual.csv")
    grades, questions, manual = [], [], []
    for result in results:
        name, student = result["assignment"], result["student"]
        for each in result["questions"]:
            told = {"assignment": name, "student_id": student, "question": each["id"]}
            questions.append(each | told)
        entered = 0.0
        for each in result["manual"]:
            row = written.pop((name, student, each["id"]), {})
            entered += points_of(row, each)
            told = {"assignment": name, "student_id": student, "question": each["id"]}
            manual.append({"points": "", "comment": ""} | row | told
                          | {"out_of": each["points"]})  # fmt: skip
        raw = result["raw_score"] + entered
        wait = seconds_late(due.get(name, ""), result["timestamp"])
        penalty = min(raw, max(0.0, float(late(wait, raw))))
        grades.append(
            {"assignment": name, "duedate": due.get(name, ""), "student_id": student}
            | {"timestamp": result["timestamp"], "max_score": result["max_score"]}
            | {"raw_score": raw, "late_submission_penalty": penalty}
            | {"score": raw - penalty} | people.pop(student, {})
        )  # fmt: skip
    for student, person in sorted(people.items()):  # who handed in nothing
        grades.append({"student_id": student, "raw_score": 0, "score": 0} | person)
    manual += written.values()  # nothing that was entered is lost
    for file, columns, rows in (
        ("grades.csv", _GRADES, grades),
        ("questions.csv", _QUESTIONS, questions),
        ("manual.csv", _MANUAL, manual),
    ):
        _write_table(out / file, columns, rows)


def _people(roster):
    if roster is None:
        return {}
    with roster.open(newline="", encoding="utf-8-sig") as file:
        rows = list(csv.DictReader(file))
    if any("student_id" not in row for row in rows):
        raise LessonError(f"{roster} has no column student_id")
    kept = ("last_name", "first_name", "email")
    return {
        row["student_id"]: {name: row.get(name, "") for name in kept} for row in rows
    }


def by_hand(path: Path) -> dict[tuple[str, str, str], dict[str, str]]:
    """Return the rows of manual.csv, by assignment, student and question."""
    if not path.exists():
        return {}
    with path.open(newline="", encoding="utf-8-sig") as file:
        read = list(csv.DictReader(file))
    rows = [{name: _uncell(row.get(name) or "") for name in _MANUAL} for row in read]
    return {(r["assignment"], r["student_id"], r["question"]): r for r in rows}


def points_of(row: Mapping[str, str], question: Mapping[str, Any]) -> float:
    """Return what a human gave; LessonError if that is no number the question has."""
    text = row.get("points", "").strip()
    try:
        points = float(text or 0)
    except ValueError:
        points = -1.0
    if not 0 <= points <= question["points"]:
        raise LessonError(
            f"manual.csv: {row['student_id']}, {row['question']}: {text!r} is not "
            f"a number from 0 to {question['points']}. Mend that line, then --resume"
        )
    return points


def write_pages(out: Path) -> None:
    """Write the page of each submission of a folder into reports/."""
    folder = out / "reports"
    folder.mkdir(exist_ok=True)
    for result in read_results(out):
        path = folder / report_name(result["student"], result["assignment"])
        path.write_text(student_page(result), encoding="utf-8")


def _write_table(path: Path, columns: Iterable[str], rows) -> None:
    """Write a table in one step. A text that a spreadsheet would run is quoted."""
    text = io.StringIO()
    table = csv.DictWriter(
        text, list(columns), restval="", extrasaction="ignore", lineterminator="\n"
    )
    table.writeheader()
    for row in rows:
        table.writerow({name: _cell(row.get(name, "")) for name in columns})
    beside = path.with_suffix(".partial")
    beside.write_text(text.getvalue(), encoding="utf-8")
    os.replace(beside, path)


def _cell(value):
    if isinstance(value, float):
        return f"{value:g}"
    if isinstance(value, str) and value.startswith(tuple("=+-@")):
        return f"'{value}"
    return value


def _uncell(text):
    """Return a text as it was before `_cell`."""
    return text[1:] if text[:1] == "'" and text[1:2] in tuple("=+-@") else text
