"""Does the bandit find the better arm, and lose it where it should?"""

import numpy as np
import pytest

from lessonlib.choose.bandits import ThompsonSampler


def play(bandit, rates, *, n, seed):
    """Return which arm was chosen at each of n turns."""
    rng, chosen = np.random.default_rng(seed), []
    for _ in range(n):
        arm = bandit.choose()
        bandit.update(arm, right=bool(rng.random() < rates[arm]))
        chosen.append(arm)
    return np.array(chosen)


def test_most_of_the_traffic_goes_to_the_better_arm():
    rates, share = {"a": 0.5, "b": 0.7}, []
    for seed in range(10):
        chosen = play(ThompsonSampler(rates, seed=seed), rates, n=1000, seed=seed)
        share.append((chosen[500:] == "b").mean())
    assert np.mean(share) > 0.9


def test_equal_arms_are_both_tried():
    rates = {"a": 0.5, "b": 0.5}
    chosen = play(ThompsonSampler(rates, seed=1), rates, n=400, seed=1)
    assert 20 < (chosen == "a").sum() < 380


def test_it_sticks_when_the_truths_swap_unless_it_forgets():
    late = {}
    for keep in (1.0, 0.98):
        bandit = ThompsonSampler(["a", "b"], seed=2, keep=keep)
        play(bandit, {"a": 0.95, "b": 0.6}, n=1500, seed=3)
        after = play(bandit, {"a": 0.6, "b": 0.95}, n=500, seed=4)
        late[keep] = (after == "b").mean()
    assert late[1.0] < 0.2 < 0.5 < late[0.98]


def test_the_same_seed_makes_the_same_choices():
    twins = [ThompsonSampler(["a", "b"], seed=5) for _ in range(2)]
    rates = {"a": 0.3, "b": 0.6}
    first, second = (play(bandit, rates, n=50, seed=6) for bandit in twins)
    assert first.tolist() == second.tolist()


def test_it_says_what_it_has_seen():
    bandit = ThompsonSampler(["a", "b"], seed=0)
    bandit.update("a", right=True)
    bandit.update("a", right=False)
    assert repr(bandit) == "a 1 of 2 right, b 0 of 0 right"


@pytest.mark.parametrize("right", [float("nan"), None, "no", 2])
def test_an_answer_that_is_neither_right_nor_wrong_changes_nothing(right):
    bandit = ThompsonSampler(["a", "b"], seed=0, keep=0.5)
    bandit.update("a", right=True)
    for arm, odd in (("a", right), ("c", True)):
        with pytest.raises(ValueError, match="right|no arm is called 'c'"):
            bandit.update(arm, right=odd)
    assert repr(bandit) == "a 1 of 1 right, b 0 of 0 right"


@pytest.mark.parametrize(
    ("arms", "keep"), [(["a"], 1.0), (["a", "b"], 0.0), (["a", "a"], 1.0)]
)
def test_a_bandit_needs_a_choice_and_a_memory(arms, keep):
    with pytest.raises(ValueError, match="needs two arms"):
        ThompsonSampler(arms, seed=0, keep=keep)
