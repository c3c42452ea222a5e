"""Are the statistics of two arms those of statsmodels, R and the published tables?"""

import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from lessonlib.choose.experiments import (
    Comparison,
    SampleRatio,
    compare_means,
    compare_proportions,
    cuped_adjust,
    mcnemar,
    paired_power,
    power,
    sample_ratio_test,
    sample_size,
)

NAN = float("nan")
ORACLE = json.loads(
    (Path(__file__).parents[1] / "oracles" / "experiments.json").read_text("utf-8")
)


def answers(only_control, only_treatment, *, both=50, neither=5):
    """Return right or wrong of two models on the same units."""
    cells = (both, only_control, only_treatment, neither)
    control = np.repeat([True, True, False, False], cells)
    treatment = np.repeat([True, False, True, False], cells)
    return control, treatment


# -- against statsmodels


@pytest.mark.parametrize("case", ORACLE["proportions"], ids=lambda c: str(c["arms"]))
def test_proportions_agree_with_statsmodels(case):
    a, n, b, m = case["arms"]
    result = compare_proportions(control=(a, n), treatment=(b, m))
    assert result.p_value == pytest.approx(case["p_value"], rel=1e-6)
    assert (result.low, result.high) == pytest.approx(case["ends"], abs=1e-9)


@pytest.mark.parametrize("case", ORACLE["means"])
def test_means_agree_with_statsmodels(case):
    result = compare_means(*case["arms"])
    assert result.p_value == pytest.approx(case["p_value"], rel=1e-9)
    assert (result.low, result.high) == pytest.approx(case["ends"], rel=1e-9)


@pytest.mark.parametrize("case", ORACLE["pairs"], ids=lambda c: str(c["differ"]))
def test_paired_p_value_agrees_with_statsmodels(case):
    assert mcnemar(*answers(*case["differ"])).p_value == pytest.approx(case["p_value"])


@pytest.mark.parametrize("case", ORACLE["power"], ids=lambda c: str(c["rates"]))
def test_power_agrees_with_statsmodels(case):
    # statsmodels adds the chance to find the wrong winner, and takes another variance
    # under "no difference"; so a hundredth is as near as the two can be
    assert power(*case["rates"], n=case["n"]) == pytest.approx(case["power"], abs=0.01)


# -- against other published numbers


@pytest.mark.parametrize(
    ("base", "better", "n"),
    # power.prop.test(p1 =, p2 =, power = 0.8) of R 4, rounded up
    [(0.10, 0.12, 3841), (0.10, 0.11, 14751), (0.95, 0.96, 6745)],
)
def test_sample_size_is_that_of_r(base, better, n):
    assert sample_size(base, better) == n
    assert sample_size(better, base) == n
    assert power(base, better, n=n - 1) < 0.8 <= power(base, better, n=n)


def test_sample_size_is_near_the_rule_of_sixteen():
    # n = 16 s2 / d2 (van Belle 2008): a base of 5 %, a relative lift of 5 %
    rule = 16 * 0.05 * 0.95 / 0.0025**2
    assert sample_size(0.05, 0.0525) == pytest.approx(rule, rel=0.01)


def test_sample_ratio_of_a_known_case():
    # Kohavi, Tang and Xu, ch. 3 and 21: 821,588 v 815,482 users, p = 1.8e-6
    ratio = sample_ratio_test((821_588, 815_482))
    assert ratio.p_value == pytest.approx(1.8e-6, rel=0.02)
    assert not ratio.fair
    assert "find out why" in repr(ratio)


def test_newcombe_interval_of_his_own_paper():
    # Newcombe (1998), table II, method 10: 56/70 - 48/80 = 0.2, 0.0524 to 0.3339
    result = compare_proportions(control=(48, 80), treatment=(56, 70))
    assert (result.low, result.high) == pytest.approx((0.0524, 0.3339), abs=5e-5)


# -- a comparison says one sentence, or refuses


def test_comparison_prints_as_one_sentence():
    result = compare_proportions(control=(412, 500), treatment=(438, 500))
    assert repr(result) == (
        "treatment 0.876 against control 0.824: +0.052,\n"
        "  95 % interval +0.008 to +0.096 (Newcombe), p 0.021: treatment is better"
    )
    assert result.difference == pytest.approx(0.052)


@pytest.mark.parametrize(
    ("control", "treatment", "verdict"),
    [
        ((412, 500), (438, 500), "treatment"),
        ((438, 500), (412, 500), "control"),
        ((412, 500), (420, 500), "open"),
        ((500, 500), (400, 400), "withheld"),
    ],
)
def test_verdict_names_the_better_arm_or_none(control, treatment, verdict):
    assert compare_proportions(control, treatment).verdict == verdict


def test_uneven_arms_withhold_the_verdict_whatever_the_difference():
    result = compare_proportions(control=(300, 600), treatment=(450, 480))
    assert result.p_value < 1e-9
    assert result.verdict == "withheld"
    assert "better" not in repr(result)


