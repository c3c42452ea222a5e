"""Is what a model says told by what it is, never guessed, also when it was saved?"""

import random
import threading

import numpy as np
import pandas as pd
import pytest
import yaml
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.cluster import DBSCAN, KMeans
from sklearn.decomposition import PCA
from sklearn.dummy import DummyClassifier, DummyRegressor
from sklearn.ensemble import (
    ExtraTreesClassifier,
    HistGradientBoostingClassifier,
    IsolationForest,
    RandomForestClassifier,
    RandomForestRegressor,
)
from sklearn.linear_model import LinearRegression, LogisticRegression, Ridge
from sklearn.mixture import GaussianMixture
from sklearn.model_selection import (
    FixedThresholdClassifier,
    GridSearchCV,
    TunedThresholdClassifierCV,
)
from sklearn.multiclass import OneVsRestClassifier
from sklearn.multioutput import ClassifierChain, MultiOutputClassifier
from sklearn.neighbors import KNeighborsClassifier, LocalOutlierFactor
from sklearn.neural_network import MLPClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer, StandardScaler
from sklearn.svm import SVC, LinearSVC, OneClassSVM
from sklearn.tree import DecisionTreeClassifier

from lessonlib.errors import ArtifactError
from lessonlib.save.answers import Answers, answer_kind, answering, classes_of, one_each
from lessonlib.save.artifacts import load_model, save_model

RNG = np.random.default_rng(8)
X = RNG.normal(size=(80, 3))
Y = (X[:, 0] + RNG.normal(size=80) > 0).astype(int)


def reloaded(model, folder, example=X):
    """Return a model after it was saved and loaded."""
    save_model(model, folder, example=example)
    return load_model(folder)


def refused(model, folder, match, example=X):
    """See that nothing is saved, and that the reason is a sentence of ours."""
    with pytest.raises(ValueError, match=match) as caught:
        save_model(model, folder / "m", example=example)
    assert type(caught.value) is ValueError
    assert "/lessonlib/save/" in str(caught.traceback[-1].path)
    assert "\n" not in str(caught.value)
    assert not (folder / "m").exists()


# -- classes


CLASSIFIERS = {
    "logistic": LogisticRegression(),
    "scaled": make_pipeline(StandardScaler(), LogisticRegression()),
    "forest": RandomForestClassifier(7, random_state=1),
    "extra trees": make_pipeline(ExtraTreesClassifier(7, random_state=1)),
    "tree": DecisionTreeClassifier(max_depth=3),
    "fixed": FixedThresholdClassifier(LogisticRegression(), threshold=0.8),
    "fixed forest": FixedThresholdClassifier(
        RandomForestClassifier(7, random_state=1), threshold=0.8
    ),
    "tuned": TunedThresholdClassifierCV(
        LogisticRegression(class_weight={0: 3}), cv=3, random_state=1
    ),
    "search": GridSearchCV(LogisticRegression(), {"C": [0.1, 1]}, cv=2),
    "neighbours": KNeighborsClassifier(4),
}


@pytest.mark.parametrize("name", CLASSIFIERS)
def test_predictions_are_what_predict_says_and_probabilities_stand_beside(
    tmp_path, name
):
    model = CLASSIFIERS[name].fit(X, Y)
    loaded = reloaded(model, tmp_path)
    answers = loaded(X)
    assert answers.predictions.tolist() == model.predict(X).tolist()
    assert np.array_equal(answers.probabilities, model.predict_proba(X))
    assert (loaded.manifest.answers, loaded.manifest.classes) == ("classes", (0, 1))


@pytest.mark.parametrize("name", ["fixed", "fixed forest", "tuned"])
def test_a_tuned_threshold_is_kept(name):
    model = CLASSIFIERS[name].fit(X, Y)
    answers = answering(model)(X)
    likeliest = answers.probabilities.argmax(axis=1)
    assert (answers.predictions != likeliest).any()  # else this would prove nothing
    assert answers.predictions.tolist() == model.predict(X).tolist()


