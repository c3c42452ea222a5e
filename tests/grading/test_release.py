"""Do learners get all that they need, and no answer?"""

import ast
import json
import os
import re
import subprocess
import sys

import pytest

from lessonlib.authoring.library_map import listed
from lessonlib.authoring.page import ROOT, read_page
from lessonlib.authoring.rules_of_code import parsed
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


@pytest.fixture(scope="module")
def copy(tmp_path_factory):
    """What learners get. Change nothing in it."""
    folder = tmp_path_factory.mktemp("release") / "copy"
    release(ROOT, folder)
    return folder


def test_a_copy_has_no_tools_of_instructors_and_no_word_of_them(copy):
    for room in ("authoring", "grading"):
        assert not (copy / "lessonlib" / room).exists()
    tools = re.compile(r"lessonlib[./](authoring|grading)")
    named = {
        path.name
        for suffix in ("py", "ipynb", "toml", "md", "yml", "json")
        for path in copy.rglob(f"*.{suffix}")
        if tools.search(path.read_text(encoding="utf-8"))
    }
    assert named == {
        "CHANGELOG.md",
        "start.py",
    }  # `refresh` says that it is for authors


def test_the_library_of_a_copy_lists_what_there_is(copy):
    rows = {row.name for row in listed(copy / "lessonlib" / "__init__.py")}
    rooms = {f"{p.parent.name}/" for p in (copy / "lessonlib").glob("*/__init__.py")}
    files = {path.stem for path in (copy / "lessonlib").glob("*.py")} - {"__init__"}
    assert rows == rooms | files


def trees(copy):
    for path in copy.rglob("*.py"):
        yield path, ast.parse(path.read_text(encoding="utf-8"))
    for path in copy.rglob("*.ipynb"):
        for cell in read_page(path).code:
            if "raises-exception" not in cell.metadata.get("tags", []):
                yield path, parsed(cell.source)


def imported_from_the_library(tree):
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
            if node.module == "lessonlib":
                yield from (f"lessonlib.{alias.name}" for alias in node.names)


def test_nothing_in_a_copy_imports_what_is_not_there(copy):
    names = {
        (path.name, name)
        for path, tree in trees(copy)
        for name in imported_from_the_library(tree)
        if name.split(".")[0] == "lessonlib"
    }
    there = {path.with_suffix("") for path in copy.glob("lessonlib/**/*.py")}
    there |= {path.parent for path in there}
    missing = {
        (file, name)
        for file, name in names
        if copy.joinpath(*name.split(".")) not in there
    }
    assert len(names) > 100 and missing == set()


@pytest.mark.long
def test_the_tests_of_a_copy_pass_with_its_own_library_alone(copy):
    env = os.environ | {"PYTHONPATH": str(copy), "PYTHONDONTWRITEBYTECODE": "1"}
    command = [sys.executable, "-m", "pytest", "-pno:cacheprovider", "-q"]
    command += [f"notebooks/{path.name}" for path in copy.glob("notebooks/00*.ipynb")]
    done = subprocess.run(command, cwd=copy, env=env, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "notebook kernels" not in done.stdout


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
