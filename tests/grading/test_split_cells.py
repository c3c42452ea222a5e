"""Is what runs in a learner's JupyterLab graded as it runs there?"""

import copy
import json

import pytest

from lessonlib.authoring.page import ROOT
from lessonlib.grading.cells import all_cells
from lessonlib.grading.merge import merge, read_source

NAME = "05_measure_response_time_honestly"
HARMLESS = [
    "%matplotlib inline", "%matplotlib", "!ls", "!ls > {nothing}", "%cd .",
    "%cd /nowhere", "%pip install numpy", "!pip install numpy", "%ls", "!!ls",
    "%conda install numpy", "%load_ext autoreload", "%reload_ext autoreload",
    "%autoreload 2", "%load_ext lab_black", "?math", "math?", "len??", "%pinfo len",
    "%time 1 + 1", "%timeit -n 1 -r 1 pass", "%prun -q 1", "%history", "%who", "%whos",
    "%config InlineBackend.figure_format = 'retina'", "%env", "%pwd", "names = !ls",
    "names = %pwd", "%gui", "%xmode Plain", "%lsmagic", "%precision 3",
    "%alias_magic t timeit", "%colors nocolor", "get_ipython().system('ls')",
]  # fmt: skip
FIRST_LINES = ["%%time", "%%capture", "%%capture output", "%%prun -q"]


def plain(text):
    """Return a solution without the marks of its author, as a learner writes it."""
    lines = text.splitlines()
    return "\n".join(line for line in lines if not line.lstrip().startswith("### "))


@pytest.fixture
def answered(solved):
    """The solved notebook 05, as a learner would have it."""
    notebook = solved(NAME)
    for cell in answers(notebook):
        cell["source"] = plain("".join(cell["source"]))
    return notebook


def answers(notebook):
    return [c for c in notebook["cells"] if c["id"].startswith("sol-")]


def points(result):
    return {each["id"]: each["points"] for each in result["questions"]}


def split(notebook, at):
    """Split every answer before the line that `at` chooses, as JupyterLab does."""
    cells = []
    for cell in notebook["cells"]:
        lines = "".join(cell["source"]).splitlines(keepends=True)
        n = at(lines) if cell["id"].startswith("sol-") else 0
        parts = [lines[:n], lines[n:]] if n else [lines]
        for number, part in enumerate(parts):
            piece = copy.deepcopy(cell) | {"source": "".join(part)}
            cells.append(piece | {"id": f"{cell['id']}-{number}" if n else cell["id"]})
    notebook["cells"] = cells
    return notebook


def first_function(lines):
    return next((n for n, line in enumerate(lines) if line.startswith("def ")), 0)


def test_an_answer_in_two_cells_is_whole(grade, answered):
    for cell in answers(answered):
        if "def " not in cell["source"]:
            continue
        cell["source"] = f"HELPER = 1\n\n\n{cell['source']}\n    assert HELPER"
        cell["source"] = cell["source"].replace("    assert HELPER", "", 1)
    result = grade(NAME, split(answered, lambda lines: max(3, first_function(lines))))
    assert result["raw_score"] == result["max_score"], points(result)
    assert "sol-rank is 2 cells: they were run in their order" in result["notes"]


def steps_of(parts):
    source = read_source(ROOT / "solutions" / f"{NAME}.ipynb")
    cells = [
        {"cell_type": kind, "id": f"c{n}", "source": text}
        | {"metadata": {"nbgrader": {"grade_id": name}} if name else {}}
        for n, (name, kind, text) in enumerate(parts)
    ]
    plan = merge(source, json.dumps({"cells": cells}).encode())
    ran = [s["source"] for s in plan["steps"] if not s["trusted"] and s["source"]]
    return ran, [note for note in plan["notes"] if "sol-rank" in note]


def test_parts_of_an_answer_run_in_the_order_of_the_notebook():
    rank = ("sol-rank", "code")
    ran, notes = steps_of([(*rank, "a = 1"), (*rank, "b = a"), (*rank, "c = b")])
    assert ran == ["a = 1", "b = a", "c = b"]
    assert notes == ["sol-rank is 3 cells: they were run in their order"]
    ran, _ = steps_of([(*rank, "a = 1"), ("", "code", "b = a"), (*rank, "c = b")])
    assert ran == ["a = 1", "b = a", "c = b"]
    ran, _ = steps_of([("sol-rank", "markdown", "Words."), (*rank, "c = 1")])
    assert ran == ["c = 1"]
    ran, notes = steps_of([(*rank, "a = 1"), (*rank, "a = 1")])
    assert (ran, notes) == (
        ["a = 1"], ["a second cell sol-rank was ignored: it is the same once more"],
    )  # fmt: skip


def test_a_written_answer_in_two_cells_is_read_whole():
    path = ROOT / "solutions" / "11_friday_at_northgate.ipynb"
    source, notebook = read_source(path), json.loads(path.read_bytes())
    (page,) = (c for c in all_cells(notebook) if c["grade"] and c["solution"])
    for at, cell in enumerate(notebook["cells"]):
        if cell["metadata"].get("nbgrader", {}).get("grade_id") == page["id"]:
            cell["source"] = "First half."
            second = copy.deepcopy(cell) | {"source": "Second half.", "id": "new"}
            notebook["cells"].insert(at + 1, second)
            break
    (manual,) = merge(source, json.dumps(notebook).encode())["manual"]
    assert manual["text"] == "First half.\n\nSecond half."


def test_what_is_harmless_in_jupyterlab_is_harmless_here(grade, answered):
    cells = answers(answered)
    for number, line in enumerate(HARMLESS):
        cell = cells[number % len(cells)]
        cell["source"] = f"import math\n{line}\n{cell['source']}"
    result = grade(NAME, answered)
    assert result["raw_score"] == result["max_score"], points(result)


@pytest.mark.parametrize("line", FIRST_LINES)
def test_a_cell_may_be_timed_or_captured(grade, answered, line):
    for cell in answers(answered):
        cell["source"] = f"{line}\n{cell['source']}"
    result = grade(NAME, answered)
    assert result["raw_score"] == result["max_score"], points(result)


def test_a_script_for_a_terminal_is_left_out(grade, answered):
    cells = []
    for number, cell in enumerate(answered["cells"]):
        script = {"cell_type": "code", "metadata": {}, "id": f"script-{number}"}
        cells += [cell, script | {"source": ["%%bash\nls", "%%html\n<b>"][number % 2]}]
    result = grade(NAME, answered | {"cells": cells})
    assert result["raw_score"] == result["max_score"], points(result)
