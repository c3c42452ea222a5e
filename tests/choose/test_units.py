"""Is a unit the same, however its name is written?"""

from decimal import Decimal
from fractions import Fraction

import numpy as np
import pandas as pd
import pytest

from lessonlib.choose.traffic import Canary, assign
from lessonlib.choose.units import name_of, shares_of

SEVENTEEN = ["17", 17, 17.0, np.int8(17), np.uint64(17), np.float32(17), np.str_("17")]
SEVENTEEN += [Decimal(17), Decimal("17.0"), Fraction(17), np.array(17)[()]]


@pytest.mark.parametrize("unit", SEVENTEEN, ids=repr)
def test_a_number_is_one_unit_however_it_is_written(unit):
    assert name_of(unit) == "17"
    for experiment in "abcdefgh":
        arms = {assign(each, experiment=experiment) for each in (unit, 17)}
        assert len(arms) == 1
        assert Canary(experiment).arm(unit) == Canary(experiment).arm(17)


def test_numbers_below_0_and_large_ones_keep_their_digits():
    assert [name_of(unit) for unit in (-3, -3.0, -0.0, 2**70)] == [
        "-3",
        "-3",
        "0",
        str(2**70),
    ]


@pytest.mark.parametrize(
    "odd",
    [None, float("nan"), float("inf"), 1.5, True, np.True_, b"17", [17], pd.NA]
    + [pd.NaT, 1j, np.datetime64("NaT"), Decimal("NaN"), 2.0**60],
    ids=repr,
)
def test_what_names_nobody_gets_no_arm(odd):
    with pytest.raises(ValueError, match="a unit"):
        assign(odd, experiment="e")


def test_half_a_character_is_a_name_too():
    arms = {assign("\ud800", experiment="e") for _ in range(3)}
    assert len(arms) == 1


@pytest.mark.parametrize(
    "weights",
    [{}, {"a": None}, {"a": float("inf")}, {"a": "1"}, {"a": True}, [1, 2], None],
    ids=repr,
)
def test_weights_that_share_nothing_out_are_refused(weights):
    with pytest.raises(ValueError, match="weights must be >= 0"):
        shares_of(weights)


def test_weights_of_any_size_share_out_the_whole():
    assert shares_of({"a": np.int8(100), "b": np.int8(100)}) == {"a": 0.5, "b": 0.5}
    assert shares_of({"a": 1e100, "b": 3e100}) == {"a": 0.25, "b": 0.75}
