import pickle
import pickletools

import matplotlib.pyplot as plt
import pytest

from lessonlib.save.plots import plot_disassembly


class Passenger:
    def __reduce__(self):
        return print, ("I ran",)


def instructions(thing, protocol=4):
    content = pickletools.optimize(pickle.dumps(thing, protocol=protocol))
    return list(pickletools.genops(content))


def texts(ax):
    return [text.get_text() for text in ax.texts]


def test_the_line_that_calls_out_is_said_and_marked():
    ax = plot_disassembly(instructions(Passenger()))
    assert repr(ax.figure) == (
        "Which line of the file runs the command? 9 lines: line 5 (STACK_GLOBAL) "
        "imports a function, line 8 (REDUCE) calls it."
    )
    (marked,) = [text for text in texts(ax) if "this line" in text]
    assert marked.startswith("call the function")


def test_an_older_protocol_names_the_function_in_one_line():
    ax = plot_disassembly(instructions(Passenger(), protocol=3))
    assert "(GLOBAL) imports a function" in repr(ax.figure)


def test_a_file_of_numbers_calls_nothing():
    ax = plot_disassembly(instructions([1, 2]))
    assert "no line imports a function, no line calls it." in repr(ax.figure)
    assert not any("this line" in text for text in texts(ax))


def test_every_line_has_its_number_and_instruction():
    found = instructions(Passenger())
    ax = plot_disassembly(found)
    assert ax.get_yticks().tolist() == list(range(1, len(found) + 1))
    assert texts(ax)[::3] == [opcode.name for opcode, _, _ in found]


def test_a_long_argument_is_cut():
    ax = plot_disassembly(instructions("x" * 200))
    assert max(len(text) for text in texts(ax)) < 60


@pytest.mark.parametrize(("guess", "drawn"), [(None, 0), (3, 1), (0, 0), (99, 0)])
def test_a_guess_is_drawn_if_there_is_such_a_line(guess, drawn):
    ax = plot_disassembly(instructions(Passenger()), guess=guess)
    assert texts(ax).count("your guess") == drawn


def test_a_figure_of_the_callers_own_is_drawn_on():
    figure, ax = plt.subplots()
    assert plot_disassembly(instructions([]), ax=ax) is ax
    assert ax.figure is figure
