"""Does an example tell what a model takes, and is what tells nothing refused?"""

import numpy as np
import pandas as pd
import pytest
from scipy.sparse import csr_array, csr_matrix
from sklearn.compose import ColumnTransformer, make_column_selector
from sklearn.dummy import DummyClassifier
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import FixedThresholdClassifier, GridSearchCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import (
    FunctionTransformer,
    OneHotEncoder,
    OrdinalEncoder,
    StandardScaler,
)

from lessonlib.save.artifacts import load_model, save_model
from lessonlib.save.columns import Column
from lessonlib.save.examples import read_example

FRAME = pd.DataFrame(
    {"size": ["S", "L"] * 4, "grams": np.arange(8) / 2, "stamps": [1, 2] * 4}
)
Y = np.array([0, 0, 0, 1, 0, 1, 1, 1])
ENCODERS = [OneHotEncoder(), OrdinalEncoder()]


def encoding(encoder, where):
    """Return a pipeline that encodes the columns at `where`, and is fitted."""
    parts = [("encoded", encoder, where), ("scaled", StandardScaler(), ["grams"])]
    return make_pipeline(ColumnTransformer(parts), LogisticRegression()).fit(FRAME, Y)


def through_a_file(model, example, folder, **more):
    """Save, load, and see that all answers are the model's own."""
    manifest = save_model(model, folder, example=example, **more)
    answers = load_model(folder)(example)
    assert answers.predictions.tolist() == np.ravel(model.predict(example)).tolist()
    return manifest


def refused(model, example, folder, match, **more):
    """See that nothing is saved, and that the reason is a sentence of ours."""
    with pytest.raises(ValueError, match=match) as caught:
        save_model(model, folder / "m", example=example, **more)
    assert type(caught.value) is ValueError
    assert "/lessonlib/save/" in str(caught.traceback[-1].path)
    assert "\n" not in str(caught.value)
    assert not (folder / "m").exists()


# -- what is no example


@pytest.mark.parametrize(
    ("example", "seen"),
    [
        (None, "got type NoneType"),
        ("one text", "got type str"),
        ({"a": [1]}, "got type dict"),
        ({1, 2}, "got type set"),
        ((row for row in [[1]]), "got type generator"),
        ([[1, 2], [3]], "got rows of different lengths"),
        ([{"a": 1}], r"pandas.DataFrame\(example\)"),
        (np.zeros((2, 8, 8)), r"got shape \(2, 8, 8\): an image is one row"),
        (np.zeros(3), r"got shape \(3,\) of float64: one column is reshape\(-1, 1\)"),
        (pd.Series([1, 2]), r"got shape \(2,\) of int64"),
        (np.zeros((0, 2)), r"got shape \(0, 2\): give rows"),
        (np.zeros((2, 0)), r"got shape \(2, 0\)"),
        ([], r"got shape \(0,\)"),
        (FRAME[:0], r"got shape \(0, 3\)"),
        (pd.DataFrame(index=[0, 1]), r"got shape \(2, 0\)"),
        (csr_matrix(np.eye(2)), r"a csr_matrix: give example\.toarray\(\)"),
        (csr_array(np.eye(2)), r"a csr_array: give example\.toarray\(\)"),
        (np.ma.masked_array([[1.0]], [[True]]), r"example\.filled\(np\.nan\)"),
        (np.array([[1j]]), "array of complex128"),
        (np.array([["2026-11-30"]], dtype="M8[ns]"), "for dates give a DataFrame"),
        (np.array([[b"x"]]), r"array of \|S1"),
        (np.array([[np.inf]]), "column 'x0' of the example has inf"),
        (np.array([[None]], dtype=object), "column 'x0' has only gaps"),
    ],
)
def test_what_is_no_example_is_refused_with_what_was_seen(tmp_path, example, seen):
    refused(DummyClassifier().fit([[0]], [0]), example, tmp_path, seen)


def test_a_frame_of_another_package_is_to_be_made_a_pandas_one(tmp_path):
    class Polars:
        columns, dtypes = ["a"], [float]

        def to_pandas(self):
            return pd.DataFrame({"a": [1.0]})

    model = DummyClassifier().fit([[0]], [0])
    refused(model, Polars(), tmp_path, r"a Polars: give example\.to_pandas\(\)")


