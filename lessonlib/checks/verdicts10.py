"""Exercises of notebook 10 on what to conclude: stop, distrust, and count coins."""

import numpy as np

from lessonlib.checks import Check, wrong_verdicts10
from lessonlib.checks.probes import call, expect, outcomes, rounded

# -- rule: decide(p_values, planned)


def _expect_rule(decide, p_values, planned, expected, hint):
    seen = call(decide, list(p_values), planned)
    called = f"decide({list(p_values)}, planned={planned})"
    expect(seen, expected, called=called, hint=hint)


def _rule_waits(decide):
    """before the planned look there is no winner, whatever p says"""
    hint = "who stops at the first small p finds a winner in a quarter of A/A runs"
    _expect_rule(decide, [0.3, 0.001], 4, "go on", hint)
    _expect_rule(decide, [], 3, "go on", "nothing was seen yet")
    _expect_rule(decide, [0.9, 0.9, 0.9], 4, "go on", "it may still change")


def _rule_decides(decide):
    """at the planned look its own p decides, and only that one"""
    hint = "which is the third look, counted from 1?"
    _expect_rule(decide, [0.3, 0.6, 0.02], 3, "winner", hint)
    hint = "what do earlier looks have to say at the end?"
    _expect_rule(decide, [0.001, 0.6, 0.2], 3, "no winner", hint)
    _expect_rule(decide, [0.05], 1, "no winner", "below 0.05, not at it")


def _rule_late(decide):
    """who looks on after the planned look changes nothing"""
    hint = "which of these looks was the planned one?"
    _expect_rule(decide, [0.3, 0.2, 0.01], 2, "no winner", hint)
    _expect_rule(decide, [0.3, 0.01, 0.4], 2, "winner", hint)


rule = Check(
    title="stop by a rule",
    promises=(_rule_waits, _rule_decides, _rule_late),
    probe=lambda answer: outcomes(
        lambda p_values, planned: answer(list(p_values), planned),
        [([0.3, 0.001], 4), ([], 3), ([0.9] * 3, 4), ([0.3, 0.6, 0.02], 3)]
        + [([0.001, 0.6, 0.2], 3), ([0.05], 1), ([0.3, 0.2, 0.01], 2)]
        + [([0.3, 0.01, 0.4], 2), ([0.04, 0.03], 2), ([0.5] * 3 + [0.012], 4)],
    ),
    mistakes=wrong_verdicts10.RULE,
)


# -- ratio: broken(control_n, treatment_n)

_SIZES = (
    *((821_588, 815_482), (815_482, 821_588), (700, 500), (5000, 5400)),  # broken
    *((500, 500), (520, 480), (60, 40), (12, 10), (50_000, 50_500)),  # as coins fall
)


def _expect_broken(broken, n, m, expected, hint):
    seen = call(broken, n, m)
    if not isinstance(seen, bool | np.bool_):  # a p-value is not an answer yet
        seen = f"{seen}, which is not True or False"
    expect(seen, expected, called=f"broken({n}, {m})", hint=hint)


def _ratio_found(broken):
    """arms so uneven that it happens less than once in 1,000 times are broken"""
    hint = "how often does a fair coin do this, or worse?"
    for n, m in _SIZES[:4]:
        _expect_broken(broken, n, m, True, hint)


def _ratio_fair(broken):
    """arms that stray as coins do are not"""
    hint = "no coin falls evenly: how far does it stray with so many throws?"
    for n, m in _SIZES[4:]:
        _expect_broken(broken, n, m, False, hint)


ratio = Check(
    title="find the broken split",
    promises=(_ratio_found, _ratio_fair),
    probe=lambda answer: outcomes(lambda n, m: bool(answer(n, m)), _SIZES),
    mistakes=wrong_verdicts10.RATIO,
)


# -- coins: paired_p(control_right, treatment_right)

# only the control right, only the treatment, both, neither
_CELLS = ((2, 10, 30, 4), (10, 2, 30, 4), (0, 5, 100, 0), (3, 3, 10, 1), (0, 1, 8, 2))


def _pairs(only_control, only_treatment, both, neither):
    cells = (only_control, only_treatment, both, neither)
    control = np.repeat([True, False, True, False], cells)
    treatment = np.repeat([False, True, True, False], cells)
    mixed = np.random.default_rng(1).permutation(len(control))
    return control[mixed], treatment[mixed]


def _expect_p(paired_p, cells, expected, hint):
    seen = call(paired_p, *_pairs(*cells))
    words = "only the control right {}, only the treatment {}, both {}, neither {}"
    expect(seen, expected, called=f"paired_p with {words.format(*cells)}", hint=hint)


def _coins_exact(paired_p):
    """only the parcels on which the two differ are coins"""
    hint = "how many coins are thrown, and how many show heads?"
    _expect_p(paired_p, (2, 10, 30, 4), 158 / 4096, hint)  # 2 * (1 + 12 + 66) / 2**12
    _expect_p(paired_p, (2, 10, 0, 0), 158 / 4096, hint)


def _coins_two_sided(paired_p):
    """either of the two may be the better one"""
    hint = "ten heads or ten tails of twelve are equally surprising"
    _expect_p(paired_p, (10, 2, 30, 4), 158 / 4096, hint)
    _expect_p(paired_p, (0, 5, 100, 0), 2 / 32, hint)
    _expect_p(paired_p, (3, 3, 10, 1), 1.0, "a probability is at most 1")


def _coins_none(paired_p):
    """models that never differ give a p of 1"""
    _expect_p(paired_p, (0, 0, 9, 3), 1.0, "no coin was thrown: is that surprising?")


coins = Check(
    title="throw McNemar's coins",
    promises=(_coins_exact, _coins_two_sided, _coins_none),
    probe=lambda answer: outcomes(
        lambda *cells: rounded(answer(*_pairs(*cells))), [*_CELLS, (0, 0, 9, 3)]
    ),
    mistakes=wrong_verdicts10.COINS,
)
