"""Does a name come back from a table as it was, whatever a spreadsheet would do?"""

import csv

from command import QUICKEST as NAME

from lessonlib.grading.gradebook import _penalties
from lessonlib.grading.late import load_policy
from lessonlib.grading.outputs import append_result, write_outputs
from lessonlib.grading.tables import read_table, write_table

NAMES = [
    "=1+1", "'=1+1", "''=1+1", "+ada", "-ada", "@ada", "'ada", "'", "''", "\u2019=1",
    'O"Hara, Ann', "\uff1d1", "a;b", "Zo\u00eb", "'\t=1", "'-", " =1",
]  # fmt: skip


def rows(out, name="grades.csv"):
    with (out / name).open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def result(student, **changes):
    return {
        "assignment": NAME, "student": student, "timestamp": "2026-11-30T22:30:00Z",
        "raw_score": 10, "max_score": 16, "questions": [], "manual": [], "problem": "",
        "notes": [], "limits": {},
    } | changes  # fmt: skip


def test_a_name_that_a_spreadsheet_would_run_comes_back_as_it_was(tmp_path):
    path = tmp_path / "people.csv"
    write_table(path, ["student_id"], [{"student_id": name} for name in NAMES])
    assert [row["student_id"] for row in read_table(path, ["student_id"])] == NAMES
    raw = [row["student_id"] for row in rows(tmp_path, "people.csv")]
    assert not [name for name in raw if name[0] in "=+-@\t\uff1d"]


def test_points_and_penalties_find_such_names_too(tmp_path):
    question = {"id": "page", "title": "a page", "points": 4, "text": "words"}
    for name in NAMES:
        append_result(tmp_path, result(name, manual=[dict(question)]))
    late = {"late": load_policy("10%-a-day"), "due": {NAME: "2026-11-30T20:00Z"}}
    write_outputs(tmp_path, **late)
    table = tmp_path / "manual.csv"
    table.write_text(table.read_text("utf-8").replace("page,4,,", "page,4,2,"), "utf-8")
    for _ in range(2):
        write_outputs(tmp_path, **late)
        assert [row["raw_score"] for row in rows(tmp_path)] == ["12"] * len(NAMES)
    assert len(rows(tmp_path, "manual.csv")) == len(NAMES)
    found = _penalties(tmp_path)
    assert {student for _, student in found} == {*NAMES}
    assert {round(penalty, 1) for penalty in found.values()} == {1.2}
