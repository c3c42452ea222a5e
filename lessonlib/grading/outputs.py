"""Results become grades: what is written down, and in which columns.

`results.jsonl` has a line for each submission, as they come. All else is made from it,
and from the points that a human has entered in `manual.csv`.
"""

import json
import os
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from lessonlib.errors import LessonError
from lessonlib.grading.intake import Account
from lessonlib.grading.late import Policy, no_penalty, seconds_late
from lessonlib.grading.roster import PERSON, Roster
from lessonlib.grading.student_page import report_name, student_page
from lessonlib.grading.tables import read_table, write_table

Row = dict[str, Any]
Submitted = tuple[str, str]  # the assignment and the student
Whose = tuple[str, str, str]  # the assignment, the student, the question
_GRADES = (
    "assignment", "duedate", "timestamp", "student_id", *PERSON,
    "raw_score", "late_submission_penalty", "score", "max_score", "status",
)  # fmt: skip
_QUESTIONS = (
    "assignment", "student_id", "question", "title", "points", "out_of", "status",
    "mistake", "seconds",
)  # fmt: skip
_MANUAL = ("assignment", "student_id", "question", "out_of", "points", "comment")
_INTAKE = ("file", "state", "reason", "student", "assignment")
_WAITS = "waits for a human"


def append_result(out: Path, result: Mapping[str, Any]) -> None:
    """Write one line, and let the disk have it before the next submission."""
    with (out / "results.jsonl").open("a", encoding="utf-8") as file:
        file.write(json.dumps(result, separators=(",", ":")) + "\n")
        file.flush()
        os.fsync(file.fileno())


def read_results(out: Path) -> list[Row]:
    """Return the results of a folder, by assignment and student; the last one counts.

    A line that was cut off halfway is left out: its submission is graded again.
    """
    path = out / "results.jsonl"
    found: dict[tuple[str, str], Row] = {}
    lines = path.read_bytes().splitlines() if path.exists() else []
    for line in lines:
        try:
            result = json.loads(line)
        except ValueError:
            continue
        found[result["assignment"], result["student"]] = result
    return [found[whose] for whose in sorted(found)]


def correct_times(out: Path, times: Mapping[Submitted, str]) -> None:
    """Note when what was graded before came in, where that is known better by now."""
    for result in read_results(out):
        time = times.get((result["assignment"], result["student"]))
        if time is not None and time != result["timestamp"]:
            append_result(out, result | {"timestamp": time})


def write_intake(out: Path, accounts: Iterable[Account]) -> None:
    """Write intake.csv: what became of each file that came in."""
    write_table(out / "intake.csv", _INTAKE, map(asdict, accounts))


def mend(out: Path) -> None:
    """End a line that was cut off, so that the next result has a line of its own."""
    path = out / "results.jsonl"
    if path.exists() and path.read_bytes()[-1:] not in (b"", b"\n"):
        with path.open("ab") as file:
            file.write(b"\n")


# -- what a human reads


def read_graded(out: Path) -> list[Row]:
    """Return the results, with what a human has entered in manual.csv.

    Each of a result's `manual` has `given`, points or None, and a `comment`; the points
    count in `raw_score`. Raises LessonError for a table or points that make no sense.
    """
    results, entered = read_results(out), _entered(out)
    for result in results:
        for question in result["manual"]:
            row = entered.get(_whose(result, question), {})
            question["given"] = _points(row, question)
            question["comment"] = row.get("comment", "")
            result["raw_score"] += question["given"] or 0.0
    return results


def _whose(result: Row, question: Row) -> Whose:
    return result["assignment"], result["student"], question["id"]


def _entered(out: Path) -> dict[Whose, Row]:
    path = out / "manual.csv"
    rows = read_table(path, _MANUAL) if path.exists() else []
    return {(r["assignment"], r["student_id"], r["question"]): r for r in rows}


def _points(row: Row, question: Row) -> float | None:
    text = row.get("points", "").strip()
    if not text:
        return None
    try:
        points = float(text.replace(",", "."))
    except ValueError:
        points = -1.0
    if not 0 <= points <= question["points"]:
        raise LessonError(
            f"manual.csv: {row['student_id']}, {row['question']}: {text!r} is not "
            f"a number from 0 to {question['points']}. Mend that line, then --resume"
        )
    return points


# -- tables and pages


def write_outputs(
    out: Path,
    *,
    late: Policy = no_penalty,
    due: Mapping[str, str] | None = None,
    roster: Path | None = None,
) -> list[str]:
    """Write the tables, and a page for each submission, from the results of a folder.

    What a human has entered in manual.csv is kept. Return what an instructor should
    know. Raises LessonError, before anything is written, for what makes no sense.
    """
    results, due = read_graded(out), due or {}
    people = Roster(roster, [(r["assignment"], r["student"]) for r in results])
    grades = [_grade(r, due.get(r["assignment"], ""), late) for r in results]
    for grade in grades:
        grade |= people.person(grade["student_id"])
    write_table(out / "grades.csv", _GRADES, [*grades, *people.absent(grades)])
    write_table(out / "questions.csv", _QUESTIONS, _questions(results))
    write_table(out / "manual.csv", _MANUAL, _manual(out, results))
    folder = out / "reports"
    folder.mkdir(exist_ok=True)
    for result, grade in zip(results, grades, strict=True):
        path = folder / report_name(result["student"], result["assignment"])
        path.write_text(student_page(result, grade), encoding="utf-8")
    return people.warnings


def _grade(result: Row, due: str, late: Policy) -> Row:
    """Return the row of a result in grades.csv."""
    raw = result["raw_score"]
    wait = seconds_late(due, result["timestamp"])
    penalty = min(raw, max(0.0, float(late(wait, raw))))
    waits = any(question["given"] is None for question in result["manual"])
    return {
        "assignment": result["assignment"], "student_id": result["student"],
        "duedate": due, "timestamp": result["timestamp"],
        "raw_score": raw, "late_submission_penalty": penalty, "score": raw - penalty,
        "max_score": result["max_score"],
        "status": "unreadable" if result["problem"] else _WAITS if waits else "graded",
    }  # fmt: skip


def _questions(results: list[Row]) -> Iterator[Row]:
    for result in results:
        whose = {"assignment": result["assignment"], "student_id": result["student"]}
        for question in result["questions"]:
            yield question | whose | {"question": question["id"]}
        for question in result["manual"]:
            status = _WAITS if question["given"] is None else "read"
            score = {"points": question["given"] or 0, "out_of": question["points"]}
            row = question | whose | score
            yield row | {"status": status, "question": question["id"]}


def _manual(out: Path, results: list[Row]) -> list[Row]:
    rows = _entered(out)
    for result in results:
        for question in result["manual"]:
            whose = _whose(result, question)
            empty = dict(zip(_MANUAL, (*whose, "", "", ""), strict=True))
            rows[whose] = empty | rows.get(whose, {}) | {"out_of": question["points"]}
    return [rows[whose] for whose in sorted(rows)]  # nothing that was entered is lost
