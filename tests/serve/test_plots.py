from functools import partial

import matplotlib.pyplot as plt
import pytest
from plot_promises import assert_it_draws_where_it_is_told

from lessonlib.serve.plots import plot_owners, plot_zoo

BEFORE = {"63 pixels": 500, "a blank card": 200, "cut off": 400, "true": 200}
AFTER = {"63 pixels": 422, "a blank card": 200, "cut off": 400, "true": 422}
STATUSES = {"before": BEFORE, "after": AFTER}


def test_zoo_is_described_as_it_was_answered():
    assert repr(plot_zoo(STATUSES).figure) == (
        "Which odd requests get through? 4 requests. before: 2 answered, 1 refused, "
        "1 crashed; after: 1 answered, 3 refused, 0 crashed."
    )


def test_zoo_shows_every_status_and_begins_with_what_was_answered():
    ax = plot_zoo(STATUSES)
    names = [label.get_text() for label in ax.get_yticklabels()]
    assert names == ["a blank card", "true", "cut off", "63 pixels"]
    words = [text.get_text().split()[0] for text in ax.texts]
    expected = [str(row[name]) for row in STATUSES.values() for name in names]
    assert words == expected


def test_zoo_draws_on_the_axes_it_is_given():
    assert_it_draws_where_it_is_told(partial(plot_zoo, STATUSES))
    assert len(plt.get_fignums()) == 1


def test_zoo_draws_a_guess_under_as_many_rows():
    ax = plot_zoo(STATUSES, guess=3)
    [line] = ax.lines
    assert line.get_ydata() == pytest.approx([3, 3], abs=0.1)
    assert ax.get_legend().get_texts()[0].get_text() == "your guess: 3 answered"
    assert not plot_zoo(STATUSES).lines


LIVES = {"v1": (1, None), "v2": (2, 2)}


def words(ax):
    return [text.get_text() for text in ax.texts]


def test_owners_are_described_as_they_answered():
    ax = plot_owners(LIVES, ["v1", "v1"])
    assert repr(ax.figure) == (
        "Who owns the port after each cell run? After cell run 1 v1 answers, after "
        "cell run 2 v1 answers. No thread of v2 ever does."
    )
    swapped = plot_owners({"v1": (1, 2), "v2": (2, None)}, ["v1", "v2"])
    assert repr(swapped.figure).endswith(
        "After cell run 1 v1 answers, after cell run 2 v2 answers."
    )


def test_owners_show_who_answers_and_whose_thread_ended():
    said = words(plot_owners(LIVES, ["v1", "v1"]))
    assert said.count("owns the port\nand answers v1") == 2
    assert said.count("dies at once") == 1
    assert words(plot_owners({"v1": (1, 2)}, ["v1", "v1"]))[-1] == "is stopped"


@pytest.mark.parametrize(
    ("guess", "drawn"), [(None, False), (2, True), (7, False), (1.5, False)]
)
def test_owners_draw_a_guess_that_is_a_lane(guess, drawn):
    ax = plot_owners(LIVES, ["v1", "v1"], guess=guess)
    assert ("your guess" in words(ax)) is drawn


def test_owners_are_drawn_where_the_caller_wants():
    assert_it_draws_where_it_is_told(partial(plot_owners, LIVES, ["v1", "v1"]))
