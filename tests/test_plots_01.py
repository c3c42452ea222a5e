import matplotlib.pyplot as plt

from lessonlib.save.plots import plot_formats

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
    mine = plt.subplots()[1]
    assert plot_formats(SIZE_BYTES, LOAD_S, ax=mine) is mine
