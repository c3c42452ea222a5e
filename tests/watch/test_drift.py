"""Do the drift tests alarm as often as they say, and find what they should?"""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats
from sklearn.discriminant_analysis import QuadraticDiscriminantAnalysis

from lessonlib.mail import arriving_bags, shift_camera, training_bags
from lessonlib.watch.drift import (
    Drift,
    adjust,
    chi2_drift,
    classifier_two_sample_test,
    compare_pixels,
    ks_drift,
    psi,
    psi_critical,
    same_hours,
    wasserstein_effect,
)

SIZES = (100, 500, 2500)
DIGITS = np.array([0.3, 0.2, 0.15, 0.1, 0.08, 0.07, 0.05, 0.03, 0.015, 0.005])


def numbers(rng, n):
    return rng.normal(size=n)


def two_numbers(rng, n):
    return rng.normal(size=(n, 2))


def often_0(rng, n):
    return np.where(rng.random(n) < 0.5, 0.0, rng.normal(size=n))


def categories(rng, n):
    return np.repeat(np.arange(10), rng.multinomial(n, DIGITS))


def alarms(test, draw, *, n, runs, seed=88):
    """Return the share of undrifted windows of n rows in which `test` alarms."""
    rng = np.random.default_rng(seed)
    return np.mean([test(draw(rng, n), draw(rng, n)).alarm() for _ in range(runs)])


# -- false alarms


@pytest.mark.parametrize("n", SIZES)
@pytest.mark.parametrize(
    ("test", "draw"),
    [(ks_drift, numbers), (psi, numbers), (psi, often_0), (chi2_drift, categories)],
    ids=["ks", "psi", "psi with a spike", "chi2"],
)
def test_without_drift_about_one_window_in_20_alarms(test, draw, n):
    runs = 300 if test is ks_drift else 600  # scipy's exact p takes its time
    assert 0.03 <= alarms(test, draw, n=n, runs=runs) <= 0.07


@pytest.mark.parametrize("n", SIZES)
def test_a_classifier_finds_nothing_in_19_of_20_windows_without_drift(n):
    def quick(before, now):
        classifier = QuadraticDiscriminantAnalysis()
        return classifier_two_sample_test(before, now, classifier=classifier)

    runs = {100: 300, 500: 200, 2500: 100}[n]
    assert 0.03 <= alarms(quick, two_numbers, n=n, runs=runs) <= 0.07


def test_the_forest_keeps_the_false_alarm_rate_too():
    rate = alarms(classifier_two_sample_test, two_numbers, n=100, runs=20)
    assert rate <= 0.05 + 2 * np.sqrt(0.05 * 0.95 / 20)


def plain_psi(before, now):
    """The formula as it is usually written, with a ten-thousandth for an empty bin."""
    edges = np.quantile(before, np.arange(1, 10) / 10)
    shares = [np.bincount(np.searchsorted(edges, x), minlength=10) / len(x)
              for x in (before, now)]  # fmt: skip
    q, r = np.maximum(shares, 1e-4)
    return ((r - q) * np.log(r / q)).sum()


def test_a_fixed_psi_of_a_tenth_alarms_in_most_small_windows():
    pairs = np.random.default_rng(8).normal(size=(2000, 2, 100))
    plain = np.array([plain_psi(*pair) for pair in pairs])
    assert (plain > 0.1).mean() == pytest.approx(0.86, abs=0.03)
    ours = np.array([psi(*pair).statistic for pair in pairs])
    assert (ours > 0.1).mean() == pytest.approx(0.80, abs=0.03)
    assert 0.03 <= (ours > psi_critical(100, 100)).mean() <= 0.07


def test_without_drift_at_most_one_window_in_20_has_a_pixel_that_moved():
    cards = training_bags().X
    rng, runs, any_moved, any_raw = np.random.default_rng(8), 20, 0, 0
    for _ in range(runs):
        order = rng.permutation(len(cards))
        found = compare_pixels(cards[order[130:]], cards[order[:130]], least=0.0)
        any_moved += found.moved.any()
        any_raw += (found.p <= 0.05).any()
    assert any_moved / runs <= 0.05 + 2 * np.sqrt(0.05 * 0.95 / runs)
    assert any_raw / runs > 0.5  # raw p-values: every second window


