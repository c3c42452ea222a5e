"""Does odd data ever become a verdict? One table against every statistic of the house.

Each value is either refused, in a sentence of our own, or taken for what it stands for.
"""

import dataclasses
import inspect
import traceback
import warnings
from decimal import Decimal
from numbers import Real

import numpy as np
import pytest
from odd_values import INF, NO_NUMBER, ONES, PLAIN, said, unsaid

from lessonlib.choose.bandits import ThompsonSampler
from lessonlib.choose.experiments import (
    compare_means,
    compare_proportions,
    cuped_adjust,
    mcnemar,
    paired_power,
    power,
    sample_ratio_test,
    sample_size,
)
from lessonlib.choose.sequential import SequentialTest, peeking_walks
from lessonlib.choose.traffic import Canary, assign
from lessonlib.friday.office import ShiftAccuracy
from lessonlib.intervals import Share, paired_interval, rolling_shares, wilson_interval
from lessonlib.learn.audits import AuditPolicy, drawn, weighted_accuracy
from lessonlib.learn.gate import PromotionGate
from lessonlib.learn.labels import LabelledWindow, accuracy_by_time, join
from lessonlib.measure.latency import (
    Summary,
    block_interval,
    percentile,
    percentile_interval,
)
from lessonlib.watch.alerts import BurnRule, trailing_share
from lessonlib.watch.drift import (
    Drift,
    adjust,
    compare_pixels,
    ks_drift,
    psi,
    psi_critical,
    same_hours,
    wasserstein_effect,
)
from lessonlib.watch.metrics import Buckets, increase
from lessonlib.watch.performance import calibrate, cbpe, cusum, quality

OTHER = [0.5, 0.25, 1.0, 0.75, 0.5, 0.0, 1.0, 0.25, 0.5, 0.75, 0.5, 0.25]
RATES = {"baseline": 0.1, "worse": 0.3}
RULE = BurnRule(budget=0.5, factor=1, long_min=3, short_min=2)
EMPTY = join([], [], strays=0, as_of_s=1.0)

ROWS = {
    "rolling_shares": lambda x: rolling_shares(x, window=2),
    "paired_interval, gained": lambda x: paired_interval(x, 1, 5),
    "paired_interval, lost": lambda x: paired_interval(1, x, 5),
    "percentile": lambda x: percentile(x, 50),
    "percentile_interval": lambda x: percentile_interval(x, 50),
    "block_interval": lambda x: block_interval(x, 50),
    "Summary": Summary.of,
    "ks_drift, reference": lambda x: ks_drift(x, OTHER),
    "ks_drift, current": lambda x: ks_drift(OTHER, x),
    "psi, reference": lambda x: psi(x, OTHER),
    "psi, current": lambda x: psi(OTHER, x),
    "wasserstein_effect, reference": lambda x: wasserstein_effect(x, OTHER),
    "wasserstein_effect, current": lambda x: wasserstein_effect(OTHER, x),
    "adjust": adjust,
    "same_hours": lambda x: same_hours(x, [0.5]),
    "same_hours, window": lambda x: same_hours(OTHER, x),
    "cusum": lambda x: cusum(x, limit=1.5, **RATES),
    "calibrate, confidence": lambda x: calibrate(x, PLAIN)([0.5]),
    "calibrate, right": lambda x: calibrate(OTHER, x)([0.5]),
    "calibrated": lambda x: calibrate(OTHER, PLAIN)(x),
    "cbpe": cbpe,
    "trailing_share, errors": lambda x: trailing_share(x, ONES, minutes=2),
    "fires, errors": lambda x: RULE.fires(x, ONES),
    "increase": increase,
    "Buckets": Buckets.of,
    "sample_ratio_test": sample_ratio_test,
    "compare_means, control": lambda x: compare_means(x, OTHER),
    "compare_means, treatment": lambda x: compare_means(OTHER, x),
    "mcnemar, control": lambda x: mcnemar(x, ONES),
    "mcnemar, treatment": lambda x: mcnemar(ONES, x),
    "cuped_adjust, outcome": lambda x: cuped_adjust(x, OTHER),
    "cuped_adjust, before": lambda x: cuped_adjust(OTHER, x),
    "weighted_accuracy, right": lambda x: weighted_accuracy(x, ONES),
}
ROWS_ABOVE_0 = {
    "weighted_accuracy, propensity": lambda x: weighted_accuracy(PLAIN, x),
    "trailing_share, total": lambda x: trailing_share(PLAIN, x, minutes=2),
    "fires, total": lambda x: RULE.fires(PLAIN, x),
    "sample_ratio_test, planned": lambda x: sample_ratio_test(PLAIN, planned=x),
}
EVERY_ROW = {name: (call, PLAIN) for name, call in ROWS.items()}
EVERY_ROW |= {name: (call, ONES) for name, call in ROWS_ABOVE_0.items()}
TIMES = {"percentile", "percentile_interval", "block_interval", "Summary"}
# what is odd elsewhere, and right there
MEANT = {name: ["minus infinity"] for name in TIMES}  # ranks need no size
MEANT["Buckets"] = ["nothing", "an empty array", "an empty Series"]  # nobody has asked
MEANT["sample_ratio_test, planned"] = ["no value at all"]  # equal arms
for side in ("gained", "lost"):  # of one trial
    MEANT[f"paired_interval, {side}"] = ["one number", "an array of no shape"]
