"""Is accuracy told by when the prediction was made, and only when it can be told?"""

import json
from dataclasses import replace

import numpy as np
import pandas as pd
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


# -- labels that are none, or of another kind

MISSING = [None, float("nan"), np.float64("nan"), pd.NaT, pd.NA]


def of(predictions, labels):
    """Return a Joined of these answers and labels, as a log would hold them."""
    rows = joined([prediction(f"{i}", i, 0) for i in range(len(labels))], [])
    columns = np.empty((2, len(labels)), dtype=object)
    columns[0], columns[1] = predictions, labels
    return replace(rows, prediction=columns[0], label=columns[1])


@pytest.mark.parametrize("missing", MISSING, ids=repr)
def test_a_label_that_is_missing_is_no_label_whatever_it_is_called(missing):
    seen = of([3, 3, 3], [3, missing, 8])
    assert seen.labelled.tolist() == [True, False, True]
    assert seen.right.tolist() == [True, False, False]
    assert np.isnan(seen.error).tolist() == [False, True, False]
    (window,) = accuracy_by_time(seen, window_s=10, delay_s=0)
    assert (window.labelled, window.right) == (2, 1)


@pytest.mark.parametrize(("answer", "label"), [(3, "3"), ("3", 3), (True, 1), (0, "")])
def test_an_answer_and_a_label_of_two_kinds_are_not_just_wrong(answer, label):
    seen = of([answer, answer], [label, None])
    with pytest.raises(ValueError, match=r"one kind .*\(a prediction: .*\(its label: "):
        accuracy_by_time(seen, window_s=10, delay_s=0)


def test_models_with_answers_of_other_kinds_may_share_a_log():
    seen = of([3, "seven", True], [3, "seven", False])
    assert seen.right.tolist() == [True, True, False]
    assert of([True, True], [True, False]).error.tolist() == [0, 1]


@pytest.mark.parametrize(("answer", "label"), [("a", "b"), ([1, 2], [1]), (3, "3")])
def test_how_far_names_are_apart_nobody_can_tell(answer, label):
    both = joined([prediction("a", 0, answer)], [label_of("a", label)])
    with pytest.raises(ValueError, match="nobody can tell how far"):
        both.error  # noqa: B018


def label_of(name, truth):
    return label(name, 1, truth)


@pytest.mark.parametrize(
    "counts", [(0, 0, 0), (5, 6, 3), (5, 3, 4), (5, -1, -2), (np.nan, 0, 0)]
)
def test_a_window_counts_parts_of_a_whole(counts):
    with pytest.raises(ValueError):
        LabelledWindow(0, *counts, True)


@pytest.mark.parametrize("seed", range(5))
def test_windows_count_what_is_in_them_however_many_there_are(seed):
    rng = np.random.default_rng(seed)
    at = np.sort(rng.uniform(-50, 50, 300))
    rows = [prediction(f"{i}", at_s, int(rng.integers(3))) for i, at_s in enumerate(at)]
    labels = [label(f"{i}", 0, int(rng.integers(3))) for i in range(0, 300, 3)]
    both = joined(rows, labels)
    for window_s in (0.01, 7, 1000):
        windows = accuracy_by_time(both, window_s=window_s, delay_s=1)
        starts = np.floor(at / window_s) * window_s
        assert [each.start_s for each in windows] == np.unique(starts).tolist()
        for each in windows:
            here = starts == each.start_s
            assert each.n == here.sum()
            assert each.labelled == (both.labelled & here).sum()
            assert each.right == (both.right & here).sum()
