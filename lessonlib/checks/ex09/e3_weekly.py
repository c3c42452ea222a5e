"""How good was a week? `weekly(parcels, today, delay)` has accuracy and coverage.

A parcel is the day of its prediction, whether that was right, and the day of its label.
"""

from typing import Any

from lessonlib.checks import Case, Check, Mistake, case
from lessonlib.checks.probes import call

WEEK_0 = [(0, True, 2), (1, True, 3), (3, False, 10), (6, True, None)]
WEEK_1 = [(7, True, 9), (8, False, 16), (13, True, 15), (13, True, None)]
SOME = [(0, True, 0), (1, False, 9), (2, True, None), (3, True, None)]
FEW = [(3, True, None), (15, True, 16)]
SLOW = [(0, True, 2), (1, False, 20), (2, True, 30), (3, True, 30)]


def _ask(answer: Any, parcels: list[Any], today: int, delay: int) -> Any:
    return call(answer, parcels, today, delay)


def _on_day(today: int, parcels: list[Any], *, gives: Any, hint: str) -> Case:
    """Return the case of what is known on a day, when labels take up to ten."""
    called = f"weekly({parcels}, today={today}, delay=10)"
    return case(parcels, today, 10, gives=gives, called=called, hint=hint)


PROMISES = (
    (
        "a parcel belongs to the week in which it was predicted",
        _on_day(
            40,
            WEEK_0 + WEEK_1,
            gives={0: [2 / 3, 3 / 4], 1: [2 / 3, 3 / 4]},
            hint="which day does the model answer for?",
        ),
    ),
    (
        "accuracy is of the labelled ones, and the coverage stands beside it",
        _on_day(
            40,
            SOME,
            gives={0: [1 / 2, 1 / 2]},
            hint="who has no label is neither right nor wrong",
        ),
        _on_day(
            40,
            FEW,
            gives={0: [None, 0.0], 2: [1.0, 1.0]},
            hint="what of a week without a label, and of one without a prediction?",
        ),
    ),
    (
        "a week has no accuracy until `delay` days after its end",
        *(
            _on_day(
                today,
                WEEK_0,
                gives={0: [accuracy, 3 / 4]},
                hint="week 0 ends where day 7 begins; when have its labels had `delay` "
                "days?",
            )
            for today, accuracy in ((16, None), (17, 2 / 3))
        ),
    ),
    (
        "a label that comes after today is not known, and lowers the coverage",
        _on_day(
            20,
            SLOW,
            gives={0: [1 / 2, 1 / 2]},
            hint="on day 20, is a label known that comes on day 20? And one of day 30?",
        ),
    ),
)


def _mean(values):
    return sum(values) / len(values) if values else None


def _by_week(parcels, judge):
    weeks: dict[int, list[Any]] = {}
    for day, right, came in parcels:
        weeks.setdefault(day // 7, []).append((right, came))
    return {week: judge(week, found) for week, found in weeks.items()}


def _known(found, today):
    return [(right, came is not None and came <= today) for right, came in found]


def _labels(found, today):
    return [right for right, known in _known(found, today) if known]


def _by_label(parcels, today, delay):
    moved = [
        (made if came is None else came, right, came) for made, right, came in parcels
    ]

    def judge(week, found):
        labels = _labels(found, today)
        share = _mean(labels) if 7 * (week + 1) + delay <= today else None
        return share, len(labels) / len(found)

    return _by_week(moved, judge)


def _unlabelled_right(parcels, today, delay):
    def judge(week, found):
        right = [right or not known for right, known in _known(found, today)]
        share = _mean(right) if 7 * (week + 1) + delay <= today else None
        return share, len(_labels(found, today)) / len(found)

    return _by_week(parcels, judge)


def _unlabelled_wrong(parcels, today, delay):
    def judge(week, found):
        labels = _labels(found, today)
        mature = 7 * (week + 1) + delay <= today
        share = sum(labels) / len(found) if mature else None
        return share, len(labels) / len(found)

    return _by_week(parcels, judge)


def _too_early(parcels, today, delay):
    def judge(week, found):
        labels = _labels(found, today)
        return _mean(labels), len(labels) / len(found)

    return _by_week(parcels, judge)


def _leak(parcels, today, delay):
    def judge(week, found):
        labels = [right for right, came in found if came is not None]
        share = _mean(labels) if 7 * (week + 1) + delay <= today else None
        return share, len(labels) / len(found)

    return _by_week(parcels, judge)


def _from_the_start(parcels, today, delay):
    def judge(week, found):
        labels = _labels(found, today)
        share = _mean(labels) if 7 * week + delay <= today else None
        return share, len(labels) / len(found)

    return _by_week(parcels, judge)


MISTAKES = (
    Mistake(
        "by label time",
        "these are weeks in which the *labels* came. Bad news travels slowly, so the "
        "errors of one week would be charged to the next. Which day does the model "
        "answer for?",
        _by_label,
    ),
    Mistake(
        "unlabelled counted right",
        "a parcel without a label was counted as it really was, or as right. The "
        "office does not know: over whom may the accuracy be taken?",
        _unlabelled_right,
    ),
    Mistake(
        "unlabelled counted wrong",
        "the right ones were divided by *all* parcels, so one without a label counts "
        "as wrong. Which number belongs below the line?",
        _unlabelled_wrong,
    ),
    Mistake(
        "too early",
        "a week has an accuracy although its labels have not had time to come. What "
        "does the office see of a week on its last evening?",
        _too_early,
    ),
    Mistake(
        "leak",
        "a label that comes after today was used, so the past knows its future. Which "
        "labels are there on the day `today`?",
        _leak,
    ),
    Mistake(
        "from the week's start",
        "the delay was counted from the beginning of the week. A parcel of its last "
        "day has had a week less by then: from when must `delay` days have passed?",
        _from_the_start,
    ),
)

weekly = Check.table(
    title="accuracy by the week of the prediction",
    name="weekly",
    promises=PROMISES,
    ask=_ask,
    also=(
        *((WEEK_0 + WEEK_1, today, 10) for today in (9, 17, 24)),
        *((WEEK_0, 9, 1), (WEEK_1, 100, 10), ([(0, True, 2), (1, False, 30)], 20, 10)),
    ),
    mistakes=MISTAKES,
)