# -- the order of columns


@pytest.mark.parametrize(
    ("change", "seen"),
    [
        (
            lambda frame: frame[["stamps", "grams"]],
            "stamps, grams, but .* grams, stamps",
        ),
        (lambda frame: frame[["grams"]], "has the columns grams, but the model"),
        (lambda frame: frame.assign(id=1), "grams, stamps, id, but the model"),
        (lambda frame: frame.rename(columns={"grams": "g"}), "columns g, stamps, but"),
        (lambda frame: frame.to_numpy()[:, :1], "has 1 columns, .* 2: grams, stamps"),
    ],
)
@pytest.mark.parametrize("steps", [[], [StandardScaler()]])
def test_other_columns_than_the_model_learned_from_are_refused_by_name(
    tmp_path, change, seen, steps
):
    numbers = FRAME[["grams", "stamps"]].astype(float)
    model = make_pipeline(*steps, LogisticRegression()).fit(numbers, Y)
    refused(model, change(numbers), tmp_path, seen)


def test_an_array_gets_the_names_that_the_model_learned(tmp_path):
    numbers = FRAME[["grams", "stamps"]].astype(float)
    model = LogisticRegression().fit(numbers, Y)
    manifest = save_model(model, tmp_path, example=numbers.to_numpy())
    assert manifest.columns == (Column("grams"), Column("stamps"))
    assert manifest.form == "frame"
    answers = load_model(tmp_path)(numbers)
    assert np.array_equal(answers.probabilities, model.predict_proba(numbers))


def test_an_array_of_objects_gets_names_and_kinds(tmp_path):
    model = encoding(OneHotEncoder(handle_unknown="ignore"), ["size"])
    manifest = save_model(model, tmp_path, example=FRAME.to_numpy())
    kinds = [(column.name, column.kind) for column in manifest.columns]
    assert kinds == [("size", "text"), ("grams", "number"), ("stamps", "integer")]


def test_a_frame_for_a_model_of_arrays_gives_the_columns_their_names(tmp_path):
    rows = FRAME[["grams", "stamps"]].to_numpy()
    model = LogisticRegression().fit(rows, Y)
    manifest = save_model(model, tmp_path, example=FRAME[["grams", "stamps"]])
    assert [column.name for column in manifest.columns] == ["grams", "stamps"]
    assert manifest.form == "array"
    assert np.array_equal(load_model(tmp_path)(rows).predictions, model.predict(rows))


class Heavier:
    """A model of one's own that takes a column by its name."""

    def predict(self, frame):
        return (frame["grams"] > 1).to_numpy()


def test_a_model_of_ones_own_gets_the_frame_that_it_needs(tmp_path):
    manifest = through_a_file(Heavier(), FRAME, tmp_path)
    assert (manifest.form, manifest.answers) == ("frame", "values")
    assert "pandas" in manifest.libraries


# -- texts


@pytest.mark.parametrize("kind", [list, np.array, pd.Series])
def test_a_model_of_texts_takes_a_column_of_text(tmp_path, kind):
    texts = kind(["good parcel", "bad parcel"] * 4)
    model = make_pipeline(TfidfVectorizer(), LogisticRegression()).fit(texts, Y)
    manifest = through_a_file(model, texts, tmp_path)
    assert (manifest.form, manifest.columns) == ("texts", (Column("text", "text"),))


def test_texts_as_a_table_for_a_model_of_texts_are_refused(tmp_path):
    model = make_pipeline(TfidfVectorizer(), DummyClassifier()).fit(["a word"] * 8, Y)
    refused(model, [["a word"]], tmp_path, "the model cannot answer its example: Attr")


# -- choices


@pytest.mark.parametrize("encoder", ENCODERS)
@pytest.mark.parametrize(
    "where",
    [
        ["size"],
        [0],
        [-3],
        slice(0, 1),
        [True, False, False],
        make_column_selector(dtype_exclude="number"),
    ],
)
def test_the_choices_are_those_of_a_fitted_encoder(tmp_path, encoder, where):
    manifest = through_a_file(encoding(encoder, where), FRAME, tmp_path)
    size, *others = manifest.columns
    assert size == Column("size", "category", choices=("L", "S"))
    assert others == [Column("grams"), Column("stamps", "integer")]


