"""Does an example's column say what may stand in it, and is it built again?"""

from datetime import datetime

import numpy as np
import pandas as pd
import pytest
from pandas.testing import assert_frame_equal

from lessonlib.save.columns import (
    ARRAY,
    FRAME,
    TEXTS,
    Column,
    build_table,
    check_image,
    check_values,
    join_tables,
)
from lessonlib.save.examples import read_example


class Zero:
    """A model that takes whatever comes."""

    def predict(self, table):
        return np.zeros(len(table))


class Counted(Zero):
    """A model that learned from an array: it counts columns, and knows no names."""

    n_features_in_ = 1


def read(example, model=None, **more):
    return read_example(model or Zero(), example, **more)


def only_column(cells, **more):
    """Return what a DataFrame of one column tells about it."""
    (column,) = read(pd.DataFrame({"a": cells}), **more).columns
    return column


def built(example):
    """Return an example after it has been rows of JSON values."""
    return build_table(example.values, example.columns, example.form)


# -- a column


def test_a_kind_that_is_none_is_refused_with_those_there_are():
    with pytest.raises(ValueError, match="kind 'float' is none of number, integer"):
        Column("width", "float")


def test_a_name_is_a_text():
    with pytest.raises(ValueError, match="name of a column is a text, got 3"):
        Column(3)


def test_choices_from_json_are_a_tuple():
    assert Column("size", "category", choices=["S", "L"]).choices == ("S", "L")


# -- the kinds of a DataFrame

DATES = ["2026-11-30", "2026-12-01"]


@pytest.mark.parametrize(
    ("cells", "expected"),
    [
        ([0.5, 2.0], Column("a", "number")),
        (np.array([0.5, 2], dtype=np.float32), Column("a", "number")),
        ([0.5, np.nan], Column("a", "number", missing=True)),
        ([np.nan, np.nan], Column("a", "number", missing=True)),
        (pd.array([0.5, None], dtype="Float64"), Column("a", "number", missing=True)),
        ([1, 2], Column("a", "integer")),
        (np.array([1, 2], dtype=np.uint8), Column("a", "integer")),
        (pd.array([1, None], dtype="Int64"), Column("a", "integer", missing=True)),
        (pd.Series([1, 2], dtype=object), Column("a", "integer")),
        (pd.Series([1, None], dtype=object), Column("a", "number", missing=True)),
        ([True, False], Column("a", "boolean")),
        (pd.array([True, None], dtype="boolean"), Column("a", "boolean", missing=True)),
        (pd.Series([True, None], dtype=object), Column("a", "boolean", missing=True)),
        (["x", "y"], Column("a", "text")),
        (["x", None], Column("a", "text", missing=True)),
        (pd.Series(["x", None], dtype=object), Column("a", "text", missing=True)),
        (pd.Series(["x", None], dtype="string"), Column("a", "text", missing=True)),
        (pd.Series([None, None], dtype="str"), Column("a", "text", missing=True)),
        (pd.to_datetime(DATES), Column("a", "date")),
        (pd.to_datetime([DATES[0], None]), Column("a", "date", missing=True)),
        (pd.Series([datetime(2026, 11, 30)] * 2, dtype=object), Column("a", "date")),
        (
            pd.Categorical(["x", None], categories=["y", "x"]),
            Column("a", "category", choices=("y", "x"), missing=True),
        ),
        (pd.Categorical([1, 2]), Column("a", "category", choices=(1, 2))),
        (
            pd.Categorical([True, False]),
            Column("a", "category", choices=(False, True)),
        ),
    ],
)
def test_a_column_of_a_frame_has_the_kind_of_its_cells(cells, expected):
    assert only_column(cells) == expected


@pytest.mark.parametrize(
    ("cells", "seen"),
    [
        ([[1], [2]], "holds list"),
        ([{}, {}], "holds dict"),
        ([1, "x"], "holds int and str"),
        (pd.Series([1, True], dtype=object), "holds bool and int"),
        ([1j, 2j], "holds complex"),
        ([b"x", b"y"], "holds bytes"),
        (pd.to_timedelta([1, 2], "D"), "holds Timedelta"),
        (pd.period_range("2026", periods=2), "holds Period"),
        (pd.Series([datetime(2026, 11, 30).date()] * 2), "holds date"),
        (pd.Series([None, None], dtype=object), "only gaps.*columns="),
        (pd.to_datetime(DATES).tz_localize("UTC"), "dates of the zone UTC"),
        (pd.Categorical(pd.to_datetime(DATES)), "category Timestamp.*not JSON"),
        (pd.cut([1, 2], 2), "category Interval.*not JSON"),
        ([1.0, np.inf], "has inf.*JSON has no infinity"),
        ([1, 2**53 + 1], "has 9007199254740993.*make it a text"),
        (["x", "\ud800"], r"has '\\ud800'.*half of a character"),
    ],
)
def test_cells_that_no_client_could_send_are_refused_with_their_column(cells, seen):
    with pytest.raises(ValueError, match=f"column 'a' .*{seen}"):
        only_column(cells)


