"""Do learners get all that they need, and no answer?"""

import json
import re

import pytest

from lessonlib.authoring.page import ROOT
from lessonlib.errors import LessonError
from lessonlib.grading.__main__ import main
from lessonlib.grading.release import HANDED_OUT, release


def test_a_copy_has_the_lesson_and_no_answers(tmp_path, capsys):
    folder = tmp_path / "hand-out"
    assert main(["release", str(folder), "--json"]) == 0
    names = {path.name for path in (ROOT / "exercises").glob("*.ipynb")}
    assert json.loads(capsys.readouterr().out)["notebooks"] == 2 * len(names) + 1
    assert {path.name for path in (folder / "exercises").glob("*.ipynb")} == names
    assert {path.name for path in folder.iterdir()} == set(HANDED_OUT)
    assert not list(folder.rglob("__pycache__"))


def test_the_readme_of_a_copy_leads_nowhere_else(tmp_path):
    release(ROOT, tmp_path / "copy")
    for path in (tmp_path / "copy").rglob("*.md"):
        text = path.read_text(encoding="utf-8")
        assert "solutions/" not in text or path.name == "CHANGELOG.md"
        for link in re.findall(r"\]\(([^)#:]+)[)#]", text):
            assert (path.parent / link).exists(), f"{path.name}: {link}"
    readme = (tmp_path / "copy" / "README.md").read_text(encoding="utf-8")
    assert "## Other ways in" in readme
    assert "Instructors" not in readme


def test_a_folder_that_is_used_is_not_written_into(tmp_path):
    (tmp_path / "mine.txt").write_text("here")
    with pytest.raises(LessonError, match="is not empty"):
        release(ROOT, tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["mine.txt"]


def test_an_answer_that_was_left_in_is_found(tmp_path):
    root = tmp_path / "root"
    release(ROOT, root)
    spoiled = next((root / "exercises").glob("05*.ipynb"))
    spoiled.write_text(spoiled.read_text() + "### BEGIN HIDDEN TESTS")
    with pytest.raises(LessonError, match="05_measure.* still with answers"):
        release(root, tmp_path / "copy")
    assert not (tmp_path / "copy").exists()


def test_a_part_that_is_missing_is_said(tmp_path):
    with pytest.raises(LessonError, match="has no notebooks, exercises"):
        release(tmp_path, tmp_path / "copy")
