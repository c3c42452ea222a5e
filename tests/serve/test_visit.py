"""Can a request be followed all the way, and can nobody forge a line of the log?"""

import io
import json
import re

import pytest

from lessonlib.serve.visit import AccessLog, Visit


@pytest.mark.parametrize("given", ["a", "parcel-17", "0f" * 16, "A.b_c-9", "x" * 64])
def test_a_sane_id_is_kept_and_begins_that_of_each_answer(given):
    first, second = (Visit("POST", "/predict", request_id=given) for _ in range(2))
    assert first.request_id == second.request_id == given
    assert first.answer_id.startswith(f"{given}.")
    assert first.answer_id != second.answer_id  # sent twice, but two answers
    assert len(first.answer_id) <= 100  # as /feedback takes it


@pytest.mark.parametrize(
    "given", ["", "x" * 65, "a b", "a\nb", "a\r\nX: y", "ä", "a,b", '"', "\0", "{", "١"]
)
def test_an_odd_id_is_replaced(given):
    visit = Visit("GET", "/", request_id=given)
    assert re.fullmatch("[0-9a-f]{32}", visit.request_id)
    assert visit.answer_id == visit.request_id


ODD_TEXTS = [
    "/a\nb", '/"', "/\\", "/\r\n{}", "/\u2028", "/\x1b[2J", "/\0", "/é",
    "/\udce9", "/" * 9999,
]  # fmt: skip


@pytest.mark.parametrize("text", ODD_TEXTS)
def test_a_request_is_one_line_whatever_it_says(text):
    file = io.StringIO()
    log = AccessLog(file)
    for method, path in [(text, "/"), ("GET", text)]:
        log.write(Visit(method, path), status=404, size_bytes=3, version="v")
    lines = file.getvalue().splitlines()
    assert len(lines) == 2 and all(line.isascii() for line in lines)
    first, second = map(json.loads, lines)
    assert first["method"] == second["path"] == text[:200]
    assert max(map(len, lines)) < 4096  # written in one piece


def test_a_line_says_who_asked_what_and_what_came_of_it():
    file = io.StringIO()
    visit = Visit("POST", "/predict", query="key=secret", authorization="Bearer secret")
    visit.key = "ada"
    AccessLog(file).write(visit, status=200, size_bytes=12, version="0123abcd")
    entry = json.loads(file.getvalue())
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT[\d:]{8}\.\d{3}\+00:00", entry.pop("time"))
    assert entry.pop("ms") >= 0
    assert entry == {
        "request_id": visit.request_id,
        "method": "POST",
        "path": "/predict",
        "status": 200,
        "key": "ada",
        "model": "0123abcd",
        "bytes": 12,
    }
    assert "secret" not in file.getvalue() + repr(visit)


def test_a_log_that_cannot_be_written_is_told_once_and_stops_nobody(caplog):
    file = io.StringIO()
    file.close()
    log = AccessLog(file)
    for _ in range(3):
        log.write(Visit("GET", "/"), status=200, size_bytes=0, version="v")
    assert len(caplog.records) == 1
    assert "the access log cannot be written" in caplog.text
