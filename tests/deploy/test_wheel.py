"""Is the wheel one that pip installs, and does it hold what a service needs?"""

import subprocess
import sys
import zipfile
from io import BytesIO
from pathlib import Path

import pytest

from lessonlib.deploy import wheel
from lessonlib.deploy.wheel import checkout_text, library_wheel
from lessonlib.errors import LessonError

ROOT = Path(__file__).parents[2]


def test_the_same_library_gives_the_same_bytes():
    assert library_wheel() == library_wheel()


def test_it_holds_all_but_what_learners_and_instructors_need():
    name, content = library_wheel()
    held = zipfile.ZipFile(BytesIO(content)).namelist()
    assert {"lessonlib/__init__.py", "lessonlib/serve/try_it.html"} <= {*held}
    rooms = {path.split("/")[1] for path in held if path.startswith("lessonlib/")}
    assert {"save", "serve", "learn", "deploy"} <= rooms
    assert not {"authoring", "checks", "grading", "__pycache__"} & rooms


@pytest.mark.long
def test_pip_installs_it(tmp_path):
    name, content = library_wheel()
    (tmp_path / name).write_bytes(content)
    pip = next((ROOT / "setup").glob("pip-*.whl")) / "pip"
    command = [sys.executable, pip, "install", "--quiet", "--no-deps", "--no-index"]
    command += ["--no-compile", "--target", tmp_path / "site", tmp_path / name]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    for path in (tmp_path / "site" / "lessonlib").rglob("*.*"):
        there = ROOT / path.relative_to(tmp_path / "site")
        assert path.read_bytes() == there.read_bytes()


def test_without_the_lessons_folder_it_is_told_where_to_be(monkeypatch, tmp_path):
    monkeypatch.setattr(wheel, "LIBRARY", tmp_path / "lessonlib")
    with pytest.raises(LessonError, match="no pyproject.toml in .*run this in the"):
        checkout_text("pyproject.toml")
