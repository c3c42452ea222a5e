"""What the README and the other pages promise is true when run."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from lessonlib.authoring.page import read_page, stored_notebooks

ROOT = Path(__file__).parent.parent


@pytest.mark.parametrize("which", [0, 1], ids=["the taste", "a model of one's own"])
def test_an_example_prints_what_the_readme_says(which, tmp_path):
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    codes = re.findall(r"```python\n(.*?)```", text, flags=re.DOTALL)
    promises = re.findall(r"It prints `(.*?)`", text)
    assert len(codes) == len(promises) == 2
    code, promised = codes[which], promises[which]
    run = [sys.executable, "-c", code]
    done = subprocess.run(
        run, cwd=tmp_path, capture_output=True, text=True, timeout=100
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() == promised


def test_the_maps_have_every_notebook():
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    first, *others = stored_notebooks(folders=["notebooks"])
    tour = "\n".join(cell.source for cell in read_page(first).markdown)
    for path in others:
        assert f"(notebooks/{path.name})" in text, f"{path.name} is not on the map"
        assert f"({path.name})" in tour, f"{path.name} is not on the map of 00"


def test_exercises_and_solutions_have_the_names_of_their_lessons():
    lessons = {path.name for path in (ROOT / "notebooks").glob("*.ipynb")}
    solutions = {path.name for path in (ROOT / "solutions").glob("*.ipynb")}
    exercises = {path.name for path in (ROOT / "exercises").glob("*.ipynb")}
    assert exercises == solutions
    assert solutions < lessons


def test_the_map_gives_the_minutes_that_a_notebook_asks_for():
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    told = dict(re.findall(r"^\| \[(\d\d) .* \| ([\d +]+) \|$", text, re.MULTILINE))
    for path in stored_notebooks(folders=["notebooks"]):
        page = read_page(path)
        (line,) = re.findall(r"^\*\*Time\*\*: .*$", page.cells[0].source, re.MULTILINE)
        minutes = " + ".join(re.findall(r"\d+", line))
        assert told[page.number] == minutes, f"{path.name} says: {line}"
