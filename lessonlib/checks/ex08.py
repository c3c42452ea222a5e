"""Exercises of notebook 08: an index, its limit, a reference, a sum, a promise."""

import numpy as np
from scipy import stats

from lessonlib.checks import Check, sums08, wrong08
from lessonlib.checks.probes import call, expect


def _rounded(value):
    return np.round(np.asarray(value, dtype=float), 9).tolist()


def _flags(value):
    return [bool(each) for each in value]


# -- index: psi(reference, window)

_RNG = np.random.default_rng(808)
_CALM = _RNG.normal(size=200)
_WINDOWS = {
    "of the same kind": _RNG.normal(size=100),
    "a little higher": _RNG.normal(0.5, size=150),
    "far away": _RNG.normal(9, size=60),
}


def _right_psi(reference, window):
    edges = np.quantile(reference, np.arange(1, 10) / 10)
    before, now = (
        (np.bincount(np.searchsorted(edges, rows), minlength=10) + 0.5)
        / (len(rows) + 5)
        for rows in (reference, window)
    )
    return float(((now - before) * np.log(now / before)).sum())


def _expect_psi(psi, kind, hint):
    window = _WINDOWS[kind]
    seen = float(call(psi, _CALM.copy(), window.copy()))
    called = f"psi(reference, window), a window {kind},"
    expect(
        round(seen, 9), round(_right_psi(_CALM, window), 9), called=called, hint=hint
    )


def _index_same(psi):
    """a window that is the reference itself gives 0"""
    seen = round(float(call(psi, _CALM.copy(), _CALM.copy())), 9) + 0.0
    expect(seen, 0.0, called="psi(reference, reference)", hint="are both cut alike?")


def _index_ruler(psi):
    """the bins are the reference's deciles, whatever the window"""
    _expect_psi(
        psi, "of the same kind", "whose deciles, and how much more in each bin?"
    )
    _expect_psi(psi, "a little higher", "how many cards are in each bin of the ruler?")


def _index_empty(psi):
    """a window that leaves bins empty gets a finite number, half a row a bin more"""
    _expect_psi(psi, "far away", "print the counts of the window")


index = Check(
    title="a PSI by reference deciles",
    promises=(_index_same, _index_ruler, _index_empty),
    probe=lambda answer: [
        _rounded(answer(_CALM.copy(), window.copy())) for window in _WINDOWS.values()
    ],
    mistakes=wrong08.INDEX,
)


# -- critical: psi_limit(n, m, bins, alpha)

_LIMITS = (
    (100, 100, 10, 0.05),
    (776, 130, 10, 0.05),
    (500, 500, 5, 0.05),
    (100, 400, 10, 0.01),
)


def _expect_limit(psi_limit, case, hint):
    n, m, bins, alpha = case
    seen = round(float(call(psi_limit, *case)), 9)
    right = round(float(stats.chi2.isf(alpha, bins - 1) * (1 / n + 1 / m)), 9)
    expect(seen, right, called=f"psi_limit{case}", hint=hint)


def _limit_lesson(psi_limit):
    """for a hundred rows each and ten bins it is the lesson's 0.34"""
    _expect_limit(psi_limit, _LIMITS[0], "how many bins are free, and what scales it?")


def _limit_rows(psi_limit):
    """it follows the rows of both sides"""
    _expect_limit(psi_limit, _LIMITS[1], "n rows and m rows: each adds its part")


def _limit_bins(psi_limit):
    """it follows the number of bins and the false-alarm rate"""
    _expect_limit(psi_limit, _LIMITS[2], "five bins have fewer degrees of freedom")
    _expect_limit(psi_limit, _LIMITS[3], "fewer false alarms need a higher line")


critical = Check(
    title="a limit that knows how many rows there are",
    promises=(_limit_lesson, _limit_rows, _limit_bins),
    probe=lambda answer: [_rounded(answer(*case)) for case in _LIMITS],
    mistakes=wrong08.CRITICAL,
)


# -- pixels: moved(p, effect, alpha, least)