@pytest.mark.filterwarnings("ignore:.*probability.*:FutureWarning")
def test_the_predictions_of_a_support_vector_machine_are_its_own(tmp_path):
    model = SVC(probability=True, random_state=1).fit(X, Y)
    answers = reloaded(model, tmp_path)(X)
    assert answers.predictions.tolist() == model.predict(X).tolist()
    assert np.array_equal(answers.probabilities, model.predict_proba(X))


def test_a_classifier_may_have_no_probabilities(tmp_path):
    model = LinearSVC().fit(X, Y)
    loaded = reloaded(model, tmp_path)
    assert loaded(X).predictions.tolist() == model.predict(X).tolist()
    assert loaded(X).probabilities is None
    assert loaded.manifest.answers == "classes"


@pytest.mark.parametrize(
    "names",
    [
        np.array([False, True]),
        np.array(["Ash", "Elm"]),
        np.array(["Ash", "Elm"], dtype=object),
        np.array([3, 8]),
        np.array([3, 8], dtype=np.uint8),
        np.array([3.0, 8.0]),
    ],
)
@pytest.mark.parametrize("model", [LogisticRegression(), RandomForestClassifier(3)])
def test_every_kind_of_class_comes_back_as_itself(tmp_path, names, model):
    model.fit(X, names[Y])
    loaded = reloaded(model, tmp_path)
    said = loaded(X).as_json()["predictions"]
    assert said == model.predict(X).tolist()
    assert loaded.manifest.classes == tuple(names.tolist())
    assert {type(each) for each in said} == {type(names.tolist()[0])}


def test_labels_of_shape_n_1_are_one_label_each(tmp_path):
    model = KNeighborsClassifier().fit(X, Y)
    wide = KNeighborsClassifier()
    with pytest.warns(Warning, match="column-vector"):
        wide.fit(X, Y[:, None])
    answers = reloaded(wide, tmp_path)(X)
    assert answers.predictions.tolist() == model.predict(X).tolist()


# -- numbers


@pytest.mark.parametrize("width", [1, 2, 3])
@pytest.mark.parametrize("kind", [LinearRegression, Ridge])
def test_targets_are_predictions_and_never_probabilities(tmp_path, kind, width):
    model = kind().fit(X, X[:, :width])
    loaded = reloaded(model, tmp_path)
    answers = loaded(X)
    expected = model.predict(X)
    expected = expected.ravel() if width == 1 else expected
    assert answers.predictions.shape == ((80,) if width == 1 else (80, width))
    assert np.array_equal(answers.predictions, expected)
    assert answers.probabilities is None
    assert (loaded.manifest.answers, loaded.manifest.classes) == ("numbers", None)


@pytest.mark.parametrize("model", [LinearRegression(), RandomForestRegressor(3)])
def test_a_number_is_a_number(tmp_path, model):
    model.fit(X, 10 * X[:, 0])
    answers = reloaded(model, tmp_path)(X)
    assert answers.predictions.tolist() == model.predict(X).tolist()


def test_a_regressor_that_says_nan_is_refused(tmp_path):
    model = Ridge().fit(X, Y)
    model.coef_[:] = np.nan
    refused(model, tmp_path, "cannot be sent as JSON.*; answer numbers, texts")


# -- outliers and other answers


@pytest.mark.parametrize(
    "model",
    [
        IsolationForest(n_estimators=5, random_state=1),
        make_pipeline(StandardScaler(), OneClassSVM()),
        LocalOutlierFactor(novelty=True),
    ],
)
def test_an_outlier_has_its_score_beside_it(tmp_path, model):
    model.fit(X)
    loaded = reloaded(model, tmp_path)
    answers = loaded(X)
    assert answers.predictions.tolist() == model.predict(X).tolist()
    assert np.array_equal(answers.scores, model.decision_function(X))
    assert set(answers.as_json()) == {"predictions", "scores"}
    assert (loaded.manifest.answers, loaded.manifest.classes) == ("outliers", None)


