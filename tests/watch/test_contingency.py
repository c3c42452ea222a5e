"""Are categories counted whatever they are, and the missing ones among them?"""

import itertools

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from lessonlib.watch.contingency import category_counts, merge_rare
from lessonlib.watch.drift import chi2_drift

NAN = float("nan")
GAPS = (None, NAN, np.nan, pd.NaT, pd.NA, np.datetime64("NaT"))


def test_counts_are_in_the_order_of_the_categories_the_missing_ones_last():
    counts = category_counts(["b", None, "a", "a"], ["c", "a"])
    assert counts.tolist() == [[2, 1, 0, 1], [1, 0, 1, 0]]


# -- a gap is a category


@pytest.mark.parametrize("gap", GAPS, ids=repr)
def test_a_gap_is_a_category_of_its_own_for_numbers_and_texts_alike(gap):
    numbers = chi2_drift([1, 2] * 100, [1, 2] * 50 + [gap] * 100)
    texts = chi2_drift(["1", "2"] * 100, ["1", "2"] * 50 + [gap] * 100)
    assert numbers == texts
    assert numbers.p < 1e-20 and numbers.alarm()


def test_the_kinds_of_gaps_are_one_gap():
    mixed = [1, 2] * 50 + [*GAPS] * 20
    assert chi2_drift(mixed, [1, 2] * 50 + [None] * 120).p == 1


@pytest.mark.parametrize(
    "rows",
    [
        pd.Series([1, 2, None] * 60, dtype="Int64"),
        pd.Series(["1", "2", None] * 60).astype("category"),
        pd.Series([True, False, None] * 60, dtype="boolean"),
        pd.Series(["1", "2", None] * 60, dtype="string"),
        pd.to_datetime(pd.Series(["2026-01-01", "2026-01-02", None] * 60)),
        np.array([1.0, 2.0, NAN] * 60),
        pd.Series([1.0, 2.0, NAN] * 60, index=[7] * 180),
    ],
    ids=lambda rows: f"{type(rows).__name__} {rows.dtype}",
)
def test_every_kind_of_column_falls_silent_in_the_same_way(rows):
    silent = chi2_drift(rows, [None] * 180)
    assert silent == chi2_drift(["a", "b", None] * 60, [None] * 180)
    assert chi2_drift(rows, rows).p == 1
    assert silent.alarm()


def test_a_column_with_gaps_counts_whole_numbers_as_before():
    # pandas turns 1 and 2 into 1.0 and 2.0 as soon as one is missing
    assert chi2_drift([1, 2] * 50, np.array([1.0, 2.0] * 50)).p == 1


# -- kinds are not mixed


@pytest.mark.parametrize(
    ("before", "now", "seen"),
    [
        (["1"], [1], r"texts \(reference: '1'\) and numbers \(current: 1\)"),
        ([1, "a"], [1], "numbers .* and texts"),
        ([True, False], [1, 0], "booleans .* and numbers"),
        (["a"], [("a",)], r"current must be .* got shape \(1, 1\)"),
        ([], ["a"], "both need rows, got 0 and 1"),
        (np.eye(2), ["a"], r"shape \(2, 2\)"),
        ("aab", ["a"], "reference must be one value a row, got a str"),
        ({"a": 1}, ["a"], "got a dict"),
    ],
)
def test_what_cannot_be_counted_together_is_refused(before, now, seen):
    with pytest.raises(ValueError, match=seen):
        chi2_drift(before, now)


# -- few rows


def test_with_too_few_rows_for_chi_square_the_exact_test_tells():
    before, now = ["a"] * 20 + ["b"], ["a"] * 3 + ["b"] * 3
    found = chi2_drift(before, now)
    assert found.p == stats.fisher_exact([[20, 1], [3, 3]]).pvalue
    assert found.alarm()


@pytest.mark.parametrize(("n", "m"), [(4, 4), (9, 9), (40, 4), (300, 9)])
def test_the_exact_test_keeps_the_false_alarm_rate(n, m):
    rng = np.random.default_rng(8)
    draws = rng.choice(3, p=[0.7, 0.2, 0.1], size=(400, n + m))
    alarms = [chi2_drift(rows[:n], rows[n:]).alarm() for rows in draws]
    assert np.mean(alarms) <= 0.05


def test_one_and_the_same_category_has_not_moved_and_another_has():
    assert chi2_drift(["a"] * 50, ["a"] * 50).p == 1
    assert chi2_drift(["a"] * 50, ["b"] * 50).alarm()
    assert chi2_drift([None] * 50, ["b"] * 50).alarm()


# -- the rarest are put together


def merged_slowly(counts, expected):
    """The same, column by column: sort, add the first two, and again."""
    counts = counts[:, np.argsort(counts.sum(axis=0))]
    while counts.shape[1] > 2 and counts[:, 0].sum() < expected:
        rest = np.hstack([counts[:, :1] + counts[:, 1:2], counts[:, 2:]])
        counts = rest[:, np.argsort(rest.sum(axis=0), kind="stable")]
    return counts


def test_merging_is_the_same_as_one_after_the_other():
    rng = np.random.default_rng(0)
    for _ in range(300):
        k = rng.integers(2, 40)
        counts = rng.poisson(rng.exponential(4, k), size=(2, k)) + 1
        expected = rng.integers(1, 60)
        slow = merged_slowly(counts, expected)
        assert merge_rare(counts, expected=expected).tolist() == slow.tolist()


def test_names_that_never_come_again_do_not_take_for_ever():
    found = chi2_drift(np.arange(30_000), np.arange(30_000) + 100_000)
    assert found.alarm()  # a slow merge would take an hour


# -- order


rows = st.lists(st.sampled_from(["a", "b", "c", None]), min_size=1, max_size=60)


@settings(max_examples=60, derandomize=True, deadline=None, database=None)
@given(before=rows, now=rows, random=st.randoms(use_true_random=False))
def test_order_of_rows_and_sides_changes_nothing(before, now, random):
    found = chi2_drift(before, now)
    mixed = [random.sample(side, len(side)) for side in (before, now)]
    assert chi2_drift(*mixed) == found
    back = chi2_drift(now, before)
    assert (back.p, back.effect) == pytest.approx((found.p, found.effect))
    assert 0 <= found.p <= 1


def test_order_of_values_without_an_order_changes_nothing():
    names = [complex(1, 2), complex(0, 1), complex(3)]
    tables = [
        category_counts([*order] * 3, [order[0]]).sum(axis=1).tolist()
        for order in itertools.permutations(names)
    ]
    assert tables == [[9, 1]] * 6
