"""Can a program read what the week was? `week_report(played, diary)` returns it."""

import json
from types import SimpleNamespace
from typing import Any

import numpy as np

from lessonlib.checks import Check, Mistake
from lessonlib.checks.ex11.written import expect_json
from lessonlib.checks.probes import Broken, call, colocate, expect, outcomes, shortened
from lessonlib.friday.scenario import BULK, Shift
from lessonlib.friday.week import Played, total
from lessonlib.measure.latency import percentile


def _played(name: str, fast: int, slow: int, misread: int, piles: int = 0) -> Played:
    """Return a played shift: `fast` parcels in 10 ms, `slow` in 80, piles in 900."""
    n = fast + slow + piles
    truth = np.array([3] * (fast + slow) + [BULK] * piles)
    shift = Shift(name, "recorded", np.zeros(n), (b"",) * n, truth, np.zeros(n, bool))
    said = np.array([8] * misread + [3] * (n - misread))
    response_s = np.array([0.010] * fast + [0.080] * slow + [0.9] * piles)
    return Played(shift, np.array([200] * (n - 1) + [422]), said, response_s)


def _entry(shift: str, action: str, right: int, n: int) -> SimpleNamespace:
    audit = SimpleNamespace(version="v1", right=right, n=n)
    return SimpleNamespace(shift=shift, audit=audit, action=action)


_PLAYED = (
    _played("Monday", 390, 10, 20),
    _played("Tuesday", 299, 1, 7, piles=9),
    _played("Friday", 80, 20, 60),
)
_DIARY = (_entry("Monday", "keep", 90, 95), _entry("Tuesday", "roll back", 3, 40))
_COUNTS = {"misread": 87, "by_hand": 2, "late": 29}


def _recorded() -> tuple[Any, ...]:
    return _PLAYED, list(_DIARY)


def _report(answer: Any) -> Any:
    return call(answer, *colocate(answer, _recorded)())


def _report_counts(week_report: Any) -> None:
    """misread, by_hand and late are those of the whole week"""
    seen = {name: int(_report(week_report)[name]) for name in _COUNTS}
    hint = "total(played) adds the scores of the shifts up"
    expect(seen, _COUNTS, called="counts of three recorded shifts", hint=hint)


def _report_p99(week_report: Any) -> None:
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


def _report_decisions(week_report: Any) -> None:
    """decisions and evidence say, for each shift, what was done and on which labels"""
    report = _report(week_report)
    hint = "the diary has an entry a shift, with an action and an audit"
    decisions = {"Monday": "keep", "Tuesday": "roll back"}
    expect(dict(report["decisions"]), decisions, called="decisions", hint=hint)
    if not isinstance(report["evidence"], dict):
        seen = f"evidence is {type(report['evidence']).__name__}, expected a dict"
        raise Broken(seen, "a pair for each shift, under the name of the shift")
    pairs = {name: list(map(int, pair)) for name, pair in report["evidence"].items()}
    evidence = {"Monday": [90, 95], "Tuesday": [3, 40]}
    expect(pairs, evidence, called="evidence, as [right, n]", hint=hint)


def _report_json(week_report: Any) -> None:
    """it can be written as JSON, and read back the same"""
    report = _report(week_report)
    if not isinstance(report, dict) or not {*_COUNTS} <= {*report}:
        seen = f"week_report gave {shortened(report)}"
        raise Broken(seen, f"a dict with {', '.join(_COUNTS)}, and more")
    expect_json(report)


def _report_does(answer: Any) -> list[Any]:
    def look(part: str) -> Any:
        report = _report(answer)
        if part == "json":
            return json.dumps(report, sort_keys=True) and True
        if part == "p99_ms":
            return {name: round(float(p99), 3) for name, p99 in report[part].items()}
        return json.loads(json.dumps(report[part], default=float))

    parts = ("json", *_COUNTS, "p99_ms", "decisions", "evidence")
    return outcomes(look, [(part,) for part in parts])


def _times_s(one):
    return one.response_s[one.shift.parcel]


def _p99_ms(one):
    return 1000 * percentile(_times_s(one), 99)


def _reported(played, diary, *, misread, ms_of):
    score = total(played)
    return {
        "misread": misread,
        "by_hand": score.by_hand,
        "late": score.late,
        "p99_ms": {one.shift.name: ms_of(one) for one in played},
        "decisions": {entry.shift: entry.action for entry in diary},
        "evidence": {
            entry.shift: [entry.audit.right, entry.audit.n] for entry in diary
        },
    }


def _mean(played, diary):
    def mean_ms(one):
        return 1000 * float(_times_s(one).mean())

    return _reported(played, diary, misread=total(played).misread, ms_of=mean_ms)


def _seconds(played, diary):
    def p99_s(one):
        return percentile(_times_s(one), 99)

    return _reported(played, diary, misread=total(played).misread, ms_of=p99_s)


def _with_piles(played, diary):
    def p99_ms(one):
        return 1000 * percentile(one.response_s, 99)

    return _reported(played, diary, misread=total(played).misread, ms_of=p99_ms)


def _refused_too(played, diary):
    misread = total(played).misread + total(played).by_hand
    return _reported(played, diary, misread=misread, ms_of=_p99_ms)


def _numpys(played, diary):
    misread = np.int64(total(played).misread)
    return _reported(played, diary, misread=misread, ms_of=_p99_ms)


def _last_only(played, diary):
    misread = total(played).misread
    return _reported(played, diary[-1:], misread=misread, ms_of=_p99_ms)


MISTAKES = (
    Mistake(
        "the mean",
        "p99_ms holds the mean. It hides the slow hundredth, which is what the belt "
        "asks about",
        _mean,
    ),
    Mistake(
        "seconds",
        "p99_ms holds seconds: its name promises milliseconds",
        _seconds,
    ),
    Mistake(
        "the piles among the parcels",
        "the archive's requests are in the times of Tuesday. They are no parcels, and "
        "nobody at the belt waited for them",
        _with_piles,
    ),
    Mistake(
        "refused is misread",
        "parcels that went by hand are counted as misread too. A refusal is no digit, "
        "and the parcel arrives",
        _refused_too,
    ),
    Mistake(
        "numbers that are not JSON",
        "json.dumps fails at a number of numpy. int() and float() make plain ones",
        _numpys,
    ),
    Mistake(
        "the last decision only",
        "only the last entry of the diary is in it. Whoever reads the report in a "
        "month wants to know what came before",
        _last_only,
    ),
)

report = Check(
    title="a report that a program can read",
    promises=(_report_counts, _report_p99, _report_decisions, _report_json),
    probe=_report_does,
    mistakes=MISTAKES,
)
