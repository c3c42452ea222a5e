import matplotlib
import pytest
from IPython.core.formatters import DisplayFormatter

matplotlib.use("agg")
import matplotlib.pyplot as plt  # noqa: E402

from lessonlib.figures import DescribedFigure, describe, in_words, looks, new_axes
from lessonlib.mail import blank_cards, noise_cards
from lessonlib.serve.plots import plot_answers, plot_cards


def test_a_figure_says_its_description_as_text_and_as_alt_text():
    ax = new_axes(None, "Is it?")
    describe(ax, "Is it?", "It is.")
    data, metadata = DisplayFormatter().format(ax.figure)
    assert data["text/plain"] == "Is it? It is."
    assert metadata["image/png"]["alt"] == "Is it? It is."


def test_a_figure_of_the_callers_own_is_drawn_on_and_keeps_its_words():
    mine = plt.subplots()[1]
    assert new_axes(mine, "Is it?") is mine
    describe(mine, "Is it?", "It is.")
    assert not isinstance(mine.figure, DescribedFigure)


def test_lines_differ_by_colour_and_style():
    drawn = [look for *_, look in looks({"a": 1, "b": 2, "c": 3, "d": 4})]
    assert len({look["color"] for look in drawn}) == 4
    assert len({look["linestyle"] for look in drawn}) == 4


@pytest.mark.parametrize(
    ("ratio", "words"),
    [(2, "less than 3"), (3, "less than 3"), (4, "more than 3"), (11, "more than 10")],
)
def test_ratios_are_told_in_words_that_hold_elsewhere(ratio, words):
    assert in_words(ratio) == f"{words} times"


def test_answers_are_told_with_their_most_frequent_digit():
    ax = plot_answers([4, 4, 4, 5], guess=2)
    assert "75% of them get 4; 8 digits get none" in repr(ax.figure)
    assert [patch.get_height() for patch in ax.patches][4] == 3
    assert ax.get_legend().get_texts()[0].get_text() == "your guess: 2 of one digit"


def test_cards_are_told_one_by_one():
    cards = [*blank_cards(), *noise_cards(1, seed=0)]
    axes = plot_cards(cards, [3, 4], [0.56, 1.0], ["blank", "noise"])
    assert len(axes) == 2
    assert "blank: 3, 56% sure; noise: 4, 100% sure." in repr(axes[0].figure)
