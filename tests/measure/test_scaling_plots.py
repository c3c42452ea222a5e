"""Where is the knee? Pictures that are true to their data, and say so."""

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
from lessonlib.measure.scaling import Curve
from lessonlib.measure.scaling_plots import (
    plot_batch_sizes,
    plot_batches,
    plot_knee,
    plot_queue,
)


def curve(*points):
    """Return a Curve of (clients, answers a second, seconds of each)."""
    runs = []
    for _clients, rate, time_s in points:
        end_s = np.arange(1, 21) / rate
        sent = np.maximum(end_s - time_s, 0)
        sent[0] = 0  # the run lasts from 0 to 20 / rate
        answered = np.where(sent == 0, np.minimum(end_s, time_s), end_s)
        answered[-1] = 20 / rate
        due = answered - time_s
        runs.append(LoadRun(due, sent, answered, np.full(20, 200)))
    return Curve(tuple(each[0] for each in points), "clients", tuple(runs))


WALL = curve((1, 100, 0.01), (4, 100, 0.04), (16, 100, 0.16))
BENT = curve((1, 50, 0.02), (4, 200, 0.02), (16, 210, 0.08))
CURVES = {"wall": WALL, "bent": BENT}
RATES = {"forest": {1: 200.0, 64: 12_000.0}, "fast": {1: 10_000.0, 64: 90_000.0}}
SIZES = {1: 100, 4: 50, 15: 2}
PLOTS = {
    "knee": lambda **options: plot_knee(CURVES, **options),
    "batches": lambda **options: plot_batches(RATES, **options),
    "sizes": lambda **options: plot_batch_sizes(SIZES, **options),
    "queue": lambda **options: plot_queue(capacity_rps=100, **options),
}
each_plot = each_of(PLOTS)


@each_plot
def test_a_plot_asks_its_question_and_says_its_words(plot):
    ax = plot()
    assert_it_asks_and_says_so(ax)
    assert repr(ax.figure).endswith(".")
    assert ax.get_xlabel() and ax.get_ylabel()


@each_plot
def test_a_plot_draws_where_it_is_told_and_leaves_that_figure_its_words(plot):
    assert_it_draws_where_it_is_told(plot)


def test_a_curve_is_drawn_at_its_answers_and_its_waiting():
    drawn = lines(plot_knee(CURVES))["wall"]
    assert drawn.get_xdata() == pytest.approx(WALL.throughput_rps)
    assert drawn.get_ydata() == pytest.approx(1e3 * WALL.p50_s)


def test_a_star_is_at_the_knee_and_each_point_has_its_load():
    ax = plot_knee({"bent": BENT})
    assert BENT.knee == 4
    (star,) = (
        each for each in ax.lines if each.get_marker() == "*" and len(each.get_xdata())
    )
    assert star.get_xdata()[0] == pytest.approx(BENT.throughput_rps[1])
    assert [text.get_text() for text in ax.texts] == ["1", "4", "16"]


def test_words_of_a_knee_follow_the_first_curve():
    words = repr(plot_knee(CURVES).figure)
    told = "wall: 16 times the clients, less than 3 times the answers, more than 3"
    assert told in words
    assert words.endswith("Beside it: bent.")
    assert "more than 3 times the answers" in repr(plot_knee({"bent": BENT}).figure)


def test_a_batch_is_drawn_at_its_size():
    drawn = lines(plot_batches(RATES))["fast"]
    assert list(drawn.get_xdata()) == [1, 64]
    assert list(drawn.get_ydata()) == [10_000, 90_000]
    assert "forest reads more than 10 times" in repr(plot_batches(RATES).figure)
    calm = {"forest": {1: 10.0, 4: 20.0}}
    assert "less than 3 times the rows" in repr(plot_batches(calm).figure)


def test_bars_count_rows_not_batches():
    heights = [bar.get_height() for bar in plot_batch_sizes(SIZES).patches]
    assert heights == [100, 200, 30]
    assert "More than a quarter of the rows" in repr(plot_batch_sizes(SIZES).figure)
    assert "Few of the rows" in repr(plot_batch_sizes({1: 9, 2: 1}).figure)


def test_a_queue_is_drawn_by_theory_with_runs_as_dots():
    ax = plot_queue(capacity_rps=100, measured={0.5: 0.021})
    mean, p99 = lines(ax)["mean, theory"], lines(ax)["p99, theory"]
    assert mean.get_ydata()[0] == pytest.approx(10)
    assert p99.get_ydata() / mean.get_ydata() == pytest.approx(np.log(100))
    dot = lines(ax)["mean, measured"]
    assert (dot.get_xdata()[0], dot.get_ydata()[0]) == (50, 21)


def test_a_guess_is_drawn_and_none_is_not():
    drawn = {
        "your guess: 20 ms": plot_knee(CURVES, guess_ms=20),
        "your guess: 900 rows/s": plot_batches(RATES, guess=900),
        "your guess: 30 ms": plot_queue(capacity_rps=100, guess_ms=30),
    }
    for label, ax in drawn.items():
        assert label in lines(ax)
    for plot in PLOTS.values():
        assert not any("guess" in label for label in lines(plot()))


@pytest.mark.parametrize("name", ["knee", "batches"])
def test_the_legend_lies_below_the_data(name):
    assert_its_legend_lies_below(PLOTS[name]())
