"""Checks of notebook 08 on accuracy: with labels one by one, and without any."""

import numpy as np

from lessonlib.checks import Check, wrong_sum08
from lessonlib.checks.probes import Broken, Untouched, call, expect

# -- alarm: first_alarm(wrong, baseline, worse, limit)

_GOOD_THEN_BAD = [False] * 40 + [True, False, True, True, False, True, True]
_TRACES = (
    ([True, True, False, True], 0.1, 0.2, 1.3),
    (_GOOD_THEN_BAD, 0.1, 0.2, 2.5),
    (([True] + [False] * 9) * 20, 0.1, 0.2, 2.5),
    ([True, False] * 10, 0.2, 0.5, 2.0),
    ([True, True], 0.25, 0.5, float(np.log(2))),  # reached exactly by one wrong
)


def _right_alarm(wrong, baseline, worse, limit):
    level = 0.0
    for label, is_wrong in enumerate(wrong, start=1):
        ratio = worse / baseline if is_wrong else (1 - worse) / (1 - baseline)
        level = max(0.0, level + np.log(ratio))
        if level >= limit:
            return label
    return 0


def _expect_alarm(first_alarm, trace, what, hint):
    wrong, *rates = trace
    seen = int(call(first_alarm, np.array(wrong), *rates))
    called = f"first_alarm({what}, {', '.join(map(str, rates))})"
    expect(seen, _right_alarm(*trace), called=called, hint=hint)


def _alarm_number(first_alarm):
    """the number of the label that brings the sum to its limit, counted from 1"""
    _expect_alarm(first_alarm, _TRACES[0], _TRACES[0][0], "write down the sum by hand")
    _expect_alarm(
        first_alarm, _TRACES[3], "[True, False] * 10", "a right one takes off"
    )
    _expect_alarm(first_alarm, _TRACES[4], _TRACES[4][0], "a sum at the limit counts")


def _alarm_afresh(first_alarm):
    """a long good time does not delay the alarm"""
    what = "forty right, then mostly wrong"
    _expect_alarm(first_alarm, _TRACES[1], what, "how deep may the sum fall?")


def _alarm_never(first_alarm):
    """the usual error rate gives no alarm: 0"""
    what = "one wrong in ten, 200 labels"
    try:
        _expect_alarm(
            first_alarm, _TRACES[2], what, "what do nine right answers take off?"
        )
    except Untouched:  # an answer that alarms, and falls off its end without an alarm
        raise Broken(
            f"first_alarm({what}) gave nothing, expected 0",
            "what after the last label?",
        ) from None


alarm = Check(
    title="a running sum",
    promises=(_alarm_number, _alarm_afresh, _alarm_never),
    probe=lambda answer: [int(answer(np.array(w), *rates)) for w, *rates in _TRACES],
    mistakes=wrong_sum08.ALARM,
)


# -- promise: expected_accuracy(probabilities)

_SURE = [[0.75, 0.25], [0.5, 0.5], [0.125, 0.875], [0.25, 0.75]]
_THREE = [[0.5, 0.25, 0.25], [0.125, 0.125, 0.75], [0.25, 0.375, 0.375]]


def _expect_promise(expected_accuracy, rows, right, hint):
    seen = np.round(call(expected_accuracy, np.array(rows)), 9).tolist()
    expect(seen, round(right, 9), called=f"expected_accuracy({rows})", hint=hint)


def _promise_two(expected_accuracy):
    """of two classes, each answer counts with its chance of being right"""
    hint = "what does the model answer in each row, and how sure is it?"
    _expect_promise(expected_accuracy, _SURE, 2.875 / 4, hint)


def _promise_more(expected_accuracy):
    """of three classes too, and of one card alone"""
    hint = "an answer may well be less than half sure"
    _expect_promise(expected_accuracy, _THREE, 1.625 / 3, hint)
    _expect_promise(expected_accuracy, _SURE[2:3], 0.875, hint)


promise = Check(
    title="an accuracy without labels",
    promises=(_promise_two, _promise_more),
    probe=lambda answer: [
        round(float(answer(np.array(rows))), 9) for rows in (_SURE, _THREE, _SURE[2:3])
    ],
    mistakes=wrong_sum08.PROMISE,
)
