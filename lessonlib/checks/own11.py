"""Exercises of notebook 11: the report, and what it says of the learner's own week."""

import json
from types import SimpleNamespace

import numpy as np

from lessonlib.checks import Check, wrong_own11
from lessonlib.checks.probes import Broken, Untouched, call, colocate, expect, outcomes
from lessonlib.friday.scenario import BULK, Shift
from lessonlib.friday.week import Played
from lessonlib.intervals import wilson_interval

# -- report: week_report(played, diary)


def _played(name, fast, slow, misread, piles=0):
    """Return a played shift: `fast` parcels in 10 ms, `slow` in 80, piles in 900."""
    n = fast + slow + piles
    truth = np.array([3] * (fast + slow) + [BULK] * piles)
    shift = Shift(name, "recorded", np.zeros(n), (b"",) * n, truth, np.zeros(n, bool))
    said = np.array([8] * misread + [3] * (n - misread))
    response_s = np.array([0.010] * fast + [0.080] * slow + [0.9] * piles)
    return Played(shift, np.array([200] * (n - 1) + [422]), said, response_s)


def _entry(shift, action, right, n):
    audit = SimpleNamespace(version="v1", right=right, n=n)
    return SimpleNamespace(shift=shift, audit=audit, action=action)


_PLAYED = (
    _played("Monday", 390, 10, 20),
    _played("Tuesday", 299, 1, 7, piles=9),
    _played("Friday", 80, 20, 60),
)
_DIARY = (_entry("Monday", "keep", 90, 95), _entry("Tuesday", "roll back", 3, 40))
_COUNTS = {"misread": 87, "by_hand": 2, "late": 29}


def _recorded():
    return _PLAYED, list(_DIARY)


def _report(answer):
    return call(answer, *colocate(answer, _recorded)())


def _report_counts(week_report):
    """misread, by_hand and late are those of the whole week"""
    seen = {name: int(_report(week_report)[name]) for name in _COUNTS}
    hint = "total(played) adds the scores of the shifts up"
    expect(seen, _COUNTS, called="counts of three recorded shifts", hint=hint)


def _report_p99(week_report):
    """p99_ms has the 99th percentile of each shift's parcels, in milliseconds"""
    p99_ms = _report(week_report)["p99_ms"]
    texts = [name for name, p99 in p99_ms.items() if isinstance(p99, str)]
    expect(texts, [], called="shifts whose p99_ms is text", hint="keep the number")
    seen = {
        name: round(float(p99_ms[name])) for name in ("Monday", "Tuesday", "Friday")
    }
    expected = {"Monday": 80, "Tuesday": 10, "Friday": 80}
    hint = "which times belong to parcels, and in which unit do they come?"
    expect(seen, expected, called="p99_ms of three recorded shifts", hint=hint)


def _report_decisions(week_report):
    """decisions and evidence say, for each shift, what was done and on which labels"""
    report = _report(week_report)
    hint = "the diary has an entry a shift, with an action and an audit"
    expected = {"Monday": "keep", "Tuesday": "roll back"}
    expect(dict(report["decisions"]), expected, called="decisions", hint=hint)
    if not isinstance(report["evidence"], dict):
        seen = f"evidence is {type(report['evidence']).__name__}, expected a dict"
        raise Broken(seen, "a pair for each shift, under the name of the shift")
    seen = {name: list(map(int, pair)) for name, pair in report["evidence"].items()}
    expected = {"Monday": [90, 95], "Tuesday": [3, 40]}
    expect(seen, expected, called="evidence, as [right, n]", hint=hint)


def _report_json(week_report):
    """it can be written as JSON, and read back the same"""
    _expect_json(_report(week_report))


def _expect_json(report):
    hint = "numpy's numbers are not JSON: int() and float() make plain ones"
    try:
        same = json.loads(json.dumps(report)) == report
    except (TypeError, ValueError) as error:
        raise Broken(f"json.dumps(report) failed: {error}", hint) from None
    if not same:
        seen = "read back from JSON, the report is not what was written"
        raise Broken(seen, "JSON has lists and no tuples, and its keys are text")


def _report_does(answer):
    def look(part):
        report = _report(answer)
        if part == "json":
            return json.dumps(report, sort_keys=True) and True
        if part == "p99_ms":
            return {name: round(float(p99), 3) for name, p99 in report[part].items()}
        return json.loads(json.dumps(report[part], default=float))

    parts = ("json", *_COUNTS, "p99_ms", "decisions", "evidence")
    return outcomes(look, [(part,) for part in parts])


report = Check(
    title="a report that a program can read",
    promises=(_report_counts, _report_p99, _report_decisions, _report_json),
    probe=_report_does,
    mistakes=wrong_own11.REPORT,
)


# -- own: the report of the learner's own week

_FRIDAY = "Friday morning"


def _given(report):
    if not isinstance(report, dict):
        seen = f"the report is {type(report).__name__}, expected a dict"
        raise Broken(seen, "what does week_report return?")
    if Ellipsis in report.values():
        raise Untouched
    return report


def _missed(report, shift):
    """Return whether the labels of a shift say that the target was surely missed."""
    right, n = map(int, report["evidence"][shift])
    return n > 0 and wilson_interval(right, n)[1] < 0.85


def _own_whole(report):
    """it is JSON, of seven shifts played and six decided, with times in milliseconds"""
    _expect_json(_given(report))
    hint = "did the week play to its end?"
    expect(len(report["p99_ms"]), 7, called="shifts in p99_ms", hint=hint)
    expect(len(report["decisions"]), 6, called="shifts in decisions", hint=hint)
    hint = "no answer takes less than a tenth of a millisecond: which unit is it?"
    slowest = max(map(float, report["p99_ms"].values()))
    expect(slowest > 0.5, True, called="the largest p99_ms above 0.5", hint=hint)


def _own_friday(report):
    """where the labels say that Friday's model is bad, it is rolled back"""
    right, n = map(int, _given(report)["evidence"][_FRIDAY])
    hint = "evidence is a pair of counts for each shift: how many right, of how many"
    expect(0 <= right <= n and n >= 10, True, called=f"[{right}, {n}]", hint=hint)
    if _missed(report, _FRIDAY):
        hint = "what served until Thursday evening, and how did it do?"
        seen = report["decisions"][_FRIDAY]
        expect(seen, "roll back", called=f"the decision after {_FRIDAY}", hint=hint)


def _own_cost(report):
    """it misreads no more parcels than the reference in the same run"""
    if "reference" not in report:
        raise Broken(
            'the report says nothing of the "reference"',
            'add {"misread": ...} of the week that reference() played',
        )
    mine, reference = (int(each["misread"]) for each in (report, report["reference"]))
    hint = "in which shift do you lose most? Put both weeks into plot_week"
    called = f"misread: {mine}, reference {reference}; no more than it"
    expect(mine <= reference, True, called=called, hint=hint)


def _own_shape(report):
    parts = {
        "json": lambda: json.dumps(report) and True,
        "ms": lambda: max(report["p99_ms"].values()) > 0.5,
        "friday": lambda: report["decisions"][_FRIDAY],
        "labels": lambda: int(report["evidence"][_FRIDAY][1]) >= 10,
        "thursday": lambda: report["decisions"]["Thursday morning"],
        "cost": lambda: report["misread"] <= report["reference"]["misread"],
    }
    return outcomes(lambda part: parts[part](), [(part,) for part in parts])


own = Check(
    title="your own week",
    promises=(_own_whole, _own_friday, _own_cost),
    probe=_own_shape,
    mistakes=wrong_own11.OWN,
)