def test_without_drift_at_most_one_window_in_20_has_one_of_20_features_that_moved():
    rng, runs = np.random.default_rng(8), 60
    found = [
        adjust([ks_drift(*pair).p for pair in rng.normal(size=(20, 2, 100))]).min()
        for _ in range(runs)
    ]
    assert np.mean(np.array(found) <= 0.05) <= 0.05 + 2 * np.sqrt(0.05 * 0.95 / runs)


def test_same_hours_alarm_in_less_than_one_window_in_100_and_the_week_in_all():
    def week(rng):
        at_h = np.sort(rng.uniform(0, 168, size=6720))
        light = 15 * np.cos(2 * np.pi * at_h / 24) + rng.normal(0, 20, size=6720)
        return at_h, light

    rng = np.random.default_rng(8)
    at_h, light = week(rng)
    against_week, against_hours = [], []
    for _ in range(5):
        then_h, seen = week(rng)
        for start in range(0, 168, 6):
            now = (start <= then_h) & (then_h < start + 6)
            alike = light[same_hours(at_h, then_h[now])]
            against_week.append(ks_drift(light, seen[now]).alarm(least=0.15))
            against_hours.append(ks_drift(alike, seen[now]).alarm(least=0.15))
    assert len(against_week) == 140
    assert np.mean(against_hours) < 0.01
    assert np.mean(against_week) > 0.9


# -- what is found


def linked(rng, n, r):
    return rng.multivariate_normal([0, 0], [[1, r], [r, 1]], size=n)


def test_only_the_classifier_sees_a_correlation():
    rng, runs, joint, single = np.random.default_rng(8), 20, 0, 0
    for run in range(runs):
        before, now = linked(rng, 500, 0), linked(rng, 500, 0.6)
        if run < 5:  # a forest takes its time
            joint += classifier_two_sample_test(before, now).alarm()
        p = [ks_drift(*columns).p for columns in zip(before.T, now.T, strict=True)]
        single += adjust(p).min() <= 0.05
    assert joint == 5
    assert single / runs <= 0.15


def test_a_shifted_camera_moves_pixels_and_is_seen_by_every_test():
    past, bag = training_bags(), arriving_bags()[8]
    shifted = shift_camera(bag.X)
    assert compare_pixels(past.X, shifted).moved.sum() > 20
    assert classifier_two_sample_test(past.X, shifted).p < 1e-6
    ink = past.X[:, 3 * 8 + 6], shifted[:, 3 * 8 + 6]
    assert max(ks_drift(*ink).p, psi(*ink).p) < 1e-6


def test_a_tiny_shift_of_many_rows_is_significant_and_no_alarm():
    rng = np.random.default_rng(8)
    found = ks_drift(rng.normal(size=100_000), rng.normal(0.02, size=100_000))
    assert found.alarm()
    assert not found.alarm(least=0.1)


# -- the numbers themselves


def test_ks_is_scipys():
    rng = np.random.default_rng(1)
    before, now = rng.normal(size=50), rng.normal(0.5, size=40)
    expected = stats.ks_2samp(before, now)
    found = ks_drift(before, now)
    assert (found.statistic, found.p) == (expected.statistic, expected.pvalue)
    assert found.effect == found.statistic


@pytest.mark.parametrize(("n", "m"), [(23, 23), (27, 27), (9973, 9967)])
def test_where_scipy_has_no_exact_p_ks_takes_its_limit_without_a_warning(n, m):
    found = ks_drift(np.zeros(n), [*np.zeros(m - 1), 1.0])
    assert found.statistic == pytest.approx(1 / m)
    assert found.p == pytest.approx(1)


def test_psi_by_hand():
    before, now = [1, 2, 3, 4], [1, 1, 1, 4]  # two bins: up to 2.5, and above
    q, r = 3.5 / 5, 1.5 / 5  # 3 and 1 of 4, half a row more each; before 0.5, 0.5
    by_hand = (q - 0.5) * np.log(q / 0.5) + (r - 0.5) * np.log(r / 0.5)
    found = psi(before, now, bins=2)
    assert found.statistic == pytest.approx(by_hand)
    assert found.p == pytest.approx(stats.chi2.sf(by_hand / (1 / 4 + 1 / 4), 1))


