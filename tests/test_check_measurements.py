"""Exercises that measure a server or read a log: what do their checks say?"""

import numpy as np
import pytest

from lessonlib.checks import ex01, ex02, ex03, ex04
from lessonlib.checks.ex02.listings import FILES, steps_of
from lessonlib.checks.ex03.mornings import MORNING, shuffled


@pytest.mark.parametrize(
    ("check", "reply", "says"),
    [
        (ex01.verdict, True, "gave True, expected 'same'"),
        (ex01.verdict, np.zeros((2, 2)), "gave [[0.0, 0.0], [0.0, 0.0]], expected"),
        (ex03.limits, (7, 100), "gave (7, 100)"),
        (ex03.whom, "us", "gave 'us', expected set()"),
        (ex04.tries, {1: 0.1, 2: 0.2}, "gave {1: 0.1, 2: 0.2}, expected 1"),
        (ex04.stale, 18, "gave 18"),
    ],
)
def test_what_came_back_is_shown_as_it_came(check, reply, says):
    report = check(lambda *given: reply)
    assert report.outcome == "not yet"
    assert says in report.message


def test_a_measurement_that_never_ends_is_stopped_and_called_too_long():
    def until_it_is_too_much(ask):
        while ask(1, 1) != 413:
            pass

    report = ex03.limits(until_it_is_too_much)
    assert "asked a server more than 60 times" in report.message
    assert "in their middle" in report.hint.lower()


def test_an_error_in_a_measurement_is_told_as_one():
    def misspelt(ask):
        return {"columns": ask(1), "most_rows": 1}

    assert "missing 1 required positional argument" in ex03.limits(misspelt).message


def test_the_client_with_the_most_refusals_is_not_called_on_the_shown_morning():
    log = shuffled(MORNING)
    refused = [line["client"] for line in log if 400 <= line["status"] < 500]
    assert max(set(refused), key=refused.count) == "belt"
    assert ex03.whom(lambda log: {"belt", "us"}).outcome == "not yet"


def test_no_line_that_imports_or_pushes_passes_for_one_that_calls():
    right = {"a": 0, "b": 0, "c": 5, "d": 14, "e": 0}
    assert ex02.reads(right).outcome == "done"
    for name, content in FILES.items():
        lines = range(len(steps_of(content)) + 1)
        wrong = (right | {name: line} for line in lines if line != right[name])
        assert {ex02.reads(sheet).points for sheet in wrong} == {4}


def test_the_numbers_of_lines_may_be_written_as_text_and_must_exist():
    right = {"a": "0", "b": 0.0, "c": "5", "d": np.int64(14), "e": 0}
    assert ex02.reads(right).outcome == "done"
    for strange in ("none", -1, 9, [7]):
        report = ex02.reads(right | {"a": strange})
        assert "is not the number of a line" in report.message
