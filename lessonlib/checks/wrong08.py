"""Wrong answers to the exercises of notebook 08, and what to tell who gives them."""

import numpy as np
from scipy import stats

from lessonlib.checks import Mistake

# -- index: psi(reference, window)


def _psi_of(edges, reference, window, *, more=0.5):
    both = []
    for rows in (reference, window):
        counts = np.bincount(np.searchsorted(edges, rows), minlength=10) + more
        both.append(counts / counts.sum())
    before, now = both
    return float(((now - before) * np.log(now / before)).sum())


def _deciles(rows):
    return np.quantile(rows, np.arange(1, 10) / 10)


def _log_of_zero(reference, window):
    with np.errstate(all="ignore"):
        return _psi_of(_deciles(reference), reference, window, more=0)


def _unsigned(reference, window):
    both = []
    for rows in (reference, window):
        found = np.searchsorted(_deciles(reference), rows)
        counts = np.bincount(found, minlength=10) + 0.5
        both.append(counts / counts.sum())
    return float((both[1] * np.log(both[1] / both[0])).sum())


INDEX = (
    Mistake(
        "a whole row",
        "a whole row more was added to each count. The lesson adds less",
        lambda reference, window: _psi_of(
            _deciles(reference), reference, window, more=1
        ),
    ),
    Mistake(
        "pooled bins",
        "the bins were cut from both samples together. Then the window moves the ruler "
        "that it is measured with: whose deciles does the lesson take?",
        lambda reference, window: _psi_of(
            _deciles(np.concatenate([reference, window])), reference, window
        ),
    ),
    Mistake(
        "deciles of the window",
        "these are the deciles of the window. Every window would have its own ruler, "
        "and two weeks could not be compared",
        lambda reference, window: _psi_of(_deciles(window), reference, window),
    ),
    Mistake(
        "log of zero",
        "a bin that nobody is in gives the log of zero, and the sum becomes infinite "
        "or NaN. What did the lesson add to each count?",
        _log_of_zero,
    ),
    Mistake(
        "equal widths",
        "these bins are equally wide. Near the edge they hold almost nobody, and there "
        "chance has its way: which bins hold equal shares of the reference?",
        lambda reference, window: _psi_of(
            np.linspace(np.min(reference), np.max(reference), 11)[1:-1],
            reference,
            window,
        ),
    ),
    Mistake(
        "one way only",
        "this sums now * log(now / before). The PSI weighs each log with the "
        "difference of the two shares",
        _unsigned,
    ),
)


# -- critical: psi_limit(n, m, bins, alpha)

CRITICAL = (
    Mistake(
        "one too free",
        "nearly: the shares of all bins add up to 1, so the last one is not free. How "
        "many degrees of freedom are left?",
        lambda n, m, bins, alpha: stats.chi2.isf(alpha, bins) * (1 / n + 1 / m),
    ),
    Mistake(
        "wrong tail",
        "chance exceeds this value nearly always: it cuts off the small end. Which end "
        "of the chi-square is the alarm's?",
        lambda n, m, bins, alpha: stats.chi2.ppf(alpha, bins - 1) * (1 / n + 1 / m),
    ),
    Mistake(
        "window only",
        "only the window's rows are counted. The reference is a sample too, and its "
        "shares are just as uncertain",
        lambda n, m, bins, alpha: stats.chi2.isf(alpha, bins - 1) / m,
    ),
    Mistake(
        "all rows together",
        "this divides by all rows together, as if they were one sample. The two "
        "uncertainties add up: one of n rows, one of m",
        lambda n, m, bins, alpha: stats.chi2.isf(alpha, bins - 1) / (n + m),
    ),
    Mistake(
        "no rows",
        "this is the chi-square itself. A PSI gets smaller with more rows: where do n "
        "and m come in?",
        lambda n, m, bins, alpha: stats.chi2.isf(alpha, bins - 1),
    ),
    Mistake(
        "fixed",
        "the same number whatever n and m are. Under it, small windows alarm for "
        "nothing, and large ones never",
        lambda n, m, bins, alpha: 0.1,
    ),
)


