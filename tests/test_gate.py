"""Does the gate let a better model through, and chance not?"""

import numpy as np
import pytest
from scipy.stats import binomtest
from sklearn.dummy import DummyClassifier
from sklearn.linear_model import LogisticRegression

from lessonlib.artifacts import load_model, save_model
from lessonlib.gate import PromotionGate, p99_ratio, paired_interval
from lessonlib.mail import Bag, arriving_bags, training_bags

NO_CLOCK = {"max_p99_ratio": None}


class Answers:
    """A model that has learned its answers by heart: row i holds the number i."""

    def __init__(self, answers):
        self.answers = np.asarray(answers)

    def predict(self, X):
        return self.answers[X[:, 0].astype(int)]


def trial(both, gained, lost, neither):
    """Return champion, challenger and window with so many cards of each kind."""
    kinds = [(1, 1)] * both + [(0, 1)] * gained + [(1, 0)] * lost + [(0, 0)] * neither
    old, new = np.array(kinds).T
    truth = np.ones(len(kinds), dtype=int)
    return {
        "champion": Answers(old),
        "challenger": Answers(new),
        "window": Bag(np.arange(len(kinds), dtype=float)[:, None], truth),
    }


# -- the interval


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


@pytest.mark.parametrize("bad", [(-1, 2, 10), (6, 6, 10), (0, 0, 0)])
def test_impossible_counts_are_refused(bad):
    with pytest.raises(ValueError, match="got"):
        paired_interval(*bad)


# -- the decision


def test_a_clearly_better_challenger_is_promoted():
    decision = PromotionGate(**NO_CLOCK).decide(**trial(900, 40, 10, 50))
    assert decision.promote
    assert (decision.n, decision.gained, decision.lost) == (1000, 40, 10)
    assert decision.gain == pytest.approx(0.03)
    assert decision.interval[0] > 0


def test_a_challenger_that_is_ahead_by_chance_is_not():
    decision = PromotionGate(**NO_CLOCK).decide(**trial(900, 31, 29, 40))
    assert not decision.promote
    assert decision.gain > 0
    assert decision.reasons[0].startswith("no  accuracy")


def test_a_gain_can_be_asked_for():
    gate = PromotionGate(min_gain=0.02, **NO_CLOCK)
    assert not gate.decide(**trial(900, 40, 10, 50)).promote


def test_with_a_margin_an_equal_challenger_passes_and_a_worse_one_does_not():
    gate = PromotionGate(margin=0.02, **NO_CLOCK)
    assert gate.decide(**trial(960, 15, 15, 10)).promote
    assert not gate.decide(**trial(900, 10, 40, 50)).promote


def test_a_slice_that_got_worse_closes_the_gate():
    case = trial(900, 60, 20, 20)
    kinds = np.array(["town"] * 960 + ["village"] * 20 + ["town"] * 20)
    decision = PromotionGate(**NO_CLOCK).decide(**case, slices=kinds)
    assert decision.interval[0] > 0
    assert not decision.promote
    assert decision.reasons[-1] == "no  slices: worse beyond chance on village"


def test_slices_are_as_many_as_cards():
    with pytest.raises(ValueError, match="2 slices for 4 cards"):
        PromotionGate(**NO_CLOCK).decide(**trial(2, 1, 1, 0), slices=["a", "b"])


def test_an_empty_window_is_refused():
    case = trial(1, 0, 0, 0) | {"window": Bag(np.zeros((0, 1)), np.zeros(0))}
    with pytest.raises(ValueError, match="no card"):
        PromotionGate(**NO_CLOCK).decide(**case)


@pytest.mark.parametrize("bad", [{"margin": -0.1}, {"margin": 1}, {"level": 1.0}])
def test_a_gate_needs_rules_that_make_sense(bad):
    with pytest.raises(ValueError, match="must be"):
        PromotionGate(**bad)


def test_a_loaded_model_and_an_estimator_are_judged_alike(tmp_path):
    past, bag = training_bags(), arriving_bags()[7]
    model = LogisticRegression(max_iter=200).fit(past.X / 16, past.y)
    save_model(model, tmp_path / "m", example=past.X[:5] / 16)
    window = Bag(bag.X / 16, bag.y)
    same = PromotionGate(**NO_CLOCK).decide(
        champion=load_model(tmp_path / "m"), challenger=model, window=window
    )
    assert (same.gained, same.lost) == (0, 0)
    stub = DummyClassifier(strategy="constant", constant=3).fit(past.X, past.y)
    worse = PromotionGate(**NO_CLOCK).decide(
        champion=model, challenger=stub, window=window
    )
    assert not worse.promote
    assert worse.lost > 100


def test_a_function_that_answers_probabilities_counts_from_0():
    sure = np.eye(3)[[2, 0, 1]]
    window = Bag(np.arange(3.0)[:, None], np.array([2, 0, 1]))

    def model(X):
        return sure[X[:, 0].astype(int)]

    right = PromotionGate(margin=0.9, **NO_CLOCK).decide(
        champion=model, challenger=lambda X: sure.argmax(axis=1), window=window
    )
    assert (right.gained, right.lost) == (0, 0)


# -- time


def test_time_is_the_best_of_three_calls_of_each_row():
    took = {"old": 0.001, "new": 0.003}
    now = [0.0]
    calls = {"old": 0, "new": 0}

    def model(name):
        def answer(X):
            calls[name] += 1
            hiccup = 1.0 if calls[name] <= 10 else 0.0  # in the first round only
            now[0] += took[name] + hiccup
            return np.zeros(len(X))

        return answer

    X = np.zeros((10, 1))
    ratio = p99_ratio(model("old"), model("new"), X, clock=lambda: now[0])
    assert ratio == pytest.approx(3)
    assert calls == {"old": 30, "new": 30}


def test_a_slow_challenger_is_kept_out_and_told_why():
    gate = PromotionGate(margin=0.5, max_p99_ratio=1.2)
    case = trial(50, 0, 0, 0)
    square = np.ones((300, 300))

    def busy(X):
        return np.ones(len(X)) + 0 * (square @ square @ square).sum()

    case["challenger"] = busy
    decision = gate.decide(**case)
    assert decision.p99_ratio > 1.2
    assert not decision.promote
    assert [reason[:3] for reason in decision.reasons] == ["yes", "no ", "yes"]


def test_a_decision_reads_as_its_reasons():
    text = repr(PromotionGate(**NO_CLOCK).decide(**trial(900, 40, 10, 50)))
    assert text.splitlines()[0] == "promote:"
    assert "accuracy: +0.030 (+0.016 to +0.044)" in text