@pytest.mark.parametrize(
    ("sizes", "planned"),
    [((5,), None), ((5, -1), None), ((0, 0), None), ((5, 5), (1, 0)), ((5, 5), (1,))]
    + [((5, 5), (1, NAN)), ((5, NAN), None), ((5, 2.5), None)],
)
def test_sizes_that_are_none_are_refused(sizes, planned):
    with pytest.raises(ValueError):
        sample_ratio_test(sizes, planned=planned)


def test_uneven_arms_are_fair_if_they_were_planned_so():
    result = compare_proportions((900, 1000), (95, 100), planned=(10, 1))
    assert result.ratio.p_value == pytest.approx(1)
    assert result.verdict == "open"


def test_means_of_uneven_arms_are_withheld_too():
    rng = np.random.default_rng(0)
    result = compare_means(rng.normal(size=900), rng.normal(2, size=700))
    assert result.verdict == "withheld"


@pytest.mark.parametrize(
    "arm",
    [(5, 4), (-1, 4), (0, 0), (1.5, 4), (NAN, 4), (1, NAN), (None, 4), ("1", "4")]
    + [(1, 2, 3), 5, None, "ab", (True, 4)],
)
def test_an_arm_must_be_right_of_how_many(arm):
    with pytest.raises(ValueError, match="right, of how many"):
        compare_proportions(arm, (1, 2))


# -- means of arms that do not vary


@pytest.mark.parametrize("value", [3.75, 0.0, 0.1, -1e9, 1e-200])
def test_arms_without_spread_and_difference_leave_the_question_open(value):
    result = compare_means([value] * 50, [value] * 50)
    assert (result.p_value, result.low, result.high) == (1, 0, 0)
    assert result.verdict == "open" and "nan" not in repr(result)


def test_arms_that_differ_by_rounding_alone_leave_it_open_too():
    assert compare_means([0.1] * 50, [0.3 - 0.2] * 50).verdict == "open"


@pytest.mark.parametrize("values", [(3.75, 4.0), (1, 2), (1e15, 1e15 + 1000)])
def test_arms_without_any_spread_that_differ_tell_nothing_for_sure(values):
    first, second = values
    for arms in (([first] * 9, [second] * 9), ([second] * 2, [first] * 2)):
        with pytest.raises(ValueError, match="without any spread no test can tell"):
            compare_means(*arms)


def test_one_arm_without_spread_is_welchs_test_with_a_variance_of_0():
    rng = np.random.default_rng(0)
    rows = rng.normal(4, 1, size=30)
    t = (rows.mean() - 3.75) / np.sqrt(rows.var(ddof=1) / 30)
    result = compare_means([3.75] * 30, rows)
    assert result.p_value == pytest.approx(2 * stats.t.sf(abs(t), df=29))
    mirror = compare_means(rows, [3.75] * 30)
    assert (mirror.low, mirror.high) == pytest.approx((-result.high, -result.low))
    assert mirror.p_value == result.p_value


@pytest.mark.parametrize("arm", [0, 1])
def test_a_missing_value_is_refused_with_its_place_and_arm(arm):
    arms = [[1.0, 2.0, 3.0], [2.0, 3.0, 4.0]]
    arms[arm][1] = float("nan")
    name = ("control", "treatment")[arm]
    with pytest.raises(ValueError, match=rf"{name}\[1\] is missing or NaN \(1 of 3\)"):
        compare_means(*arms)
    with pytest.raises(ValueError, match=rf"{name}\[1\] is missing"):
        mcnemar(*([x if x != x else x > 2 for x in each] for each in arms))


def test_no_comparison_is_made_of_nan():
    fair = sample_ratio_test((5, 5))
    for ends in ((NAN, 1, 0, 1, 0.5), (1, 1, 0, 1, NAN), (1, 2, -np.inf, 1, 0.5)):
        with pytest.raises(ValueError, match="Welch cannot tell which arm is better"):
            Comparison(*ends, "Welch", fair)
    with pytest.raises(ValueError, match="that is no verdict"):
        SampleRatio((5, 5), NAN).fair  # noqa: B018


# -- order and mirrors

arm = st.integers(0, 60).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n)))
MIRROR = {"control": "treatment", "treatment": "control"}


def assert_mirrored(one, other):
    assert other.verdict == MIRROR.get(one.verdict, one.verdict)
    assert (other.low, other.high) == pytest.approx((-one.high, -one.low))
    assert other.p_value == pytest.approx(one.p_value)


@settings(max_examples=150, derandomize=True, deadline=None, database=None)
@given(control=arm, treatment=arm)
def test_swapped_arms_mirror_the_verdict(control, treatment):
    if not (control[1] and treatment[1]):
        return
    one = compare_proportions(control, treatment)
    assert_mirrored(one, compare_proportions(treatment, control))


@settings(max_examples=100, derandomize=True, deadline=None, database=None)
@given(
    rows=st.lists(st.tuples(*[st.integers(-9, 9)] * 2), min_size=2, max_size=40),
    random=st.randoms(use_true_random=False),
)
def test_swapped_or_mixed_rows_mirror_or_keep_what_means_and_pairs_say(rows, random):
    a, b = np.array(rows).T
    mixed = np.array(random.sample(rows, len(rows))).T
    one = mcnemar(a > 0, b > 0)
    assert_mirrored(one, mcnemar(b > 0, a > 0))
    assert mcnemar(*(mixed > 0)) == one
    try:
        one = compare_means(a, b)
    except ValueError:
        assert len(set(a)) == len(set(b)) == 1
        return
    assert_mirrored(one, compare_means(b, a))
    again = compare_means(*mixed)
    assert (again.verdict, again.p_value) == (one.verdict, pytest.approx(one.p_value))


