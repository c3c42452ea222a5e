"""Do the pictures of notebook 08 tell what is in their data?"""

import numpy as np
from plot_promises import (
    assert_it_asks_and_says_so,
    assert_it_draws_where_it_is_told,
    each_of,
)

from lessonlib.watch.drift import PixelDrift
from lessonlib.watch.drift_plots import plot_cusum, plot_drift_alarms, plot_pixels
from lessonlib.watch.performance import cusum

ACCURACY, ALARM = {7: 0.9, 8: 0.97, 9: 0.8}, {7: 2, 8: 20, 9: 5}
MOVED = np.arange(64) % 32 == 0  # pixels 0 and 32
CHANGE = np.where(np.arange(64) < 32, -2.0, 3.0)
PIXELS = PixelDrift(np.zeros(64), np.zeros(64), np.ones(64), CHANGE, MOVED)
SUM = cusum([0] * 50 + [1] * 20, baseline=0.1, worse=0.2, limit=3)
PLOTS = {
    "alarms": lambda **options: plot_drift_alarms(ACCURACY, ALARM, **options),
    "pixels": lambda **options: plot_pixels(PIXELS, **options),
    "cusum": lambda **options: plot_cusum(SUM, began=51, **options),
}
each_plot = each_of(PLOTS)


@each_plot
def test_a_plot_asks_its_question_and_says_itself_in_words(plot):
    ax = plot()
    assert_it_asks_and_says_so(ax)
    assert ax.get_xlabel() and ax.get_ylabel()


@each_plot
def test_a_plot_draws_where_it_is_told_and_leaves_that_figure_its_words(plot):
    assert_it_draws_where_it_is_told(plot)


def test_words_name_the_loudest_and_the_worst_bag():
    words = repr(plot_drift_alarms(ACCURACY, ALARM).figure)
    assert "20 pixels, is bag 8 at accuracy 0.97" in words
    assert "bag, 9 at 0.80, raises 5" in words


def test_pixels_that_moved_are_framed_and_signed():
    ax = plot_pixels(PIXELS)
    assert [(p.get_x(), p.get_y()) for p in ax.patches] == [
        (-0.46, -0.46),
        (-0.46, 3.54),
    ]
    assert [text.get_text() for text in ax.texts] == ["\N{MINUS SIGN}", "+"]
    assert "2 of 64 pixels moved" in repr(ax.figure)
    assert "1 gained ink and 1 lost it" in repr(ax.figure)


def test_a_sum_says_when_it_alarms():
    assert "crosses its limit 4 labels later" in repr(plot_cusum(SUM, began=51).figure)
    quiet = cusum([0] * 9, baseline=0.1, worse=0.2)
    assert "never" in repr(plot_cusum(quiet, began=5).figure)


def test_a_guess_is_drawn_and_none_is_not():
    labels = plot_drift_alarms(ACCURACY, ALARM, guess=7).get_legend_handles_labels()[1]
    assert labels == ["your guess: bag 7"]
    assert not plot_drift_alarms(ACCURACY, ALARM).get_legend_handles_labels()[1]
    labels = plot_cusum(SUM, began=51, guess=30).get_legend_handles_labels()[1]
    assert "your guess: 30 labels later" in labels
