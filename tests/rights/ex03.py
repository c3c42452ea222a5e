"""Right answers to the exercises of notebook 03, written differently."""

import json
import math
from numbers import Real

import numpy as np
from flask import Flask, jsonify, request

from lessonlib.serve.schema import BadRequest

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


# -- rows


def refuse_constant(name):
    raise ValueError(name)


def one_after_another(body, k):
    try:
        content = json.loads(body, parse_constant=refuse_constant, parse_int=float)
    except (ValueError, RecursionError) as error:
        raise BadRequest(400, "not_json", f"not JSON: {error}") from None
    if not isinstance(content, dict) or not isinstance(content.get("rows"), list):
        raise BadRequest(422, "no_rows", "no rows")
    if not content["rows"]:
        raise BadRequest(422, "no_rows", "an empty batch")
    for i, row in enumerate(content["rows"]):
        if not isinstance(row, list) or len(row) != k:
            raise BadRequest(422, "wrong_shape", f"row {i}", row=i)
    return content["rows"]


def by_small_steps(body, k):
    def unless(fine, status, code):
        if not fine:
            raise BadRequest(status, code, "?")

    try:
        content = json.loads(str(body, "utf-8"), parse_constant=refuse_constant)
    except RecursionError:
        content = BadRequest(400, "not_json", "too deep")
    except ValueError as error:
        content = BadRequest(400, "not_json", str(error))
    if isinstance(content, BadRequest):
        raise content
    rows = content.get("rows", []) if isinstance(content, dict) else []
    unless(isinstance(rows, list) and len(rows) > 0, 422, "no_rows")
    unless({type(row) for row in rows} == {list}, 422, "wrong_shape")
    unless({len(row) for row in rows} == {k}, 422, "wrong_shape")
    return tuple(tuple(row) for row in rows)


def by_match(body, k):
    try:
        content = json.loads(body.decode(), parse_constant=refuse_constant)
    except Exception:
        raise BadRequest(400, "not_json", "?") from None
    match content:
        case {"rows": [*rows]} if rows:
            if all(type(row) is list and len(row) == k for row in rows):
                return np.array(rows, dtype=float)
            raise BadRequest(422, "wrong_shape", "?")
    raise BadRequest(422, "no_rows", "?")


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


# -- faults


def nested_loops(rows, columns):
    found = []
    for i, row in enumerate(rows):
        for column, value in zip(columns, row, strict=True):
            if type(value) not in (int, float):
                code = "not_a_number"
            elif not column.low <= value <= column.high:
                code = "out_of_range"
            else:
                continue
            fault = {"row": i, "column": column.name, "code": code}
            found.append(fault | {"message": f"{value!r} in row {i}"})
    return found


def column_by_column(rows, columns):
    def code(column, value):
        if isinstance(value, bool) or not isinstance(value, int | float):
            return "not_a_number"
        inside = column.low <= value and value <= column.high
        return None if inside else "out_of_range"

    return tuple(
        {"code": code(column, row[j]), "column": column.name, "row": i}
        for j, column in enumerate(columns)
        for i, row in enumerate(rows)
        if code(column, row[j])
    )


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
    "rows": [one_after_another, by_small_steps, by_match],
    "hunt": [with_a_helper, with_error_handlers, with_one_handler_for_all],
    "faults": [nested_loops, column_by_column],
    "names": [by_the_difference, one_at_a_time, by_places],
}
