"""The machinery of the checks; test_exercises has the checks themselves."""

import json
import logging
import threading
from dataclasses import replace

import numpy as np
import pytest

from lessonlib.checks import Check, Mistake, case, ex11
from lessonlib.checks.constants import is_constant
from lessonlib.checks.ex04.watched_server import Watch, parcel_app
from lessonlib.checks.ex12.leaks import leaks
from lessonlib.checks.probes import Broken, Untouched, call, expect
from lessonlib.checks.replies import reply_to
from lessonlib.checks.sheet import (
    Question,
    entry,
    first_wrong,
    number_near,
    one_of,
    promise,
    some_of,
)
from lessonlib.serve.flask_app import prediction_app


def _doubles(answer):
    """it doubles a number"""
    expect(call(answer, 4), 8, called="yours(4)", hint="twice, not plus two")


def _zero(answer):
    """zero stays zero"""
    expect(call(answer, 0), 0, called="yours(0)")


DOUBLE = Check(
    title="double a number",
    promises=(_doubles, _zero),
    probe=lambda answer: [answer(n) for n in (0, 1, 4)],
    mistakes=(Mistake("adds two", "this adds two", lambda n: n + 2),),
)


def test_a_right_answer_is_done_with_all_points():
    report = DOUBLE(lambda n: n + n)
    assert (report.outcome, report.points, report.out_of) == ("done", 2, 2)


@pytest.mark.parametrize("stub", [None, ..., lambda n: None, lambda n: ...])
def test_a_stub_is_not_attempted_and_scores_nothing(stub):
    report = DOUBLE(stub)
    assert (report.outcome, report.points) == ("not attempted", 0)


def test_what_fits_by_chance_earns_nothing_and_is_called_so():
    for answer in (lambda n: 0, lambda n: 0 * n):
        report = DOUBLE(answer)
        assert (report.outcome, report.points) == ("not yet", 0)
        assert "says the same to everything" in report.message
    assert DOUBLE(lambda n: n * n).points == 1  # wrong, but it looks at the number


def test_a_function_that_was_asked_one_thing_only_is_no_constant():
    once = replace(DOUBLE, promises=(_zero, _zero), probe=lambda answer: [answer(0)])
    assert not is_constant(lambda n: 0, [once.probe, *once.promises])
    assert is_constant(lambda n: 0, [*DOUBLE.promises])


def test_a_known_mistake_gets_its_own_message_and_its_name():
    report = DOUBLE(lambda n: 2 + n)
    assert (report.outcome, report.mistake) == ("not yet", "adds two")
    assert report.message == "this adds two"


def test_another_wrong_answer_is_told_what_was_called_and_what_came_back():
    report = DOUBLE(lambda n: 3 * n)
    assert (report.points, report.mistake) == (1, "")
    assert report.message == "yours(4) gave 12, expected 8"
    assert report.hint == "twice, not plus two"


def test_an_answer_that_raises_is_told_so_in_one_line():
    def broken(n):
        return n / 0

    report = DOUBLE(broken)
    assert report.outcome == "not yet"
    assert report.message == (
        "broken(4) raised ZeroDivisionError: division by zero (in: return n / 0)"
    )


def test_a_table_may_say_by_a_probe_what_makes_two_answers_the_same_mistake():
    table = {
        "title": "a colour",
        "name": "colour",
        "promises": [("it is blue", case(1, gives="blue"))],
        "mistakes": [Mistake("red", "this is red", lambda n: "red")],
    }
    assert Check.table(**table)(lambda n: "RED").mistake == ""
    in_small = Check.table(**table, probe=lambda answer: answer(1).lower())
    assert in_small(lambda n: "RED").mistake == "red"


def test_an_object_that_is_equal_to_everything_is_not_the_answer():
    class Sly:
        def __eq__(self, other):
            return True

    assert DOUBLE(lambda n: Sly()).points == 0


def test_an_object_that_refuses_to_be_compared_does_not_stop_the_check():
    class Odd:
        def __eq__(self, other):
            raise RuntimeError("no")

    assert DOUBLE(lambda n: Odd()).outcome == "not yet"


def test_numpy_values_and_tuples_count_as_the_plain_values_they_hold():
    expect(np.float64(0.5), 0.5, called="half")
    expect(np.array([1, 2]), (1, 2), called="pair")
    with pytest.raises(Broken):
        expect(True, 1, called="a flag is no number")


def test_show_prints_the_report_and_returns_the_points(capsys):
    assert DOUBLE(lambda n: 3 * n).show() == 1
    printed = capsys.readouterr().out
    assert printed.startswith("not yet: double a number (1 of 2 points)\n")
    assert "  no  it doubles a number\n  ok  zero stays zero\n" in printed


def test_floats_may_differ_in_the_ninth_digit_only():
    expect(0.1 + 0.2, 0.3, called="sum")
    with pytest.raises(Exception, match="gave 0.31"):
        expect(0.31, 0.3, called="sum")