MAY_LAST_FOR_EVER = TIMES | {"Buckets"}  # an answer that never came

# a share strictly between 0 and 1
LEVELS = {
    "wilson_interval": lambda x: wilson_interval(1, 2, level=x),
    "paired_interval": lambda x: paired_interval(1, 2, 9, level=x),
    "percentile_interval": lambda x: percentile_interval(OTHER, 50, confidence=x),
    "block_interval": lambda x: block_interval(OTHER, 50, confidence=x),
    "alarm": lambda x: Drift("KS: D", 0.5, 0.01, 0.5).alarm(alpha=x),
    "psi_critical": lambda x: psi_critical(9, 9, alpha=x),
    "compare_pixels": lambda x: compare_pixels(np.eye(4), np.eye(4), alpha=x),
    "cusum, baseline": lambda x: cusum(PLAIN, baseline=x, worse=0.9999),
    "cusum, worse": lambda x: cusum(PLAIN, baseline=0.0001, worse=x),
    "BurnRule": lambda x: BurnRule(budget=x, factor=1),
    "power, base": lambda x: power(x, 0.3, n=50),
    "power, better": lambda x: power(0.3, x, n=50),
    "sample_size, base": lambda x: sample_size(x, 0.3),
    "sample_size, better": lambda x: sample_size(0.3, x),
    "sample_size, power": lambda x: sample_size(0.3, 0.4, power=x),
    "paired_power": lambda x: paired_power(0.1, 0.2, n=50, alpha=x),
    "SequentialTest": lambda x: SequentialTest(planned=100, alpha=x),
    "Canary": lambda x: Canary("e", tolerated=x),
    "PromotionGate": lambda x: PromotionGate(level=x),
}
# a whole number from 1 on
COUNTS = {
    "Share": lambda x: Share(0, x),
    "rolling_shares": lambda x: rolling_shares(PLAIN, window=x),
    "wilson_interval": lambda x: wilson_interval(0, x),
    "block_interval": lambda x: block_interval(OTHER, 50, blocks=x),
    "psi_critical, n": lambda x: psi_critical(x, 9),
    "psi_critical, m": lambda x: psi_critical(9, x),
    "trailing_share": lambda x: trailing_share(PLAIN, ONES, minutes=x),
    "BurnRule, short": lambda x: BurnRule(short_min=x),
    "BurnRule, long": lambda x: BurnRule(short_min=1, long_min=x),
    "false_alarm": lambda x: RULE.false_alarm(healthy=0.1, per_minute=x),
    "compare_proportions, control": lambda x: compare_proportions((0, x), (1, 2)),
    "compare_proportions, treatment": lambda x: compare_proportions((1, 2), (0, x)),
    "power": lambda x: power(0.3, 0.4, n=x),
    "paired_power": lambda x: paired_power(0.1, 0.2, n=x),
    "peeking_walks": lambda x: peeking_walks((0.5, 0.5), looks=[5], runs=x, seed=0),
    "SequentialTest": lambda x: SequentialTest(planned=x),
    "Canary": lambda x: Canary("e", answers_each=x),
    "LabelledWindow": lambda x: LabelledWindow(0, x, 0, 0, True),
}
# a number that is 0 or more; what a fraction of it would mean differs
AMOUNTS = {
    "Share": lambda x: Share(x, 9),
    "wilson_interval": lambda x: wilson_interval(x, 9),
    "alarm": lambda x: Drift("KS: D", 0.5, 0.01, 0.5).alarm(least=x),
    "compare_pixels": lambda x: compare_pixels(np.eye(4), np.eye(4), least=x),
    "compare_proportions": lambda x: compare_proportions((x, 9), (1, 9)),
    "update": lambda x: SequentialTest(planned=100).update((x, 9), (1, 9)),
    "propensity": lambda x: drawn("request", 0, x),
    "AuditPolicy": lambda x: AuditPolicy(share=x),
    "AuditPolicy, doubt": lambda x: AuditPolicy(share=0.5, doubt_below=x),
    "PromotionGate": lambda x: PromotionGate(margin="none" if x is None else x),
    "ShiftAccuracy": lambda x: ShiftAccuracy("v1", x, 9),
    "accuracy_by_time": lambda x: accuracy_by_time(EMPTY, window_s=9, delay_s=x),
    "paired_power": lambda x: paired_power(x, 0.2, n=50),
}
# a number that has to be above 0
POSITIVE = {
    "percentile": lambda x: percentile(OTHER, x),
    "cusum": lambda x: cusum(PLAIN, limit=x, **RATES),
    "BurnRule": lambda x: BurnRule(factor=x),
    "quantile": lambda x: Buckets.of(OTHER).quantile(x),
    "ThompsonSampler": lambda x: ThompsonSampler("ab", seed=0, keep=x),
    "accuracy_by_time": lambda x: accuracy_by_time(EMPTY, window_s=x, delay_s=0),
}


