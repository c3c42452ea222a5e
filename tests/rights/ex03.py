"""Right answers to the exercises of notebook 03, written differently."""

import bisect
import math
from collections import Counter, defaultdict
from numbers import Real

import numpy as np
import pandas as pd
from flask import Flask, jsonify, request

# -- number


def by_exact_type(value):
    return type(value) in (int, float) and 0 <= value <= 16


def without_bools(value):
    if isinstance(value, bool) or not isinstance(value, Real):
        return False
    return math.isfinite(value) and not (value < 0 or value > 16)


def in_two_blanks(value):
    is_number = str(type(value)) in ("<class 'int'>", "<class 'float'>")
    is_inside = is_number and max(0, min(value, 16)) == value
    return is_number and is_inside


def by_numpy(value):
    if not isinstance(value, int | float) or isinstance(value, bool):
        return np.False_
    return np.clip(value, 0, 16) == value


# -- limits


def by_bisect(ask):
    columns = next(k for k in range(1, 31) if ask(1, k) != 422)
    refused = bisect.bisect_left(
        range(1, 10_001), True, key=lambda rows: ask(rows, columns) != 200
    )
    return {"columns": columns, "most_rows": refused}


def by_doubling(ask):
    columns = 30
    while ask(1, columns) != 200:
        columns -= 1
    step = 8192
    rows = 0
    while step:
        if rows + step <= 10_000 and ask(rows + step, columns) == 200:
            rows += step
        step //= 2
    return {"most_rows": np.int64(rows), "columns": columns, "how": "bit by bit"}


def digit_by_digit(ask):
    statuses = {k: ask(1, k) for k in range(1, 31)}
    (columns,) = (k for k, status in statuses.items() if status == 200)
    low, high = 0, 10_001
    while high - low > 1:
        middle = low + (high - low) // 2
        if ask(middle, columns) == 413:
            high = middle
        else:
            low = middle
    return dict(columns=columns, most_rows=low)


# -- hunt


def with_a_helper(predict):
    app = Flask("helper")

    def no(status, code, message):
        return jsonify(error={"code": code, "message": message}), status

    @app.post("/predict")
    def answer():
        content = request.get_json()
        rows = content.get("rows") if isinstance(content, dict) else None
        if not isinstance(rows, list) or not rows:
            return no(422, "no_rows", "send rows")
        try:
            answers = np.asarray(predict(rows)).tolist()
        except Exception:
            app.logger.exception("the model failed")
            return no(500, "server_error", "the server failed")
        return jsonify(predictions=answers)

    return app


def with_error_handlers(predict):
    app = Flask("handlers")

    class NoRows(Exception):
        pass

    @app.route("/predict", methods=["POST"])
    def answer():
        try:
            rows = request.get_json()["rows"]
            assert isinstance(rows, list) and rows
        except (KeyError, TypeError, AssertionError):
            raise NoRows from None
        return {"predictions": [int(value) for value in predict(rows)]}

    @app.errorhandler(NoRows)
    def no_rows(error):
        return {"error": {"code": "no_rows"}}, 422

    @app.errorhandler(500)
    def crash(error):
        return {"error": {"code": "server_error"}}, 500

    return app


def with_one_handler_for_all(predict):
    app = Flask("all")

    @app.errorhandler(Exception)
    def failed(error):
        return jsonify(error=dict(code="server_error", message="sorry")), 500

    @app.post("/predict")
    def answer():
        match request.get_json(silent=True):
            case {"rows": [_, *_] as rows}:
                return jsonify(predictions=predict(rows).tolist())
        return jsonify(error=dict(code="no_rows", message="send rows")), 422

    return app


# -- whom


def by_grouping(log):
    statuses = defaultdict(list)
    for line in log:
        statuses[line["client"]].append(line["status"])
    names = []
    for client, found in statuses.items():
        if sum(status // 100 == 4 for status in found) / len(found) > 0.1:
            names.append(client)
    failed = any(status >= 500 for found in statuses.values() for status in found)
    return names + ["us"] * failed


def by_pandas(log):
    table = pd.DataFrame(log)
    refused = table.status.between(400, 499).groupby(table.client).mean()
    names = set(refused[refused > 0.1].index)
    if (table.status > 499).any():
        names.add("us")
    return frozenset(names)


def by_tens(log):
    tens = Counter()
    for line in log:
        tens[line["client"]] += 9 if str(line["status"])[0] == "4" else -1
        tens["us"] += str(line["status"])[0] == "5"
    return {name for name, ten in tens.items() if ten > 0}


# -- names


def by_the_difference(records, names):
    for i, record in enumerate(records):
        if odd := set(record) ^ set(names):
            raise ValueError(f"record {i}: missing or unknown {sorted(odd)}")
    return [[record[name] for name in names] for record in records]


def one_at_a_time(records, names):
    rows = []
    for record in records:
        left = dict(record)
        try:
            rows.append(tuple(left.pop(name) for name in names))
        except KeyError as missing:
            raise ValueError(f"no column {missing}") from None
        for name in left:
            raise ValueError(f"{name} is none of {', '.join(names)}")
    return tuple(rows)


def by_places(records, names):
    place = {name: i for i, name in enumerate(names)}
    rows = [[...] * len(names) for _ in records]
    for row, record in zip(rows, records, strict=True):
        for name, value in record.items():
            if name not in place:
                raise ValueError(f"unknown column: {name!r}")
            row[place[name]] = value
        if ... in row:
            raise ValueError(f"missing column: {names[row.index(...)]!r}")
    return rows


RIGHTS = {
    "number": [by_exact_type, without_bools, in_two_blanks, by_numpy],
    "limits": [by_bisect, by_doubling, digit_by_digit],
    "hunt": [with_a_helper, with_error_handlers, with_one_handler_for_all],
    "whom": [by_grouping, by_pandas, by_tens],
    "names": [by_the_difference, one_at_a_time, by_places],
}
