"""Does nbgrader take our sources, and give what we give? And our scores?"""

import csv
import json
import os
import sys
import warnings
from functools import cache
from pathlib import Path

import pytest

from lessonlib.authoring.page import ROOT
from lessonlib.grading.gradebook import write_gradebook
from lessonlib.grading.grader import Grader
from lessonlib.grading.intake import Submission
from lessonlib.grading.merge import read_source
from lessonlib.grading.outputs import append_result, write_outputs

pytestmark = pytest.mark.long  # nbgrader takes its time
NAMES = ("05_measure_response_time_honestly", "11_friday_at_northgate")
FAST, WRITTEN = NAMES


@cache
def nbgrader():
    """Import its API and its commands: a second, for those who run these tests."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from nbgrader import api, apps

    api.get_alembic_version = cache(api.get_alembic_version)  # a Python of its own
    return api, apps


class Course:
    """A folder that nbgrader works in."""

    def __init__(self, folder):
        self.folder = folder
        settings = (ROOT / "solutions" / "nbgrader_config.py").read_text("utf-8")
        self.put("nbgrader_config.py", settings)

    def put(self, path, text):
        target = self.folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text, encoding="utf-8")

    def run(self, command, *words):
        """Run a command of nbgrader's here: a Python of its own would cost seconds."""
        with pytest.MonkeyPatch.context() as patch, warnings.catch_warnings():
            warnings.simplefilter("ignore")
            patch.setenv("HOME", str(self.folder))
            beside = str(Path(sys.executable).parent)  # of alembic, which it starts
            patch.setenv("PATH", beside, prepend=os.pathsep)
            patch.chdir(self.folder)
            app = getattr(nbgrader()[1], command)()
            app.initialize(list(words))
            app.start()

    def scores(self, assignment, student, name):
        """Return what its gradebook has for one notebook, by question."""
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            path = f"sqlite:///{self.folder / 'gradebook.db'}"
            with nbgrader()[0].Gradebook(path) as book:
                submission = book.find_submission(assignment, student)
                (notebook,) = (n for n in submission.notebooks if n.name == name)
                return {grade.name: grade.score for grade in notebook.grades}


ALL = sorted(path.stem for path in (ROOT / "solutions").glob("*.ipynb"))


@pytest.fixture(scope="module")
def course(tmp_path_factory):
    """A course whose one assignment has every notebook."""
    course = Course(tmp_path_factory.mktemp("course"))
    for name in ALL:
        course.put(f"source/lesson/{name}.ipynb", text_of("solutions", name))
    course.run("GenerateAssignmentApp", "lesson")
    return course


def text_of(folder, name):
    return (ROOT / folder / f"{name}.ipynb").read_text(encoding="utf-8")


def cells(text):
    kept = ("cell_type", "id", "source", "metadata")
    return [{key: cell[key] for key in kept} for cell in json.loads(text)["cells"]]


def test_its_student_version_is_ours(course):
    assert len(ALL) == 12
    for name in ALL:
        made = (course.folder / f"release/lesson/{name}.ipynb").read_text("utf-8")
        assert cells(made) == cells(text_of("exercises", name)), name


def submissions():
    """Honest work: solved, untouched, two answers wrong, a right one for examples."""
    solved = text_of("solutions", FAST)
    half = json.loads(solved)
    for cell in half["cells"]:
        if cell["id"] == "sol-rank":
            cell["source"] = "def ranked(times, p):\n    return sorted(times)[0]"
        if cell["id"] == "sol-from_due":
            cell["source"] = "def response_times(due, sent, answered):\n    1 / 0"
        if cell["id"] == "sol-late":
            cell["source"] = "pass"
    return {
        "solved": solved, "untouched": text_of("exercises", FAST),
        "half": json.dumps(half),
    }  # fmt: skip


def test_it_scores_honest_work_as_we_do(course):
    for student, text in submissions().items():
        course.put(f"submitted/{student}/lesson/{FAST}.ipynb", text)
    course.run("AutogradeApp", "lesson")
    source, seen = read_source(ROOT / "solutions" / f"{FAST}.ipynb"), {}
    with Grader() as grader:
        for student, text in submissions().items():
            given = Submission(student, FAST, "", "", text.encode())
            result = grader.grade(source, given)
            ours = {each["id"]: each["points"] for each in result["questions"]}
            assert course.scores("lesson", student, FAST) == ours, student
            seen[student] = sum(ours.values())
    assert seen["solved"] == 22 > seen["half"] > seen["untouched"] == 0


def result(name, student, points, manual=()):
    return {
        "assignment": name, "student": student, "timestamp": "2026-11-30 22:00:00 UTC",
        "raw_score": points, "max_score": 20, "manual": list(manual),
        "problem": "", "notes": [], "limits": {},
        "questions": [{"id": "test-rank", "title": "1. Rank", "points": points,
            "out_of": 3, "status": "passed", "lines": []}] if points else [],
    }  # fmt: skip


def test_our_scores_go_into_its_gradebook_once(tmp_path):
    sources = {name: read_source(ROOT / f"solutions/{name}.ipynb") for name in NAMES}
    out, course = tmp_path / "grades", Course(tmp_path)
    out.mkdir()
    page = {"id": "page", "title": "the report", "points": 10, "text": "words"}
    append_result(out, result(FAST, "ada", 3))
    append_result(out, result(WRITTEN, "bob", 0, [page]))
    write_outputs(out)
    table = out / "manual.csv"
    table.write_text(table.read_text().replace("page,10,,", "page,10,7.5,"))
    write_outputs(out)
    for _ in range(2):
        assert write_gradebook(tmp_path / "gradebook.db", out, sources) == 2
    assert course.scores(FAST, "ada", FAST)["test-rank"] == 3
    assert course.scores(WRITTEN, "bob", WRITTEN)["page"] == 7.5
    course.run("ExportApp")
    with (tmp_path / "grades.csv").open(newline="") as file:
        rows = {
            (row["assignment"], row["student_id"]): row for row in csv.DictReader(file)
        }
    assert float(rows[FAST, "ada"]["raw_score"]) == 3
    assert float(rows[WRITTEN, "bob"]["raw_score"]) == 7.5
    assert rows[FAST, "ada"]["timestamp"].startswith("2026-11-30 22:00:00")
