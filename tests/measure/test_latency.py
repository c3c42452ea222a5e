"""How is a long tail described?"""

import math
from fractions import Fraction

import numpy as np
import pytest
from scipy.stats import quantile_test

from lessonlib.measure.latency import (
    Summary,
    block_interval,
    percentile,
    percentile_interval,
)
from lessonlib.measure.scaling import mm1_percentile, mm1_run

# 1, 2, ..., n as times: then the answer is its own rank
SMALL = [(p, n) for p in range(1, 101) for n in range(1, 201)]


def ranks(n):
    return np.arange(1, n + 1)


def test_percentile_is_a_time_that_really_happened():
    assert percentile([3, 1, 2, 10], 50) == 2  # sorted: 1 2 3 10, rank 2


def test_the_last_percentile_is_the_slowest():
    assert percentile([3, 1, 2, 10], 100) == 10


def test_percentile_of_one_time_is_that_time():
    assert {percentile([7.5], p) for p in (0.1, 50, 99.9, 100)} == {7.5}


def test_percentile_leaves_the_times_as_they_were():
    times = [3, 1, 2]
    percentile(times, 50)
    assert times == [3, 1, 2]


def test_percentile_keeps_its_promise_to_the_letter():
    times = np.random.default_rng(5).exponential(size=137)
    for p in (1, 37, 50, 90, 99):
        found = percentile(times, p)
        assert (times <= found).sum() * 100 >= p * 137  # at least p percent
        assert (times < found).sum() * 100 < p * 137  # and no smaller time would do


@pytest.mark.parametrize(("p", "n", "rank"), [(28, 25, 7), (7, 100, 7), (55, 20, 11)])
def test_percentile_has_the_rank_that_a_person_finds(p, n, rank):
    assert percentile(ranks(n), p) == rank  # p * n / 100 is whole: no rounding up


def test_rank_is_exact_for_every_whole_percentile():
    exact = [math.ceil(Fraction(p * n, 100)) for p, n in SMALL]
    assert [percentile(ranks(n), p) for p, n in SMALL] == exact


@pytest.mark.parametrize(("p", "n", "rank"), [(4.4, 750, 33), (99.04, 625, 619)])
def test_rank_is_exact_where_a_float_is_not(p, n, rank):
    assert math.ceil(p * n / 100) == rank + 1  # why it is rounded first
    assert percentile(ranks(n), p) == rank


def test_percentile_agrees_with_numpy_but_where_numpy_rounds_wrongly():
    wrong = 0
    for p, n in SMALL:
        numpys = np.percentile(ranks(n), p, method="inverted_cdf")
        if numpys == percentile(ranks(n), p):
            continue
        wrong += 1
        assert p * n % 100 == 0 and numpys == p * n // 100 + 1  # it rounds a whole rank
    assert wrong <= 27  # as many as were found when this was written; a later numpy: 0


@pytest.mark.parametrize("p", [0, -1, 101, math.nan])
def test_percentile_refuses_p_outside_its_range(p):
    with pytest.raises(ValueError, match=f"got {p}"):
        percentile([1, 2], p)


def test_the_smallest_percentile_is_the_quickest_and_not_the_slowest():
    # p * n / 100 rounds to 0, and before the first comes the last
    assert percentile([3, 1, 2], 1e-12) == 1


def test_an_answer_that_never_came_is_slower_than_all():
    assert percentile([1, math.inf, 2], 100) == math.inf
    assert percentile([1, math.inf, 2], 50) == 2


def test_percentile_of_nothing_is_refused():
    with pytest.raises(ValueError, match="one or more, got 0"):
        percentile([], 50)


def test_a_time_that_was_never_taken_is_not_counted_among_the_slowest():
    with pytest.raises(ValueError, match=r"times\[1\] is missing or NaN \(1 of 3\)"):
        percentile([1, math.nan, 2], 50)


def test_interval_of_a_median_has_the_ranks_of_the_table():
    # n = 10: P(B <= 1) = 0.011 and P(B <= 2) = 0.055, so ranks 2 and 9
    assert percentile_interval(ranks(10), 50) == (2, 9)


