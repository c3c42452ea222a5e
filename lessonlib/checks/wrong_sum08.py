"""Wrong running sums and wrong expectations of notebook 08, and what to tell."""

import numpy as np

from lessonlib.checks import Mistake

# -- alarm: first_alarm(wrong, baseline, worse, limit)


def _running(wrong, for_wrong, for_right, limit, *, floor=0.0, first=1):
    level = 0.0
    for label, is_wrong in enumerate(wrong, start=first):
        level = max(floor, level + (for_wrong if is_wrong else for_right))
        if level >= limit:
            return label
    return 0


def _logs(baseline, worse):
    return np.log(worse / baseline), np.log((1 - worse) / (1 - baseline))


def _never_afresh(wrong, baseline, worse, limit):
    return _running(wrong, *_logs(baseline, worse), limit, floor=-np.inf)


def _from_zero(wrong, baseline, worse, limit):
    return _running(wrong, *_logs(baseline, worse), limit, first=0)


def _only_errors(wrong, baseline, worse, limit):
    return _running(wrong, _logs(baseline, worse)[0], 0.0, limit)


def _plain_ratio(wrong, baseline, worse, limit):
    return _running(wrong, worse / baseline, (1 - worse) / (1 - baseline), limit)


def _upside_down(wrong, baseline, worse, limit):
    return _running(wrong, *(-each for each in _logs(baseline, worse)), limit)


def _afresh_after_right(wrong, baseline, worse, limit):
    level = 0.0
    for label, is_wrong in enumerate(wrong, start=1):
        level = level + _logs(baseline, worse)[0] if is_wrong else 0.0
        if level >= limit:
            return label
    return 0


ALARM = (
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
        _afresh_after_right,
    ),
)


# -- promise: expected_accuracy(probabilities)

PROMISE = (
    Mistake(
        "mean of all",
        "the mean over all classes is 1 divided by their number, whatever the model "
        "says: which of a row's probabilities belongs to its answer?",
        lambda probabilities: float(np.mean(probabilities)),
    ),
    Mistake(
        "one class",
        "this is the mean of one column, the chance of one digit. The answer of each "
        "row is its own likeliest class",
        lambda probabilities: float(np.asarray(probabilities)[:, 0].mean()),
    ),
    Mistake(
        "share of sure ones",
        "the rows that are over a half sure were counted. Of ten answers that are 60 % "
        "sure, six are right, not ten",
        lambda probabilities: float((np.max(probabilities, axis=1) > 0.5).mean()),
    ),
    Mistake(
        "median",
        "the median forgets the doubtful rows, and these make the errors: expected "
        "rights add up",
        lambda probabilities: float(np.median(np.max(probabilities, axis=1))),
    ),
    Mistake(
        "errors",
        "this is the share that should be wrong. The exercise asks for the accuracy",
        lambda probabilities: float(1 - np.max(probabilities, axis=1).mean()),
    ),
    Mistake(
        "a sum",
        "this is the number of cards to be right. An accuracy is a share of the cards",
        lambda probabilities: float(np.max(probabilities, axis=1).sum()),
    ),
)
