"""Is odd data refused by what was seen, and does no NaN become a verdict?"""

import ast

import numpy as np
import pandas as pd
import pytest

from lessonlib.authoring.library_map import LIBRARY
from lessonlib.evidence import (
    beyond_chance,
    chances,
    counts,
    flag,
    flags,
    number,
    numbers,
    pairs,
    share,
    table,
    whole,
)

NAN = float("nan")


# -- a refusal says what, where, and what to do


@pytest.mark.parametrize(
    ("call", "sentence"),
    [
        (lambda: number("3", "p"), "p must be a number, got '3'"),
        (lambda: number(NAN, "p", low=0, high=1), "p must be 0 to 1, got nan"),
        (lambda: whole(2.5, "n"), "n must be a whole number, got 2.5"),
        (lambda: whole(0, "n", least=1), "n must be 1 or more, and finite, got 0"),
        (lambda: share(1, "level"), "level must be between 0 and 1, got 1"),
        (lambda: numbers([], "times"), "times must have one or more, got 0"),
        (
            lambda: numbers([1, NAN, NAN], "times"),
            "times[1] is missing or NaN (2 of 3): leave such rows out, and find out "
            "where they come from",
        ),
        (lambda: numbers([1, "2"], "times"), "times[1] is '2', and must be a number"),
        (
            lambda: numbers(["1", "2"], "times"),
            "times[0] is '1', and must be a number",
        ),
        (
            lambda: numbers(np.array(["1"]), "times"),
            "times must be numbers, got <U1, such as ['1']",
        ),
        (
            lambda: numbers([1, 1e200], "times"),
            "times[1] is 1e+200, and must be finite and no larger than 1e+150",
        ),
        (
            lambda: numbers([2**53 + 1], "ids"),
            "ids has whole numbers beyond 2**53, where floats skip some: take a common "
            "start away first, or divide",
        ),
        (
            lambda: numbers(np.eye(2), "times"),
            "times must be one value a row, shape (n,), got shape (2, 2)",
        ),
        (
            lambda: numbers({"a": 1}, "times"),
            "times must be one value a row, got a dict, {'a': 1}",
        ),
        (
            lambda: numbers(np.ma.array([1, 2], mask=[0, 1]), "times"),
            "1 of the times are masked: leave such rows out, and find out where they "
            "come from",
        ),
        (lambda: counts([1, 2.5], "n"), "n[1] is 2.5, and must be a whole number"),
        (lambda: counts([1, -2], "n"), "n[1] is -2, and must be 0 or more, and finite"),
        (lambda: flags([1, 2], "ok"), "ok[1] is 2, and must be true or false, 1 or 0"),
        (lambda: chances([0.5, 1.5], "p"), "p[1] is 1.5, and must be 0 to 1"),
        (
            lambda: table([[1, 2], [3]], "rows"),
            "the rows of rows have different lengths",
        ),
        (
            lambda: table([1, 2], "rows"),
            "rows must be rows of columns, shape (n, k), got shape (2,)",
        ),
        (
            lambda: table([[1, NAN]], "rows"),
            "rows[0, 1] is missing or NaN (1 of 2): leave such rows out, and find out "
            "where they come from",
        ),
        (
            lambda: pairs([1], [1, 1], names=("a", "b"), read=(flags, flags)),
            "a and b: one of each a row, got 1 and 2",
        ),
    ],
)
def test_a_refusal_is_a_sentence(call, sentence):
    with pytest.raises(ValueError) as caught:
        call()
    assert str(caught.value) == sentence


def test_two_series_are_pairs_only_if_their_units_are_the_same():
    read = {"names": ("before", "after"), "read": (numbers, numbers)}
    a = pd.Series([1, 2, 3], index=["x", "y", "z"])
    first, second = pairs(a, a * 2, **read)
    assert (first.tolist(), second.tolist()) == ([1, 2, 3], [2, 4, 6])
    with pytest.raises(ValueError, match="before and after have different indexes"):
        pairs(a, a.iloc[::-1], **read)
    assert len(pairs(a, [1, 2, 3], **read)) == 2  # a list is in the order of the rows


