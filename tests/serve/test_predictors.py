"""Is the faster way really the same answer, bit for bit, and else not taken?"""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from odd_rows import BAGS, LARGEST, answer, batches
from sklearn.base import clone
from sklearn.compose import make_column_transformer
from sklearn.ensemble import (
    ExtraTreesClassifier,
    GradientBoostingClassifier,
    RandomForestClassifier,
)
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import (
    MinMaxScaler,
    OneHotEncoder,
    RobustScaler,
    StandardScaler,
)
from sklearn.tree import DecisionTreeClassifier

from lessonlib.mail import training_bags
from lessonlib.serve.packed_trees import PackedTrees, pack_trees, rounded_down
from lessonlib.serve.predictors import FastPredictor, Linear

PAST = training_bags()
TWO = PAST.y < 5  # a question with two answers takes another way through scikit-learn

MODELS = {
    "forest": RandomForestClassifier(30, random_state=0),
    "shallow": RandomForestClassifier(20, max_depth=2, random_state=0),
    "weighted": RandomForestClassifier(15, class_weight="balanced", random_state=1),
    "extra": ExtraTreesClassifier(20, random_state=0),
    "tree": DecisionTreeClassifier(random_state=0),
    "standard": make_pipeline(StandardScaler(), LogisticRegression(max_iter=2000)),
    "minmax": make_pipeline(MinMaxScaler(clip=True), LogisticRegression(max_iter=99)),
    "half": make_pipeline(
        StandardScaler(with_mean=False), LogisticRegression(max_iter=2000)
    ),
    "two": make_pipeline(
        MinMaxScaler(), StandardScaler(), LogisticRegression(max_iter=2000)
    ),
    "bare": LogisticRegression(max_iter=2000, tol=0.1),
    "scaled tree": make_pipeline(StandardScaler(), DecisionTreeClassifier()),
    "scaled forest": make_pipeline(
        MinMaxScaler(clip=True), RandomForestClassifier(10, random_state=0)
    ),
}
ONE_OF_EACH = ("scaled forest", "two")  # way; the others wait for --long
each_model = pytest.mark.parametrize("name", MODELS)
_cache = {}


def pair(name, y=PAST.y):
    """Return a fitted model and its faster twin."""
    key = name, len(set(y))
    if key not in _cache:
        model = clone(MODELS[name]).fit(PAST.X, y)
        _cache[key] = model, FastPredictor.from_sklearn(model, PAST.X[:20])
        assert _cache[key][1].path is not None
    return _cache[key]


def assert_same(name, rows, y=PAST.y):
    model, fast = pair(name, y)
    answers, expected = fast.predict_proba(rows), model.predict_proba(rows)
    assert answers.dtype == expected.dtype
    assert answers.shape == expected.shape
    assert answers.tobytes() == expected.tobytes()
    classes, expected = fast.predict(rows), model.predict(rows)
    assert classes.tolist() == expected.tolist()
    assert classes.dtype == expected.dtype


@pytest.mark.parametrize(
    "name",
    [
        pytest.param(name, marks=[] if name in ONE_OF_EACH else [pytest.mark.long])
        for name in MODELS
    ],
)
@pytest.mark.filterwarnings("ignore:overflow", "ignore:invalid")  # scikit-learn's too
def test_not_a_bit_differs_on_ten_thousand_odd_rows(name):
    model, fast = pair(name)
    answered = 0

    @settings(max_examples=70, derandomize=True, deadline=None, database=None)
    @given(batches(model, most=512))
    def same_answer_or_refusal(rows):
        nonlocal answered
        expected = answer(model.predict_proba, rows)
        assert answer(fast.predict_proba, rows) == expected
        answered += 0 if isinstance(expected, str) else len(rows)

    same_answer_or_refusal()
    assert answered >= 10_000


@each_model
@pytest.mark.filterwarnings("ignore:overflow", "ignore:invalid")
def test_the_classes_are_the_models_too(name):
    model, fast = pair(name)

    @settings(max_examples=20, derandomize=True, deadline=None, database=None)
    @given(batches(model))
    def same_classes_or_refusal(rows):
        assert answer(fast.predict, rows) == answer(model.predict, rows)

    same_classes_or_refusal()


@pytest.mark.filterwarnings("ignore:overflow")  # what lies above the largest
@settings(max_examples=400, derandomize=True, deadline=None, database=None)
@given(st.floats(-LARGEST, LARGEST), st.floats(width=32, allow_nan=False))
def test_a_threshold_of_32_bits_decides_as_one_of_64(threshold, number):
    (short,) = rounded_down(np.array([threshold]))
    assert short.dtype == np.float32
    above = np.nextafter(short, np.float32(np.inf))
    for seen in (np.float32(number), short, above):
        assert (seen > short) == (float(seen) > threshold)


