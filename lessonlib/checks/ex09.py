"""Exercises of notebook 09: join labels, tell accuracy in time, weigh, decide."""

import numpy as np

from lessonlib.checks import Check, loop09, wrong09, wrong_gate09
from lessonlib.checks.probes import Broken, call, expect

# -- latest: latest_labels(predictions, messages)

_SAID = {"p1": 3, "p2": 5, "p3": 0, "p4": 8}
_IN_ORDER = [(1, "p1", 3), (2, "p3", 6), (4, "p3", 0), (5, "p1", 3)]
_SHUFFLED = [(9, "p4", 3), (2, "p4", 8), (7, "p1", 3), (8, "p2", 6), (3, "p2", 5)]
_STRAYS = [(1, "p9", 2), (2, "p1", 3), (3, "x1", 3)]


def _latest(answer, messages):
    return dict(call(answer, dict(_SAID), list(messages)))


def _expect_latest(answer, messages, expected, hint):
    called = f"latest_labels(p1 to p4, {messages})"
    expect(_latest(answer, messages), expected, called=called, hint=hint)


def _latest_corrected(answer):
    """a correction counts, and a repeated message changes nothing"""
    expected = {"p1": 3, "p2": None, "p3": 0, "p4": None}
    hint = "is there an entry for each prediction? And of two messages, which counts?"
    _expect_latest(answer, _IN_ORDER, expected, hint)


def _latest_by_time(answer):
    """the latest message counts, in whatever order they lie in the list"""
    expected = {"p1": 3, "p2": 6, "p3": None, "p4": 3}
    _expect_latest(
        answer, _SHUFFLED, expected, "each message says on which day it came"
    )


def _latest_all(answer):
    """as many come out as were predicted: None without a label, and no stranger"""
    expected = {"p1": 3, "p2": None, "p3": None, "p4": None}
    _expect_latest(answer, _STRAYS, expected, "which ids belong into the answer?")
    nobody = dict.fromkeys(_SAID)
    _expect_latest(answer, [], nobody, "and if no message came at all?")


def _outcomes(probe, inputs):
    found = []
    for given in inputs:
        try:
            found.append(probe(*given))
        except Exception as error:  # an exception is an outcome too
            found.append(type(error).__name__)
    return found


latest = Check(
    title="the latest label of each prediction",
    promises=(_latest_corrected, _latest_by_time, _latest_all),
    probe=lambda answer: _outcomes(
        lambda messages: dict(answer(dict(_SAID), list(messages))),
        [(_IN_ORDER,), (_SHUFFLED,), (_STRAYS,), ([],)],
    ),
    mistakes=wrong09.LATEST,
)


# -- weekly: weekly(parcels, today, delay)
# a parcel: the day of its prediction, whether it was right, the day of its label

_WEEK_0 = [(0, True, 2), (1, True, 3), (3, False, 10), (6, True, None)]
_WEEK_1 = [(7, True, 9), (8, False, 16), (13, True, 15), (13, True, None)]
_BOTH = _WEEK_0 + _WEEK_1


def _weekly(answer, parcels, today, delay):
    came = call(answer, list(parcels), today, delay)
    return {
        int(week): [None if share is None else float(share) for share in pair]
        for week, pair in dict(came).items()
    }


def _expect_weekly(answer, parcels, today, expected, hint, *, delay=10):
    called = f"weekly({parcels}, today={today}, delay={delay})"
    expect(_weekly(answer, parcels, today, delay), expected, called=called, hint=hint)


def _weekly_by_prediction(answer):
    """a parcel belongs to the week in which it was predicted"""
    expected = {0: [2 / 3, 3 / 4], 1: [2 / 3, 3 / 4]}
    _expect_weekly(answer, _BOTH, 40, expected, "which day does the model answer for?")


def _weekly_coverage(answer):
    """accuracy is of the labelled ones, and the coverage stands beside it"""
    some = [(0, True, 0), (1, False, 9), (2, True, None), (3, True, None)]
    hint = "who has no label is neither right nor wrong"
    _expect_weekly(answer, some, 40, {0: [1 / 2, 1 / 2]}, hint)
    few = [(3, True, None), (15, True, 16)]
    hint = "what of a week without a label, and of one without a prediction?"
    _expect_weekly(answer, few, 40, {0: [None, 0.0], 2: [1.0, 1.0]}, hint)


def _weekly_mature(answer):
    """a week has no accuracy until `delay` days after its end"""
    quiet = {0: [None, 3 / 4]}
    hint = "week 0 ends where day 7 begins; when have its labels had `delay` days?"
    _expect_weekly(answer, _WEEK_0, 16, quiet, hint)
    _expect_weekly(answer, _WEEK_0, 17, {0: [2 / 3, 3 / 4]}, hint)


def _weekly_no_leak(answer):
    """a label that comes after today is not known, and lowers the coverage"""
    slow = [(0, True, 2), (1, False, 20), (2, True, 30), (3, True, 30)]
    hint = "on day 20, is a label known that comes on day 20? And one of day 30?"
    _expect_weekly(answer, slow, 20, {0: [1 / 2, 1 / 2]}, hint)


