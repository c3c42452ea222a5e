"""Do the authors' tools keep what is settled, and say where something is not?"""

import json
import re
import shutil
import subprocess
import sys

import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output
from sample_notebooks import figure, lesson, printed, solution

from lessonlib.authoring import exercises
from lessonlib.authoring.__main__ import main
from lessonlib.authoring.exercises import make_exercise
from lessonlib.authoring.glossary import glossary
from lessonlib.authoring.normal_form import differences, dump, normal
from lessonlib.authoring.page import number_of, parse, stored_notebooks
from lessonlib.authoring.refresh import last_commit, refresh, same_to_nbval
from lessonlib.errors import LessonError


def ids(nb):
    return [cell.id for cell in nb.cells]


# -- the normal form


def test_a_normal_notebook_has_no_differences():
    assert differences(dump(lesson()), "05") == []


def test_the_normal_form_of_a_normal_form_is_itself():
    assert normal(lesson(), "05") == lesson()


def test_every_cell_without_an_id_of_ours_is_numbered_in_order():
    nb = new_notebook(cells=[new_markdown_cell("# One"), new_code_cell("2")])
    assert ids(normal(nb, "05")) == ["05-01", "05-02"]


def test_an_id_stays_when_a_cell_is_put_before_it():
    nb = lesson()
    before = ids(nb)
    nb.cells.insert(1, new_markdown_cell("New."))
    assert ids(normal(nb, "05")) == [before[0], "05-17", *before[1:]]


def test_a_copied_cell_gets_an_id_of_its_own():
    nb = new_notebook()
    nb.cells = [new_markdown_cell("a", id="05-01") for _ in range(2)]
    assert ids(normal(nb, "05")) == ["05-01", "05-02"]


def test_a_notebook_made_anew_gets_the_ids_that_its_sources_had():
    cells = [new_markdown_cell(text) for text in ("new", "old")]
    nb = normal(new_notebook(cells=cells), "05", {"old": "05-07"})
    assert ids(nb) == ["05-08", "05-07"]


def test_a_graded_cell_is_called_by_its_grade_id():
    answered = ["05-01", "setup", "05-02", "sol-tail", "test-tail", "05-03"]
    assert ids(solution()) == answered


def test_counts_go_from_one_to_n_over_cells_with_code():
    nb = new_notebook(cells=[new_code_cell(text) for text in ("a", "", "b")])
    assert [cell.execution_count for cell in normal(nb, "05").cells] == [1, None, 2]


def test_a_stored_traceback_is_one_line_without_folders():
    error = lesson().cells[11].outputs[0]
    assert error.traceback == ["ZeroDivisionError: division by zero"]


def test_the_words_of_a_figure_are_the_cells_alt():
    cell = new_code_cell("plot()", outputs=[figure("Is it? It is.")])
    assert normal(new_notebook(cells=[cell]), "05").cells[0].metadata == {
        "alt": "Is it? It is."
    }


def test_metadata_of_an_editor_goes_and_blanks_at_line_ends_too():
    cell = new_code_cell(
        "a = 1  \n\n", metadata={"vscode": 1, "tags": ["b", "a"], "collapsed": True}
    )
    tidy = normal(new_notebook(cells=[cell], metadata={"colab": {}}), "05")
    assert tidy.cells[0].source == "a = 1"
    assert tidy.cells[0].metadata == {"tags": ["a", "b"]}
    assert "colab" not in tidy.metadata


def test_two_prints_are_stored_as_one_stream():
    cell = new_code_cell("p()", outputs=[printed("a\n"), printed("b\n")])
    tidy = normal(new_notebook(cells=[cell]), "05")
    assert [output.text for output in tidy.cells[0].outputs] == ["a\nb\n"]


def test_what_is_printed_before_and_after_a_message_is_stored_there():
    message = new_output("display_data", data={"text/plain": "holds: b"})
    parts = [printed("a\n"), printed("b\n"), message, printed("c\n")]
    cell = new_code_cell("p()", outputs=parts)
    tidy = normal(new_notebook(cells=[cell]), "05")
    texts = [output.get("text", "message") for output in tidy.cells[0].outputs]
    assert texts == ["a\nb\n", "message", "c\n"]


def test_a_comparison_leaves_the_parts_of_what_is_printed_as_they_are():
    new, stored = ([printed("a: "), printed("b\n")] for _ in range(2))
    assert same_to_nbval(new, stored)
    texts = [[output.text for output in outputs] for outputs in (new, stored)]
    assert texts == [["a: ", "b\n"]] * 2


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (
            lambda nb: nb.cells[4].update(execution_count=9),
            "05-05: execution_count is 9",
        ),
        (lambda nb: nb.cells[4].metadata.update(vscode=1), "cell 05-05: metadata is"),
        (lambda nb: nb.cells[0].update(id="1b2c3d4e"), "cell 1b2c3d4e: id is"),
        (lambda nb: nb.metadata.update(colab={}), "notebook metadata is more"),
    ],
)
def test_differences_name_the_cell_and_what_it_is(change, sentence):
    nb = lesson()
    change(nb)
    assert any(sentence in found for found in differences(dump(nb), "05"))


