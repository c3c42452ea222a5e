"""How many labels settle it? `labels_needed(right, n, promised)` says it."""

import math

from lessonlib.checks import Check, Mistake, case
from lessonlib.intervals import wilson_interval

MORE = "ask for the interval of twice as many, three times as many, and so on"
ENOUGH = "is the promise inside the interval of the labels that you have?"
FIRST = "which is the first number of labels whose interval lies below the promise?"

PROMISES = (
    (
        "so many labels show that the promise is missed, and fewer don't",
        case(121, 130, 0.96, gives=260, hint=MORE),
        case(46, 50, 0.95, gives=250, hint=FIRST),
        case(47, 51, 0.96, gives=102, hint=FIRST),
    ),
    (
        "where the labels that you have are enough, it is those",
        case(80, 100, 0.9, gives=100, hint=ENOUGH),
        case(30, 40, 0.9, gives=40, hint=ENOUGH),
    ),
    (
        "the nearer the promise, the more labels it takes",
        case(121, 130, 0.94, gives=2600, hint=MORE),
        case(93, 100, 0.95, gives=500, hint=MORE),
        case(9, 10, 0.96, gives=50, hint=MORE),
    ),
)


def _times(right, n, promised):
    times = 1
    while wilson_interval(times * right, times * n)[1] >= promised:
        times += 1
    return times


def _scatter(right, n):
    share = right / n
    return 1.96 * math.sqrt(share * (1 - share))


def _textbook(right, n, promised):
    times = 1
    while right / n + _scatter(right, n) / math.sqrt(times * n) >= promised:
        times += 1
    return times * n


def _formula(right, n, promised):
    return math.ceil((_scatter(right, n) / (promised - right / n)) ** 2)


MISTAKES = (
    Mistake(
        "a share below the promise",
        "the labels that you have came back, as if a share below the promise were "
        "proof. An accuracy without its interval is a rumour",
        lambda right, n, promised: n,
    ),
    Mistake(
        "times",
        "this says how many times as many labels it takes. The clerk asks how many "
        "that makes",
        _times,
    ),
    Mistake(
        "those to come",
        "these are the labels that are still to come. Add those that you have",
        lambda right, n, promised: (_times(right, n, promised) - 1) * n,
    ),
    Mistake(
        "one helping too many",
        "too many by `n`: an interval before that one lies below the promise, too",
        lambda right, n, promised: (_times(right, n, promised) + 1) * n,
    ),
    Mistake(
        "textbook",
        "this is right for the textbook's interval, which is wrong for shares near 1. "
        "`wilson_interval` needs fewer labels here",
        _textbook,
    ),
    Mistake(
        "formula",
        "this is the textbook's formula for the size of a sample. Near 1 its interval "
        "is off, and the exercise asks for a multiple of `n`",
        _formula,
    ),
)

labels = Check.table(
    title="how many labels settle it?",
    name="labels_needed",
    promises=PROMISES,
    mistakes=MISTAKES,
)