def test_a_group_is_a_value(tmp_path):
    model = KMeans(3, random_state=1).fit(X)
    loaded = reloaded(model, tmp_path)
    assert loaded(X).predictions.tolist() == model.predict(X).tolist()
    assert loaded.manifest.answers == "values"


def test_a_mixture_tells_how_sure_it_is(tmp_path):
    model = GaussianMixture(2, random_state=1).fit(X)
    answers = reloaded(model, tmp_path)(X)
    assert np.array_equal(answers.probabilities, model.predict_proba(X))


# -- models of one's own


class Own:
    """A model that learned its answers by heart."""

    def __init__(self, *answers):
        self.answers = list(answers)

    def predict(self, table):
        return (self.answers * len(table))[: len(table)]


class Sure(Own):
    """A model that is always sure, and never says the likeliest class."""

    classes_ = ("no", "yes")

    def predict_proba(self, table):
        return np.tile([0.3, 0.7], (len(table), 1))


@pytest.mark.parametrize(
    "answers", [(1,), (0.5, 2), ("a", "b"), (True, False), ("a", 1), (None, "a")]
)
def test_what_a_model_of_ones_own_says_comes_back_as_it_is(tmp_path, answers):
    loaded = reloaded(Own(*answers), tmp_path, X[: len(answers)])
    said = loaded(X[: len(answers)]).as_json()["predictions"]
    if {*map(type, answers)} <= {str, int}:  # of a list, numpy makes texts of all
        answers = np.array(answers).tolist()
    assert said == list(answers)
    assert loaded.manifest.answers == "values"


class Mixed:
    def predict(self, table):
        return np.array([1, "a"] * len(table), dtype=object)[: len(table)]


def test_answers_of_several_types_stay_so_in_an_array_of_objects(tmp_path):
    loaded = reloaded(Mixed(), tmp_path, X[:2])
    assert loaded(X[:2]).as_json()["predictions"] == [1, "a"]


def test_one_that_tells_probabilities_is_a_classifier(tmp_path):
    loaded = reloaded(Sure("no"), tmp_path)
    answers = loaded(X[:2]).as_json()
    assert answers == {"predictions": ["no"] * 2, "probabilities": [[0.3, 0.7]] * 2}
    assert (loaded.manifest.answers, loaded.manifest.classes) == (
        "classes",
        ("no", "yes"),
    )


def test_a_model_may_call_anything_steps(tmp_path):
    model = Own(1.0)
    model.steps = 17
    assert reloaded(model, tmp_path)(X[:1]).predictions.tolist() == [1.0]


class RandomForestClassifierOfOurs(Sure):
    pass


RandomForestClassifierOfOurs.__name__ = "RandomForestClassifier"


def test_only_scikit_learns_forests_are_trusted_to_say_the_likeliest():
    model = RandomForestClassifierOfOurs("no")
    assert answering(model)(X[:1]).predictions.tolist() == ["no"]


# -- what cannot be served is refused when it is saved


def one_feature(rows):
    return rows[:, 0]


def test_a_function_is_refused_with_what_to_do(tmp_path):
    refused(one_feature, tmp_path, r"a class with predict\(self, X\), in a module")


@pytest.mark.parametrize(
    "model",
    [None, PCA().fit(X), DBSCAN().fit(X), LocalOutlierFactor().fit(X), Y],
)
def test_what_does_not_predict_is_refused(tmp_path, model):
    refused(model, tmp_path, "has no predict")


def test_a_class_in_place_of_its_object_is_refused(tmp_path):
    refused(LogisticRegression, tmp_path, "LogisticRegression is a class: make an")


