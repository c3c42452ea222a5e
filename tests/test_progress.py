"""Is a learner told where they are, from their own notebooks alone?"""

import json
import shutil
import subprocess
import sys

import pytest

import start
from lessonlib.progress import progress

FIRST = "00_deploy_a_model_in_ten_minutes.ipynb"
SECOND = "01_save_and_load_a_model.ipynb"


@pytest.fixture
def work(tmp_path):
    """A learner's folder, as start.py makes it: nothing was run yet."""
    for folder in ("notebooks", "exercises"):
        shutil.copytree(start.ROOT / folder, tmp_path / folder)
    start.copy_lessons(tmp_path)
    return tmp_path / "my-work"


def run(path, *, only=None):
    """Run the first cells of a copy, or all of them; each check says it is done."""
    notebook = json.loads(path.read_text(encoding="utf-8"))
    for number, cell in enumerate(code_cells(notebook)[:only]):
        text = "done: it (3 of 3 points)\n" * is_check(cell)
        cell["execution_count"] = number + 1
        cell["outputs"] = [{"output_type": "stream", "name": "stdout", "text": text}]
    write(path, notebook)


def code_cells(notebook):
    return [cell for cell in notebook["cells"] if cell["cell_type"] == "code"]


def is_check(cell):
    return cell["metadata"].get("nbgrader", {}).get("grade", False)


def write(path, notebook):
    path.write_text(json.dumps(notebook), encoding="utf-8")


def row(shown, number):
    return next(line for line in repr(shown).splitlines() if line[:2] == number)


def test_a_new_learner_has_everything_before_them(work):
    shown = progress(work)
    assert shown.next[0].path.name == FIRST
    assert len(shown.lessons) == len([*(start.ROOT / "notebooks").glob("*.ipynb")])
    assert all("untouched" in row(shown, number) for number in shown.lessons)
    stated = shown.lessons["05"][0].minutes + shown.lessons["05"][1].minutes
    assert row(shown, "05").endswith(f" {stated}")


def test_what_was_run_and_done_is_counted_and_what_comes_next_is_named(work):
    run(work / "notebooks" / FIRST)
    run(work / "notebooks" / SECOND, only=10)
    shown = progress(work)
    assert " done " in row(shown, "00") and row(shown, "00").endswith(" 0")
    lesson = shown.lessons["01"][0]
    assert 0 < lesson.run < lesson.cells
    assert f"{lesson.run} of {lesson.cells} cells" in row(shown, "01")
    assert f"Next: notebooks/{SECOND}" in repr(shown)


def test_a_check_counts_as_it_last_ran(work):
    run(work / "notebooks" / FIRST)
    run(work / "notebooks" / SECOND)
    path = work / "exercises" / SECOND
    run(path)
    notebook = json.loads(path.read_text(encoding="utf-8"))
    checks = [cell for cell in code_cells(notebook) if is_check(cell)]
    stream = {"output_type": "stream", "name": "stdout"}
    checks[1]["outputs"] = [stream | {"text": ["not yet: it (1 of 3 points)\n", "x"]}]
    shown_ = {"output_type": "display_data", "metadata": {}}
    checks[2]["outputs"] = [shown_ | {"data": {"text/plain": "not attempted: it (0"}}]
    write(path, notebook)
    shown = progress(work)
    n = len(checks)
    assert f"{n - 2} of {n} done, 1 not yet" in row(shown, "01")
    assert f"Next: exercises/{SECOND}\n  3. " in repr(shown)


def test_guesses_are_shown_as_they_were_compared(work):
    path = work / "notebooks" / SECOND
    notebook = json.loads(path.read_text(encoding="utf-8"))
    near = "You guessed 40 ms; it was 993 ms: 25 times as much."
    output = {"output_type": "stream", "name": "stdout", "text": [near + "\n"]}
    code_cells(notebook)[3]["outputs"] = [output]
    write(path, notebook)
    assert "Guesses that were compared: 1.\n  01  " + near in repr(progress(work))


ODD = ["", "{", "[]", '{"cells": [1]}', '{"cells": [{}]}']


@pytest.mark.parametrize("content", ODD)
def test_what_cannot_be_read_is_named_and_stops_nothing(work, content):
    (work / "notebooks" / SECOND).write_text(content)
    (work / "mine <b>.ipynb").write_text("")
    shown = progress(work)
    assert "cannot be read" in row(shown, "01")
    assert f"{SECOND} in notebooks cannot be read" in repr(shown)
    assert "not counted: mine <b>.ipynb" in repr(shown)
    assert "mine &lt;b&gt;" in shown._repr_html_()


def test_every_link_leads_from_a_notebook_to_a_copy(work):
    shown = progress(work)._repr_html_()
    links = [part.partition('"')[0] for part in shown.split('href="')[1:]]
    assert len(links) == 25
    assert all((work / "notebooks" / link).exists() for link in links)


def test_where_nobody_works_it_is_said(tmp_path):
    shown = progress(tmp_path)
    assert repr(shown) in shown._repr_html_() and "start.py makes some" in repr(shown)


def test_the_command_prints_it(work):
    command = [sys.executable, "-m", "lessonlib.progress", str(work)]
    printed = subprocess.run(command, capture_output=True, encoding="utf-8", check=True)
    assert printed.stdout.rstrip() == repr(progress(work))
