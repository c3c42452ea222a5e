"""Our scores in nbgrader's gradebook, for a course that already has one."""

import datetime
import os
import sys
import warnings
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from lessonlib.errors import LessonError
from lessonlib.grading.merge import Source
from lessonlib.grading.outputs import read_graded
from lessonlib.grading.tables import read_table


def write_gradebook(database: Path, out: Path, sources: Mapping[str, Source]) -> int:
    """Write the results of folder `out` into `database`; return how many there were.

    Each source is an assignment with one notebook. What is there already is replaced,
    so to write twice changes nothing. Raises LessonError if nbgrader is not installed.
    """
    results = [r for r in read_graded(out) if r["assignment"] in sources]
    penalties = _penalties(out)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # nbgrader's, of SQLAlchemy
        with _open(database) as book:
            for name in sorted({result["assignment"] for result in results}):
                _write_assignment(book, sources[name])
            for result in results:
                _write_submission(book, result, penalties)
            book.db.commit()
    return len(results)


def _open(database: Path) -> Any:
    try:
        # nbgrader starts a program called alembic, which lies beside Python
        beside = str(Path(sys.executable).parent)
        os.environ["PATH"] = os.pathsep.join([beside, os.environ.get("PATH", "")])
        from nbgrader.api import Gradebook
    except ImportError:
        raise LessonError(
            "--nbgrader-db needs nbgrader, which is not installed here: run the same "
            "command with `python3 start.py shell` before it"
        ) from None
    database.parent.mkdir(parents=True, exist_ok=True)
    return Gradebook(f"sqlite:///{database.resolve()}")


def _write_assignment(book: Any, source: Source) -> None:
    book.update_or_create_assignment(source.name)
    book.update_or_create_notebook(source.name, source.name)
    for cell in source.cells:
        if cell["grade"]:
            book.update_or_create_grade_cell(
                cell["id"], source.name, source.name,
                max_score=cell["points"], cell_type=cell["kind"],
            )  # fmt: skip


def _write_submission(
    book: Any, result: Mapping[str, Any], penalties: Mapping[tuple[str, str], float]
) -> None:
    name, student = result["assignment"], result["student"]
    book.update_or_create_student(student)
    submission = book.update_or_create_submission(name, student)
    if result["timestamp"]:
        time = datetime.datetime.fromisoformat(result["timestamp"].replace(" UTC", "Z"))
        submission.timestamp = time.astimezone(datetime.UTC).replace(tzinfo=None)
    submission.notebooks[0].late_submission_penalty = penalties.get((name, student), 0)
    for question in result["questions"]:
        grade = book.find_grade(question["id"], name, name, student)
        grade.auto_score, grade.needs_manual_grade = question["points"], False
    for question in result["manual"]:
        grade = book.find_grade(question["id"], name, name, student)
        grade.manual_score = question["given"]
        grade.needs_manual_grade = question["given"] is None


def _penalties(out: Path) -> dict[tuple[str, str], float]:
    columns = ("assignment", "student_id", "late_submission_penalty")
    return {
        (row["assignment"], row["student_id"]): float(
            row["late_submission_penalty"] or 0
        )
        for row in read_table(out / "grades.csv", columns)
    }
