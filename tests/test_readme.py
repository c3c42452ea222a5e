"""What the README and the other pages promise is true when run."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

import lessonlib

ROOT = Path(__file__).parent.parent
PAGES = ["README.md", "CONTRIBUTING.md", "exercises/README.md", "solutions/README.md"]


def test_the_taste_prints_what_the_readme_says(tmp_path):
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    (code,) = re.findall(r"```python\n(.*?)```", text, flags=re.DOTALL)
    (promised,) = re.findall(r"It prints `(.*?)`", text)
    run = [sys.executable, "-c", code]
    done = subprocess.run(
        run, cwd=tmp_path, capture_output=True, text=True, timeout=100
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() == promised


@pytest.mark.parametrize("page", PAGES)
def test_every_link_to_a_file_leads_somewhere(page):
    text = (ROOT / page).read_text(encoding="utf-8")
    for target in re.findall(r"\]\((?!http)([^)#]+)\)", text):
        assert ((ROOT / page).parent / target).exists(), f"{page}: {target}"


def test_the_map_has_every_notebook():
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    for path in (ROOT / "notebooks").glob("*.ipynb"):
        assert f"(notebooks/{path.name})" in text, f"{path.name} is not on the map"


def test_exercises_and_solutions_have_the_names_of_their_lessons():
    lessons = {path.name for path in (ROOT / "notebooks").glob("*.ipynb")}
    solutions = {path.name for path in (ROOT / "solutions").glob("*.ipynb")}
    exercises = {path.name for path in (ROOT / "exercises").glob("*.ipynb")}
    assert exercises == solutions
    assert solutions < lessons


def test_the_table_of_the_library_has_every_module_with_the_question_it_asks():
    told = re.findall(
        r"^    (\w+)/? +(?:-|\d\d) ", lessonlib.__doc__, flags=re.MULTILINE
    )
    folder = Path(lessonlib.__file__).parent
    modules = {path.stem for path in folder.glob("[!_]*.py")}
    packages = {path.parent.name for path in folder.glob("*/__init__.py")}
    assert set(told) == modules | packages
