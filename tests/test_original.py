"""Do the notebooks still show the original lesson as it was written, word for word?

tests/original/ has its parts; a cell that shows one of them may not improve it.
"""

import re
import runpy

import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell

from lessonlib.authoring.page import ROOT, read_page, stored_notebooks

FOLDER = ROOT / "tests" / "original"
LESSONS = {
    page.number: page
    for page in map(read_page, stored_notebooks(folders=["notebooks"]))
}
SHOWN = {  # the lesson that shows all of a part, and the cells that show a piece of it
    "save_with_joblib.py": ("01", ["01-07", "01-09", "01-11"]),
    "save_with_pickle.py": ("01", ["01-13"]),
    "app.py": ("03", ["03-07", "03-08", "04-07", "04-08"]),
    "ask.sh": ("04", ["04-44"]),
    "monitor_performance.py": ("05", ["05-07"]),
    "homework.md": ("11", ["11-04"]),
}


def original(name):
    return (FOLDER / name).read_text(encoding="utf-8")


def pieces(cell):
    """Return what a cell quotes: its code, or the blocks and quotations of its text."""
    if cell.cell_type == "code":
        return [cell.source]
    blocks = re.findall(r"^```\w*\n(.*?)\n```", cell.source, re.M | re.S)
    return blocks + re.findall(r"^> (.*)", cell.source, re.M)


def improved(cell, name):
    """Return the pieces of a cell that do not stand in the original like this."""
    return [piece for piece in pieces(cell) if piece not in original(name)]


@pytest.mark.parametrize(
    ("name", "cell_id"), [(name, i) for name in SHOWN for i in SHOWN[name][1]]
)
def test_a_cell_shows_the_original_word_for_word(name, cell_id):
    (cell,) = [c for c in LESSONS[cell_id[:2]].cells if c.id == cell_id]
    assert pieces(cell) and improved(cell, name) == []


@pytest.mark.parametrize("name", SHOWN)
def test_no_line_of_the_original_is_left_out(name):
    quoted = "\n".join(
        piece for cell in LESSONS[SHOWN[name][0]].cells for piece in pieces(cell)
    )
    lines = {line.strip() for line in quoted.splitlines()}
    assert {line.strip() for line in original(name).splitlines()} - lines <= {""}


def test_every_part_of_the_original_is_shown():
    assert {path.name for path in FOLDER.iterdir() if path.is_file()} == set(SHOWN)


@pytest.mark.parametrize(
    "cell",
    [
        new_code_cell("model = LinearRegression().fit(X, y)"),
        new_code_cell('joblib.dump(model, "linear_regression_model.joblib")'),
        new_markdown_cell("It is saved:\n\n```python\njoblib.dump(model, path)\n```"),
        new_markdown_cell("> Serialize a model."),
    ],
)
def test_an_improved_original_is_seen(cell):
    assert improved(cell, "save_with_joblib.py") == pieces(cell) != []


def test_the_original_runs_and_answers_as_it_always_did(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    saved = runpy.run_path(FOLDER / "save_with_joblib.py")
    runpy.run_path(FOLDER / "save_with_pickle.py", {"model": saved["model"]})
    assert capsys.readouterr().out.count("Coefficients: [2.2]") == 2
    client = runpy.run_path(FOLDER / "app.py")["app"].test_client()
    assert client.post("/predict", json={"feature": [3]}).json == {"prediction": 5.6}
    watch = runpy.run_path(FOLDER / "monitor_performance.py")["monitor_performance"]
    assert watch(saved["model"], [[3]]) is None
    assert capsys.readouterr().out.startswith("Prediction time: ")
