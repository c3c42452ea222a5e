"""Is accuracy told by when the prediction was made, and only when it can be told?"""

import json

import numpy as np
import pytest

from lessonlib.learn.labels import LabelledWindow, accuracy_by_time, are_measured, join


def prediction(name, at_s, answer=3):
    return (name, 0, at_s, "v1", "[0.0]", json.dumps(answer), None, None, None)


def label(name, at_s, truth=3):
    return (name, 0, json.dumps(truth), at_s)


def joined(predictions, labels, as_of_s=100.0):
    return join(predictions, labels, strays=0, as_of_s=as_of_s)


WEEK = joined(
    [
        prediction("a", 0),
        prediction("b", 1, 8),
        prediction("c", 9),
        prediction("d", 10),
    ],
    [label("a", 12), label("b", 13), label("d", 14)],
)


def test_accuracy_counts_by_when_the_prediction_was_made():
    first, second = accuracy_by_time(WEEK, window_s=10, delay_s=5)
    assert (first.start_s, first.n, first.labelled, first.right) == (0, 3, 2, 1)
    assert (second.start_s, second.n, second.labelled, second.right) == (10, 1, 1, 1)
    assert first.accuracy == 0.5
    assert first.coverage == pytest.approx(2 / 3)


@pytest.mark.parametrize(("delay_s", "told"), [(80, True), (81, False)])
def test_a_window_is_told_once_its_labels_had_time_to_come(delay_s, told):
    (_, last) = accuracy_by_time(WEEK, window_s=10, delay_s=delay_s)
    assert last.mature is told  # it ended at 20, and now is 100
    assert (last.accuracy is not None) is told


def test_a_window_without_a_label_has_no_accuracy():
    alone = joined([prediction("a", 0)], [])
    (window,) = accuracy_by_time(alone, window_s=10, delay_s=0)
    assert window.accuracy is None
    assert window.coverage == 0


def test_nothing_predicted_makes_no_window():
    assert accuracy_by_time(joined([], []), window_s=10, delay_s=0) == ()


def test_a_window_reads_as_a_line():
    assert repr(LabelledWindow(0, 100, 50, 40, True)) == (
        "from 0 s: 0.80 (0.67 to 0.89), 50 of 100 labelled"
    )
    assert "too early to say" in repr(LabelledWindow(0, 100, 50, 40, False))


def test_labels_of_predictions_beyond_the_window_are_left_alone():
    late = joined([prediction("a", 0)], [label("a", 1), label("zz", 2)])
    assert len(late) == 1
    assert late.labelled.tolist() == [True]


def test_a_list_as_an_answer_stays_one_entry():
    both = joined([prediction("a", 0, [1, 2]), prediction("b", 0, [3, 4])], [])
    assert both.prediction.shape == (2,)
    assert np.isnan(both.labelled_at_s).all()


def test_of_numbers_the_error_is_told_and_not_whether_they_are_right():
    near = joined(
        [prediction("a", 0, 5.5), prediction("b", 1, 7.0), prediction("c", 2, [1, 4])],
        [label("a", 3, 5.0), label("c", 3, [2, 2])],
    )
    assert near.error.tolist()[::2] == [0.5, 1.5]
    assert np.isnan(near.error[1])  # nobody knows yet
    with pytest.raises(ValueError, match="look at error"):
        accuracy_by_time(near, window_s=10, delay_s=5)
    assert are_measured([5.5]) and not are_measured([5.0, 3, "a", True, None])
