import math
import sys

import pytest

from lessonlib.errors import ClaimError, LessonError
from lessonlib.measure.latency import percentile
from lessonlib.workbook import claim, doctor, guess, how_near, show, terminal


def test_a_guess_is_printed_and_handed_back(capsys):
    assert guess("How many?", 12.5) == 12.5
    assert capsys.readouterr().out == "How many?\nYour guess: 12.5.\n"


def test_no_guess_is_fine_and_says_what_to_write(capsys):
    assert guess("How many?", None) is None
    assert "in place of None" in capsys.readouterr().out


@pytest.mark.parametrize("value", ["12", True, [12]])
def test_a_guess_that_is_no_number_is_refused_with_its_value(value):
    with pytest.raises(TypeError, match="a number or None, got"):
        guess("How many?", value)


@pytest.mark.parametrize(
    ("value", "measured", "sentence"),
    [
        (None, 3, "No guess to compare with: write one above, and run on."),
        (40, 993, "You guessed 40 ms; it was 993 ms: 25 times as much."),
        (120, 118, "You guessed 120 ms; it was 118 ms: 2 % off."),
        (118, 120, "You guessed 118 ms; it was 120 ms: 2 % off."),
        (40, 10, "You guessed 40 ms; it was 10 ms: your guess was 4 times as much."),
        (-4, -8, "You guessed -4 ms; it was -8 ms: 2 times as much."),
        (0.5, 0.5, "You guessed 0.5 ms; it was 0.5 ms: spot on."),
        (8, 8.001, "You guessed 8 ms; it was 8 ms: spot on."),
        (0, 0, "You guessed 0 ms; it was 0 ms: spot on."),
        (0, 7, "You guessed 0 ms; it was 7 ms: off by 7."),
        (7, 0, "You guessed 7 ms; it was 0 ms: off by 7."),
        (-1, 4, "You guessed -1 ms; it was 4 ms: off by 5."),
        (1, 12345.6, "You guessed 1 ms; it was 12,346 ms: 12,346 times as much."),
        (900, 904, "You guessed 900 ms; it was 904 ms: 1 % off."),
    ],
)
def test_a_guess_is_compared_with_what_was_measured(value, measured, sentence, capsys):
    how_near(value, measured, unit="ms")
    assert capsys.readouterr().out == f"{sentence}\n"


def test_a_guess_without_a_unit_is_a_bare_number(capsys):
    how_near(6, 4)
    assert capsys.readouterr().out == "You guessed 6; it was 4: 50 % off.\n"


@pytest.mark.parametrize(("value", "measured"), [(1, math.nan), (1, math.inf)])
def test_a_measurement_that_is_no_number_has_no_distance(value, measured, capsys):
    how_near(value, measured)
    assert "no number for how far off" in capsys.readouterr().out


def test_a_claim_that_holds_is_printed(capsys):
    claim("two is more than one", 2 > 1)
    assert capsys.readouterr().out == "holds: two is more than one\n"


def test_a_claim_that_does_not_hold_raises_with_its_sentence():
    with pytest.raises(ClaimError, match="one is more than two.*once more"):
        claim("one is more than two", 1 > 2)


def test_show_prints_the_file_and_the_source(capsys):
    show(percentile)
    first, second, *_ = capsys.readouterr().out.splitlines()
    assert first == "# lessonlib/measure/latency.py"
    assert second.startswith("def percentile(")


def test_terminal_prints_what_the_program_prints(capsys):
    terminal(sys.executable, "-c", "print('{\"feature\": [3]}')")
    assert capsys.readouterr().out == '{"feature": [3]}\n'


def test_terminal_says_which_program_is_missing():
    with pytest.raises(LessonError, match="no program 'no-such-program'"):
        terminal("no-such-program")


def test_terminal_hands_on_the_complaint_of_a_failing_program():
    with pytest.raises(LessonError, match=r"failed \(3\): because"):
        code = "import sys; sys.stderr.write('because'); sys.exit(3)"
        terminal(sys.executable, "-c", code)


def test_the_doctor_finds_this_computer_ready():
    health = doctor()
    assert health.ready, health
    assert len(health.found) == 3


def test_the_doctor_names_a_folder_that_cannot_be_written(tmp_path, monkeypatch):
    folder = tmp_path / "gone"
    folder.mkdir()
    monkeypatch.chdir(folder)
    folder.rmdir()
    health = doctor()
    assert not health.ready
    assert repr(health).startswith("This computer is not ready.")
    assert "this folder cannot be written" in repr(health)
