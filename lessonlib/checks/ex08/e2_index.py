"""How far did a window move from the reference? `psi(reference, window)` says it."""

from typing import Any

import numpy as np

from lessonlib.checks import Case, Check, Mistake, case
from lessonlib.checks.probes import call, to_digits
from lessonlib.watch import drift

RNG = np.random.default_rng(808)
CALM = RNG.normal(size=200)
WINDOWS = {
    "of the same kind": RNG.normal(size=100),
    "a little higher": RNG.normal(0.5, size=150),
    "far away": RNG.normal(9, size=60),
}


def _ask(answer: Any, window: np.ndarray) -> Any:
    return to_digits(call(answer, CALM.copy(), window))


def _window(kind: str, *, hint: str) -> Case:
    """Return the case of a kind of window; what is expected is the library's."""
    expected = round(drift.psi(CALM, WINDOWS[kind]).statistic, 9)
    called = f"psi(reference, window), a window {kind},"
    return case(WINDOWS[kind], gives=expected, called=called, hint=hint)


PROMISES = (
    (
        "a window that is the reference itself gives 0",
        case(
            CALM,
            gives=0.0,
            called="psi(reference, reference)",
            hint="do both use the same edges?",
        ),
    ),
    (
        "the bins are the reference's deciles, whatever the window",
        _window(
            "of the same kind",
            hint="whose deciles do you use, and how much do you add to each bin?",
        ),
        _window(
            "a little higher", hint="how many cards of the reference are in each bin?"
        ),
    ),
    (
        "empty bins don't make it infinite: each bin gets half a row more",
        _window("far away", hint="print the counts of the window"),
    ),
)


def _deciles(rows):
    return np.quantile(rows, np.arange(1, 10) / 10)


def _shares(edges, rows, more):
    counts = np.bincount(np.searchsorted(edges, rows), minlength=10) + more
    return counts / counts.sum()


def _psi_of(edges, reference, window, *, more):
    before, now = (_shares(edges, rows, more) for rows in (reference, window))
    return float(((now - before) * np.log(now / before)).sum())


def _log_of_zero(reference, window):
    with np.errstate(all="ignore"):
        return _psi_of(_deciles(reference), reference, window, more=0)


def _one_way_only(reference, window):
    edges = _deciles(reference)
    before, now = (_shares(edges, rows, 0.5) for rows in (reference, window))
    return float((now * np.log(now / before)).sum())


MISTAKES = (
    Mistake(
        "a whole row",
        "you added a whole row to each count. The lesson adds less",
        lambda reference, window: _psi_of(
            _deciles(reference), reference, window, more=1
        ),
    ),
    Mistake(
        "pooled bins",
        "the bins are cut from both samples together, so the window moves the ruler "
        "that it is measured with. Whose deciles does the lesson take?",
        lambda reference, window: _psi_of(
            _deciles(np.concatenate([reference, window])), reference, window, more=0.5
        ),
    ),
    Mistake(
        "deciles of the window",
        "these are the deciles of the window. Every window would have a ruler of its "
        "own, and you couldn't compare two weeks",
        lambda reference, window: _psi_of(
            _deciles(window), reference, window, more=0.5
        ),
    ),
    Mistake(
        "log of zero",
        "an empty bin gives the log of zero, and the sum becomes infinite or NaN. What "
        "did the lesson add to each count?",
        _log_of_zero,
    ),
    Mistake(
        "equal widths",
        "these bins are equally wide. Those at the ends hold hardly any cards, so luck "
        "decides what they show. Which bins hold equal shares of the reference?",
        lambda reference, window: _psi_of(
            np.linspace(np.min(reference), np.max(reference), 11)[1:-1],
            reference,
            window,
            more=0.5,
        ),
    ),
    Mistake(
        "one way only",
        "this sums now * log(now / before). The PSI weighs each log with the "
        "difference of the two shares",
        _one_way_only,
    ),
)

index = Check.table(
    title="a PSI by reference deciles",
    name="psi",
    promises=PROMISES,
    ask=_ask,
    mistakes=MISTAKES,
)
