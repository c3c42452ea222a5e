"""Does the gate let a better model through, and chance not?"""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.dummy import DummyClassifier, DummyRegressor
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.tree import DecisionTreeRegressor

from lessonlib.learn.gate import PromotionGate, p99_ratio
from lessonlib.mail import Bag, arriving_bags, training_bags
from lessonlib.save.artifacts import load_model, save_model

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


@pytest.mark.parametrize(
    "bad",
    [{"margin": -0.1}, {"margin": 1}, {"level": 1.0}]
    + [{name: np.nan} for name in ("margin", "level", "min_gain", "max_p99_ratio")],
)
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


def test_a_models_predict_proba_is_judged_by_what_the_model_predicts():
    sure = np.eye(3)[[2, 0, 1]]
    window = Bag(np.arange(3.0)[:, None], np.array([2, 0, 1]))

    class Sure:
        classes_ = np.array([0, 1, 2])

        def predict_proba(self, X):
            return sure[X[:, 0].astype(int)]

        def predict(self, X):
            return self.classes_[self.predict_proba(X).argmax(axis=1)]

    right = PromotionGate(margin=0.9, **NO_CLOCK).decide(
        champion=Sure().predict_proba,
        challenger=lambda X: sure.argmax(axis=1),
        window=window,
    )
    assert (right.gained, right.lost) == (0, 0)


# -- what cannot be judged


def window(y, X=None):
    return Bag(np.arange(len(y), dtype=float)[:, None] if X is None else X, y)


def judged(y, old=(1, 1, 1, 1), new=(1, 1, 1, 1), **options):
    gate = PromotionGate(margin=0.9, **NO_CLOCK)
    models = {"champion": Answers(old), "challenger": Answers(new)}
    return gate.decide(**models, window=window(np.asarray(y)), **options)


@pytest.mark.parametrize(
    ("y", "seen"),
    [
        (["1", "1", "1", "1"], "texts .labels: '1'. and numbers .answers: 1."),
        ([True, True, True, True], "booleans .* and numbers"),
        ([1, 1, None, 1], "1 of 4 cards have no label"),
        ([1, 1, np.nan, 1], "1 of 4 cards have no label"),
        (np.array([1, 1, pd.NA, 1], dtype=object), "1 of 4 cards have no label"),
        ([1.5, 1, 1, 1], "numbers are near or far, not right"),
        ([[1], [1], [1], [1]], r"labels must be one value a row, .* shape \(4, 1\)"),
    ],
)
def test_labels_that_no_answer_can_equal_are_refused(y, seen):
    with pytest.raises(ValueError, match=seen):
        judged(y)


def test_labels_are_as_many_as_cards():
    case = trial(2, 1, 1, 0)
    case["window"] = Bag(case["window"].X, case["window"].y[:3])
    with pytest.raises(ValueError, match="3 labels for 4 cards"):
        PromotionGate(**NO_CLOCK).decide(**case)


def test_an_answer_that_is_nan_is_no_answer():
    with pytest.raises(ValueError, match="1 of 4 answers are missing or NaN"):
        judged([1, 1, 1, 1], new=(1, np.nan, 1, 1))


def test_a_constant_is_not_promoted_over_a_regressor_that_knows_more():
    rng = np.random.default_rng(0)
    X = rng.normal(size=(200, 3))
    y = X @ [1.0, 2.0, 3.0] + rng.normal(size=200)
    good, constant = LinearRegression().fit(X, y), DummyRegressor().fit(X, y)
    gate = PromotionGate(margin=0.05, **NO_CLOCK)
    for rounded in (y, y.round()):
        with pytest.raises(ValueError, match="numbers are near or far"):
            gate.decide(champion=good, challenger=constant, window=Bag(X, rounded))


def test_a_regressor_of_whole_numbers_is_a_regressor(tmp_path):
    X, y = np.arange(40.0)[:, None], np.arange(40)
    tree = DecisionTreeRegressor().fit(X, y)
    save_model(tree, tmp_path / "tree", example=X)
    constant = DummyRegressor(strategy="median").fit(X, y)
    for model in (tree, load_model(tmp_path / "tree")):
        with pytest.raises(ValueError, match="a gate compares classes"):
            PromotionGate(margin=0.9, **NO_CLOCK).decide(
                champion=model, challenger=constant, window=Bag(X, y)
            )


def test_slices_may_be_of_any_kind_and_missing_in_places():
    case = trial(900, 60, 20, 20)
    kinds = ["town"] * 960 + [None] * 20 + ["town"] * 20
    worse = PromotionGate(**NO_CLOCK).decide(**case, slices=kinds)
    assert worse.reasons[-1] == "no  slices: worse beyond chance on None"
    as_numbers = PromotionGate(**NO_CLOCK).decide(
        **case, slices=pd.Series([1.0] * 960 + [np.nan] * 20 + [1.0] * 20)
    )
    assert as_numbers.reasons == worse.reasons
    with pytest.raises(ValueError, match="values of one kind"):
        PromotionGate(**NO_CLOCK).decide(**case, slices=["a"] * 999 + [1])


@settings(max_examples=40, derandomize=True, deadline=None, database=None)
@given(random=st.randoms(use_true_random=False), worse=st.integers(0, 30))
def test_order_of_cards_and_swapped_models_change_no_more_than_they_should(
    random, worse
):
    old, new = np.ones(60, dtype=int), np.ones(60, dtype=int)
    new[:worse], old[50:] = 0, 0
    slices = np.arange(60) // 20
    order = random.sample(range(60), 60)
    one = judged(np.ones(60, dtype=int), old, new, slices=slices)
    mixed = judged(np.ones(60, dtype=int), old[order], new[order], slices=slices[order])
    assert mixed == one
    other = judged(np.ones(60, dtype=int), new, old, slices=slices)
    assert (other.gained, other.lost) == (one.lost, one.gained)
    low, high = one.interval
    assert other.interval == pytest.approx((-high, -low))


# -- time


def test_a_clock_that_stands_still_tells_no_ratio():
    rows = np.zeros((3, 1))
    with pytest.raises(ValueError, match="this clock cannot tell"):
        p99_ratio(Answers([1]), Answers([1]), rows, clock=lambda: 5.0)
    with pytest.raises(ValueError, match="no rows to time"):
        p99_ratio(Answers([1]), Answers([1]), rows[:0])


def test_time_is_the_best_of_five_calls_of_each_row():
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
    assert calls == {"old": 50, "new": 50}


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


def test_numbers_are_not_judged_as_classes():
    window = Bag(np.arange(20.0).reshape(10, 2), np.linspace(1, 2, 10))
    price = LinearRegression().fit(window.X, window.y + np.arange(10) % 2 / 9)
    with pytest.raises(ValueError, match="numbers are near or far, not right"):
        PromotionGate().decide(champion=price, challenger=price, window=window)
