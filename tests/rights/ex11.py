"""Right answers to the exercises of notebook 11, written in different ways."""

import json

import numpy as np

from lessonlib.friday.office import decide
from lessonlib.friday.week import LIMIT_S, total
from lessonlib.intervals import wilson_interval
from lessonlib.measure.latency import percentile
from lessonlib.serve.flask_app import prediction_app
from lessonlib.serve.schema import BadRequest

# -- fates


def by_masks(truth, status, said, response_s):
    answered = status == 200
    return {
        "misread": (answered & (said != truth)).sum(),
        "by_hand": (~answered).sum(),
        "late": (answered & (response_s > LIMIT_S)).sum(),
    }


def by_a_loop(truth, status, said, response_s):
    found = {"late": 0, "misread": 0, "by_hand": 0}
    for true, code, digit, time_s in zip(truth, status, said, response_s, strict=True):
        if code != 200:
            found["by_hand"] += 1
            continue
        found["misread"] += digit != true
        found["late"] += 1000 * time_s > 50
    return found


# -- guard


def by_max(rows):
    return rows.max(axis=1) < 8


def by_any(rows):
    return ~(rows > 1).any(axis=1)


def by_a_list(rows):
    return [max(row) <= 5 for row in rows.tolist()]


# -- audit


def by_sums(labels, version):
    mine = [x for x in labels if x["version"] == version and x["source"] == "audit"]
    known = [x for x in mine if x["label"] is not None]
    return sum(x["label"] == x["prediction"] for x in known), len(known)


def by_counting(labels, version):
    counts = [0, 0]
    for each in labels:
        drawn_by_lot = each["source"] != "clerk"
        if drawn_by_lot and each["version"] == version and each["label"] is not None:
            counts[0] += int(each["prediction"] == each["label"])
            counts[1] += 1
    return counts


# -- friday


def with_the_library(now, before, table):
    return decide(now, before)


def by_hand(now, before, table):
    low, high = wilson_interval(now.right, now.n)
    if not high < 0.85:
        return "keep"
    if before is None or before.version == now.version:
        return "retrain"
    return (
        "roll back" if wilson_interval(before.right, before.n)[0] > high else "retrain"
    )


# -- back


def by_a_pile(history):
    pile = []
    for action, version in history:
        if action == "promote":
            pile.append(version)
        else:
            pile.pop()
    return pile[-2]


def from_the_end(history):
    skip = 1
    for action, version in reversed(history):
        if action == "rollback":
            skip += 1
        elif skip:
            skip -= 1
        else:
            return version


# -- service


def service(model, log, monitor):
    def predict(rows):
        if by_max(rows).any():
            raise BadRequest(422, "too_faint", "no dark pixel: are they from 0 to 1?")
        return model(rows)

    predict.manifest = model.manifest
    return prediction_app(predict, max_rows=20, log=log, monitor=monitor)


class Guarded:
    def __init__(self, model):
        self.model, self.manifest = model, model.manifest

    def __call__(self, rows):
        for i, row in enumerate(rows):
            if row.max() < 2:
                raise BadRequest(422, "not_a_card", "too faint", row=i)
        return self.model(rows)


def service_with_a_class(model, log, monitor):
    return prediction_app(Guarded(model), log=log, monitor=monitor, max_rows=20)


# -- report


def in_one_piece(played, diary):
    score = total(played)
    return {
        "misread": score.misread,
        "by_hand": score.by_hand,
        "late": score.late,
        "p99_ms": {
            x.shift.name: round(1000 * percentile(x.response_s[x.shift.parcel], 99), 1)
            for x in played
        },
        "decisions": {x.shift: x.action for x in diary},
        "evidence": {x.shift: [x.audit.right, x.audit.n] for x in diary},
    }


def step_by_step(played, diary):
    report = {"p99_ms": {}, "decisions": {}, "evidence": {}, "name": "northgate"}
    for name in ("misread", "by_hand", "late"):
        report[name] = sum(getattr(each.score, name) for each in played)
    for each in played:
        times_s = each.response_s[each.shift.truth != -2]
        report["p99_ms"][each.shift.name] = float(np.percentile(1000 * times_s, 99.5))
    for entry in diary:
        report["decisions"][entry.shift] = entry.action
        report["evidence"][entry.shift] = [entry.audit.right, entry.audit.n]
    return json.loads(json.dumps(report))


# -- own


def own_report(**other):
    names = ("Monday", "Tuesday", "Wednesday", "Thursday morning", "Thursday afternoon")
    names += ("Friday morning",)
    actions = ("keep", "keep", "keep", "retrain", "keep", "roll back")
    return {
        "misread": 158,
        "by_hand": 64,
        "late": 3,
        "p99_ms": {name: 12.5 for name in (*names, "Friday afternoon")},
        "decisions": dict(zip(names, actions, strict=True)),
        "evidence": {name: [40, 50] for name in names} | {"Friday morning": [4, 31]},
        "reference": {"misread": 232},
    } | other


def never_promoted_the_rival():
    report = own_report(misread=100)
    report["decisions"]["Friday morning"] = "keep"
    report["evidence"]["Friday morning"] = [27, 31]
    return report


RIGHTS = {
    "fates": [by_masks, by_a_loop],
    "guard": [by_max, by_any, by_a_list],
    "audit": [by_sums, by_counting],
    "friday": [with_the_library, by_hand],
    "back": [by_a_pile, from_the_end],
    "service": [service, service_with_a_class],
    "report": [in_one_piece, step_by_step],
    "own": [
        own_report(),
        own_report(late=800, misread=232),
        never_promoted_the_rival(),
    ],
}
