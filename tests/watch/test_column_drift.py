"""Is each column of a table tested as its kind allows, gaps and all?"""

import numpy as np
import pandas as pd
import pytest

from lessonlib.save.columns import Column
from lessonlib.watch.column_drift import compare_columns

N = 60
COLUMNS = [Column("age", "integer"), Column("city", "category"), Column("note", "text")]


def people(*, seed=0, n=N):
    rng = np.random.default_rng(seed)
    cities = rng.choice(["Leeds", "York"], n)
    notes = ["x" * k for k in rng.integers(1, 9, n)]
    return pd.DataFrame({"age": rng.integers(20, 60, n), "city": cities, "note": notes})


def moved(before, now, columns=COLUMNS):
    return [each.column for each in compare_columns(before, now, columns) if each.moved]


def test_what_stays_has_not_moved_and_what_moves_is_named():
    now = people(seed=1)
    assert moved(people(), now) == []
    now["age"] += 20
    now["city"] = "Hull"
    assert moved(people(), now) == ["age", "city"]


def test_a_column_that_falls_silent_has_moved_whatever_its_kind():
    for name in ("age", "city", "note"):
        now = people(seed=1).astype({name: object})
        now[name] = None
        assert moved(people(), now) == [name]
        assert moved(now, now) == []


def test_whole_numbers_beside_a_gap_are_the_same_categories():
    column = [Column("size", "category")]
    before = pd.DataFrame({"size": [1, 2] * 30})
    now = pd.DataFrame({"size": [1, 2] * 29 + [1, None]})  # 1.0 and 2.0
    assert moved(before, now, column) == []
    mixed = pd.DataFrame({"size": [1, "a"] * 30}, dtype=object)
    assert moved(mixed, mixed.iloc[::-1], column) == []
    assert moved(mixed, before, column) == ["size"]


def test_columns_in_another_order_are_not_taken_for_each_other():
    with pytest.raises(ValueError, match="give table.names. in this order"):
        compare_columns(people(), people()[["city", "age", "note"]], COLUMNS)


@pytest.mark.parametrize(
    ("name", "odd", "seen"),
    [
        ("age", "forty", "column 'age' has 'forty', which is no integer"),
        ("age", float("inf"), "column 'age' has inf, which is no integer"),
        ("note", 7, "column 'note' has 7, which is no text"),
    ],
)
def test_a_cell_of_another_kind_is_named_with_its_column(name, odd, seen):
    now = people().astype(object)
    now.loc[3, name] = odd
    with pytest.raises(ValueError, match=seen):
        compare_columns(people(), now, COLUMNS)


def test_a_date_that_is_none_is_named():
    when = [Column("when", "date")]
    with pytest.raises(ValueError, match="column 'when' has 'soon', which is no date"):
        compare_columns([["2026-01-01"]], [["soon"]], when)


@pytest.mark.parametrize("table", [[], [[1, 2]], [[1, 2, 3], [1, 2]]])
def test_both_tables_need_rows_of_all_columns(table):
    with pytest.raises(ValueError, match="columns|lengths"):
        compare_columns(people(), table, COLUMNS)


@pytest.mark.parametrize(
    "options", [{"alpha": np.nan}, {"alpha": 0}, {"least": np.nan}]
)
def test_an_alarm_needs_a_level(options):
    with pytest.raises(ValueError, match="must be"):
        compare_columns(people(), people(), COLUMNS, **options)
