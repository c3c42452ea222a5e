"""Wrong reports of a week in notebook 11, and what to tell who gives them."""

import numpy as np

from lessonlib.checks import Mistake
from lessonlib.friday.week import total
from lessonlib.measure.latency import percentile

# -- report


def _times(each):
    return each.response_s[each.shift.parcel]


def _p99_ms(each):
    return 1000 * percentile(_times(each), 99)


def _report(
    *, time_of=_p99_ms, misread=lambda played: total(played).misread, last=None
):
    """Return an answer that is right but for what is given."""

    def week_report(played, diary):
        score, diary = total(played), diary[last:] if last else diary
        return {
            "misread": misread(played),
            "by_hand": score.by_hand,
            "late": score.late,
            "p99_ms": {each.shift.name: time_of(each) for each in played},
            "decisions": {each.shift: each.action for each in diary},
            "evidence": {
                each.shift: [each.audit.right, each.audit.n] for each in diary
            },
        }

    return week_report


def _refused_too(played):
    return sum(each.score.misread + each.score.by_hand for each in played)


REPORT = (
    Mistake(
        "the mean",
        "p99_ms holds the mean. It hides the slow hundredth, which is what the belt "
        "asks about",
        _report(time_of=lambda each: 1000 * float(_times(each).mean())),
    ),
    Mistake(
        "seconds",
        "p99_ms holds seconds: its name promises milliseconds",
        _report(time_of=lambda each: _p99_ms(each) / 1000),
    ),
    Mistake(
        "the piles among the parcels",
        "the archive's requests are in the times of Tuesday. They are no parcels, and "
        "nobody at the belt waited for them",
        _report(time_of=lambda each: 1000 * percentile(each.response_s, 99)),
    ),
    Mistake(
        "refused is misread",
        "parcels that went by hand are counted as misread too. A refusal is no digit, "
        "and the parcel arrives",
        _report(misread=_refused_too),
    ),
    Mistake(
        "numbers that are not JSON",
        "json.dumps fails at a number of numpy. int() and float() make plain ones",
        _report(misread=lambda played: np.int64(total(played).misread)),
    ),
    Mistake(
        "the last decision only",
        "only the last entry of the diary is in it. Whoever reads the report in a "
        "month wants to know what came before",
        _report(last=-1),
    ),
)

# -- own

_SHIFTS = ("Monday", "Tuesday", "Wednesday", "Thursday morning", "Thursday afternoon")
_MORNING = "Friday morning"


def _own(
    *, misread=230, times_ms=20.0, friday="roll back", labels=(4, 31), plan="retrain"
):
    """Return the report of a week that went as it should, but for what is given."""
    names = (*_SHIFTS, _MORNING)
    decisions = dict.fromkeys(names, "keep")
    decisions |= {"Thursday morning": plan, _MORNING: friday}
    return {
        "misread": misread,
        "by_hand": 64,
        "late": 0,
        "p99_ms": dict.fromkeys((*names, "Friday afternoon"), times_ms),
        "decisions": decisions,
        "evidence": dict.fromkeys(names, [60, 62]) | {_MORNING: list(labels)},
        "reference": {"misread": 232},
    }


OWN = (
    Mistake(
        "nobody watched",
        "nothing was done in the whole week, and it shows in the misread parcels. "
        "Which function is the office asked after each shift?",
        _own(misread=419, friday="keep", plan="keep"),
    ),
    Mistake(
        "the winner stayed",
        "the model that won the table was kept on Friday, although the labels of its "
        "first shift say that it misreads most parcels. What served before it?",
        _own(misread=330, friday="keep"),
    ),
    Mistake(
        "trained instead of rolled back",
        "on Friday a new model was trained, while a better one was ready to serve "
        "again within a second",
        _own(friday="retrain"),
    ),
    Mistake(
        "the table as evidence",
        "the evidence of Friday is the share from the offline table. Evidence is a "
        "pair of counts from the labels of the shift: how many right, of how many",
        _own(labels=(0.97, 1)),
    ),
    Mistake(
        "seconds",
        "the largest p99_ms is a few hundredths: those are seconds. Multiply by 1000",
        _own(times_ms=0.02),
    ),
)