@pytest.mark.parametrize("encoder", ENCODERS)
def test_numbers_that_an_encoder_knows_are_choices_too(tmp_path, encoder):
    model = encoding(encoder, ["size", "stamps"])
    manifest = through_a_file(model, FRAME, tmp_path)
    assert manifest.columns[2] == Column("stamps", "category", choices=(1, 2))


@pytest.mark.parametrize("encoder", ENCODERS)
def test_the_choices_of_an_array_are_found_by_position(tmp_path, encoder):
    rows = FRAME.to_numpy()
    parts = ColumnTransformer([("encoded", encoder, [0])])
    model = make_pipeline(parts, LogisticRegression()).fit(rows, Y)
    manifest = through_a_file(model, rows, tmp_path)
    assert manifest.columns[0] == Column("x0", "category", choices=("L", "S"))


@pytest.mark.parametrize("encoder", ENCODERS)
def test_an_encoder_alone_and_one_behind_an_imputer_have_choices(tmp_path, encoder):
    gaps = FRAME[["size"]].replace({"size": {"S": None}}).fillna({"size": np.nan})
    gaps.loc[0, "size"] = "S"
    imputer = SimpleImputer(strategy="most_frequent")
    for steps, example, missing in (
        ([encoder], FRAME[["size"]], False),
        ([imputer, encoder], gaps, True),
        (
            [ColumnTransformer([("c", make_pipeline(imputer, encoder), ["size"])])],
            gaps,
            True,
        ),
    ):
        model = make_pipeline(*steps, LogisticRegression()).fit(example, Y)
        (column,) = through_a_file(model, example, tmp_path).columns
        kind = {"choices": ("L", "S"), "missing": missing}
        assert column == Column("size", "category", **kind)


@pytest.mark.parametrize(
    "wrap",
    [
        lambda model: GridSearchCV(model, {"logisticregression__C": [1, 2]}, cv=2),
        lambda model: FixedThresholdClassifier(model, threshold=0.9),
    ],
)
def test_the_choices_are_found_inside_of_a_search_or_a_wrapper(tmp_path, wrap):
    model = wrap(encoding(OneHotEncoder(), ["size"])).fit(FRAME, Y)
    manifest = through_a_file(model, FRAME, tmp_path)
    assert manifest.columns[0].choices == ("L", "S")


def test_an_encoder_that_takes_anything_limits_nothing(tmp_path):
    model = encoding(OneHotEncoder(handle_unknown="ignore"), ["size"])
    assert through_a_file(model, FRAME, tmp_path).columns[0] == Column("size", "text")


def lower(frame):
    return frame.apply(lambda column: column.str.lower())


def test_an_encoder_that_sees_other_words_than_the_client_sends_limits_nothing():
    parts = make_pipeline(FunctionTransformer(lower), OneHotEncoder())
    model = encoding(parts, ["size"])
    assert read_example(model, FRAME).columns[0] == Column("size", "text")


# -- columns that somebody has written


def test_columns_that_are_given_count(tmp_path):
    model = encoding(OneHotEncoder(), ["size"])
    columns = [
        Column("size", "category", choices=("S", "L")),
        Column("grams", low=0, high=30_000),
        Column("stamps", "integer", missing=True),
    ]
    manifest = through_a_file(model, FRAME, tmp_path, columns=columns)
    assert manifest.columns == tuple(columns)


@pytest.mark.parametrize(
    ("columns", "seen"),
    [
        (["a", "b", "c"], "must hold Column objects, got 'a'"),
        ([Column("size", "text")], "1 columns are given, but the example has 3"),
        ([], "0 columns are given"),
        ([Column("a"), Column("a"), Column("b")], "one name: a, a, b"),
        ([Column("a"), Column("b"), Column("c")], "are a, b, c, but .* size, grams"),
        (
            [Column("size"), Column("grams"), Column("stamps")],
            "the example is not what its columns say: could not convert",
        ),
    ],
)
def test_columns_that_are_not_the_examples_are_refused(tmp_path, columns, seen):
    model = encoding(OneHotEncoder(), ["size"])
    refused(model, FRAME, tmp_path, seen, columns=columns)
