"""Values that people hand to a statistic, and what each of them stands for.

Each row is made anew by a call: a generator can be read only once. What stands for
numbers is paired with them; what stands for none is paired with None, and is refused.
"""

from collections import deque
from decimal import Decimal
from fractions import Fraction

import numpy as np
import pandas as pd

PLAIN = [0, 1, 1, 0, 1, 0, 1, 1, 0, 1, 1, 1]  # numbers, counts, chances, and flags
ONES = [1] * len(PLAIN)
NAN, INF = float("nan"), float("inf")


def _with(odd, plain=PLAIN):
    return [*plain[:2], odd, *plain[3:]]


def said(plain):
    """Return ways to hand in the numbers of `plain`: each is as good as the list."""
    n = len(plain)
    return {
        "a tuple": lambda: tuple(plain),
        "a generator": lambda: (x for x in plain),
        "a deque": lambda: deque(plain),
        "views of a dict": lambda: dict(enumerate(plain)).values(),
        "booleans": lambda: np.array(plain, dtype=bool),
        "int8": lambda: np.array(plain, dtype=np.int8),
        "uint8": lambda: np.array(plain, dtype=np.uint8),
        "uint64": lambda: np.array(plain, dtype=np.uint64),
        "float16": lambda: np.array(plain, dtype=np.float16),
        "long double": lambda: np.array(plain, dtype=np.longdouble),
        "the other byte order": lambda: np.array(plain, dtype=">f8"),
        "every second one": lambda: np.repeat(plain, 2)[::2],
        "read only": lambda: np.broadcast_to(plain, (1, n))[0],
        "objects": lambda: np.array(plain, dtype=object),
        "objects of numpy": lambda: [np.float32(x) for x in plain],
        "decimals": lambda: [Decimal(x) for x in plain],
        "fractions": lambda: [Fraction(x) for x in plain],
        "no value masked": lambda: np.ma.array(plain, mask=False),
        "an index": lambda: pd.Index(plain),
        "an index from 7": lambda: pd.Series(plain, index=range(7, 7 + n)),
        "a double index": lambda: pd.Series(plain, index=[7] * n),
        "texts as an index": lambda: pd.Series(
            plain, index=[f"k{i}" for i in range(n)]
        ),
        "pandas Int64": lambda: pd.Series(plain, dtype="Int64"),
        "pandas Float64": lambda: pd.Series(plain, dtype="Float64"),
        "pandas boolean": lambda: pd.Series(plain, dtype="boolean"),
        "pandas objects": lambda: pd.Series(plain, dtype=object),
        "categories that are numbers": lambda: pd.Series(plain, dtype="category"),
    }


def unsaid(plain):
    """Return what stands for no row of numbers, whatever is asked of it."""
    days = pd.date_range("2026-01-01", periods=len(plain))
    return {
        "nothing": lambda: [],
        "an empty array": lambda: np.array([]),
        "an empty Series": lambda: pd.Series([], dtype=float),
        "a NaN": lambda: _with(NAN, plain),
        "a NaN of an array": lambda: np.array(_with(NAN, plain)),
        "a NaN at the end": lambda: [*plain[:-1], NAN],
        "all NaN": lambda: [NAN] * len(plain),
        "None": lambda: _with(None, plain),
        "NaT": lambda: _with(pd.NaT, plain),
        "numpy's NaT": lambda: _with(np.datetime64("NaT"), plain),
        "pandas.NA": lambda: _with(pd.NA, plain),
        "a gap of Int64": lambda: pd.Series(_with(None, plain), dtype="Int64"),
        "a gap of boolean": lambda: pd.Series(_with(None, plain), dtype="boolean"),
        "minus infinity": lambda: _with(-INF, plain),
        "a text": lambda: _with("1", plain),
        "texts": lambda: [str(x) for x in plain],
        "an array of texts": lambda: np.array(plain).astype(str),
        "bytes": lambda: np.array(plain).astype("S"),
        "categories of texts": lambda: pd.Series([str(x) for x in plain]).astype(
            "category"
        ),
        "complex numbers": lambda: np.array(plain, dtype=complex),
        "a complex one": lambda: _with(1j, plain),
        "dates": lambda: days,
        "a Series of dates": lambda: pd.Series(days),
        "spans of time": lambda: days - days[0],
        "a list in it": lambda: _with([1], plain),
        "a dict in it": lambda: _with({}, plain),
        "rows of a table": lambda: np.array([plain, plain]),
        "one column": lambda: np.array(plain)[:, None],
        "a DataFrame": lambda: pd.DataFrame({"x": plain}),
        "rows of two lengths": lambda: [plain, plain[1:]],
        "one number": lambda: 1,
        "an array of no shape": lambda: np.array(1.0),
        "no value at all": lambda: None,
        "one text": lambda: "0110",
        "a dict": lambda: dict(enumerate(plain)),
        "a set": lambda: set(plain),
        "masked values": lambda: np.ma.array(
            plain, mask=[0, 1] + [0] * (len(plain) - 2)
        ),
        "int64 near its end": lambda: np.array(plain) + (2**63 - 2),
        "uint64 near its end": lambda: (
            np.array(plain, np.uint64) + np.uint64(2**64 - 2)
        ),
        "whole numbers of Python": lambda: [x + 2**70 + 1 for x in plain],
        "400 digits": lambda: _with(10**400, plain),
    }


NO_NUMBER = {
    "nan": NAN,
    "None": None,
    "pandas.NA": pd.NA,
    "NaT": pd.NaT,
    "infinity": INF,
    "minus infinity": -INF,
    "a text": "0.5",
    "complex": 0.5j,
    "True": True,
    "numpy's True": np.True_,
    "a list": [0.5],
    "an array": np.array([0.5, 0.5]),
    "400 digits": 10**400,
    "below 0": -0.5,
    "an array of nan": np.array(NAN),
}
