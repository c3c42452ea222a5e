"""What does a dashboard show? What the counts say, in the picture and in words."""

from functools import partial

import numpy as np
import pytest
from plot_promises import assert_it_draws_where_it_is_told

from lessonlib.intervals import Share
from lessonlib.watch.alerts import BurnRule
from lessonlib.watch.metrics import Buckets, Window
from lessonlib.watch.plots import (
    plot_alerts,
    plot_buckets,
    plot_dashboard,
    plot_inputs,
)


def window(*, latency_s=0.004, errors=0, mean_input=5.0, sure=0.8):
    return Window(50, errors, Buckets.of([latency_s] * 50), mean_input, sure)


WINDOWS = [window()] * 6 + [window(mean_input=0.3, sure=0.0)] * 2  # two days of four
SHARES = [Share(47, 50)] * 6 + [Share(10, 50)] * 2
TIMES_S = np.linspace(0.001, 0.2, 200)
CALM, BAD = np.zeros(100, dtype=int), np.repeat([0, 10], 50)
TRACES = {"calm": (CALM, CALM + 10), "bad": (BAD, CALM + 10)}
PLOTS = {
    "dashboard": lambda: plot_dashboard(WINDOWS, SHARES)[0],
    "inputs": lambda: plot_inputs(WINDOWS)[0],
    "buckets": lambda: plot_buckets(TIMES_S, Buckets.of(TIMES_S)),
    "alarms": lambda: plot_alerts(TRACES, BurnRule())[0],
}
each_plot = pytest.mark.parametrize("plot", PLOTS.values(), ids=PLOTS)


def labels(ax):
    return [text.get_text() for text in ax.get_legend().get_texts()]


@each_plot
def test_a_plot_asks_one_question_and_says_it_first_in_its_words(plot):
    ax = plot()
    asked = ax.get_title() or ax.figure.get_suptitle()
    assert asked.endswith("?")
    assert repr(ax.figure).startswith(asked)


@each_plot
def test_every_axis_has_its_unit(plot):
    axes = plot().figure.axes
    assert all(ax.get_ylabel() for ax in axes)
    assert axes[-1].get_xlabel()


def test_a_dashboard_draws_what_each_window_says():
    requests, errors, latency, accuracy = plot_dashboard(WINDOWS, SHARES)
    assert set(requests.lines[0].get_ydata()) == {50}
    assert set(errors.lines[0].get_ydata()) == {0}
    assert latency.lines[0].get_ydata()[0] == pytest.approx(3.75)  # 2.5 to 5 ms
    drawn = accuracy.containers[0].lines[0].get_ydata()
    assert drawn.tolist() == [0.94] * 6 + [0.2] * 2


def test_a_dashboard_has_one_time_axis_with_days():
    axes = plot_dashboard(WINDOWS, SHARES)
    assert {ax.get_xlim() for ax in axes} == {(0.0, 2.0)}
    assert [tick.get_text() for tick in axes[-1].get_xticklabels()] == ["Mon", "Tue"]


def test_the_words_of_a_dashboard_follow_the_data():
    words = repr(plot_dashboard(WINDOWS, SHARES)[0].figure)
    assert "no errors, the median latency below the limit" in words
    assert "accuracy from 0.2 to 0.9, lowest on Tue" in words
    worse = [window(latency_s=0.2, errors=5)] * 8
    words = repr(plot_dashboard(worse, SHARES)[0].figure)
    assert "some errors, the median latency not always below the limit" in words


def test_a_guess_is_drawn_on_the_panel_it_is_about():
    axes = plot_dashboard(WINDOWS, SHARES, guess=0.9)
    assert "your guess: 0.9 read right" in labels(axes[3])
    assert "your guess: 120 ms" in labels(
        plot_buckets(TIMES_S, Buckets.of(TIMES_S), guess_ms=120)
    )
    for ax in (plot_dashboard(WINDOWS, SHARES)[3], PLOTS["buckets"]()):
        assert not any("guess" in label for label in labels(ax))


def test_the_inputs_say_when_they_jump():
    words = repr(plot_inputs(WINDOWS)[0].figure)
    assert "the mean pixel goes from 5.0 to 0.3" in words
    assert "from 0.8 to 0.0; both jump on Tue" in words


def test_buckets_draw_the_true_and_the_read_percentile():
    times_s = np.concatenate([np.full(98, 0.004), [0.11, 0.24]])
    ax = plot_buckets(times_s, Buckets.of(times_s), q=0.99)
    assert {"true: 110 ms", "read: 175 ms"} <= set(labels(ax))  # half of 100 to 250
    assert "at 110 ms, the second at 175 ms" in repr(ax.figure)


def test_buckets_draw_where_they_are_told_and_leave_that_figure_its_words():
    assert_it_draws_where_it_is_told(
        partial(plot_buckets, TIMES_S, Buckets.of(TIMES_S))
    )


def test_the_words_of_the_alarms_count_their_minutes():
    rule = BurnRule()
    on = int(rule.fires(*TRACES["bad"]).sum())
    assert on > 0
    words = repr(plot_alerts(TRACES, rule)[0].figure)
    assert f"calm 0 minutes, bad {on} minutes" in words
