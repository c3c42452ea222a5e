import matplotlib.pyplot as plt
import pytest

from lessonlib.serve.plots import plot_zoo

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
    mine = plt.subplots()[1]
    assert plot_zoo(STATUSES, ax=mine) is mine
    assert len(plt.get_fignums()) == 1


def test_zoo_draws_a_guess_under_as_many_rows():
    ax = plot_zoo(STATUSES, guess=3)
    [line] = ax.lines
    assert line.get_ydata() == pytest.approx([3, 3], abs=0.1)
    assert ax.get_legend().get_texts()[0].get_text() == "your guess: 3 answered"
    assert not plot_zoo(STATUSES).lines
