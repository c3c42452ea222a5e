"""Are the pictures of notebook 09 true to their data, and do they say so?"""

import pytest
from plot_promises import (
    assert_it_asks_and_says_so,
    assert_it_draws_where_it_is_told,
    each_of,
    lines,
)

from lessonlib.learn.audits import Estimate
from lessonlib.learn.plots import plot_estimates, plot_promotions, plot_recovery

ESTIMATES = {
    "the queue": Estimate(0.59, 0.5, 0.67, 119),
    "the rest": Estimate(0.98, 0.96, 0.99, 902),
}
RECOVERY = {"its own answers": [0.5, 0.375], "20 labels": [0.5, 0.9]}
SHARES = {"if higher": {"equal": 0.47, "better": 0.99}}
SHARES["interval"] = {"equal": 0.02, "better": 0.74}
PLOTS = {
    "estimates": lambda **options: plot_estimates(ESTIMATES, 0.93, **options),
    "recovery": lambda **options: plot_recovery(RECOVERY, [7, 8], **options),
    "promotions": lambda **options: plot_promotions(SHARES, **options),
}
each_plot = each_of(PLOTS)


@each_plot
def test_a_plot_asks_its_question_and_names_its_units(plot):
    ax = plot()
    assert_it_asks_and_says_so(ax)
    assert "share" in ax.get_xlabel() + ax.get_ylabel() or "%" in ax.get_ylabel()


@each_plot
def test_a_plot_draws_where_it_is_told_and_leaves_that_figure_its_words(plot):
    assert_it_draws_where_it_is_told(plot)


@each_plot
def test_a_guess_is_drawn_only_if_there_is_one(plot):
    assert not any("your guess" in label for label in lines(plot()))
    assert any("your guess: 0.5" in label for label in lines(plot(guess=0.5)))


def test_each_estimate_is_drawn_with_its_ends():
    spans = [line.get_xdata() for line in plot_estimates(ESTIMATES, 0.93).lines]
    assert [list(each) for each in spans[0:4:2]] == [[0.5, 0.67], [0.96, 0.99]]
    words = repr(plot_estimates(ESTIMATES, 0.93).figure)
    assert "the queue 0.59, the rest 0.98; of all cards it is 0.93." in words


def test_recovery_says_who_stays_behind():
    ax = plot_recovery(RECOVERY, [7, 8])
    assert "the others are at least 0.5 above its own answers" in repr(ax.figure)
    assert list(ax.lines[1].get_ydata()) == [0.5, 0.9]


def test_promotions_are_bars_in_percent():
    ax = plot_promotions(SHARES)
    heights = [bar.get_height() for bar in ax.patches]
    assert heights == pytest.approx([47, 99, 2, 74])
    assert "interval: 2% of equal, 74% of better." in repr(ax.figure)
