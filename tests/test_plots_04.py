import matplotlib.pyplot as plt
import pytest

from lessonlib.serve.plots import plot_owners

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
    _, mine = plt.subplots()
    assert plot_owners(LIVES, ["v1", "v1"], ax=mine) is mine