def outcome(call, *given):
    """Return "refused" and a sentence of ours, or "told" and the answer in full."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            return "told", plain(call(*given))
    except ValueError as error:
        last = traceback.extract_tb(error.__traceback__)[-1].filename
        ours = "lessonlib" in last and len(str(error)) > 15
        return ("refused" if ours else "not ours"), f"{error}"
    except Exception as error:
        return "not ours", f"{type(error).__name__}: {error}"


def plain(answer):
    """Return an answer as values that can be compared, its fields and arrays, too."""
    if dataclasses.is_dataclass(answer):
        names = [field.name for field in dataclasses.fields(answer)]
        return {name: plain(getattr(answer, name)) for name in names}
    if isinstance(answer, list | tuple):
        return [plain(each) for each in answer]
    if hasattr(answer, "tolist"):
        return answer.tolist()
    return answer if isinstance(answer, Real | Decimal) else repr(answer)


def faults(call, table, expected):
    """Return by name what became of odd values, if it is not what is expected."""
    found = {name: outcome(call, make()) for name, make in table.items()}
    return {name: got for name, got in found.items() if not expected(name, *got)}


each_row = pytest.mark.parametrize("name", EVERY_ROW)


@each_row
def test_what_stands_for_numbers_is_taken_for_them(name):
    call, given = EVERY_ROW[name]
    right = outcome(call, given)
    assert right[0] == "told" and "nan" not in str(right[1]), right
    assert faults(call, said(given), lambda _, *got: got == right) == {}


@each_row
def test_what_stands_for_no_numbers_is_refused_in_a_sentence(name):
    call, given = EVERY_ROW[name]
    table = unsaid(given)
    for odd in MEANT.get(name, ()):
        del table[odd]
    assert faults(call, table, lambda _, state, told: state == "refused") == {}


@each_row
def test_infinity_is_a_time_or_is_refused(name):
    call, given = EVERY_ROW[name]
    state, told = outcome(call, [*given[:-1], INF])
    if name in MAY_LAST_FOR_EVER:
        assert state == "told" and "nan" not in str(told)
    else:
        assert state == "refused", told


@each_row
def test_a_refusal_names_the_place_of_what_is_missing(name):
    call, given = EVERY_ROW[name]
    assert "[2]" in outcome(call, unsaid(given)["a NaN"]())[1]


def check_scalar(call, *, good, also_odd=()):
    assert outcome(call, good)[0] == "told"
    assert outcome(call, np.array(good)) == outcome(call, good)  # of no shape
    odd = {k: x for k, x in NO_NUMBER.items()} | {f"{x}": x for x in also_odd}
    table = {name: lambda x=x: x for name, x in odd.items()}
    assert faults(call, table, lambda _, state, told: state == "refused") == {}


@pytest.mark.parametrize("name", LEVELS)
def test_a_level_is_between_0_and_1(name):
    check_scalar(LEVELS[name], good=0.25, also_odd=(0, 1, 0.0, 1.0, 1.5))


@pytest.mark.parametrize("name", COUNTS)
def test_a_count_is_a_whole_number_from_1_on(name):
    fraction = () if name in ("wilson_interval", "power") else (1.5,)
    good = 9 if name == "BurnRule, long" else 3
    check_scalar(COUNTS[name], good=good, also_odd=(0, *fraction))


@pytest.mark.parametrize("name", AMOUNTS)
def test_an_amount_is_a_number_from_0_on(name):
    check_scalar(AMOUNTS[name], good=0)


@pytest.mark.parametrize("name", POSITIVE)
def test_a_number_above_0_is_needed(name):
    check_scalar(POSITIVE[name], good=0.5, also_odd=(0,))


# -- integers that are too small for what is done with them


@pytest.mark.parametrize("kind", [np.int8, np.uint8, np.int16, np.int64, np.float32])
def test_small_integers_do_not_overflow(kind):
    def same(call, *given):
        assert plain(call(*map(kind, given))) == plain(call(*map(int, given)))

    same(wilson_interval, 100, 120)
    same(lambda right, n: Share(right, n).value, 100, 120)
    same(lambda right, n: Share(right, n).interval, 100, 120)
    same(lambda up, down, n: paired_interval(up, down, n), 60, 60, 120)
    same(lambda a, n: compare_proportions((a, n), (n, n)), 100, 120)
    same(lambda n: sample_ratio_test([n, n, n]), 120)
    same(lambda n: increase([n, 1, n, 1, n]), 120)
    same(lambda n: trailing_share([n, n], [n, n], minutes=2), 120)
    same(lambda n: power(0.3, 0.4, n=n), 120)
    same(lambda n: psi_critical(n, n), 120)
    same(lambda a: assign("u", experiment="e", weights={"a": a, "b": a}), 120)


def test_tables_with_gaps_are_looked_at_and_others_refused():
    past = np.arange(80.0).reshape(40, 2)
    rows = past.tolist()
    rows[3] = [None, 3]
    found = quality(rows, reference=past, low=0, high=100)
    assert found == ("rows with a missing value: 1",)
    for table in ([], rows[0], "rows", np.eye(40)[0], [[1, 2], [3]], [["a", "b"]]):
        state, told = outcome(
            lambda t: quality(t, reference=past, low=0, high=9), table
        )
        assert state == "refused", told
        state, told = outcome(compare_pixels, past, table)
        assert state == "refused", told
    state, told = outcome(compare_pixels, past, rows)
    assert (state, "current[3, 0]" in told) == ("refused", True)


# -- nobody is forgotten


def test_every_statistic_is_in_the_table():
    source = inspect.getsource(inspect.getmodule(outcome))
    modules = {
        inspect.getmodule(call)
        for call in (wilson_interval, percentile, ks_drift, cusum, increase, RULE.fires)
        + (compare_means, SequentialTest, weighted_accuracy)
    }
    for module in modules:
        for name, thing in vars(module).items():
            if inspect.getmodule(thing) is module and name[0] != "_":
                if inspect.isfunction(thing) and name not in APART:
                    assert f"{name}(" in source or f": {name}," in source, name


APART = {
    "chi2_drift": "categories: tests/watch/test_contingency.py",
    "classifier_two_sample_test": "tables: tests/watch/test_drift.py",
    "read_metrics": "a page: tests/watch/test_metrics.py",
    "samples": "a page: tests/watch/test_metrics.py",
    "prometheus_yaml": "no statistic",
}
