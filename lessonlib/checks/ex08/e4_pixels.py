"""Which pixels moved? `moved(p, effect, alpha, least)` asks for both."""

from typing import Any

import numpy as np
from scipy import stats

from lessonlib.checks import Case, Check, Mistake, case
from lessonlib.checks.probes import call, flags


def _ask(
    answer: Any, p: list[float], effect: list[float], alpha: float, least: float
) -> Any:
    return flags(call(answer, np.array(p), np.array(effect), alpha, least))


def _pixels(
    p: list[float],
    effect: list[float],
    *,
    moved: str,
    hint: str,
    alpha: float = 0.05,
    least: float = 0.3,
) -> Case:
    """Return the case of some pixels; `moved` has a T for each that did, else an F."""
    expected = [letter == "T" for letter in moved]
    return case(p, effect, alpha, least, gives=expected, hint=hint)


P = [0.004, 0.019, 0.022, 0.02, 0.3, 0.001, 0.04, 0.9]
EFFECT = [0.5, 0.4, 0.1, 0.6, 0.7, 0.2, 0.5, 0.0]

PROMISES = (
    (
        "p-values are adjusted by Benjamini and Hochberg before they are compared",
        _pixels(
            P,
            [1.0] * 8,
            moved="TTTTFTFF",
            hint="do you adjust p, and does every pixel keep its place?",
        ),
        _pixels(
            [0.03, 0.045, 0.04],
            [0.5, 0.5, 0.5],
            moved="TTT",
            hint="look from the largest p downwards",
        ),
        _pixels(
            [0.03, 0.01, 0.9],
            [0.5, 0.5, 0.5],
            moved="TTF",
            hint="the second smallest of 3 is multiplied by 3 / 2",
        ),
    ),
    (
        "a pixel has moved if p and the effect both say so",
        _pixels(
            P,
            EFFECT,
            moved="TTFTFFFF",
            hint="adjust all p together, then ask both conditions",
        ),
    ),
    (
        "both limits can be set, and a value equal to its limit counts",
        _pixels(
            P,
            EFFECT,
            alpha=0.01,
            least=0.1,
            moved="FFFFFTFF",
            hint="where do you use alpha and least?",
        ),
        _pixels(
            [0.015625, 0.5],
            [0.5, 0.5],
            alpha=0.03125,  # exact: 0.015625 * 2
            least=0.5,
            moved="TF",
            hint="at most and at least both include the limit itself",
        ),
    ),
)


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


MISTAKES = (
    Mistake(
        "raw p",
        "the p-values were taken as they are. Of 64 of them, some are small by chance "
        "in half of the windows: which function of the lesson adjusts them?",
        lambda p, effect, alpha, least: (
            (np.asarray(p) <= alpha) & (np.asarray(effect) >= least)
        ),
    ),
    Mistake(
        "bonferroni",
        "every p was multiplied by the number of pixels. That's safe, but it misses "
        "pixels that moved: Benjamini and Hochberg ask less of the second smallest",
        lambda p, effect, alpha, least: (
            (np.asarray(p) * len(p) <= alpha) & (np.asarray(effect) >= least)
        ),
    ),
    Mistake(
        "either",
        "one of the two conditions is enough here. A tiny effect that is significant "
        "isn't worth an alarm, nor is a large one that came by chance",
        lambda p, effect, alpha, least: (
            (_adjusted(p) <= alpha) | (np.asarray(effect) >= least)
        ),
    ),
    Mistake(
        "no effect asked",
        "the effect is ignored. With enough rows every pixel is significant",
        lambda p, effect, alpha, least: _adjusted(p) <= alpha,
    ),
    Mistake(
        "no p asked",
        "only the effect counts here. In a small window, chance alone makes large "
        "effects",
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

pixels = Check.table(
    title="which pixels moved",
    name="moved",
    promises=PROMISES,
    ask=_ask,
    mistakes=MISTAKES,
)
