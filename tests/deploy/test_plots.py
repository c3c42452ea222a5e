"""What does the picture of this room promise?"""

import pytest
from plot_promises import assert_it_asks_and_says_so, assert_it_draws_where_it_is_told

from lessonlib.deploy.plots import plot_way

WAY = {"connect": 1.0, "TLS": 2.0, "model": 1.0}


def test_it_asks_and_says_so():
    assert_it_asks_and_says_so(plot_way(WAY))


def test_it_draws_where_it_is_told():
    assert_it_draws_where_it_is_told(lambda ax: plot_way(WAY, ax=ax))


def test_each_step_begins_where_the_one_before_ends():
    bars = plot_way(WAY).patches
    assert [bar.get_x() for bar in bars] == [0, 1, 3]
    assert [text.get_text() for text in plot_way(WAY).texts][1] == " 2.0 ms, 50%"


def test_a_guess_is_a_frame_that_ends_where_all_ends():
    frame = plot_way(WAY, guess=75).patches[-1]
    assert (frame.get_x(), frame.get_width()) == (pytest.approx(1), pytest.approx(3))