# -- the kinds of an array


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        (np.array([[0.5, np.nan]]), [Column("x0"), Column("x1", missing=True)]),
        (np.array([[1, 2]]), [Column("x0"), Column("x1")]),  # 2.5 may come as well
        ([(1, 2), (3, 4)], [Column("x0"), Column("x1")]),
        (np.array([[True]]), [Column("x0", "boolean")]),
        (np.array([["m", "f"]]), [Column("x0", "text"), Column("x1", "text")]),
        (
            np.array([["m", 1, True], ["f", None, None]], dtype=object),
            [
                Column("x0", "text"),
                Column("x1", missing=True),
                Column("x2", "boolean", missing=True),
            ],
        ),
        ([["m", 1.5]], [Column("x0", "text"), Column("x1")]),  # not two texts
        (["good", "bad"], [Column("text", "text")]),
        (np.array(["good", "bad"]), [Column("text", "text")]),
        (pd.Series(["good", None]), [Column("text", "text", missing=True)]),
    ],
)
def test_the_columns_of_an_array_are_numbered(rows, expected):
    assert read(rows).columns == tuple(expected)


# -- there and back


@pytest.mark.parametrize(
    "cells",
    [
        [0.5, np.nan],
        [1, 2],
        [True, False],
        ["x", None],
        pd.to_datetime(["2026-11-30T14:05:06.789", None]).as_unit("us"),
        pd.Categorical(["x", None], categories=["y", "x"]),
        pd.Categorical([3, 1]),
    ],
)
def test_a_frame_is_the_same_after_it_has_been_json(cells):
    frame = pd.DataFrame({"a": cells})
    example = read(frame)
    assert example.form == FRAME
    assert_frame_equal(built(example), frame)


def test_integers_with_gaps_come_back_as_numbers_with_gaps():
    example = read(pd.DataFrame({"a": pd.array([1, None], dtype="Int64")}))
    assert example.values == [[1], [None]]
    assert_frame_equal(built(example), pd.DataFrame({"a": [1.0, np.nan]}))


@pytest.mark.parametrize(
    "rows",
    [
        np.array([[0.5, np.nan], [1, 2]]),
        np.array([[True, False]]),
        np.array([["m", 1.5], [None, 2.0]], dtype=object),
    ],
)
def test_an_array_is_the_same_after_it_has_been_json(rows):
    example = read(rows)
    assert example.form == ARRAY
    back = built(example)
    assert back.dtype == rows.dtype
    np.testing.assert_array_equal(back, rows)


def test_texts_are_the_same_after_they_have_been_json():
    example = read(np.array(["good", "bad"]))
    assert (example.form, example.values) == (TEXTS, [["good"], ["bad"]])
    assert built(example) == ["good", "bad"]


@pytest.mark.parametrize("text", ["2026-11-30", "0001-01-01T00:00", "2026-W01-1"])
def test_every_date_that_python_can_read_is_built(text):
    # the server lets these pass, so the model must get them
    frame = build_table([[text]], [Column("a", "date")], FRAME)
    assert frame["a"][0] == datetime.fromisoformat(text)


def test_categories_of_numbers_keep_an_array_one_of_numbers():
    columns = [Column("a", "category", choices=(1, 2)), Column("b")]
    assert build_table([[1, 0.5]], columns, ARRAY).dtype == float


def test_no_rows_are_a_frame_with_all_columns():
    frame = build_table([], [Column("a"), Column("b", "text")], FRAME)
    assert (list(frame.columns), len(frame)) == (["a", "b"], 0)


