"""Exercises of notebook 11: count, guard, audit, decide, roll back, serve, report."""

import numpy as np

from lessonlib.checks import Check, own11, service11, wrong11, wrong_labels11
from lessonlib.checks.probes import Untouched, call, expect, outcomes
from lessonlib.friday.office import ShiftAccuracy

# -- fates: fates(truth, status, said, response_s)

_KINDS = {  # a parcel: truth, status, said, response_s
    "right": (3, 200, 3, 0.01),
    "wrong": (3, 200, 8, 0.01),
    "refused": (3, 422, -3, 0.01),
    "refused late": (3, 503, -3, 0.7),
    "no answer": (3, -3, -3, 10.0),
    "no digit on it, and answered": (-1, 200, 8, 0.01),
    "right, on the limit": (3, 200, 3, 0.05),
    "right, and late": (3, 200, 3, 0.06),
    "wrong, and late": (3, 200, 8, 0.06),
}


def _fates(answer, kinds):
    columns = zip(*(_KINDS[kind] for kind in kinds), strict=True)
    came_back = call(answer, *map(np.array, columns))
    if isinstance(came_back, dict) and Ellipsis in came_back.values():
        raise Untouched
    return {name: int(came_back[name]) for name in ("misread", "by_hand", "late")}


def _expect_fates(answer, kinds, misread, by_hand, late, hint):
    expected = {"misread": misread, "by_hand": by_hand, "late": late}
    called = f"fates of parcels that were {', '.join(kinds)}"
    expect(_fates(answer, kinds), expected, called=called, hint=hint)


def _fates_misread(fates):
    """a parcel is misread if it was answered, and with a wrong digit"""
    hint = "which of them got a digit at all?"
    _expect_fates(fates, ["right", "wrong", "wrong"], 2, 0, 0, hint)
    kinds = ["no digit on it, and answered", "wrong", "right"]
    _expect_fates(fates, kinds, 2, 0, 0, "can an answer to it be right?")


def _fates_by_hand(fates):
    """a parcel without a good answer goes by hand, and is not misread"""
    hint = "a refusal is no digit; and a server that is gone sends no status at all"
    kinds = ["refused", "refused late", "no answer", "right"]
    _expect_fates(fates, kinds, 0, 3, 0, hint)


def _fates_late(fates):
    """late is what was answered after more than 50 ms, rightly or not"""
    hint = "in which unit is the time, and what of those that got no answer?"
    kinds = ["right, on the limit", "right, and late", "right, and late"]
    _expect_fates(fates, [*kinds, "wrong, and late"], 1, 0, 3, hint)


fates = Check(
    title="what became of the parcels",
    promises=(_fates_misread, _fates_by_hand, _fates_late),
    probe=lambda answer: outcomes(
        lambda *kinds: _fates(answer, kinds), [[kind] for kind in _KINDS]
    ),
    mistakes=wrong11.FATES,
)


# -- audit: audited(labels, version)


def _label(version, source, prediction, label):
    names = ("version", "source", "prediction", "label")
    return dict(zip(names, (version, source, prediction, label), strict=True))


_PLAIN = [_label("v1", "audit", 3, 3)] * 4 + [_label("v1", "audit", 3, 5)]
_CLERKS = [_label("v1", "clerk", 3, 8)] * 6
_OPEN = [_label("v1", "audit", 3, None)] * 3
_OTHERS = [_label("v2", "audit", 1, 1)] * 2
_ZEROS = [_label("v1", "audit", 0, 0), _label("v1", "audit", 7, 0)]


def _audited(answer, labels, version="v1"):
    right, n = call(answer, [dict(each) for each in labels], version)
    return [int(right), int(n)]


def _expect_audited(answer, labels, expected, what, hint):
    expect(_audited(answer, labels), expected, called=f"audited of {what}", hint=hint)


