"""What a check says of a reply that it cannot use: what came back, never a crash."""

import hashlib
import pickle

import numpy as np
import pytest
from flask import Flask, jsonify, request

from lessonlib.checks import (
    Check,
    case,
    ex01,
    ex02,
    ex03,
    ex04,
    ex06,
    ex07,
    ex08,
    ex09,
    ex11,
)
from lessonlib.checks.probes import Broken, call, expect, flags, truth
from lessonlib.serve.flask_app import prediction_app

YES_OR_NO = Check.table(
    title="is it even?",
    name="is_even",
    promises=[("4 is even and 7 isn't", case(4, gives=True), case(7, gives=False))],
    ask=lambda answer, n: truth(call(answer, n)),
    mistakes=(),
)


@pytest.mark.parametrize(
    ("check", "answer", "says"),
    [
        (
            ex07.merge,
            lambda workers: [0.2, 0.3],
            "in seconds to 4 digits gave [0.2, 0.3], expected 0.211",
        ),
        (ex08.pixels, lambda p, e, alpha, least: 3, "gave 3, expected [True, True"),
        (ex08.hours, lambda a, w: "all", "gave 'all', expected [False, True"),
        (ex06.shed, lambda a, w, room: 2, "gave 2, expected [True, True, False"),
        (ex09.weigh, lambda right, chance: "0.95", "gave '0.95', expected 0.95"),
        (ex11.audit, lambda labels, v: 0.8, "gave 0.8, expected [4, 5]"),
        (ex11.fates, lambda *columns: 7, "gave 7, expected {'misread': 2"),
        (ex11.report, lambda played, diary: 5, "gave 5, expected"),
        (ex01.fits, lambda names, learned: 1, "gave 1"),
        (ex04.start, lambda app, make: make("127.0.0.1", 0, app), "gave <"),
        (YES_OR_NO, lambda n: 0.98, "is_even(4) gave 0.98, expected True"),
    ],
)
def test_a_reply_of_the_wrong_type_is_shown_beside_what_was_expected(
    check, answer, says
):
    report = check(answer)
    assert report.outcome == "not yet"
    assert says in report.message
    assert "raised" not in report.message


@pytest.mark.parametrize(
    ("check", "answer"),
    [
        (ex09.gate, lambda a, b: True if b.sum() > a.sum() + 20 else None),
        (YES_OR_NO, lambda n: n < 5 or None),
    ],
)
def test_an_answer_that_is_silent_in_one_case_was_attempted(check, answer):
    report = check(answer)
    assert report.outcome == "not yet"
    assert "gave None, expected" in report.message or report.mistake


def test_one_blank_of_several_that_is_filled_is_an_attempt():
    def counts(**found):
        blanks = dict.fromkeys(("misread", "by_hand", "late"), ...)
        return lambda *columns: blanks | found

    assert ex11.fates(counts()).outcome == "not attempted"
    assert ex11.fates(counts(misread=2)).outcome == "not yet"


def test_a_list_of_pairs_is_not_a_dictionary():
    pairs = [("a", 1), ("b", 2)]
    with pytest.raises(Broken, match="gave"):
        expect(pairs, dict(pairs), called="pairs")
    expect(dict(pairs[::-1]), dict(pairs), called="a dictionary in another order")
    with pytest.raises(Broken, match="gave"):
        expect(["a"], {"a"}, called="a list for a set")


def test_a_yes_or_no_is_read_as_one_and_all_else_stays_what_it_was():
    assert [truth(1), truth(0.0), truth(0.98), truth("no")] == [True, False, 0.98, "no"]
    assert flags((1, 0)) == [True, False]
    assert flags([0, 2, 5]) == [0, 2, 5]  # places, not flags
    assert flags({0: True}) == {0: True}


def test_another_number_of_values_is_said():
    with pytest.raises(Broken, match=r"\(2 values for 3\)"):
        expect([1, 2], [1, 2, 3], called="it")


def test_an_exception_inside_an_endpoint_is_shown_with_the_learners_line():
    def fixed_app(predict):
        app = Flask("northgate")

        @app.post("/predict")
        def answer():
            return jsonify(predictions=predict(request.get_json()["row"]))

        return app

    message = ex03.hunt(fixed_app).message
    assert "gave 500, expected 200. Inside, your code raised KeyError: 'row'" in message
    assert 'request.get_json()["row"]' in message


def test_an_exception_that_the_library_turns_into_a_500_is_shown_as_well():
    def service(model, log, monitor):
        def predict(rows):
            return model.predict(rows)

        return prediction_app(predict, manifest=model.manifest, log=log)

    message = ex11.service(service).message
    assert "gave 500, expected 200. Inside, your code raised AttributeError" in message
    assert "(in: return model.predict(rows))" in message


def test_a_crash_is_not_taken_for_a_refusal():
    def load_known(read, sha256):
        content = read()
        if sha256(content) != sha256:
            raise ValueError("not the model you know")
        return pickle.loads(content)

    report = ex02.known(load_known)
    assert report.mistake == ""
    assert "TypeError: 'str' object is not callable" in report.message
    assert "(in: if sha256(content) != sha256:)" in report.message


def test_verdicts_along_the_wrong_axis_are_called_so():
    report = ex11.guard(lambda rows: rows.max(axis=0) < 8)
    assert "gave 64 verdicts for" in report.message
    assert "axis=1" in report.hint


def test_what_is_no_number_is_shown_as_it_came():
    report = ex07.bucket(lambda q, ends, at_most: {"low": 0.1})
    assert report.message.endswith(" gave {'low': 0.1}, expected 0.015")
    assert "gave 0.98, expected" in YES_OR_NO(lambda n: np.float64(0.98)).message
    assert "has no 'misread', 'p99_ms'" in ex11.own({"by_hand": 3}).message


def test_another_hash_is_not_called_bytes():
    def load_known(read, sha256):
        content = read()
        if hashlib.md5(content).hexdigest() != sha256:
            raise ValueError("not the model you know")
        return pickle.loads(content)

    assert ex02.known(load_known).mistake == ""


def test_a_server_without_its_thread_is_no_pair():
    report = ex04.start(lambda app, make: make("127.0.0.1", 0, app))
    assert "expected a server and its thread" in report.message
