"""Do the pictures of notebook 10 show their data, and say so?"""

import numpy as np
from plot_promises import (
    assert_it_asks_and_says_so,
    assert_it_draws_where_it_is_told,
    assert_its_legend_lies_below,
    each_of,
    lines,
)

from lessonlib.choose.plots import plot_power, plot_traffic, plot_walks

UNITS = [100, 200, 300, 400]
WALKS = np.array(
    [[0.5, 0.3, 0.4, 0.6], [0.2, 0.01, 0.3, 0.4], [0.9, 0.5, 0.2, 0.04]]
    + [[0.7, 0.7, 0.7, 0.7]]
)
CURVES = {"split": ([0, 400, 800], [0.0, 0.28, 0.5]), "shadow": ([0, 800], [0.0, 1.0])}
SHARES = {
    "all": np.r_[np.full(100, 0.9), np.full(100, 0.2)],
    "some": np.r_[np.full(100, 0.8), np.full(100, 0.7)],
}
SINGLE = {
    "power": lambda **options: plot_power(CURVES, at=400, **options),
    "traffic": lambda **options: plot_traffic(SHARES, swap=100, **options),
}
each_plot = each_of(SINGLE)


@each_plot
def test_a_plot_asks_its_question_and_names_its_units(plot):
    ax = plot()
    assert_it_asks_and_says_so(ax)
    assert "parcels" in ax.get_xlabel()
    assert ax.get_ylabel()


@each_plot
def test_a_plot_draws_where_it_is_told_and_leaves_that_figure_its_words(plot):
    assert_it_draws_where_it_is_told(plot)


@each_plot
def test_legend_lies_below_the_data_and_is_not_cut_off(plot):
    assert_its_legend_lies_below(plot(guess=40))


@each_plot
def test_a_guess_is_drawn_in_percent_and_none_is_not(plot):
    drawn = lines(plot(guess=40))["your guess: 40 %"]
    assert set(np.ravel(drawn.get_ydata())) == {0.4}
    assert not any("guess" in label for label in lines(plot()))


def test_words_of_power_say_what_the_office_has():
    words = repr(plot_power(CURVES, at=400).figure)
    assert "400 parcels: split about 0.3, shadow about 0.5" in words


def test_words_of_traffic_say_before_and_after_the_swap():
    words = repr(plot_traffic(SHARES, swap=100).figure)
    assert "all: about 9 in 10 before the swap, about 2 in 10 after" in words


def test_traffic_is_not_blurred_across_the_swap():
    drawn = lines(plot_traffic(SHARES, swap=100))["all"].get_ydata()
    assert set(np.round(drawn[~np.isnan(drawn)], 9)) == {0.9, 0.2}


def test_walks_that_cross_are_lit_at_their_first_crossing():
    left, _right = plot_walks(WALKS, UNITS)
    dots = {
        (float(line.get_xdata()[0]), float(line.get_ydata()[0]))
        for line in left.lines
        if line.get_marker() == "o"
    }
    assert dots == {(200, 0.01), (400, 0.04)}


def test_bars_are_the_shares_of_runs_with_a_winner():
    axes = plot_walks(WALKS, UNITS)
    heights = [bar.get_height() for bar in axes[1].patches]
    assert heights == [0.25, 0.5]
    words = repr(axes[0].figure)
    assert "With one look 25% of the runs have a winner, with 4 looks 50%" in words


def test_a_guess_of_the_walks_is_a_line_over_the_bars():
    axes = plot_walks(WALKS, UNITS, guess=30)
    assert set(lines(axes[1])["your guess: 30 % of the runs"].get_ydata()) == {0.3}
    assert not any("guess" in label for label in lines(plot_walks(WALKS, UNITS)[1]))