@pytest.mark.parametrize(
    ("model", "seen"),
    [
        (LogisticRegression(), "is it fitted"),
        (LinearRegression(), "cannot answer its example: NotFittedError"),
        (make_pipeline(StandardScaler(), LogisticRegression()), "is it fitted"),
    ],
)
def test_a_model_that_has_not_learned_is_refused(tmp_path, model, seen):
    refused(model, tmp_path, seen)


SEVERAL = [
    KNeighborsClassifier(),
    RandomForestClassifier(3),
    DecisionTreeClassifier(),
    MultiOutputClassifier(LogisticRegression()),
    ClassifierChain(LogisticRegression()),
    OneVsRestClassifier(LogisticRegression()),
    MLPClassifier(tol=1e9, random_state=1),
]


@pytest.mark.parametrize("model", SEVERAL)
def test_several_labels_at_once_are_refused(tmp_path, model):
    model.fit(X, np.column_stack([Y, 1 - Y]))
    refused(model, tmp_path, "several labels at once cannot be served")


@pytest.mark.parametrize("model", SEVERAL[:4])
def test_several_labels_of_unlike_classes_are_refused(tmp_path, model):
    labels = np.column_stack([Y, 1 - Y])
    labels[0, 1] = 2  # two classes beside three: numpy has no array of that
    refused(model.fit(X, labels), tmp_path, "several labels at once cannot be served")


class Labelled(ClassifierMixin, BaseEstimator):
    def predict(self, table):
        return ["a"] * len(table)


class Half(ClassifierMixin):
    """A classifier whose author forgot BaseEstimator: it has no tags."""

    classes_ = ("a", "b")

    def predict(self, table):
        return ["a"] * len(table)


def test_a_class_with_half_of_scikit_learns_parents_is_served(tmp_path):
    loaded = reloaded(Half(), tmp_path)
    assert loaded(X[:1]).predictions.tolist() == ["a"]
    assert loaded.manifest.answers == "classes"


class Shaped(Sure):
    """A model that gives `answers` as they are, however many rows there are."""

    def predict(self, table):
        return self.answers


class OneColumn(Sure):
    def predict_proba(self, table):
        return np.full(len(table), 0.7)


@pytest.mark.parametrize(
    ("model", "seen"),
    [
        (
            Sure("maybe"),
            r"answers 'maybe', which is none of its classes_ \['no', 'yes'",
        ),
        (OneColumn("no"), r"predict_proba gives shape \(80,\).*\(80, 2\)"),
        (Labelled(), "a classifier without classes_"),
        (Shaped("no"), r"answers of shape \(1,\) to 80 rows"),
        (Own(object()), "cannot be sent as JSON: Object of type object"),
        (Own(float("inf")), "cannot be sent as JSON"),
        (Own("\ud800"), "cannot be sent as JSON.*surrogates"),
        (Own(1j), "answers of type complex128"),
        (Own(b"x"), "answers of type .S1"),
        (Own(np.datetime64("2026-11-30")), "answers of type datetime64"),
        (Own([1], [1, 2]), "lists of different lengths"),
    ],
)
def test_answers_that_nobody_could_use_are_refused(tmp_path, model, seen):
    refused(model, tmp_path, seen)


class Dice:
    def predict(self, table):
        return [random.random() for _ in table]


def test_answers_by_chance_are_refused(tmp_path):
    refused(Dice(), tmp_path, "answers otherwise .*: by chance")


class Typed:
    """A model that looks at the type of numbers that JSON cannot keep."""

    def predict(self, rows):
        return [float(rows.dtype == np.float32)] * len(rows)


def test_a_model_that_needs_what_json_cannot_keep_is_refused(tmp_path):
    refused(Typed(), tmp_path, "x0: number", example=X.astype(np.float32))


def test_numbers_of_32_bits_may_become_numbers_of_64(tmp_path):
    small = X.astype(np.float32)
    model = MLPClassifier(tol=1e9, random_state=1).fit(small, Y)
    answers = reloaded(model, tmp_path, small)(X)
    np.testing.assert_allclose(answers.probabilities, model.predict_proba(X))