@pytest.mark.parametrize(
    "spoil",
    [
        lambda text: text.replace("\n", "\r\n"),
        lambda text: text.rstrip("\n"),
        lambda text: json.dumps(json.loads(text), indent=2) + "\n",
    ],
)
def test_differences_see_line_ends_and_indents(spoil):
    assert differences(spoil(dump(lesson())), "05") == [
        "key order, indent or line ends differ"
    ]


def test_a_notebook_without_a_number_is_refused():
    with pytest.raises(ValueError, match="got Untitled.ipynb"):
        number_of("notebooks/Untitled.ipynb")


# -- refresh


def write(folder, *cells, name="05_count.ipynb"):
    path = folder / name
    path.write_text(dump(new_notebook(cells=list(cells))), encoding="utf-8")
    return path


IGNORED = {"tags": ["nbval-ignore-output"]}
DRAW = """import random
import matplotlib.pyplot as plt
from matplotlib.figure import Figure

class Said(Figure):
    def __repr__(self):
        return "Is it random? It is."

ax = plt.figure(FigureClass=Said).subplots()
line, = ax.plot([random.random(), 1])"""


@pytest.mark.warm_kernel
def test_a_second_refresh_changes_no_byte_though_numbers_and_pictures_vary(tmp_path):
    path = write(
        tmp_path,
        new_code_cell("import random"),
        new_code_cell("random.random()", metadata=IGNORED),
        new_code_cell(DRAW),
    )
    assert refresh(path)
    first = path.read_bytes()
    assert parse(first.decode()).cells[2].metadata.alt == "Is it random? It is."
    assert not refresh(path, committed=parse(first.decode()))
    assert path.read_bytes() == first


@pytest.mark.warm_kernel
def test_an_ignored_output_is_taken_anew_if_code_above_it_is_another(tmp_path):
    path = write(
        tmp_path, new_code_cell("n = 1"), new_code_cell("print(n)", metadata=IGNORED)
    )
    refresh(path)
    committed = parse(path.read_text())
    changed = parse(path.read_text())
    changed.cells[0].source = "n = 2"
    path.write_text(dump(changed), encoding="utf-8")
    refresh(path, committed=committed)
    assert parse(path.read_text()).cells[1].outputs[0].text == "2\n"


def test_a_failing_cell_is_named_and_nothing_is_written(tmp_path, capsys):
    path = write(tmp_path, new_code_cell("a = 1"), new_code_cell("a / 0"))
    before = path.read_bytes()
    assert main(["refresh", str(path)]) == 1
    said = capsys.readouterr().out
    assert "05_count.ipynb: cell 05-02 failed: ZeroDivisionError: division by" in said
    assert "Nothing was written." in said
    assert path.read_bytes() == before


def test_cells_run_in_the_notebooks_folder_and_an_announced_error_is_fine(tmp_path):
    (tmp_path / "here.txt").write_text("here")
    path = write(
        tmp_path,
        new_code_cell('print(open("here.txt").read())'),
        new_code_cell("1 / 0", metadata={"tags": ["raises-exception"]}),
    )
    refresh(path)
    first, second = parse(path.read_text()).cells
    assert first.outputs[0].text == "here\n"
    assert second.outputs[0].ename == "ZeroDivisionError"


def test_a_dead_kernel_is_a_sentence_too(tmp_path):
    path = write(tmp_path, new_code_cell("import os\nos._exit(1)"))
    with pytest.raises(LessonError, match="cell 05-01 failed: Kernel died"):
        refresh(path)


def test_check_runs_nothing_and_says_where(tmp_path, capsys):
    path = write(tmp_path, new_code_cell("1 / 0", id="05-01"))
    assert main(["refresh", "--check", str(path)]) == 1
    assert "05_count.ipynb, notebook metadata is more" in capsys.readouterr().out
    path.write_text(dump(lesson()), encoding="utf-8")
    assert main(["refresh", "--check", str(path)]) == 0


@pytest.mark.parametrize(
    ("new", "stored", "same"),
    [
        ([printed("0.91")], [printed("0.91")], True),
        ([printed("0.91")], [printed("0.92")], False),
        ([printed("a"), printed("b")], [printed("ab")], True),
        ([], [printed("a")], False),
        ([figure()], [figure("Else? Yes.")], False),
    ],
)
def test_outputs_are_compared_as_nbval_does(new, stored, same):
    assert same_to_nbval(new, stored) is same


def test_pixels_are_not_compared():
    other = figure()
    other.data["image/png"] = "AAAA"
    assert same_to_nbval([other], [figure()])


def test_an_announced_error_is_another_when_its_message_is():
    def error(message):
        return [new_output("error", ename="ValueError", evalue=message, traceback=[])]

    assert not same_to_nbval(error("got 1"), error("got 2"))


