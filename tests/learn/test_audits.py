"""Does a small, known chance of being checked give back the accuracy of all?"""

import subprocess
import sys

import numpy as np
import pytest

from lessonlib.intervals import wilson_interval
from lessonlib.learn.audits import AuditPolicy, drawn, weighted_accuracy


def test_the_doubtful_are_checked_for_sure_the_others_by_lot():
    policy = AuditPolicy(share=0.05, doubt_below=0.8)
    chances = policy.propensity(np.array([[0.9, 0.1], [0.7, 0.3], [0.8, 0.2]]))
    assert chances.tolist() == [0.05, 1, 0.05]


@pytest.mark.parametrize("bad", [{"share": -0.1}, {"share": 0.1, "doubt_below": 2}])
def test_a_policy_has_chances_between_0_and_1(bad):
    with pytest.raises(ValueError, match="must be 0 to 1"):
        AuditPolicy(**bad)


def test_the_lot_falls_on_the_share_that_was_asked_for():
    hits = sum(drawn(f"request-{i}", 0, 0.05) for i in range(20_000))
    assert 900 < hits < 1100  # 1000, and three deviations of 31
    assert all(drawn(f"{i}", 0, 1.0) and not drawn(f"{i}", 0, 0.0) for i in range(100))


def test_the_lot_is_the_same_in_every_process():
    lots = "[drawn(f'{i}', 1, 0.5) for i in range(40)]"
    code = f"from lessonlib.learn.audits import drawn; print({lots})"
    elsewhere = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        timeout=120,
        check=True,
        env={"PYTHONHASHSEED": "7", "PYTHONPATH": ":".join(sys.path)},
    )
    assert elsewhere.stdout.strip() == str([drawn(f"{i}", 1, 0.5) for i in range(40)])


def test_an_answer_with_chance_1_in_20_speaks_for_twenty():
    # 2 doubtful, one right; 1 sure, right, and it stands for 20
    estimate = weighted_accuracy([True, False, True], [1, 1, 0.05])
    assert estimate.value == pytest.approx(21 / 22)
    assert estimate.n == 3


def test_with_equal_chances_it_is_the_plain_accuracy_and_wilsons_interval():
    right = [True] * 45 + [False] * 5
    estimate = weighted_accuracy(right, [0.25] * 50)
    low, high = wilson_interval(45, 50)
    assert estimate.value == pytest.approx(0.9)
    assert (estimate.low, estimate.high) == pytest.approx((low, high))


def simulate(policy_share, *, runs=2000, n=1000, seed=9):
    """Estimate the accuracy of many bags: 15 % doubtful (0.6 right), the rest 0.98."""
    rng = np.random.default_rng(seed)
    doubtful = rng.random(n) < 0.15
    chance = np.where(doubtful, 1.0, policy_share)
    skill = np.where(doubtful, 0.6, 0.98)
    for _ in range(runs):
        right = rng.random(n) < skill
        seen = rng.random(n) < chance
        yield weighted_accuracy(right[seen], chance[seen]), right[seen].mean(), skill


@pytest.mark.parametrize("share", [0.05, 0.2])
def test_the_weighted_estimate_is_unbiased_and_its_interval_keeps_its_word(share):
    results = list(simulate(share))
    truth = results[0][2].mean()
    values = np.array([estimate.value for estimate, *_ in results])
    inside = np.mean([e.low <= truth <= e.high for e, *_ in results])
    plain = np.mean([unweighted for _, unweighted, _ in results])
    assert abs(values.mean() - truth) < 0.003
    assert inside >= 0.94
    assert plain < truth - 0.04  # without the weights it is far off


@pytest.mark.parametrize(
    ("right", "chance", "match"),
    [([], [], "right must have one or more"), ([1], [1, 1], "one of each")]
    + [([1], [bad], "above 0, up to 1") for bad in (0, -1, 1.5)]
    + [([1], [np.nan], r"propensity\[0\] is missing"), ([np.nan], [1], r"right\[0\]")],
)
def test_what_had_no_chance_cannot_be_weighed(right, chance, match):
    with pytest.raises(ValueError, match=match):
        weighted_accuracy(right, chance)


def test_probabilities_with_a_gap_are_not_sure():
    policy = AuditPolicy(share=0.05, doubt_below=0.8)
    with pytest.raises(ValueError, match=r"probabilities\[1, 0\] is missing"):
        policy.propensity([[0.9, 0.1], [np.nan, np.nan]])
    assert policy.propensity(np.empty((0, 2))).shape == (0,)
    with pytest.raises(ValueError, match="probabilities are 0 to 1, got 5.6 to 7"):
        policy.propensity([[5.6], [7]])  # prices


@pytest.mark.parametrize("odd", [np.nan, -0.1, 1.1, None, "1"])
def test_a_lot_needs_a_chance(odd):
    with pytest.raises(ValueError, match="propensity must be"):
        drawn("request", 0, odd)


def test_a_lot_is_drawn_for_any_name():
    assert drawn("\ud800", 0, 1.0)  # half a character


def test_what_was_drawn_with_hardly_any_chance_speaks_for_too_many():
    with pytest.raises(ValueError, match="a propensity of 9.99989e-321"):
        weighted_accuracy([1, 0], [1e-320, 1])


def test_order_of_the_checked_answers_changes_nothing():
    rng = np.random.default_rng(9)
    right, chance = rng.random(50) < 0.7, rng.choice([0.05, 0.2, 1], 50)
    order = rng.permutation(50)
    one = weighted_accuracy(right, chance)
    mixed = weighted_accuracy(right[order], chance[order])
    assert (mixed.value, mixed.low) == pytest.approx((one.value, one.low))


def test_policy_and_estimate_read_as_a_line():
    assert repr(AuditPolicy(share=0.05)) == "check 5% of the answers by lot"
    both = AuditPolicy(share=0.05, doubt_below=0.8)
    assert repr(both) == "check all below 0.8, and 5% of the answers by lot"
    estimate = weighted_accuracy([True] * 9 + [False], [1] * 10)
    assert repr(estimate) == "0.90 (0.60 to 0.98), from 10 checked answers"