def test_psi_of_a_value_that_never_occurred_is_finite():
    assert np.isfinite(psi(np.arange(100.0), np.full(100, 1e6)).statistic)


def test_psi_counts_no_bin_that_ties_leave_empty():
    before = np.array([0] * 80 + [5] * 10 + [9] * 10)  # most deciles are 0
    assert psi(before, before).statistic == pytest.approx(0)
    assert psi(np.zeros(9), np.zeros(5)).p == 1


def spike(value, n=300):
    return np.full(n, value)


@pytest.mark.parametrize(("value", "other"), [(0.0, 5.0), (-1.0, 1.0), (0.1, 0.3)])
def test_psi_sees_a_constant_that_became_another_and_its_mirror_image(value, other):
    for before, now in ((value, other), (other, value)):
        found = psi(spike(before), spike(now))
        assert found.p < 1e-6 and found.alarm(least=0.2)
        assert psi(spike(before), spike(before)).p == 1


@pytest.mark.parametrize("bins", [5, 10])
def test_psi_sees_a_spike_that_left_for_a_place_beside_it(bins):
    rare = np.linspace(-5, 5, 21)
    before = np.concatenate([np.zeros(279), rare])
    for place in (-3.2, -0.01, 0.01, 3.2):
        assert psi(before, spike(place), bins=bins).alarm(least=0.2)
    assert psi(before, before, bins=bins).p == 1


@pytest.mark.parametrize("rare", [0, 1, 30, 150, 270])
@pytest.mark.parametrize("side", [-1, 1])
def test_psi_sees_a_spike_that_left_its_end_for_what_lies_beyond(rare, side):
    # most rows are 0, the others lie on one side; now all lie on the other
    before = side * np.concatenate([np.zeros(300 - rare), np.arange(1.0, rare + 1)])
    assert psi(before, spike(-side * 7.0)).alarm(least=0.2)
    assert psi(spike(-side * 7.0), before).alarm(least=0.2)
    assert psi(before, before).p == 1


@settings(max_examples=80, derandomize=True, deadline=None, database=None)
@given(
    before=st.lists(st.integers(-3, 3), min_size=20, max_size=80),
    now=st.lists(st.integers(-3, 3), min_size=20, max_size=80),
    random=st.randoms(use_true_random=False),
)
def test_order_of_rows_changes_no_test_and_order_of_sides_not_ks(before, now, random):
    mixed = [random.sample(side, len(side)) for side in (before, now)]
    for test in (ks_drift, psi):
        assert test(*mixed) == test(before, now)
    far = wasserstein_effect(before, now)
    assert wasserstein_effect(*mixed) == pytest.approx(far)
    assert ks_drift(now, before).p == pytest.approx(ks_drift(before, now).p)
    assert 0 <= psi(before, now).p <= 1


def test_a_million_rows_are_told_apart_or_not():
    rng = np.random.default_rng(8)
    before, now = rng.normal(size=(2, 1_000_000))
    assert not ks_drift(before, now).alarm(least=0.01)
    assert psi(before, now + 0.1).alarm()
    words = rng.choice(["a", "b", "c"], size=(2, 1_000_000))
    assert chi2_drift(*words).p > 0.001


def test_psi_critical_is_exceeded_with_probability_alpha():
    assert psi_critical(100, 100) == pytest.approx(16.919 / 50, abs=1e-4)  # table: 9 df
    before, now = np.random.default_rng(5).normal(size=(2, 300))
    found = psi(before, now)
    limit = psi_critical(300, 300, alpha=found.p)
    assert limit == pytest.approx(found.statistic)


def test_chi2_by_hand_with_rare_categories_put_together():
    before = ["a"] * 50 + ["b"] * 50
    now = ["a"] * 70 + ["b"] * 30
    found = chi2_drift(before, now)
    expected = 4 * 10**2 / 60 / 2 + 4 * 10**2 / 40 / 2  # 60 and 40 expected, 10 off
    assert found.statistic == pytest.approx(expected)
    assert found.effect == pytest.approx(np.sqrt(expected / 200))
    rare = chi2_drift(["x", "y", *before[:-2]], ["z", "z", *now[2:]])
    assert rare.p == chi2_drift(["b", "b", *before[:-2]], ["b", "b", *now[2:]]).p


