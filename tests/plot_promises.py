"""What each picture of the library promises, for the tests of every room's pictures."""

import matplotlib.pyplot as plt
import pytest


def each_of(plots):
    """Return a mark that gives a test each of these plots, by its name."""
    return pytest.mark.parametrize("plot", plots.values(), ids=plots)


def lines(ax):
    return {line.get_label(): line for line in ax.lines}


def assert_it_asks_and_says_so(ax):
    title = ax.get_title()
    assert title.endswith("?")
    assert repr(ax.figure).startswith(f"{title} ")


def assert_it_draws_where_it_is_told(plot):
    mine = plt.subplots()[1]
    assert plot(ax=mine) is mine
    assert "?" not in repr(mine.figure)  # that figure keeps its own words


def assert_its_legend_lies_below(ax):
    ax.figure.canvas.draw()
    legend, data = ax.get_legend().get_window_extent(), ax.get_window_extent()
    assert legend.y1 < data.y0
    assert legend.y0 >= 0  # and is not cut off
