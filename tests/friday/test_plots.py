"""How did the week go? Pictures that are true to their data, and say so."""

from functools import partial

import matplotlib.pyplot as plt
from plot_promises import assert_it_draws_where_it_is_told

from lessonlib.figures import DescribedFigure
from lessonlib.friday.plots import plot_table_and_belt, plot_week, watch_week
from lessonlib.friday.week import Score


class Played:
    def __init__(self, name, misread, late=0):
        self.shift = type("Shift", (), {"name": name})
        self.score = Score(parcels=100, misread=misread, late=late)


def week(*misread, late=0):
    names = ("Monday", "Tuesday", "Friday")
    return [Played(name, m, late) for name, m in zip(names, misread, strict=True)]


NEGLECTED, KEPT = week(5, 40, 90, late=3), week(5, 2, 30)
BOTH = {"neglected": NEGLECTED, "kept": KEPT}


def widths(ax, label):
    (bars,) = (each for each in ax.containers if each.get_label().startswith(label))
    return [bar.get_width() for bar in bars]


def test_bars_are_the_counts_of_each_shift():
    misread, late = plot_week(BOTH)
    assert widths(misread, "neglected") == [5, 40, 90]
    assert widths(misread, "kept") == [5, 2, 30]
    assert widths(late, "neglected") == [3, 3, 3]
    shown = [label.get_text() for label in misread.get_yticklabels()]
    assert shown == ["Monday", "Tuesday", "Friday"]
    assert misread.get_ylim()[0] > misread.get_ylim()[1]  # Monday is on top


def test_services_differ_by_more_than_colour_and_say_their_cost():
    misread, _ = plot_week(BOTH)
    looks = {bars[0].get_hatch() for bars in misread.containers}
    assert len(looks) == 2
    (legend,) = misread.figure.legends
    texts = [text.get_text() for text in legend.get_texts()]
    assert texts == ["neglected: 1,359 minutes of work", "kept: 370 minutes of work"]


def test_words_say_where_one_misreads_clearly_more():
    words = repr(plot_week(BOTH)[0].figure)
    assert words.startswith("What did the week do to the parcels? Bars for 3 shifts")
    assert words.endswith(
        "neglected misreads more parcels than kept on Tuesday, Friday."
    )


def test_words_of_one_service_name_its_bad_days():
    words = repr(plot_week({"alone": NEGLECTED})[0].figure)
    assert words.endswith("more than 20 parcels are misread on Tuesday, Friday.")
    assert "on no day." in repr(plot_week({"calm": week(1, 2, 3)})[0].figure)


def test_words_hold_when_a_few_parcels_differ():
    nearly = {"neglected": week(6, 38, 91), "kept": week(4, 3, 31)}
    assert repr(plot_week(nearly)[0].figure) == repr(plot_week(BOTH)[0].figure)


def test_a_guess_is_a_star_at_its_shift_and_none_is_none():
    misread, _ = plot_week(BOTH, guess=("Friday", 12))
    (star,) = misread.lines
    assert (star.get_xdata()[0], star.get_ydata()[0]) == (12, 2)
    assert star.get_label() == "your guess: 12 misread"
    assert not plot_week(BOTH, guess=("Friday", None))[0].lines


OFFLINE = {"champion": 0.9, "rival": 0.95}
LIVE = {"champion": 0.5, "rival": 0.25, "retrained": 0.75}


def test_a_model_of_the_table_is_a_line_and_a_newer_one_a_dot():
    lines = {
        line.get_label(): line for line in plot_table_and_belt(OFFLINE, LIVE).lines
    }
    assert list(lines["rival"].get_xdata()) == [0, 1]
    assert list(lines["rival"].get_ydata()) == [0.95, 0.25]
    assert list(lines["retrained"].get_ydata()) == [0.75]
    assert len({line.get_marker() for line in lines.values()}) == 3


def test_words_say_who_is_ahead_where():
    figure = plot_table_and_belt(OFFLINE, LIVE).figure
    assert isinstance(figure, DescribedFigure)
    told = "rival is ahead in the table, retrained on the belt, where rival is last."
    assert repr(figure) == (
        f"Does the winner of the table win on the belt? Dots for 3 models: {told}"
    )


def test_a_plot_draws_where_it_is_told():
    assert_it_draws_where_it_is_told(partial(plot_table_and_belt, OFFLINE, LIVE))


def test_a_week_is_drawn_again_after_each_shift_and_leaves_no_figure(monkeypatch):
    class Week:
        played = ()

        def wait(self, *, timeout_s):
            self.played = tuple(KEPT[: len(self.played) + 1])
            return len(self.played) == 3

    shown = []
    monkeypatch.setattr("lessonlib.friday.plots.display", shown.append)
    watch_week("kept", Week(), guess=("Friday", 4))
    bars = [len(figure.axes[0].get_yticks()) for figure in shown]
    assert bars == [1, 2, 3]
    assert not plt.get_fignums()