def test_chi2_sees_a_category_that_is_new():
    assert chi2_drift(["a"] * 100, ["a"] * 50 + ["new"] * 50).p < 1e-6
    assert chi2_drift(["a"] * 100, ["a"] * 50).p == 1
    assert chi2_drift(["a"], ["b"]).p == 1  # too few to say anything


def test_wasserstein_effect_is_a_mean_way_in_standard_deviations():
    assert wasserstein_effect([0, 2], [3, 5]) == 3  # each goes 3; their sd is 1
    assert wasserstein_effect([4, 4], [4]) == 0
    assert wasserstein_effect([4, 4], [5]) == np.inf


def test_adjusted_p_values_of_the_first_table_of_the_method():
    # Benjamini and Hochberg (1995), section 3.2: 15 p-values, 4 of them found at 0.05
    # fmt: off
    p = [0.0001, 0.0004, 0.0019, 0.0095, 0.0201, 0.0278, 0.0298, 0.0344,
         0.0459, 0.3240, 0.4262, 0.5719, 0.6528, 0.7590, 1.0000]
    # fmt: on
    assert (adjust(p) <= 0.05).sum() == 4
    assert adjust(p)[3] == pytest.approx(0.0095 * 15 / 4)


def test_auc_is_half_for_what_cannot_be_told_and_one_for_what_can():
    rows = np.arange(40.0).reshape(-1, 1)
    told = classifier_two_sample_test(rows, rows + 1000)
    assert (told.statistic, told.effect) == (1.0, 1.0)
    assert told == classifier_two_sample_test(rows, rows + 1000)  # the same by seed
    assert classifier_two_sample_test(rows, rows).p > 0.05


def test_pixels_that_moved_are_named_with_their_direction():
    rng = np.random.default_rng(8)
    before, now = rng.normal(size=(2, 200, 4))
    found = compare_pixels(before, now + [0, 2, 0, -2])
    assert found.moved.tolist() == [False, True, False, True]
    assert found.change[1] > 1
    assert found.change[3] < -1
    assert repr(found) == "2 of 4 pixels moved"
    assert not compare_pixels(before, now + [0, 2, 0, -2], least=3).moved.any()


def test_same_hours_are_those_of_any_day():
    at_h = [1.5, 2.0, 13.0, 25.9, 26.0]
    assert same_hours(at_h, [49.1]).tolist() == [True, False, False, True, False]


@pytest.mark.parametrize(("p", "effect"), [(np.nan, 0.5), (0.5, np.nan), (1.5, 0.1)])
def test_what_cannot_tell_is_no_drift_at_all(p, effect):
    with pytest.raises(ValueError, match="KS: D cannot tell: p"):
        Drift("KS: D", 0.5, p, effect)


def test_rows_of_the_classifier_have_no_gaps():
    rows, broken = np.eye(6), np.eye(6)
    broken[4, 2] = np.nan  # a forest would take it for a value
    with pytest.raises(ValueError, match=r"current\[4, 2\] is missing"):
        classifier_two_sample_test(rows, broken)
    constant = classifier_two_sample_test(np.zeros((9, 2)), np.zeros((9, 2)))
    assert (constant.p, constant.effect) == (1.0, 0.0)


def test_an_alarm_needs_a_small_p_and_an_effect():
    found = Drift("KS: D", 0.12, 0.03, 0.12)
    assert found.alarm()
    assert not found.alarm(alpha=0.01)
    assert not found.alarm(least=0.2)
    assert repr(found) == "KS: D 0.120, p 0.03"


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: ks_drift([], [1]), "reference must have one or more, got 0"),
        (lambda: psi([1.0, np.nan], [1]), "NaN"),
        (lambda: chi2_drift([], ["a"]), "got 0 and 1"),
        (lambda: psi_critical(0, 10), "got 0"),
        (lambda: compare_pixels(np.zeros((3, 2)), np.zeros((3, 4))), "same columns"),
        (lambda: classifier_two_sample_test(np.eye(3), np.eye(3)), "got 3 and 3"),
    ],
)
def test_what_has_no_answer_is_refused_by_what_was_seen(call, message):
    with pytest.raises(ValueError, match=message):
        call()
