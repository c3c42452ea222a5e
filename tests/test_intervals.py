"""Do the intervals hold the truth as often as they say?"""

import numpy as np
import pytest
from scipy.stats import binomtest

from lessonlib.intervals import Share, paired_interval, rolling_shares, wilson_interval

# -- a share


@pytest.mark.parametrize("level", [0.5, 0.9, 0.95, 0.99])
def test_wilson_agrees_with_scipy(level):
    for n in (1, 2, 10, 130, 1021):
        for successes in {0, 1, n // 3, n - 1, n}:
            theirs = binomtest(successes, n).proportion_ci(level, method="wilson")
            ours = wilson_interval(successes, n, level=level)
            assert ours == pytest.approx((theirs.low, theirs.high), abs=1e-12)


def test_wilson_of_the_published_example():
    # Newcombe 1998, Statistics in Medicine 17, table I: 81 of 263 and 0 of 20
    assert wilson_interval(81, 263) == pytest.approx((0.2553, 0.3662), abs=5e-5)
    assert wilson_interval(0, 20) == pytest.approx((0.0, 0.1611), abs=5e-5)


def test_wilson_never_leaves_0_to_1_and_is_exact_at_the_ends():
    assert wilson_interval(0, 7)[0] == 0.0
    assert wilson_interval(7, 7)[1] == 1.0


@pytest.mark.parametrize("bad", [(1, 0), (-1, 5), (6, 5)])
def test_wilson_refuses_counts_that_make_no_sense(bad):
    with pytest.raises(ValueError, match=f"{bad[0]} of {bad[1]}"):
        wilson_interval(*bad)


@pytest.mark.parametrize(
    "bad", [(1, 0), (0, 0), (6, 5), (-1, 5), (1.5, 5), (np.nan, 5)]
)
def test_a_share_is_so_many_of_so_many(bad):
    with pytest.raises(ValueError):
        Share(*bad)


def test_rolling_shares_by_hand():
    shares = rolling_shares([True, True, False, False, True], window=3)
    assert [(each.successes, each.n) for each in shares] == [(2, 3), (1, 3), (1, 3)]
    assert shares[0].value == pytest.approx(2 / 3)
    assert shares[0].interval == wilson_interval(2, 3)


@pytest.mark.parametrize("window", [0, 6])
def test_a_rolling_window_must_fit(window):
    with pytest.raises(ValueError, match=f"a window of {window}"):
        rolling_shares([True] * 5, window=window)


# -- a difference of two models on the same cards


def test_the_interval_by_hand():
    # 40 cards, 8 gained, 2 lost: (9 - 3) / 42 +- 1.96 sqrt((12/42 - (6/42)^2) / 42)
    low, high = paired_interval(8, 2, 40)
    half = 1.959964 * np.sqrt((12 / 42 - (6 / 42) ** 2) / 42)
    assert (low, high) == pytest.approx((1 / 7 - half, 1 / 7 + half), abs=1e-6)


def test_the_interval_turns_round_with_its_models():
    low, high = paired_interval(8, 2, 40)
    assert paired_interval(2, 8, 40) == pytest.approx((-high, -low))


@pytest.mark.parametrize("lost", range(12))
@pytest.mark.parametrize("gained", range(12))
def test_it_is_above_zero_about_when_mcnemars_exact_test_says_so(gained, lost):
    low, _ = paired_interval(gained, lost, 1000)
    p = binomtest(gained, gained + lost).pvalue if gained + lost else 1.0
    if low > 0:
        assert p < 0.07  # the exact test is a little stricter on few cards
    if gained > lost and p < 0.02:
        assert low > 0


def test_the_interval_holds_the_truth_in_95_of_100_trials():
    rng = np.random.default_rng(9)
    for n, up, down in ((1000, 0.04, 0.02), (200, 0.03, 0.03), (50, 0.1, 0.02)):
        trials = rng.multinomial(n, [up, down, 1 - up - down], size=20_000)
        low, high = paired_interval(trials[:, 0], trials[:, 1], n)
        inside = ((low <= up - down) & (up - down <= high)).mean()
        assert 0.94 < inside < 0.985, (n, inside)


def test_equal_challengers_pass_seldom_and_better_ones_often_if_there_are_cards():
    # the figures of design.md: 6 in 100 cards differ, n = 1,000
    rng = np.random.default_rng(9)

    def passes(n, up, down, runs=20_000):
        trials = rng.multinomial(n, [up, down, 1 - up - down], size=runs)
        gained, lost = trials[:, 0], trials[:, 1]
        return (gained > lost).mean(), (paired_interval(gained, lost, n)[0] > 0).mean()

    naive, gate = passes(1000, 0.03, 0.03)
    assert 0.45 < naive < 0.49
    assert 0.015 < gate < 0.03
    assert abs(passes(1000, 0.04, 0.02)[1] - 0.74) < 0.03
    # the plain Wald interval passes 0.21, at 3.5 % for an equal challenger
    assert abs(passes(200, 0.04, 0.02)[1] - 0.15) < 0.03


@pytest.mark.parametrize(
    "bad",
    [(-1, 2, 10), (6, 6, 10), (0, 0, 0), (np.nan, 0, 10), (0, 0, np.nan)]
    + [([1, 2], [1, 2, 3], 10), ([1, 9], 2, 10), ([1, np.nan], 0, 10)],
)
def test_impossible_counts_are_refused(bad):
    with pytest.raises(ValueError, match="gained|lost|n must"):
        paired_interval(*bad)