# -- pairs


def test_only_units_on_which_they_differ_count():
    few = mcnemar(*answers(2, 10, both=0, neither=0))
    many = mcnemar(*answers(2, 10, both=500, neither=20))
    assert (
        few.p_value == many.p_value == pytest.approx(0.03857421875)
    )  # by hand: a coin
    assert many.difference == pytest.approx(8 / 532)


def test_models_that_never_differ_leave_the_question_open():
    result = mcnemar(*answers(0, 0))
    assert (result.p_value, result.verdict) == (1.0, "open")


def test_paired_interval_covers_the_truth():
    rng, shares = np.random.default_rng(1), [0.91, 0.01, 0.05, 0.03]
    covered = []
    for cells in rng.multinomial(300, shares, size=300):
        result = mcnemar(*answers(cells[1], cells[2], both=cells[0], neither=cells[3]))
        covered.append(result.low <= 0.04 <= result.high)
    assert 0.93 <= np.mean(covered) <= 0.98


def test_pairs_must_be_pairs():
    with pytest.raises(ValueError, match="one of each a row, got 3 and 4"):
        mcnemar([True] * 3, [True] * 4)


# -- power, by simulation


def test_power_of_a_split_is_what_a_simulation_finds():
    rng = np.random.default_rng(2)
    a, b = rng.binomial(200, 0.93, 20_000), rng.binomial(200, 0.96, 20_000)
    pooled = (a + b) / 400
    z = abs(b - a) / 200 / np.sqrt(pooled * (1 - pooled) / 100)
    found = (2 * stats.norm.sf(z) < 0.05).mean()
    assert power(0.93, 0.96, n=200) == pytest.approx(found, abs=0.03)


@pytest.mark.parametrize("shares", [(0.007, 0.038), (0.05, 0.08), (0.0, 0.03)])
def test_paired_power_is_what_a_simulation_finds(shares):
    rng = np.random.default_rng(3)
    cells = rng.multinomial(400, [*shares, 1 - sum(shares)], size=1000)
    kinds, times = np.unique(cells, axis=0, return_counts=True)
    p = [mcnemar(*answers(b, c, both=0)).p_value for b, c, _ in kinds]
    rejected = times[np.array(p) < 0.05].sum() / times.sum()
    assert paired_power(*shares, n=400) == pytest.approx(rejected, abs=0.03)


def test_paired_power_counts_rejections_one_by_one():
    # three units, all differ, all for the treatment: 2 * (1/2)**3 = 0.25 < 0.3
    assert paired_power(0, 1, n=3, alpha=0.3) == pytest.approx(1)
    assert paired_power(0, 1, n=3, alpha=0.2) == pytest.approx(0)


@pytest.mark.parametrize("rates", [(0, 0.5), (0.5, 1), (-0.1, 0.5)])
def test_rates_must_be_rates(rates):
    with pytest.raises(ValueError, match="between 0 and 1"):
        sample_size(*rates)


def test_no_sample_reveals_no_difference():
    with pytest.raises(ValueError, match="needs a difference"):
        sample_size(0.5, 0.5)


# -- A/A: two arms of the same model


def test_p_values_of_an_a_a_test_are_uniform():
    rng = np.random.default_rng(4)
    a, b = rng.binomial(5000, 0.3, 500), rng.binomial(5000, 0.3, 500)
    p = [
        compare_proportions((int(x), 5000), (int(y), 5000)).p_value
        for x, y in zip(a, b, strict=True)
    ]
    assert stats.kstest(p, "uniform").pvalue > 0.01
    assert 0.03 <= np.mean(np.array(p) < 0.05) <= 0.07


# -- CUPED


def test_cuped_keeps_the_mean_and_takes_out_what_was_known():
    rng = np.random.default_rng(5)
    before = rng.normal(size=20_000)
    outcome = 3 + 0.7 * before + np.sqrt(1 - 0.49) * rng.normal(size=20_000)
    adjusted = cuped_adjust(outcome, before)
    assert adjusted.mean() == pytest.approx(outcome.mean())
    rho = np.corrcoef(outcome, before)[0, 1]
    assert adjusted.var() / outcome.var() == pytest.approx(1 - rho**2)  # Deng et al.
    assert abs(np.corrcoef(adjusted, before)[0, 1]) < 1e-9


def test_cuped_learns_nothing_from_a_constant():
    assert cuped_adjust([1.0, 2.0], [5.0, 5.0]).tolist() == [1.0, 2.0]


def test_cuped_needs_one_value_before_for_each():
    with pytest.raises(ValueError, match="one of each a row, got 2 and 1"):
        cuped_adjust([1.0, 2.0], [5.0])
