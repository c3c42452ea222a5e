import pickle
import pickletools
from functools import partial

import matplotlib.pyplot as plt
import pytest
from plot_promises import assert_it_draws_where_it_is_told

from lessonlib.save.plots import plot_disassembly, plot_formats

SIZE_BYTES = {"plain": 3_000_000, "packed": 500_000, "tiny": 200_000}
LOAD_S = {"plain": 0.004, "packed": 0.030, "tiny": 0.060}


def drawn(ax):
    """Return the points: (MB, ms), rounded."""
    xy = [line.get_xydata()[0] for line in ax.lines]
    return {(round(x, 3), round(y, 3)) for x, y in xy}


def test_formats_are_drawn_by_size_and_load_time_and_named():
    ax = plot_formats(SIZE_BYTES, LOAD_S)
    assert drawn(ax) == {(3.0, 4.0), (0.5, 30.0), (0.2, 60.0)}
    named = {(text.get_text(), *text.xy) for text in ax.texts}
    assert named == {("plain", 3.0, 4.0), ("packed", 0.5, 30.0), ("tiny", 0.2, 60.0)}
    assert ax.get_legend() is None


def test_formats_are_told_with_the_quickest_and_the_smallest():
    assert repr(plot_formats(SIZE_BYTES, LOAD_S).figure) == (
        "Does a smaller file load faster? 3 formats. plain loads quickest, from more "
        "than 10 times the size of the smallest, tiny."
    )


def test_a_guess_is_drawn_at_the_smallest_file_in_load_times_of_the_first():
    ax = plot_formats(SIZE_BYTES, LOAD_S, guess=0.5)
    assert drawn(ax) >= {(0.2, 2.0)}
    assert ax.get_legend().get_texts()[0].get_text() == "your guess: 0.5 x"


def test_everything_drawn_is_inside_however_wild_the_guess():
    ax = plot_formats(SIZE_BYTES, LOAD_S, guess=100)
    assert all(0 < y < ax.get_ylim()[1] for _, y in drawn(ax))


def test_formats_are_drawn_on_the_axes_that_are_given():
    assert_it_draws_where_it_is_told(partial(plot_formats, SIZE_BYTES, LOAD_S))


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