def test_gaps_of_a_table_are_kept_only_where_they_are_meant():
    frame = pd.DataFrame({"a": [1.0, None], "b": pd.array([None, 2], dtype="Int64")})
    seen = table(frame, "rows", gaps=True)
    assert np.isnan(seen).tolist() == [[False, True], [True, False]]
    with pytest.raises(ValueError, match=r"rows\[0, 1\]"):
        table(frame, "rows")


def test_a_flag_is_true_or_false():
    assert flag(np.True_, "ok") is True
    assert flag(0, "ok") is False
    with pytest.raises(ValueError, match="missing"):
        flag(NAN, "ok")  # bool(NaN) is True


# -- the verdict


def test_a_verdict_counts_the_level_itself_and_takes_arrays():
    assert beyond_chance(0.05, 0.05)
    assert not beyond_chance(0.051, 0.05)
    assert beyond_chance(np.array([0.01, 0.5]), 0.05).tolist() == [True, False]


@pytest.mark.parametrize("p", [NAN, -0.1, 1.1, np.array([0.5, NAN])])
def test_what_is_no_p_value_is_no_verdict(p):
    with pytest.raises(ValueError, match="that is no verdict"):
        beyond_chance(p, 0.05)


# NaN is neither below a level nor above it. So in `p >= LEVEL` it is one verdict, and
# in `not p < LEVEL` the other. Here every comparison of a p-value is looked up.

P_VALUES = {"p", "p_value", "pvalue", "adjusted"}
LEVELS = {"alpha", "LEVEL", "_UNFAIR", "_BAD_LUCK"}
THE_PLACE = {"evidence.py": "beyond_chance"}  # where both may stand
WRITTEN_OUT = {"experiments.py": "_p"}  # digits for a reader


def last_name(node):
    return getattr(node, "attr", getattr(node, "id", None))


def orders(node):
    return all(isinstance(op, ast.Lt | ast.LtE | ast.Gt | ast.GtE) for op in node.ops)


def verdicts(tree, *, apart=None):
    """Return the comparisons of a p-value or with a level, but for those in `apart`."""
    nodes = list(ast.iter_child_nodes(tree))
    found = []
    while nodes:
        node = nodes.pop()
        if isinstance(node, ast.FunctionDef) and node.name == apart:
            continue
        nodes += ast.iter_child_nodes(node)
        if not isinstance(node, ast.Compare) or not orders(node):
            continue
        sides = [node.left, *node.comparators]
        ends = all(isinstance(side, ast.Constant) for side in (sides[0], sides[-1]))
        names = {last_name(side) for side in sides}
        if names & (P_VALUES | LEVELS) and not (ends and len(sides) == 3):
            found.append(ast.unparse(node))
    return found


@pytest.mark.parametrize(
    ("source", "seen"),
    [
        ("calm = test.p_value >= LEVEL", ["test.p_value >= LEVEL"]),
        ("if p < 0.05: print()", ["p < 0.05"]),
        ("moved = (adjusted <= alpha) & far", ["adjusted <= alpha"]),
        ("def f():\n    return result.pvalue > x", ["result.pvalue > x"]),
        ("x.min() < alpha", ["x.min() < alpha"]),
        ("if not 0 <= p <= 1: pass", []),  # a check of its range, which NaN fails
        ("percentile > 5", []),
        ("p in names", []),
        ("def ours():\n    return p <= level", []),
    ],
)
def test_every_verdict_of_a_p_value_is_seen(source, seen):
    assert verdicts(ast.parse(source), apart="ours") == seen


def test_a_p_value_becomes_a_verdict_in_one_place_only():
    found = {}
    for path in LIBRARY.rglob("*.py"):
        if "checks" in path.parts:
            continue  # wrong answers are written as learners write them
        tree = ast.parse(path.read_text(encoding="utf-8"))
        apart = {**THE_PLACE, **WRITTEN_OUT}.get(path.name)
        if seen := verdicts(tree, apart=apart):
            found[path.relative_to(LIBRARY).as_posix()] = seen
    assert found == {}