@each_model
@pytest.mark.parametrize("y", [PAST.y, TWO], ids=["ten classes", "two classes"])
def test_not_a_bit_differs_for_one_row_or_many(name, y):
    for rows in (*np.split(BAGS[:8], 8), BAGS[20:27], BAGS[:256], BAGS[:257]):
        assert_same(name, np.array(rows, order="C"), y)


@each_model
def test_rows_of_another_kind_get_the_models_own_answer(name):
    for rows in (BAGS[:3].astype(int), BAGS[:3].astype(np.float32)):
        assert_same(name, rows)
    model, fast = pair(name)
    listed = BAGS[:2].tolist()
    assert fast.predict_proba(listed).tobytes() == model.predict_proba(listed).tobytes()


@each_model
@pytest.mark.parametrize(
    "rows",
    [np.full((1, 64), np.inf), BAGS[:2, :63], BAGS[0], np.empty((0, 64))],
    ids=["infinite", "63 columns", "one dimension", "no row"],
)
def test_rows_that_the_model_refuses_are_refused(name, rows):
    model, fast = pair(name)
    for ask in (fast.predict_proba, fast.predict):
        with pytest.raises(ValueError) as refused:
            ask(rows)
        with pytest.raises(ValueError) as expected:
            model.predict_proba(rows)
        assert str(refused.value) == str(expected.value)


def test_a_missing_pixel_goes_where_the_model_sends_it():
    holes = PAST.X.copy()
    holes[::3, 20] = np.nan
    model = RandomForestClassifier(10, random_state=0).fit(holes, PAST.y)
    fast = FastPredictor.from_sklearn(model, holes[:10])
    assert fast.predict_proba(holes[:9]).tobytes() == (
        model.predict_proba(holes[:9]).tobytes()
    )


@pytest.mark.filterwarnings("ignore:overflow")  # scikit-learn's too
def test_numbers_too_large_for_32_bits_are_the_models_to_refuse():
    with pytest.raises(ValueError, match="float32"):
        pair("forest")[1].predict_proba(np.full((1, 64), 1e39))


def test_classes_may_have_names():
    names = np.array([f"town {digit}" for digit in range(10)])[PAST.y]
    model = RandomForestClassifier(5, random_state=0).fit(PAST.X, names)
    fast = FastPredictor.from_sklearn(model, PAST.X[:5])
    assert fast.path is not None
    assert fast.predict(BAGS[:50]).tolist() == model.predict(BAGS[:50]).tolist()


def test_a_tree_by_hand():
    X, y = np.array([[0.0], [1.0], [2.0], [3.0]]), np.array([0, 0, 1, 1])
    packed = pack_trees([DecisionTreeClassifier().fit(X, y).tree_])
    assert isinstance(packed, PackedTrees)
    assert packed.depth == 1
    assert packed.threshold.tolist() == [1.5, np.inf]  # a leaf's question is never yes
    assert packed.first.tolist() == [1, 1, 2]
    answers = packed.predict_proba(np.array([[1.5], [1.5000001], [-9], [9]]))
    assert answers.tolist() == [[1, 0], [0, 1], [1, 0], [0, 1]]  # 1.5 is not above 1.5


def test_a_tree_that_is_a_single_leaf():
    model = DecisionTreeClassifier().fit(BAGS[:5], [7] * 5)
    fast = FastPredictor.from_sklearn(model, BAGS[:5])
    assert fast.predict_proba(BAGS[:3]).tolist() == [[1.0]] * 3


def test_other_models_answer_for_themselves():
    ways = [
        GradientBoostingClassifier(n_estimators=2),
        make_pipeline(RobustScaler(), GradientBoostingClassifier(n_estimators=2)),
        make_pipeline(StandardScaler(), GradientBoostingClassifier(n_estimators=2)),
    ]
    for model in ways:
        fast = FastPredictor.from_sklearn(model.fit(BAGS[:50], PAST.y[:50]), BAGS[:5])
        assert fast.path is None
        assert "as it was: no faster way" in repr(fast)
        expected = model.predict_proba(BAGS[:5])
        assert fast.predict_proba(BAGS[:5]).tobytes() == expected.tobytes()
        assert fast.predict(BAGS[:5]).tolist() == model.predict(BAGS[:5]).tolist()


NAMED = pd.DataFrame(BAGS[:60, 10:14].round(), columns=["a", "b", "c", "d"])
WORDS = NAMED.assign(word=NAMED["a"].map(lambda x: "light" if x < 8 else "dark"))