class Choosy:
    """A model that takes lists of objects only: an array of floats breaks it."""

    def predict(self, rows):
        return [float(row[0] @ row[1]) for row in rows]


def test_what_a_model_of_ones_own_raises_is_told_in_a_line(tmp_path):
    refused(Choosy(), tmp_path, "the model cannot answer its example: TypeError")


# -- what does not go through a file


class Locked(Own):
    def __init__(self, *answers):
        super().__init__(*answers)
        self.lock = threading.Lock()


class Forgetful(Own):
    def __getstate__(self):
        return {"answers": [0.0]}


class Empty(Own):
    def __getstate__(self):
        return {}


class Endless:
    """A wrapper as people write it: it asks for `model` before there is one."""

    def __init__(self, model):
        self.model = model

    def __getattr__(self, name):
        return getattr(self.model, name)


@pytest.mark.parametrize(
    ("model", "seen"),
    [
        (Locked(1.0), "does not fit into a file.*lock"),
        (
            make_pipeline(FunctionTransformer(lambda rows: rows), Ridge()).fit(X, Y),
            "does not fit into a file.*a lambda",
        ),
        (Forgetful(1.0), "read back from its file, the model answers .* differently"),
        (Empty(1.0), "read back from its file, .* cannot answer .*AttributeError"),
        (Endless(Ridge().fit(X, Y)), "cannot be read back from its file .Recursion"),
    ],
)
def test_a_model_that_its_file_cannot_keep_is_refused(tmp_path, model, seen):
    refused(model, tmp_path, seen)


@pytest.mark.parametrize(
    "metrics", [{"accuracy": "high"}, {"accuracy": float("nan")}, {"a": None}, [0.5]]
)
def test_metrics_that_are_no_numbers_are_refused(tmp_path, metrics):
    with pytest.raises(ValueError, match="metrics must be finite numbers by name, got"):
        save_model(Own(1.0), tmp_path / "m", example=X, metrics=metrics)
    assert not (tmp_path / "m").exists()


@pytest.mark.parametrize("data", [X, [X, Y], (X,)])
def test_data_that_is_no_pair_is_refused(tmp_path, data):
    with pytest.raises(ValueError, match=r"data must be \(X, y\) of the training, got"):
        save_model(Own(1.0), tmp_path / "m", example=X, data=data)
    assert not (tmp_path / "m").exists()


class Careless(ClassifierMixin, BaseEstimator):
    """One that keeps a parameter under another name: scikit-learn cannot print it."""

    def __init__(self, *, k=1):
        self._k = k

    def predict(self, table):
        return ["a"] * len(table)


def test_a_class_that_cannot_be_printed_is_told_and_served(tmp_path):
    model = Careless()
    refused(model, tmp_path, "a Careless is a classifier without classes_")
    model.classes_ = ["a", "b"]
    assert reloaded(model, tmp_path)(X[:1]).predictions.tolist() == ["a"]


class Holder(Own):
    """A model with a part that comes from another package, and a function of one."""

    def __init__(self, answer):
        super().__init__(answer)
        self.part, self.step = pd.Index(["a"]), yaml.safe_load


@pytest.mark.parametrize(
    ("kind", "more"), [(Own, set()), (Holder, {"pandas", "PyYAML"})]
)
def test_the_packages_of_all_parts_are_written_down(tmp_path, kind, more):
    manifest = save_model(kind(1.0), tmp_path, example=X)
    always = {"python", "scikit-learn", "numpy", "joblib"}
    assert set(manifest.libraries) == always | more


class Moody(Own):
    mood = "good"

    def __setstate__(self, state):
        if Moody.mood == "bad":
            raise RuntimeError("not today")
        self.__dict__.update(state)