def test_an_error_deep_in_a_library_is_told_with_the_learners_own_line():
    def parse(text):
        return json.loads(text)

    def _reads(answer):
        """it reads a body"""
        expect(call(answer, ""), {}, called="yours")

    seen = Check("read", [_reads], lambda answer: answer(""), ())(parse).message
    assert seen.startswith("parse('') raised JSONDecodeError: Expecting value")
    assert seen.endswith("(in: return json.loads(text))")


def test_a_watched_server_that_is_closed_before_it_serves_ends_quietly():
    with Watch() as watch:
        server = watch("127.0.0.1", 0, parcel_app)
        server.server_close()
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        thread.join(5)
        assert not thread.is_alive()


def test_a_check_leaves_the_log_of_the_learners_server_on():
    def crashes(model, log, monitor):
        return prediction_app(lambda rows: 1 / 0, columns=64)

    assert ex11.service(crashes).outcome == "not yet"
    app = prediction_app(lambda rows: rows, columns=1)
    assert not app.logger.disabled and app.logger.isEnabledFor(logging.ERROR)


COLOUR, SIZE = Question("colour", "blue", "look up"), Question("size", 3, "measure")
KEYS = ("colour", "size")


@pytest.mark.parametrize("blank", [{}, {"colour": ...}, {"colour": None, "size": ...}])
def test_a_sheet_of_blanks_is_not_attempted(blank):
    with pytest.raises(Untouched):
        entry(blank, COLOUR, KEYS)


@pytest.mark.parametrize(
    ("sheet", "seen"),
    [
        ("blue", "the answer is 'blue', and not a dictionary"),
        ({"colour": ..., "size": 3}, "'colour' has no answer yet"),
        ({"Colour": "blue"}, "'colour' has no answer yet"),
    ],
)
def test_what_a_sheet_lacks_is_told_with_its_keys(sheet, seen):
    with pytest.raises(Broken, match=seen) as raised:
        entry(sheet, COLOUR, KEYS)
    assert raised.value.hint.endswith("keys are colour, size")


@pytest.mark.parametrize(
    ("sheet", "found"),
    [
        ({"colour": "blue", "size": 3}, []),
        ({"colour": "red", "size": 4}, ["colour", "red"]),
        ({"colour": ..., "size": 4}, ["size", 4]),
    ],
)
def test_a_mistake_on_a_sheet_is_found_whatever_else_is_on_it(sheet, found):
    def read(sheet, question):
        return entry(sheet, question, KEYS)

    assert first_wrong(sheet, (COLOUR, SIZE), read) == found


def test_a_promise_of_a_sheet_shows_what_was_written_and_not_what_is_right():
    def read(sheet, question):
        return entry(sheet, question, KEYS)

    blue = promise("it is blue", [COLOUR], read, wrong="is not its colour")
    blue({"colour": "blue", "size": ...})
    with pytest.raises(Broken, match="colour: 'red' is not its colour") as raised:
        blue({"colour": "red", "size": 3})
    assert raised.value.hint == "look up"


def test_an_entry_of_a_sheet_may_be_written_in_several_ways():
    assert one_of(("too late", "in time"), " Too  late", "parcel") == "too late"
    for written in ("b, A", "BA", ["A", "B"], {"b", "a"}, np.array(["B", "A"])):
        assert some_of("ABC", written, "servers") == ["A", "B"]
    assert some_of(("elm", "oak"), "oak", "servers") == ["oak"]
    assert some_of("ABC", [], "servers") == some_of("ABC", "", "servers") == []
    for written in (3.1, np.float64(2.9), 3):
        assert number_near(3, 0.2, written, "size") == 3
    assert number_near(3, 0.2, 30, "size") == 30


@pytest.mark.parametrize(
    ("read", "says"),
    [
        (lambda: one_of(("late",), "lat", "parcel"), "parcel: 'lat' is not one of"),
        (lambda: some_of("AB", "A and B", "servers"), "servers: 'and' is not a name"),
        (lambda: some_of("AB", 7, "servers"), "servers: '7' is not a name"),
        (lambda: number_near(3, 1, "3 s", "size"), "size: '3 s' is not a number"),
        (lambda: number_near(1, 1, True, "size"), "size: True is not a number"),
    ],
)
def test_an_entry_that_cannot_be_read_is_told_with_its_question(read, says):
    with pytest.raises(Broken, match=says):
        read()


def test_a_number_that_is_none_is_far_from_every_number():
    assert number_near(3, 1, float("nan"), "size") != 3


def test_an_answer_that_is_silent_for_some_only_is_not_untouched():
    others = [(1,), (2,)]
    assert reply_to(lambda n: n if n > 1 else None, 1, others=others) is None
    with pytest.raises(Untouched):
        reply_to(lambda n: None, 1, others=others)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("key k7Zx-81Tt", True),
        (b"k7Zx", True),
        ({"key": "...81Tt"}, True),
        ("k7Z...1Tt", False),
        ("", False),
        (None, False),
    ],
)
def test_four_characters_of_a_secret_give_it_away(text, told):
    assert leaks(text, "k7Zx-81Tt") == told