@pytest.mark.skipif(shutil.which("git") is None, reason="no git on this computer")
def test_the_last_commit_is_read_from_git(tmp_path):
    def git(*arguments):
        subprocess.run(["git", *arguments], cwd=tmp_path, check=True, timeout=60)

    path = write(tmp_path, new_markdown_cell("# Caf\u00e9", id="05-01"))
    git("init", "-q")
    assert last_commit(path) is None
    git("add", path.name)
    who = ["-c", "user.name=a", "-c", "user.email=a@b"]
    git(*who, "-c", "commit.gpgsign=false", "commit", "-q", "-m", "one")
    path.write_text("{}")
    assert last_commit(path).cells[0].source == "# Caf\u00e9"


# -- exercises


def test_an_exercise_has_a_stub_in_place_of_each_solution():
    answer = make_exercise(solution()).cells[3]
    assert answer.source == (
        "def tail(times):\n"
        '    """Return the slowest of `times`."""\n'
        "    pass  # TODO: your code here"
    )


def test_an_exercise_has_no_hidden_test_no_output_and_no_count():
    cell = make_exercise(solution()).cells[4]
    assert cell.source == "print(tail(times))"
    assert cell.outputs == [] and cell.execution_count is None


def test_an_exercise_keeps_ids_and_locks_what_is_not_the_answer():
    made = make_exercise(solution())
    assert ids(made) == ids(solution())
    assert made.cells[4].metadata.editable is False
    assert made.cells[3].metadata.get("editable", True) is True


def course(tmp_path):
    for name in ("solutions", "exercises"):
        (tmp_path / name).mkdir()
    (tmp_path / "solutions" / "05_count.ipynb").write_text(dump(solution()))
    return tmp_path


def test_a_second_build_changes_no_byte(tmp_path, capsys):
    root = course(tmp_path)
    assert exercises.build_exercises(root) == 0
    first = (root / "exercises" / "05_count.ipynb").read_bytes()
    assert exercises.build_exercises(root) == 0
    assert (root / "exercises" / "05_count.ipynb").read_bytes() == first
    assert "05_count.ipynb: unchanged" in capsys.readouterr().out
    assert exercises.check_exercises(root) == 0


def test_check_finds_an_edited_a_missing_and_a_stray_exercise(tmp_path, capsys):
    root = course(tmp_path)
    assert exercises.check_exercises(root) == 1  # missing
    exercises.build_exercises(root)
    path = root / "exercises" / "05_count.ipynb"
    path.write_text(path.read_text().replace("TODO", "TO DO"))
    path.with_name("06_other.ipynb").write_text("{}")
    assert exercises.check_exercises(root) == 2
    said = capsys.readouterr().out
    assert "05_count.ipynb is not what" in said and "06_other.ipynb has no" in said


def test_nbgrader_itself_makes_the_same_exercise(tmp_path):
    source = tmp_path / "source" / "lesson" / "05_count.ipynb"
    source.parent.mkdir(parents=True)
    source.write_text(dump(solution()), encoding="utf-8")
    shutil.copy(exercises.CONFIG, tmp_path)
    command = [sys.executable, "-m", "nbgrader", "generate_assignment", "lesson"]
    subprocess.run([*command, "--no-db"], cwd=tmp_path, check=True, timeout=120)
    theirs = parse((tmp_path / "release" / "lesson" / "05_count.ipynb").read_text())
    ours = make_exercise(solution())
    assert [cell.source for cell in theirs.cells] == [
        cell.source for cell in ours.cells
    ]
    assert [cell.metadata for cell in theirs.cells] == [
        cell.metadata for cell in ours.cells
    ]


def test_the_tools_do_not_import_nbgrader_before_it_is_needed():
    code = (
        "import sys, lessonlib.authoring.__main__, lessonlib.authoring.refresh;"
        "import lessonlib.authoring.rules, lessonlib.authoring.exercises;"
        "sys.exit('nbgrader' in sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True, timeout=120)


def test_count_tells_how_much_of_a_notebook_is_compared(capsys):
    from lessonlib.authoring.counting import count, print_counts
    from lessonlib.authoring.page import read_page, stored_notebooks

    first = stored_notebooks()[0]
    found = count(read_page(first))
    assert 0 < found.compared <= found.printing <= found.code_cells
    assert print_counts([first]) == 0
    printed = capsys.readouterr().out
    assert f"all: {found.compared} of {found.printing} cells" in printed


# -- the glossary


def test_the_glossary_collects_each_word_with_the_notebook_that_explains_it():
    entries = glossary().split("\n- ")[1:]
    assert any("**port**" in entry and "([04](04_" in entry for entry in entries)
    words = [re.search(r"\*\*(.+?)\*\*", entry)[1].casefold() for entry in entries]
    assert words == sorted(words)
    explained = {re.search(r"\(\[(\d\d)\]", entry)[1] for entry in entries}
    assert explained == {
        number_of(path) for path in stored_notebooks(folders=["notebooks"])
    }