def _audit_counts(audited):
    """right ones and all, of the labels that have come"""
    hint = "a pair of whole numbers; no label is neither right nor wrong"
    what = "4 right and 1 wrong"
    _expect_audited(audited, _PLAIN, [4, 5], what, hint)
    _expect_audited(audited, _PLAIN + _OPEN, [4, 5], f"{what}, 3 without label", hint)
    what = "one 0 read as 0, one 0 read as 7"
    _expect_audited(audited, _ZEROS, [1, 2], what, "0 is a digit")


def _audit_fair(audited):
    """only labels that chance has chosen"""
    hint = "why does the clerk look at a card, and why does the audit?"
    what = "4 right and 1 wrong by audit, 6 wrong by the clerk"
    _expect_audited(audited, _PLAIN + _CLERKS, [4, 5], what, hint)


def _audit_version(audited):
    """only answers of the version that is asked for"""
    hint = "whose answers are these?"
    what = "5 answers of v1 and 2 of v2"
    _expect_audited(audited, _PLAIN + _OTHERS, [4, 5], what, hint)


audit = Check(
    title="what the labels say",
    promises=(_audit_counts, _audit_fair, _audit_version),
    probe=lambda answer: outcomes(
        lambda *labels: _audited(answer, labels),
        [_PLAIN, _CLERKS, _OPEN, _OTHERS, _ZEROS, _PLAIN + _CLERKS + _OPEN + _OTHERS],
    ),
    mistakes=wrong_labels11.AUDIT,
)


# -- friday: friday(now, before, table)

_TABLE = {"rival": 0.97, "retrained": 0.94}


def _decided(answer, now, before):
    before = None if before is None else ShiftAccuracy(*before)
    return call(answer, ShiftAccuracy(*now), before, dict(_TABLE))


def _expect_decided(answer, now, before, expected, hint):
    seen = _decided(answer, now, before)
    if str(seen) not in ("keep", "retrain", "roll back"):
        hint = 'the office knows "keep", "retrain" and "roll back", in this spelling'
    shown = None if before is None else ShiftAccuracy(*before)
    called = f"friday(now={now[0]}, {ShiftAccuracy(*now)}; "
    called += f"before={shown and shown.version}, "
    expect(seen, expected, called=f"{called}{shown})", hint=hint)


_WELL = ("retrained", 90, 100)


def _friday_keeps(friday):
    """while the target of 0.85 may still be met, nothing is done"""
    hint = "the upper end of the interval: how good may the model still be?"
    _expect_decided(friday, ("rival", 9, 12), _WELL, "keep", hint)
    _expect_decided(friday, ("retrained", 80, 100), None, "keep", hint)


def _friday_back(friday):
    """a new version that is surely worse than the one before is rolled back"""
    hint = "what did the table measure, and what do the labels of this shift measure?"
    _expect_decided(friday, ("rival", 4, 31), _WELL, "roll back", hint)
    _expect_decided(friday, ("rival", 4, 31), ("retrained", 58, 102), "roll back", hint)


def _friday_retrains(friday):
    """if no other version was surely better, it is time to retrain"""
    hint = "would the version before do any better on this mail?"
    _expect_decided(friday, ("retrained", 11, 28), _WELL, "retrain", hint)
    _expect_decided(friday, ("rival", 40, 100), ("retrained", 41, 100), "retrain", hint)
    _expect_decided(friday, ("rival", 4, 31), None, "retrain", hint)


friday = Check(
    title="Friday noon",
    promises=(_friday_keeps, _friday_back, _friday_retrains),
    probe=lambda answer: outcomes(
        lambda now, before: str(_decided(answer, now, before)),
        [(("rival", right, 30), _WELL) for right in (3, 15, 20, 24, 29)]
        + [(("retrained", right, 30), _WELL) for right in (3, 15, 24, 29)]
        + [(("rival", 9, 30), (v, 33, 100)) for v in ("retrained", "rival")]
        + [(("rival", 4, 31), ("retrained", 9, 60)), (("rival", 3, 30), None)],
    ),
    mistakes=wrong_labels11.FRIDAY,
)


# -- the rest of the homework

guard, back, service = service11.guard, service11.back, service11.service
report, own = own11.report, own11.own
