"""When does a running sum alarm? `first_alarm(wrong, baseline, worse, limit)`."""

from typing import Any

import numpy as np

from lessonlib.checks import Case, Check, Mistake, case
from lessonlib.checks.probes import call
from lessonlib.watch.performance import cusum


def _ask(answer: Any, wrong: list[bool], *rates: float) -> Any:
    return call(answer, np.array(wrong), *rates)


def _stream(
    wrong: list[bool],
    *rates: float,
    alarm_at: int,
    hint: str,
    words: str = "",
) -> Case:
    """Return the case of a stream of labels, and of the rates and the limit."""
    called = f"first_alarm({words or wrong}, {', '.join(map(str, rates))})"
    return case(wrong, *rates, gives=alarm_at, called=called, hint=hint)


USUAL = "one wrong in ten, 200 labels"

PROMISES = (
    (
        "the number of the label that brings the sum to its limit, counted from 1",
        _stream(
            [True, True, False, True],
            *(0.1, 0.2, 1.3),
            alarm_at=2,
            hint="write down the sum by hand",
        ),
        _stream(
            [True, False] * 10,
            *(0.2, 0.5, 2.0),
            alarm_at=7,
            words="[True, False] * 10",
            hint="a right one takes off",
        ),
        _stream(
            [True, True],
            *(0.25, 0.5, float(np.log(2))),  # one wrong reaches this limit exactly
            alarm_at=1,
            hint="a sum at the limit counts",
        ),
    ),
    (
        "a long good time does not delay the alarm",
        _stream(
            [False] * 40 + [True, False, True, True, False, True, True],
            *(0.1, 0.2, 2.5),
            alarm_at=46,
            words="forty right, then mostly wrong",
            hint="how deep may the sum fall?",
        ),
    ),
    (
        "the usual error rate gives no alarm: 0",
        _stream(
            ([True] + [False] * 9) * 20,
            *(0.1, 0.2, 2.5),
            alarm_at=0,
            words=USUAL,
            hint="what do nine right answers take off?",
        ),
    ),
)


def _first_over(levels, limit):
    over = np.flatnonzero(np.asarray(levels) >= limit)
    return int(over[0]) + 1 if len(over) else 0


def _logs(wrong, baseline, worse):
    ratio, right_ratio = worse / baseline, (1 - worse) / (1 - baseline)
    return np.where(wrong, np.log(ratio), np.log(right_ratio))


def _never_afresh(wrong, baseline, worse, limit):
    return _first_over(np.cumsum(_logs(wrong, baseline, worse)), limit)


def _from_zero(wrong, baseline, worse, limit):
    alarm_at = cusum(wrong, baseline=baseline, worse=worse, limit=limit).alarm_at
    return alarm_at - 1 if alarm_at else 0


def _only_errors(wrong, baseline, worse, limit):
    return _first_over(np.cumsum(wrong * _logs(wrong, baseline, worse)), limit)


def _plain_ratio(wrong, baseline, worse, limit):
    ratios = np.where(wrong, worse / baseline, (1 - worse) / (1 - baseline))
    return _first_over(np.cumsum(ratios), limit)


def _upside_down(wrong, baseline, worse, limit):
    levels = [0.0]
    for log in _logs(wrong, worse, baseline):
        levels.append(max(0.0, levels[-1] + log))
    return _first_over(levels[1:], limit)


def _a_run_of_errors(wrong, baseline, worse, limit):
    levels = [0.0]
    for log in _logs(wrong, baseline, worse):
        levels.append(levels[-1] + log if log > 0 else 0.0)
    return _first_over(levels[1:], limit)


MISTAKES = (
    Mistake(
        "never afresh",
        "the sum is never lifted back to zero. After a long good time it lies so deep "
        "that a bad week cannot bring it up: where does the lesson's sum start afresh?",
        _never_afresh,
    ),
    Mistake(
        "from zero",
        "one label too early: the first label that comes back is number 1",
        _from_zero,
    ),
    Mistake(
        "only errors",
        "right answers count for nothing here, so the sum can only grow, and every "
        "stream alarms in the end. What does a right answer take off?",
        _only_errors,
    ),
    Mistake(
        "no logarithm",
        "the ratios themselves were added, so even right answers lift the sum. "
        "Evidence multiplies: what turns a product into a sum?",
        _plain_ratio,
    ),
    Mistake(
        "upside down",
        "wrong answers take off, and right ones add: this alarms for a model that got "
        "better. Which rate belongs on top of the fraction?",
        _upside_down,
    ),
    Mistake(
        "a run of errors",
        "one right answer wipes out everything. That looks for errors in a row; a "
        "doubled error rate rarely shows as a row",
        _a_run_of_errors,
    ),
)

alarm = Check.table(
    title="a running sum",
    name="first_alarm",
    promises=PROMISES,
    ask=_ask,
    mistakes=MISTAKES,
)
