"""Is a worse model noticed, with few labels or with none?"""

import numpy as np
import pytest

from lessonlib.mail import arriving_bags, rescale, shift_camera, training_bags
from lessonlib.watch.performance import calibrate, cbpe, cusum, quality

PIXELS = {"low": 0, "high": 16}

# -- quality


def test_ordinary_bags_have_nothing_wrong_with_them():
    past = training_bags().X
    for bag in arriving_bags().values():
        assert quality(bag.X, reference=past, **PIXELS) == ()


def test_rows_that_are_unfit_are_named():
    past, rows = training_bags().X, arriving_bags()[8].X.copy()
    rows[3, 7], rows[5, 9], rows[6, 9] = np.nan, 17, -1
    rows[:, 20] = 4
    rows[20:40] = rows[10]
    assert quality(rows[:25], reference=past, **PIXELS) == (
        "only 25 rows: wait for 30",
        "rows with a missing value: 1",
        "rows with a value outside 0 to 16: 2",
        "columns that used to vary and are constant: 1",
        "rows that are copies of another: 5",
    )


def test_rescaled_pixels_are_within_the_range_and_pass():
    rows = rescale(arriving_bags()[8].X)
    assert quality(rows, reference=training_bags().X, **PIXELS) == ()
    shifted = shift_camera(arriving_bags()[8].X, pixels=3)
    assert quality(shifted, reference=training_bags().X, **PIXELS)  # white columns


def test_a_stuck_column_is_seen_between_gaps_and_copies_are_copies_with_gaps():
    past = np.random.default_rng(8).normal(size=(100, 2))
    rows = past[:40].copy()
    rows[:, 0] = 1.5
    rows[::2] = [np.nan, 3]
    found = quality(rows, reference=past, low=-9, high=9)
    assert "columns that used to vary and are constant: 1" in found
    assert "rows that are copies of another: 19" in found


def test_no_rows_are_too_few_rows_and_a_column_of_gaps_is_missing():
    past = np.random.default_rng(8).normal(size=(100, 2))
    none = quality(np.empty((0, 2)), reference=past, low=-9, high=9)
    assert none == ("only 0 rows: wait for 30",)
    silent = past[:40] * [np.nan, 1]
    found = quality(silent, reference=past, low=-9, high=9)
    assert found == ("rows with a missing value: 40",)


@pytest.mark.parametrize(
    ("low", "high", "seen"),
    [(np.nan, 1, "low"), (0, np.nan, "high"), (2, 1, "low must be .* got 2")],
)
def test_quality_needs_a_range(low, high, seen):
    with pytest.raises(ValueError, match=seen):
        quality(np.eye(40), reference=np.eye(40), low=low, high=high)


def test_quality_needs_the_columns_of_a_reference_with_rows():
    with pytest.raises(ValueError, match="rows have 2 columns, and the reference 3"):
        quality(np.ones((40, 2)), reference=np.ones((40, 3)), low=0, high=1)
    with pytest.raises(ValueError, match="the reference has no rows"):
        quality(np.ones((40, 2)), reference=np.ones((0, 2)), low=0, high=1)


# -- cusum


def test_the_level_by_hand():
    # worse is twice the baseline: a wrong answer counts log 2, a right one log(0.6/0.8)
    found = cusum([1, 1, 0, 0, 0, 0, 0, 0, 1], baseline=0.2, worse=0.4, limit=1.3)
    up, down = np.log(2), np.log(0.6 / 0.8)
    by_hand = [up, 2 * up, 2 * up + down, 2 * up + 2 * down, 2 * up + 3 * down]
    by_hand += [2 * up + 4 * down, 0, 0, up]
    assert found.level == pytest.approx(np.array(by_hand))
    assert found.alarm_at == 2  # 2 log 2 is 1.39
    assert repr(found) == "alarm at label 2, of 9 labels (limit 1.3)"


def test_no_error_is_no_alarm():
    found = cusum(np.zeros(1000), baseline=0.1, worse=0.2)
    assert found.alarm_at is None
    assert found.level.max() == 0
    assert "never" in repr(found)


def test_delay_and_false_alarms_of_a_doubled_error_rate():
    rng, rates = np.random.default_rng(8), {"baseline": 0.1, "worse": 0.2}
    quiet = [cusum(e, limit=8, **rates).alarm_at for e in rng.random((500, 5000)) < 0.1]
    assert np.mean([at is not None for at in quiet]) < 0.08
    worse = [cusum(e, limit=8, **rates).alarm_at for e in rng.random((500, 2000)) < 0.2]
    assert 120 < np.mean(worse) < 180


def test_labels_to_a_false_alarm_are_no_fewer_than_promised():
    rng, limit = np.random.default_rng(8), 3.0
    runs = rng.random((400, 20_000)) < 0.1
    at = [cusum(e, baseline=0.1, worse=0.2, limit=limit).alarm_at for e in runs]
    assert np.mean(at) > np.exp(limit)


@pytest.mark.parametrize(
    ("rates", "seen"),
    [((0, 0.2), "baseline .* got 0"), ((0.2, 0.1), "got 0.2 and 0.1")]
    + [((0.1, 1), "worse .* got 1"), ((0.1, np.nan), "worse .* got nan")],
)
def test_rates_that_make_no_sense_are_refused(rates, seen):
    with pytest.raises(ValueError, match=seen):
        cusum([1], baseline=rates[0], worse=rates[1])


# -- cbpe


def world(rng, n, mean):
    """Return x and labels that are 1 with the chance 1 / (1 + exp(-2 x))."""
    x = rng.normal(mean, 1, size=n)
    return x, rng.random(n) < 1 / (1 + np.exp(-2 * x))


def confidence(x):
    p = 1 / (1 + np.exp(-6 * x))  # a model that is far too sure of itself
    return np.maximum(p, 1 - p)


def test_accuracy_is_estimated_without_labels_when_other_rows_arrive():
    rng = np.random.default_rng(8)
    x, y = world(rng, 20_000, 0)
    chance = calibrate(confidence(x), (x > 0) == y)
    for mean in (0.0, 0.5, 1.0, -1.5):
        x, y = world(rng, 20_000, mean)
        realised = ((x > 0) == y).mean()
        assert cbpe(chance(confidence(x))) == pytest.approx(realised, abs=0.015)
        assert abs(cbpe(confidence(x)) - realised) > 0.03  # not without calibration


def test_a_new_meaning_of_the_same_rows_is_not_seen():
    rng = np.random.default_rng(8)
    x, y = world(rng, 20_000, 0)
    chance = calibrate(confidence(x), (x > 0) == y)
    x, y = world(rng, 20_000, 0)
    flipped = np.where(x > 0.5, ~y, y)
    estimate, realised = cbpe(chance(confidence(x))), ((x > 0) == flipped).mean()
    assert estimate - realised > 0.2


def test_calibration_needs_both_kinds_of_answer():
    with pytest.raises(ValueError, match="wrong ones"):
        calibrate([0.9, 0.8], [True, True])
    with pytest.raises(ValueError, match=r"chance_right\[0\] is 1.2"):
        cbpe([1.2])