weekly = Check(
    title="accuracy by the week of the prediction",
    promises=(_weekly_by_prediction, _weekly_coverage, _weekly_mature, _weekly_no_leak),
    probe=lambda answer: _outcomes(
        lambda *given: _rounded(_weekly(answer, *given)),
        [(_BOTH, 40, 10), (_BOTH, 17, 10), (_BOTH, 9, 10), (_BOTH, 24, 10)]
        + [(_WEEK_0, 9, 1), ([(0, True, 2), (1, False, 30)], 20, 10)]
        + [(_WEEK_1, 100, 10)],
    ),
    mistakes=wrong09.WEEKLY,
)


def _rounded(weeks):
    return {
        week: [None if each is None else round(each, 9) for each in pair]
        for week, pair in weeks.items()
    }


# -- weigh: estimate(right, chance)

_QUEUE = ([1, 0, 1], [1, 1, 0.05])
_EVEN = ([1, 1, 1, 0], [0.25, 0.25, 0.25, 0.25])
_MIXED = ([0, 1, 1, 0, 1, 1], [1, 1, 0.5, 0.1, 0.1, 0.1])


def _estimate(answer, case):
    right, chance = case
    return float(call(answer, np.array(right, dtype=bool), np.array(chance)))


def _expect_share(answer, case, expected, hint):
    called = "estimate({}, {})".format(*case)
    expect(_estimate(answer, case), expected, called=called, hint=hint)


def _weigh_speaks(answer):
    """a card with chance 1 in 20 speaks for twenty"""
    hint = "for how many cards does each of the three speak?"
    _expect_share(answer, _QUEUE, 21 / 22, hint)
    _expect_share(answer, _MIXED, 23 / 34, hint)


def _weigh_even(answer):
    """if all had the same chance it is the plain share"""
    _expect_share(answer, _EVEN, 3 / 4, "by what do the weights have to be divided?")


def _weigh_ends(answer):
    """all right is 1, and none right is 0"""
    hint = "a share of what?"
    _expect_share(answer, ([1, 1, 1], [1, 0.5, 0.05]), 1.0, hint)
    _expect_share(answer, ([0, 0], [0.2, 0.4]), 0.0, hint)


weigh = Check(
    title="weigh the clerk's audits",
    promises=(_weigh_speaks, _weigh_even, _weigh_ends),
    probe=lambda answer: _outcomes(
        lambda *case: round(_estimate(answer, case), 9),
        [_QUEUE, _EVEN, _MIXED, ([1, 1, 1], [1, 0.5, 0.05]), ([0, 0], [0.2, 0.4])],
    ),
    mistakes=wrong09.WEIGH,
)


# -- gate: promote(champion, challenger)


def _verdict(answer, both, gained, lost, neither):
    """Ask about two models: what both, one and neither of them has right."""
    kinds = [(1, 1)] * both + [(0, 1)] * gained + [(1, 0)] * lost + [(0, 0)] * neither
    order = np.random.default_rng(9).permutation(len(kinds))
    champion, challenger = np.array(kinds, dtype=bool)[order].T
    verdict = call(answer, champion, challenger)
    if np.ndim(verdict):
        raise Broken(f"promote(...) gave {verdict}", "return one value: True or False")
    return bool(verdict)


def _expect_verdict(answer, counts, expected, hint):
    names = ("both right", "only the challenger", "only the champion", "neither")
    told = ", ".join(f"{n} {name}" for n, name in zip(counts, names, strict=True))
    called = f"promote(...) on cards with {told}"
    expect(_verdict(answer, *counts), expected, called=called, hint=hint)


def _gate_chance(answer):
    """a challenger that may be ahead by chance is refused"""
    hint = "where does the interval of the difference begin?"
    _expect_verdict(answer, (900, 34, 26, 40), False, hint)
    _expect_verdict(answer, (90, 4, 1, 5), False, hint)


def _gate_better(answer):
    """one that is better beyond chance is promoted, even by few points"""
    hint = "the cards on which both agree make no noise: use that they are the same"
    _expect_verdict(answer, (900, 40, 15, 45), True, hint)
    _expect_verdict(answer, (70, 12, 2, 16), True, hint)


def _gate_worse(answer):
    """a worse one is refused, however sure one is of the difference"""
    hint = "which of the two wants to be promoted?"
    _expect_verdict(answer, (900, 15, 40, 45), False, hint)
    _expect_verdict(answer, (500, 0, 100, 400), False, hint)


gate = Check(
    title="decide at the gate",
    promises=(_gate_chance, _gate_better, _gate_worse),
    probe=lambda answer: _outcomes(
        lambda *counts: _verdict(answer, *counts),
        [(900, 34, 26, 40), (90, 4, 1, 5), (900, 40, 15, 45), (70, 12, 2, 16)]
        + [(900, 15, 40, 45), (500, 0, 100, 400), (400, 100, 0, 500), (95, 3, 0, 2)]
        + [(900, 30, 30, 40), (900, 45, 20, 35), (9, 1, 0, 90), (940, 9, 1, 50)],
    ),
    mistakes=wrong_gate09.GATE,
)


# -- the puzzle

order = loop09.order
