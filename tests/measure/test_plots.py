"""How do response times look? Pictures that are true to their data, and say so."""

import numpy as np
import pytest
from plot_promises import (
    assert_it_asks_and_says_so,
    assert_it_draws_where_it_is_told,
    assert_its_legend_lies_below,
    each_of,
    lines,
)

from lessonlib.measure.loadtest import LoadRun
from lessonlib.measure.plots import (
    plot_percentiles,
    plot_responses,
)


def run_of(response_s, gap_s=0.01):
    due = np.arange(len(response_s)) * gap_s
    answered = due + np.array(response_s)
    return LoadRun(due, due, answered, np.full(len(due), 200))


CALM = run_of([0.002] * 199 + [1.0])
STALLED = run_of([0.002] * 100 + [1 - k / 100 for k in range(100)])
RUNS = {"calm": CALM, "stalled": STALLED}
PLOTS = {
    "responses": lambda **options: plot_responses(RUNS, **options),
    "percentiles": lambda **options: plot_percentiles(RUNS, **options),
}
each_plot = each_of(PLOTS)


@each_plot
def test_a_plot_asks_its_question_and_names_its_units(plot):
    ax = plot()
    assert_it_asks_and_says_so(ax)
    assert "ms, log scale" in ax.get_ylabel() + ax.get_xlabel()


@each_plot
def test_a_plot_draws_where_it_is_told_and_leaves_that_figure_its_words(plot):
    assert_it_draws_where_it_is_told(plot)


@each_plot
def test_milliseconds_are_written_out(plot):
    ax = plot()
    ax.figure.canvas.draw()
    low, high = ax.get_ylim()
    shown = [
        label.get_text()
        for value, label in zip(ax.get_yticks(), ax.get_yticklabels(), strict=True)
        if low <= value <= high
    ]
    assert {"10", "100", "1000"} <= set(shown)


@each_plot
def test_the_promise_is_a_line(plot):
    line = lines(plot(slo_s=0.025))["SLO: 25 ms"]
    assert set(line.get_ydata()) == {25}


@each_plot
def test_the_legend_lies_below_the_data(plot):
    assert_its_legend_lies_below(plot())


def test_each_request_is_a_dot_at_the_time_when_it_was_due():
    drawn = lines(plot_responses(RUNS))["stalled"]
    assert drawn.get_xdata().tolist() == STALLED.due_s.tolist()
    assert drawn.get_ydata().tolist() == (1e3 * STALLED.response_s).tolist()


def test_runs_differ_by_more_than_their_colour():
    calm, stalled = (lines(plot_responses(RUNS))[name] for name in RUNS)
    assert calm.get_marker() != stalled.get_marker()
    calm, stalled = (lines(plot_percentiles(RUNS))[name] for name in RUNS)
    assert calm.get_linestyle() != stalled.get_linestyle()


def test_a_curve_of_percentiles_goes_as_far_as_its_times():
    drawn = lines(plot_percentiles(RUNS))["calm"]
    assert drawn.get_xdata().max() == pytest.approx(200)  # 1 / (1 - 199/200)
    assert drawn.get_ydata()[-1] == pytest.approx(1000)
    assert (np.diff(drawn.get_ydata()) >= -1e-9).all()


def test_a_guess_is_drawn_and_none_is_not():
    line = lines(plot_responses(RUNS, guess_ms=20))["your guess: 20 ms"]
    assert set(line.get_ydata()) == {20}
    star = lines(plot_percentiles(RUNS, guess_ms=20))["your guess: 20 ms"]
    assert (star.get_xdata()[0], star.get_ydata()[0]) == (100, 20)  # at p99
    for plot in (plot_responses, plot_percentiles):
        assert not any("guess" in label for label in lines(plot(RUNS)))


def test_words_say_who_is_slower_and_follow_the_data():
    words = repr(plot_responses(RUNS, slo_s=0.05).figure)
    assert "stalled has more than 10 times as many requests above the 50 ms" in words
    words = repr(plot_percentiles(RUNS).figure)
    assert "the p99 of stalled is more than 10 times that of calm" in words
    words = repr(plot_percentiles({"a": CALM, "b": CALM}).figure)
    assert "less than 3 times" in words


def test_words_are_the_same_when_a_ratio_differs_a_little():
    words = {
        repr(plot_percentiles({"a": run_of([0.01] * 9), "b": run_of([s] * 9)}).figure)
        for s in (0.5, 0.9, 1.1, 9.0)
    }
    assert len(words) == 1