_P = [0.004, 0.019, 0.022, 0.02, 0.3, 0.001, 0.04, 0.9]
_EFFECT = [0.5, 0.4, 0.1, 0.6, 0.7, 0.2, 0.5, 0.0]
_PIXELS = (
    (_P, [1.0] * 8, 0.05, 0.3),
    (_P, _EFFECT, 0.05, 0.3),
    ([0.03, 0.045, 0.04], [0.5, 0.5, 0.5], 0.05, 0.3),
    ([0.03, 0.01, 0.9], [0.5, 0.5, 0.5], 0.05, 0.3),
    (_P, _EFFECT, 0.01, 0.1),
    ([0.015625, 0.5], [0.5, 0.5], 0.03125, 0.5),  # exact: 0.015625 * 2, and 0.5
)


def _expect_moved(moved, case, hint):
    p, effect, alpha, least = case
    seen = call(moved, np.array(p), np.array(effect), alpha, least)
    adjusted = stats.false_discovery_control(p)
    right = [a <= alpha and e >= least for a, e in zip(adjusted, effect, strict=True)]
    called = f"moved({p}, {effect}, {alpha}, {least})"
    expect(_flags(seen), _flags(right), called=called, hint=hint)


def _moved_adjusted(moved):
    """p-values are adjusted by Benjamini and Hochberg before they are compared"""
    _expect_moved(moved, _PIXELS[0], "every pixel keeps its place; is p adjusted?")
    _expect_moved(moved, _PIXELS[2], "look from the largest p downwards")
    _expect_moved(moved, _PIXELS[3], "the second smallest of 3 is multiplied by 3 / 2")


def _moved_effect(moved):
    """a pixel has moved if p and the effect both say so"""
    _expect_moved(moved, _PIXELS[1], "adjust all p together, then ask both conditions")


def _moved_limits(moved):
    """both limits can be set, and are reached by what is equal to them"""
    _expect_moved(moved, _PIXELS[4], "where do alpha and least come in?")
    _expect_moved(moved, _PIXELS[5], "at most, at least: what is equal counts")


pixels = Check(
    title="which pixels moved",
    promises=(_moved_adjusted, _moved_effect, _moved_limits),
    probe=lambda answer: [
        _flags(answer(np.array(p), np.array(effect), alpha, least))
        for p, effect, alpha, least in _PIXELS
    ],
    mistakes=wrong08.PIXELS,
)


# -- hours: alike(at_h, window_h)

_AT = [0.5, 1.2, 1.9, 2.0, 13.5, 23.25, 24.75, 25.5, 26.5, 47.9]
_HOURS = ([49.1, 49.6], [71.3, 72.5, 73.5], [1.0], [14.25, 37.75])


def _expect_hours(alike, window_h, hint):
    seen = call(alike, np.array(_AT), np.array(window_h))
    hours = {int(at_h) % 24 for at_h in window_h}
    right = [int(at_h) % 24 in hours for at_h in _AT]
    called = f"alike({_AT}, {window_h})"
    expect(_flags(seen), right, called=called, hint=hint)


def _hours_any_day(alike):
    """the same hour of any day is picked, from its full stroke to the next"""
    _expect_hours(
        alike, _HOURS[0], "49.1 hours are two days and a little over one hour"
    )
    _expect_hours(alike, _HOURS[2], "1.0 and 1.9 are the same hour, 2.0 is not")


def _hours_midnight(alike):
    """a window over midnight picks the hours before and after it, no others"""
    _expect_hours(alike, _HOURS[1], "which hours of the day are in the window?")
    _expect_hours(alike, _HOURS[3], "two in the afternoon is not two at night")


hours = Check(
    title="the same hours",
    promises=(_hours_any_day, _hours_midnight),
    probe=lambda answer: [
        _flags(answer(np.array(_AT), np.array(window_h))) for window_h in _HOURS
    ],
    mistakes=wrong08.HOURS,
)


# -- the running sum and the promise

alarm, promise = sums08.alarm, sums08.promise