def behind(*steps):
    """Return a pipeline of a forest behind a ColumnTransformer with these steps."""
    forest = RandomForestClassifier(7, random_state=0)
    return make_pipeline(make_column_transformer(*steps), forest)


TABLES = {
    "numbers": (RandomForestClassifier(7, random_state=0), NAMED),
    "integers": (RandomForestClassifier(7, random_state=0), NAMED.astype(int)),
    "scalers": (
        behind((StandardScaler(), ["a", "b"]), (MinMaxScaler(), ["d"])), NAMED),
    "words": (
        behind((OneHotEncoder(), ["word"]), (StandardScaler(), ["a", "b"])), WORDS),
    "sparse words": (behind((OneHotEncoder(), ["word", "a", "b", "c"])), WORDS),
    "numbers by place": (behind((StandardScaler(), [0, 2])), NAMED.to_numpy()),
    "another scaler": (
        make_pipeline(RobustScaler(), LogisticRegression(max_iter=500)), NAMED),
}  # fmt: skip


@pytest.mark.parametrize("name", TABLES)
def test_a_table_has_the_faster_way_behind_scikit_learns_own_steps(name):
    model, table = TABLES[name]
    model.fit(table, PAST.y[:60])
    fast = FastPredictor.from_sklearn(model, table[:20])
    assert fast.path is not None, fast
    for rows in (table, table[40:41], table[7:20]):
        expected = model.predict_proba(rows)
        assert fast.predict_proba(rows).tobytes() == expected.tobytes()
        assert fast.predict(rows).tolist() == model.predict(rows).tolist()


def test_a_table_in_another_order_is_refused_as_the_model_refuses_it():
    model = RandomForestClassifier(7, random_state=0).fit(NAMED, PAST.y[:60])
    fast = FastPredictor.from_sklearn(model, NAMED[:20])
    with pytest.raises(ValueError, match="feature names"):
        fast.predict_proba(NAMED[["b", "a", "c", "d"]])


def test_a_table_whose_words_are_the_last_steps_has_no_faster_way():
    codes = WORDS.assign(word=WORDS["word"].map({"light": 0, "dark": 1}).astype(object))
    model = DecisionTreeClassifier().fit(codes, PAST.y[:60])
    fast = FastPredictor.from_sklearn(model, codes[:20])
    assert fast.path is None
    assert "columns of numbers only" in repr(fast)
    assert fast.predict(codes).tolist() == model.predict(codes).tolist()


def spoiled(packed, part):
    """Return packed trees with one part changed as little as can be."""
    changed = {
        "threshold": lambda x: np.nextafter(x, np.float32(-np.inf)),
        "first": lambda x: np.maximum(x - 1, 0),
        "question": lambda x: np.roll(x, 1),
        "shares": lambda x: np.nextafter(x, 2),
        "depth": lambda x: x - 1,
    }
    return replace(packed, **{part: changed[part](getattr(packed, part))})


@pytest.mark.parametrize("part", ["threshold", "first", "question", "shares", "depth"])
def test_trees_that_are_packed_wrongly_are_not_used(part, monkeypatch):
    X, y = np.array([[0.0], [1.0], [2.0], [4.0]]), np.array([0, 1, 2, 3])
    model = DecisionTreeClassifier().fit(X, y)
    wrong = spoiled(pack_trees([model.tree_]), part)
    monkeypatch.setattr("lessonlib.serve.predictors.pack_trees", lambda trees: wrong)
    golden = np.unique(model.tree_.threshold[:, None], axis=0)  # each tie is tried
    fast = FastPredictor.from_sklearn(model, golden)
    assert fast.path is None
    assert "other bits" in repr(fast)
    assert fast.predict(X).tolist() == [0, 1, 2, 3]


@pytest.mark.parametrize("side", [-1, 1])
def test_weights_that_are_wrong_in_the_last_bit_are_not_used(side, monkeypatch):
    honest = Linear.predict_proba
    monkeypatch.setattr(
        Linear,
        "predict_proba",
        lambda self, rows: np.nextafter(honest(self, rows), side),
    )
    model = MODELS["standard"].fit(PAST.X, PAST.y)
    fast = FastPredictor.from_sklearn(model, PAST.X[:3])
    assert fast.path is None
    assert "other bits" in repr(fast)


def test_it_says_what_it_is():
    assert "30 trees" in repr(pair("forest")[1])
    assert "the same bits on 20 golden rows" in repr(pair("standard")[1])


def test_golden_rows_are_needed():
    model, _ = pair("tree")
    with pytest.raises(ValueError, match=r"\(0, 64\)"):
        FastPredictor.from_sklearn(model, np.empty((0, 64)))