# -- pixels: moved(p, effect, alpha, least)


def _adjusted(p):
    return stats.false_discovery_control(p)


def _first_failure(p, alpha):
    """Benjamini and Hochberg, stopped at the first p that is over its line."""
    p = np.asarray(p)
    kept = np.zeros(len(p), dtype=bool)
    for rank, k in enumerate(np.argsort(p), start=1):
        if p[k] > alpha * rank / len(p):
            break
        kept[k] = True
    return kept


PIXELS = (
    Mistake(
        "raw p",
        "the p-values were taken as they are. With 64 of them some are small by chance "
        "in most windows: which function of the lesson adjusts them?",
        lambda p, effect, alpha, least: (
            (np.asarray(p) <= alpha) & (np.asarray(effect) >= least)
        ),
    ),
    Mistake(
        "bonferroni",
        "every p was multiplied by their number. That is safe, and misses pixels that "
        "moved: Benjamini and Hochberg ask less of the second smallest",
        lambda p, effect, alpha, least: (
            (np.asarray(p) * len(p) <= alpha) & (np.asarray(effect) >= least)
        ),
    ),
    Mistake(
        "either",
        "one of the two conditions is enough here. A tiny effect that is significant, "
        "or a large one by chance, is not worth an alarm",
        lambda p, effect, alpha, least: (
            (_adjusted(p) <= alpha) | (np.asarray(effect) >= least)
        ),
    ),
    Mistake(
        "no effect asked",
        "the effect was not asked. With enough rows every pixel is significant",
        lambda p, effect, alpha, least: _adjusted(p) <= alpha,
    ),
    Mistake(
        "no p asked",
        "only the effect was asked. In a small window chance alone makes large ones",
        lambda p, effect, alpha, least: np.asarray(effect) >= least,
    ),
    Mistake(
        "stopped too early",
        "this stops at the first p that is over its line. The method looks for the "
        "*last* one below its line, and takes all up to there",
        lambda p, effect, alpha, least: (
            _first_failure(p, alpha) & (np.asarray(effect) >= least)
        ),
    ),
)


# -- hours: alike(at_h, window_h)


def _hour(at_h):
    return np.floor(np.asarray(at_h, dtype=float))


HOURS = (
    Mistake(
        "same moments",
        "only the very same hours since the start are found, so last week has none. "
        "What is left of an hour when the days are taken off?",
        lambda at_h, window_h: np.isin(_hour(at_h), _hour(window_h)),
    ),
    Mistake(
        "half days",
        "this counts in twelves: two at night and two in the afternoon are not alike",
        lambda at_h, window_h: np.isin(_hour(at_h) % 12, _hour(window_h) % 12),
    ),
    Mistake(
        "not rounded",
        "whole moments are compared, to the second. An hour goes from its full stroke "
        "to the next: what makes 25.9 and 1.2 the same hour?",
        lambda at_h, window_h: np.isin(
            np.asarray(at_h) % 24, np.asarray(window_h) % 24
        ),
    ),
    Mistake(
        "rounded up",
        "half past one counts as two here: an hour lasts until the next full one",
        lambda at_h, window_h: np.isin(
            np.round(at_h) % 24, np.round(np.asarray(window_h)) % 24
        ),
    ),
    Mistake(
        "first to last",
        "everything from the earliest to the latest hour was taken. A window over "
        "midnight, from 23 to 1, then fetches the whole day",
        lambda at_h, window_h: (
            (_hour(at_h) % 24 >= (_hour(window_h) % 24).min())
            & (_hour(at_h) % 24 <= (_hour(window_h) % 24).max())
        ),
    ),
    Mistake(
        "the others",
        "these are the rows of all other hours: turn it round",
        lambda at_h, window_h: ~np.isin(_hour(at_h) % 24, _hour(window_h) % 24),
    ),
)