@pytest.mark.parametrize(
    ("form", "columns"),
    [(ARRAY, [Column("a")]), (FRAME, [Column("a")]), (TEXTS, [Column("a", "text")])],
)
def test_tables_of_one_form_are_joined_in_their_order(form, columns):
    one, two = (["x"], ["y"]) if form == TEXTS else ([1.0], [2.0])
    parts = [build_table([each], columns, form) for each in (one, two)]
    whole = build_table([one, two], columns, form)
    assert pd.DataFrame(join_tables(parts)).equals(pd.DataFrame(whole))
    assert join_tables(parts[:1]) is parts[0]


def test_values_are_checked_whoever_has_named_the_columns():
    check_values([[1.5, "ä", None, True]], [Column(name) for name in "abcd"])
    with pytest.raises(ValueError, match="column 'b' of the example has -inf"):
        check_values([[1.5, -np.inf]], [Column("a"), Column("b")])


def test_a_value_of_the_example_is_among_the_choices():
    size = Column("size", "category", choices=("S", "L"), missing=True)
    check_values([["S"], [None]], [size])
    with pytest.raises(ValueError, match="has 'XL'; it is none of the column's 2"):
        check_values([["S"], ["XL"]], [size])


@pytest.mark.parametrize(
    "column", [Column("\ud800"), Column("a", "category", choices=("x", "\udfff"))]
)
def test_half_of_a_character_is_refused_in_names_and_choices(column):
    with pytest.raises(ValueError, match="half of a character"):
        check_values([], [column])


# -- names


def test_two_columns_of_one_name_are_refused():
    frame = pd.DataFrame([[1, 2]], columns=["a", "a"])
    with pytest.raises(ValueError, match="two columns of the example have one name"):
        read(frame)


@pytest.mark.parametrize(
    ("names", "seen"),
    [
        ([7, 8], "called 7"),
        (pd.MultiIndex.from_tuples([("a", "b"), ("a", "c")]), r"called \('a', 'b'\)"),
    ],
)
def test_a_model_that_needs_a_frame_needs_texts_for_names(names, seen):
    frame = pd.DataFrame([[1, 2]], columns=names)
    with pytest.raises(ValueError, match=f"{seen}.*rename it"):
        read(frame)


def test_of_a_model_that_learned_from_an_array_any_names_are_labels():
    frame = pd.DataFrame([[1, 2.5]], columns=[7, 8])
    example = read(frame, Counted())
    assert [column.name for column in example.columns] == ["7", "8"]
    assert example.form == ARRAY
    np.testing.assert_array_equal(example.table, [[1, 2.5]])


# -- an image


@pytest.mark.parametrize("image", [(2, 3, 16), [2, 3, 0.5], (1, 6, 255)])
def test_an_image_has_as_many_columns_as_pixels(image):
    assert check_image(image, [Column(f"x{i}") for i in range(6)]) == tuple(image)


IMAGES = {
    "no numbers": ("8x8", "must be .height, width, black., such as"),
    "two numbers": ((2, 3), r"got \(2, 3\)"),
    "one number": (6, "got 6"),
    "half a line": ((1.5, 4, 16), "got"),
    "no line": ((0, 6, 16), "got"),
    "upside down": ((-2, -3, 16), "got"),
    "true": ((True, 6, 16), "got"),
    "black like white": ((2, 3, 0), "got"),
    "white on black": ((2, 3, -16), "got"),
    "no black": ((2, 3, None), "got"),
    "black is nothing": ((2, 3, float("nan")), "got"),
    "endlessly black": ((2, 3, float("inf")), "got"),
    "too large": ((3, 3, 16), "3 x 3 needs 9 columns, but a row has 6"),
    "too small": ((1, 3, 16), "1 x 3 needs 3 columns, but a row has 6"),
}


@pytest.mark.parametrize("name", IMAGES)
def test_what_is_no_image_is_refused(name):
    image, sentence = IMAGES[name]
    with pytest.raises(ValueError, match=sentence):
        check_image(image, [Column(f"x{i}") for i in range(6)])


@pytest.mark.parametrize(
    ("column", "sentence"),
    [
        (Column("b", "text"), "'b' is of kind 'text', and the pixels"),
        (Column("b", "category", choices=(0, 1)), "of kind 'category'"),
        (Column("b", low=0, high=15), "from 0 to 15, and an image has them from 0"),
        (Column("b", low=1), "from 1 to inf"),
    ],
)
def test_a_column_that_holds_no_pixel_is_named(column, sentence):
    with pytest.raises(ValueError, match=sentence):
        check_image((1, 2, 16), [Column("a", low=0, high=16), column])