def test_a_file_that_cannot_be_read_back_is_an_artifact_error(tmp_path, monkeypatch):
    save_model(Moody(1.0), tmp_path, example=X)
    monkeypatch.setattr(Moody, "mood", "bad")
    with pytest.raises(ArtifactError, match="cannot be read back .*not today"):
        load_model(tmp_path)


# -- gaps


def test_a_model_that_learned_with_gaps_takes_gaps(tmp_path):
    gaps = X.copy()
    gaps[:10, 1] = np.nan
    model = HistGradientBoostingClassifier(max_iter=5).fit(gaps, Y)
    loaded = reloaded(model, tmp_path, gaps)
    assert np.array_equal(loaded(gaps).probabilities, model.predict_proba(gaps))
    assert [column.missing for column in loaded.manifest.columns] == [0, 1, 0]


# -- answering, one_each, agree_with


def test_a_function_gives_predictions_whatever_their_shape():
    wide = answering(lambda table: np.array([[0.1, 0.9]] * len(table)))(X[:2])
    assert wide.predictions.shape == (2, 2) and wide.probabilities is None
    column = answering(lambda table: np.ones((len(table), 1)))(X[:2])
    assert column.predictions.tolist() == [1, 1]


def test_a_function_may_give_answers_of_its_own():
    answers = Answers(np.array(["a"]), np.array([[0.5, 0.5]]))
    assert answering(lambda table: answers)(X[:1]) is answers
    with pytest.raises(ValueError, match="1 answers to 2 rows"):
        answering(lambda table: answers)(X[:2])


def test_a_method_is_asked_like_its_model():
    model = FixedThresholdClassifier(LogisticRegression(), threshold=0.8).fit(X, Y)
    for predict in (model, model.predict_proba):
        answers = answering(predict)(X)
        assert answers.predictions.tolist() == model.predict(X).tolist()
        assert np.array_equal(answers.probabilities, model.predict_proba(X))
    assert answering(model.predict)(X).probabilities is None
    assert classes_of(model.predict_proba) == classes_of(model) == (0, 1)
    assert classes_of(one_feature) is None


@pytest.mark.parametrize("answers", [3.0, [1], np.zeros((2, 2, 2)), [[1], [1, 2]]])
def test_answers_must_be_one_for_each_row(answers):
    with pytest.raises(ValueError, match="one (entry )?for each"):
        one_each(answers, 2)


def test_a_series_of_answers_is_an_array():
    assert one_each(pd.Series([1, 2]), 2).tolist() == [1, 2]


@pytest.mark.parametrize(
    ("one", "other", "agree"),
    [
        ([1, 2], [1.0, 2.0], True),
        ([1.0], [1.0 + 1e-12], True),
        ([1.0], [1.0 + 1e-6], False),
        ([1], ["1"], False),
        ([1.0], [1.0, 1.0], False),
        ([1.0], [[1.0]], False),
        (["a"], ["a"], True),
    ],
)
def test_answers_agree_if_they_say_the_same(one, other, agree):
    one, other = Answers(np.array(one)), Answers(np.array(other))
    assert one.agree_with(other, tolerance=1e-9) is agree


def test_answers_with_and_without_probabilities_do_not_agree():
    bare, sure = Answers(np.ones(1)), Answers(np.ones(1), np.ones((1, 1)))
    assert not bare.agree_with(sure) and not sure.agree_with(bare)


def test_a_part_of_the_answers_keeps_all_that_there_is():
    answers = Answers(np.arange(3), np.eye(3), np.ones(3))[1:2]
    assert answers.as_json() == {
        "predictions": [1],
        "probabilities": [[0, 1, 0]],
        "scores": [1],
    }
    assert len(answers) == 1


def test_a_kind_is_told_by_what_a_model_is():
    assert answer_kind(DummyClassifier()) == "classes"
    assert answer_kind(DummyRegressor()) == "numbers"
    assert answer_kind(IsolationForest()) == "outliers"
    assert answer_kind(KMeans()) == answer_kind(Own()) == "values"
