"""Are the arms as planned? `broken(control_n, treatment_n)` says True or False."""

from typing import Any

import numpy as np
from scipy import stats

from lessonlib.checks import Check, Mistake
from lessonlib.checks.probes import call, expect, outcomes

_BROKEN = ((821_588, 815_482), (815_482, 821_588), (700, 500), (5000, 5400), (553, 447))
_AS_COINS_FALL = (
    (500, 500),
    (520, 480),
    (60, 40),
    (12, 10),
    (50_000, 50_500),
    (545, 455),
    (450, 550),
)


def _expect_broken(broken: Any, n: int, m: int, expected: bool, hint: str) -> None:
    seen = call(broken, n, m)
    if not isinstance(seen, bool | np.bool_):  # a p-value is not an answer yet
        seen = f"{seen}, which is not True or False"
    expect(seen, expected, called=f"broken({n}, {m})", hint=hint)


def _ratio_found(broken: Any) -> None:
    """arms so uneven that it happens less than once in 1,000 times are broken"""
    hint = "how often does a fair coin do this, or worse?"
    for n, m in _BROKEN:
        _expect_broken(broken, n, m, True, hint)


def _ratio_fair(broken: Any) -> None:
    """arms that stray only as far as coins do aren't broken"""
    hint = "coins don't fall evenly: how far do so many of them stray?"
    for n, m in _AS_COINS_FALL:
        _expect_broken(broken, n, m, False, hint)


def _p_of_sizes(n, m):
    return stats.chisquare([n, m]).pvalue


MISTAKES = (
    Mistake(
        "one in twenty",
        "at 0.05 every twentieth healthy split is called broken, and soon nobody "
        "listens. To stop everything, you need a stronger reason: one in 1,000",
        lambda n, m: _p_of_sizes(n, m) < 0.05,
    ),
    Mistake(
        "one in a hundred",
        "at 0.01 one healthy split in a hundred is called broken. The line of the "
        "lesson is stricter: one in 1,000",
        lambda n, m: _p_of_sizes(n, m) < 0.01,
    ),
    Mistake(
        "two percent",
        "this asks whether the shares look uneven. With a million units half a percent "
        "is proof, and with ten units 20 percent is nothing: ask what a coin would do",
        lambda n, m: abs(n - m) / (n + m) > 0.02,
    ),
    Mistake(
        "not equal",
        "fair coins almost never fall exactly evenly: this calls every split broken",
        lambda n, m: n != m,
    ),
    Mistake(
        "upside down",
        "a small p means broken, but here a large one does",
        lambda n, m: _p_of_sizes(n, m) >= 0.001,
    ),
    Mistake(
        "one way",
        "this only looks for too few in the treatment. An arm with too many is broken "
        "as well: those units are missing from the other one",
        lambda n, m: stats.binomtest(m, n + m, alternative="less").pvalue < 0.001,
    ),
)

ratio = Check(
    title="find the broken split",
    promises=(_ratio_found, _ratio_fair),
    probe=lambda answer: outcomes(
        lambda n, m: bool(answer(n, m)), _BROKEN + _AS_COINS_FALL
    ),
    mistakes=MISTAKES,
)