@pytest.mark.parametrize(("n", "p"), [(400, 99), (1000, 99), (60, 90), (10, 50)])
def test_interval_agrees_with_scipy(n, p):
    times = np.random.default_rng(n).exponential(size=n)
    theirs = quantile_test(times, p=p / 100).confidence_interval(0.95)
    assert percentile_interval(times, p) == (theirs.low, theirs.high)


@pytest.mark.parametrize(("n", "bounded"), [(200, False), (367, False), (368, True)])
def test_a_p99_needs_368_times_for_an_upper_end(n, bounded):
    # 0.99 ** n is the chance that no time at all is above the true p99
    assert (0.99**n < 0.025) == bounded
    assert math.isfinite(percentile_interval(ranks(n), 99)[1]) == bounded


def test_lower_end_is_0_where_too_few_times_bound_it():
    assert percentile_interval([3.0, 4.0, 5.0], 50) == (0.0, math.inf)


def test_more_confidence_takes_a_wider_interval():
    low, high = percentile_interval(ranks(1000), 90)
    lower, higher = percentile_interval(ranks(1000), 90, confidence=0.999)
    assert lower < low < 900 < high < higher


@pytest.mark.parametrize(("p", "n"), [(50, 101), (99, 1000)])
def test_interval_covers_the_truth_as_often_as_it_says(p, n):
    runs = np.random.default_rng(9).exponential(size=(2000, n))
    truth = -math.log(1 - p / 100)
    ends = [percentile_interval(run, p) for run in runs]
    covered = np.mean([low <= truth <= high for low, high in ends])
    assert 0.94 <= covered <= 0.98  # 95 %, and a little more as ranks are whole


@pytest.mark.parametrize("confidence", [0, 1, 95])
def test_interval_refuses_a_confidence_that_is_no_share(confidence):
    with pytest.raises(ValueError, match=f"got {confidence}"):
        percentile_interval([1, 2], 50, confidence=confidence)


def test_summary_says_seconds_in_milliseconds():
    summary = Summary.of([k / 1000 for k in range(1, 101)])
    assert (summary.n, summary.p50_s, summary.p99_s) == (100, 0.050, 0.099)
    words = "100 times: p50 50.0 ms, p95 95.0 ms, p99 99.0 ms, max 100.0 ms"
    assert repr(summary) == words


# -- an interval for times that come in bunches


def test_of_equal_times_the_block_interval_is_that_time():
    interval = block_interval([0.25] * 100, 99)
    assert (interval.low_s, interval.high_s, interval.moments) == (0.25, 0.25, 50)
    assert repr(interval) == "p99 between 250.0 and 250.0 ms"


def test_one_bad_moment_is_not_trusted_and_says_why():
    times = np.full(1000, 0.002)
    times[400:420] = 1.0  # two of the hundredths, and both in the same block
    interval = block_interval(times, 99)
    assert (interval.moments, interval.trusted) == (1, False)
    first, second = repr(interval).splitlines()  # a notebook breaks longer lines
    assert first.endswith("; do not trust it:") and len(first) <= 88
    assert second.startswith("  the slowest 1 % came in 1 moments only")
    assert len(second) <= 88


def test_the_same_slow_times_at_many_moments_are_trusted():
    times = np.full(1000, 0.002)
    times[::50] = 1.0
    assert block_interval(times, 99).trusted


def coverage(busy, *, runs=20, n=5000):
    """Return in how many runs of a queue the interval holds, and is trusted."""
    truth = mm1_percentile(99, rate_rps=busy, capacity_rps=1)
    done = [mm1_run(rate_rps=busy, capacity_rps=1, n=n, seed=i) for i in range(runs)]
    found = [run.interval(99) for run in done]
    holds = sum(each.low_s <= truth <= each.high_s for each in found)
    return holds / runs, sum(each.trusted for each in found) / runs


def test_in_a_quiet_queue_it_holds_and_near_saturation_it_warns():
    holds, trusted = coverage(0.3)
    assert holds >= 0.8 and trusted >= 0.9
    holds, trusted = coverage(0.9)
    assert trusted <= 0.1  # as well it may: it holds in a third of the runs


@pytest.mark.parametrize(("name", "wrong"), [("confidence", 1), ("blocks", 0)])
def test_a_block_interval_needs_sense(name, wrong):
    with pytest.raises(ValueError, match=f"{name} must be .*, got {wrong}"):
        block_interval([1.0, 2.0], 50, **{name: wrong})
