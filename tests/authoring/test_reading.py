"""How long does a lesson take to read, and what in it is worth a look?"""

import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell
from sample_notebooks import lesson, page

from lessonlib.authoring.__main__ import main
from lessonlib.authoring.reading import minutes_hold, reading_of


def lesson_of(text, folder, *, lines=0, stated=20):
    nb = lesson()
    opening = new_markdown_cell(f"# Count\n\n**Time**: {stated} minutes to read.\n\n")
    code = [new_code_cell("\n".join(["n = 3"] * lines))] if lines else []
    nb.cells = [opening, new_markdown_cell(text), *code]
    return page(nb, folder)


def test_minutes_are_those_of_the_words_and_of_the_lines_of_code(tmp_path):
    found = reading_of(lesson_of("word " * 1994, tmp_path, lines=50))
    assert (found.words, found.code_lines) == (2000, 50)
    assert found.minutes == 10 + 10  # 200 words a minute, 12 seconds a line


@pytest.mark.parametrize(("stated", "holds"), [(17, True), (23, True), (24, False)])
def test_stated_minutes_hold_if_they_are_near(tmp_path, stated, holds):
    read = lesson_of("word " * 1994, tmp_path, lines=50, stated=stated)
    assert (minutes_hold(read) == []) is holds


def test_a_lesson_that_states_no_minutes_is_told(tmp_path):
    read = lesson_of("word " * 2000, tmp_path, stated="some")
    assert minutes_hold(read) == ["None minutes are stated, reading takes 10"]


@pytest.mark.parametrize(
    ("sentence", "fault"),
    [
        (
            "Who retrains every week swaps models for nothing.",
            "a clause as the subject",
        ),
        ("Keep that in mind, as the office forgets.", "a causal as or for"),
        ("That is no feat.", "is no, no more, needs not"),
        ("Drift is told by the index.", "say of, told by"),
        ("At 1, already a second client wins nothing.", "a foreign order"),
        ("A passenger is what comes along.", "a private word"),
    ],
)
def test_each_fault_is_counted_once_and_as_itself(tmp_path, sentence, fault):
    found = reading_of(lesson_of(sentence, tmp_path)).faults
    assert {name for name, n in found.items() if n} == {fault}


def test_plain_english_has_none_and_a_question_may_begin_with_who(tmp_path):
    text = "Who asks? We don't know, but the log does. It's there for a week."
    found = reading_of(lesson_of(text, tmp_path))
    assert not any(found.faults.values())
    assert (found.contractions, found.long_sentences) == (2, 0)


def test_a_sentence_of_over_thirty_words_is_counted(tmp_path):
    text = f"{'word ' * 30}word. {'word ' * 29}word."
    assert reading_of(lesson_of(text, tmp_path)).long_sentences == 1


def test_the_command_prints_a_line_for_each_lesson(capsys):
    assert main(["reading"]) == 0
    assert "00_deploy_a_model_in_ten_minutes.ipynb: " in capsys.readouterr().out
