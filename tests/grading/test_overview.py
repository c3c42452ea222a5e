"""Does the page of the class say what happened, of everybody, and run nothing?"""

import json
import re

import pytest

from lessonlib.authoring.page import ROOT
from lessonlib.checks import ex05
from lessonlib.errors import LessonError
from lessonlib.grading.__main__ import main
from lessonlib.grading.outputs import append_result
from lessonlib.grading.overview import MOST_ROWS, write_overview

NAME = "05_measure_response_time_honestly"
PLACE = "def ranked(times, p):\n    return sorted(times)[p * len(times) // 100]"
EVIL = "<script>alert(1)</script>"


def submission(answer=None):
    path = ROOT / "solutions" / f"{NAME}.ipynb"
    notebook = json.loads(path.read_text(encoding="utf-8"))
    for cell in notebook["cells"]:
        if answer and cell["id"] == "sol-rank":
            cell["source"] = answer
    return json.dumps(notebook)


def test_a_class_is_seen_at_a_glance(tmp_path, capsys):
    given = {
        "ada": submission(), "bob": submission(PLACE), "cyd": submission(PLACE),
        "dan": submission("ranked = ..."), "eve": "no notebook",
        "fay": submission(f"def ranked(times, p):\n    raise ValueError('{EVIL}')"),
    }  # fmt: skip
    for student, text in given.items():
        path = tmp_path / "class" / student / f"{NAME}.ipynb"
        path.parent.mkdir(parents=True)
        path.write_text(text)
    out = str(tmp_path / "out")
    assert main(["grade", str(tmp_path / "class"), "--out", out, "--jobs", "1"]) == 0
    assert main(["report", out]) == 0
    page = (tmp_path / "out" / "class.html").read_text(encoding="utf-8")
    assert "Open " in capsys.readouterr().out
    known = {mistake.message for mistake in ex05.rank.mistakes}
    seen = re.findall(
        r'<td class="n">(\d+) of 5</td><td>.*?</td>\s*<td>(.*?)</td>', page
    )
    assert [n for n, _ in seen] == ["2"]
    assert seen[0][1].replace("&#39;", "'") in known
    assert "What could not be read?" in page
    assert "reports/eve--" in page
    assert EVIL not in page
    assert page.count("data:image/png") == 2
    assert ".unseen(" not in page


def result(student, **changes):
    question = {
        "id": "test-rank", "title": "1. Rank", "points": 0, "out_of": 3, "mistake": "",
        "status": "timeout", "message": EVIL,
    }  # fmt: skip
    return {
        "assignment": NAME, "student": student, "raw_score": 0, "max_score": 3,
        "problem": "", "questions": [question], "notes": [EVIL], "manual": [],
        "limits": {"isolation": "none"},
    } | changes  # fmt: skip


def test_long_tables_are_cut_and_all_is_escaped(tmp_path):
    for number in range(MOST_ROWS + 2):
        append_result(tmp_path, result(f"{EVIL}{number:03}"))
    page = write_overview(tmp_path).read_text(encoding="utf-8")
    assert page.count("And 2 more") == 2  # of stops, and of notes
    assert EVIL not in page


def test_a_class_of_whom_nothing_could_be_read_has_a_page(tmp_path):
    nothing = {"problem": "the file is empty", "questions": [], "limits": {}}
    append_result(tmp_path, result("ada", **nothing))
    assert "the file is empty" in write_overview(tmp_path).read_text(encoding="utf-8")


def test_a_folder_without_results_is_said(tmp_path):
    with pytest.raises(LessonError, match="has no results: run `grade"):
        write_overview(tmp_path)
