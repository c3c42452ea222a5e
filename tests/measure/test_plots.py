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
    plot_ecdf,
    plot_heatmap,
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
    "heatmap": lambda **options: plot_heatmap(STALLED, **options),
    "ecdf": lambda **options: plot_ecdf(RUNS, **options),
}
each_plot = each_of(PLOTS)
# those that draw the response time upwards
each_height = each_of(dict(list(PLOTS.items())[:3]))


@each_plot
def test_a_plot_asks_its_question_and_names_its_units(plot):
    ax = plot()
    assert_it_asks_and_says_so(ax)
    assert "ms, log scale" in ax.get_ylabel() + ax.get_xlabel()


@each_plot
def test_a_plot_draws_where_it_is_told_and_leaves_that_figure_its_words(plot):
    assert_it_draws_where_it_is_told(plot)


@each_height
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


@each_height
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


def test_a_curve_of_shares_climbs_to_all_of_its_requests():
    ax = plot_ecdf({"four": run_of([0.1, 0.2, 0.2, 0.4])}, slo_s=0.2)
    drawn = lines(ax)
    assert drawn["four"].get_xdata()[1:].tolist() == [100, 200, 200, 400]
    assert drawn["four"].get_ydata()[1:].tolist() == [0.25, 0.5, 0.75, 1]
    assert set(drawn["SLO: 200 ms"].get_xdata()) == {200}
    ax.figure.canvas.draw()
    assert "100%" in [label.get_text() for label in ax.get_yticklabels()]
    assert {"100", "1000"} & {label.get_text() for label in ax.get_xticklabels()}


def test_words_of_shares_say_who_kept_the_promise_more_rarely():
    words = repr(plot_ecdf(RUNS, slo_s=0.05).figure)
    told = "2 curves; by the 50 ms line stalled has answered a smaller share than calm."
    assert words.endswith(told)
    words = repr(plot_ecdf({"a": CALM, "b": CALM}).figure)
    assert words.endswith("b has answered the same share as a.")


def test_boxes_of_a_heat_map_hold_every_request():
    ax = plot_heatmap(STALLED)
    boxes = np.ma.filled(ax.collections[0].get_array(), 0)
    assert np.nansum(boxes) == 200


def test_a_heat_map_of_requests_that_were_due_at_once_can_be_drawn():
    once = run_of([0.1, 0.2, 0.4], gap_s=0)
    assert plot_heatmap(once).get_title()


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
    assert "slowest took less than 3" in repr(plot_heatmap(run_of([1, 2, 2])).figure)


def test_words_are_the_same_when_a_ratio_differs_a_little():
    words = {
        repr(plot_percentiles({"a": run_of([0.01] * 9), "b": run_of([s] * 9)}).figure)
        for s in (0.5, 0.9, 1.1, 9.0)
    }
    assert len(words) == 1
