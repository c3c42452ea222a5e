"""Is the log where its readers look, and is it said in a sentence if not?"""

import os
import shutil
import sqlite3
import threading
from contextlib import closing
from itertools import count

import pytest

from lessonlib.errors import LessonError, LogUnavailable
from lessonlib.learn.log import PredictionLog
from lessonlib.serve.contract import Contract
from lessonlib.serve.flask_app import flask_app

POSIX = pytest.mark.skipif(os.name == "nt", reason="Windows keeps an open file")


@pytest.fixture(autouse=True)
def less_patience(monkeypatch):
    monkeypatch.setattr("lessonlib.learn.store._LOCKED_MS", 200)


@pytest.fixture
def path(tmp_path):
    (tmp_path / "office").mkdir()
    return tmp_path / "office" / "log.db"


def predict(log, name):
    log.record(name, "m", "v", [[1.0]], [3])


def ids(path):
    """Return whose answers another program finds in a file that has no -wal."""
    with closing(sqlite3.connect(f"{path.as_uri()}?mode=ro", uri=True)) as other:
        rows = other.execute("SELECT request_id FROM predictions ORDER BY 1")
        return [name for (name,) in rows]


# -- deleted, moved, replaced while a service runs


def delete(path):
    path.unlink()


def delete_all(path):
    for each in path.parent.iterdir():
        each.unlink()


def move(path):
    path.rename(path.with_name("elsewhere.db"))


def move_all(path):
    for each in [*path.parent.iterdir()]:
        each.rename(each.with_name(each.name.replace("log", "elsewhere")))


def move_folder(path):
    path.parent.rename(path.parent.with_name("another"))


def delete_folder(path):
    shutil.rmtree(path.parent)


AWAY = [delete, delete_all, move, move_all, move_folder, delete_folder]


@POSIX
@pytest.mark.parametrize("away", AWAY)
def test_nothing_is_promised_while_the_file_is_away(path, away):
    with PredictionLog(path) as log:
        predict(log, "kept")
        away(path)
        for _ in range(2):
            for ask in (
                lambda: predict(log, "nowhere"),
                lambda: log.label("kept", 3),
                log.joined,
            ):
                with pytest.raises(LogUnavailable, match="moved or deleted: put it ba"):
                    ask()
        assert not path.exists()  # and no new one was begun without a word


@POSIX
@pytest.mark.parametrize("away", [move, move_all])
def test_a_file_that_was_moved_has_all_that_was_promised(path, away):
    with PredictionLog(path) as log:
        predict(log, "kept")
        away(path)
        with pytest.raises(LogUnavailable):
            predict(log, "nowhere")
        assert ids(path.with_name("elsewhere.db")) == ["kept"]
        path.with_name("elsewhere.db").rename(path)
        predict(log, "later")
        assert sorted(log.joined().request_id) == ["kept", "later"]
    assert ids(path) == ["kept", "later"]


@POSIX
def test_a_file_that_is_moved_in_the_midst_of_a_commit_keeps_no_promise(path):
    with PredictionLog(path) as log:
        predict(log, "kept")
        with pytest.raises(LogUnavailable, match="moved or deleted"):
            log._writer.do(lambda store: move(path))
        assert ids(path.with_name("elsewhere.db")) == ["kept"]


@POSIX
def test_a_file_that_was_moved_and_then_closed_has_all_that_was_promised(path):
    with PredictionLog(path) as log:
        predict(log, "kept")
        move(path)
    assert ids(path.with_name("elsewhere.db")) == ["kept"]


@POSIX
def test_another_log_in_its_place_is_gone_on_with(path):
    with PredictionLog(path.with_name("backup.db")) as backup:
        predict(backup, "older")
    with PredictionLog(path) as log:
        predict(log, "newer")
        move(path)
        shutil.copy(path.with_name("backup.db"), path)
        predict(log, "later")
        assert sorted(log.joined().request_id) == ["later", "older"]
    assert ids(path) == ["later", "older"]
    assert ids(path.with_name("elsewhere.db")) == ["newer"]


@POSIX
@pytest.mark.parametrize("what", ["a text", "a folder", "a dangling link"])
def test_something_else_in_its_place_is_left_alone(path, what):
    with PredictionLog(path) as log:
        predict(log, "kept")
        move(path)
        if what == "a text":
            path.write_text("minutes of a meeting\n" * 99)
        elif what == "a folder":
            path.mkdir()
        else:
            path.symlink_to(path.with_name("nowhere"))
        for _ in range(2):
            with pytest.raises(LogUnavailable):
                predict(log, "nowhere")
        if what == "a text":
            assert path.read_text() == "minutes of a meeting\n" * 99
            path.unlink()
            path.with_name("elsewhere.db").rename(path)
            predict(log, "later")
            assert sorted(log.joined().request_id) == ["kept", "later"]


@POSIX
def test_without_its_wal_a_log_loses_nothing(path):
    with PredictionLog(path) as log:
        predict(log, "kept")
        path.with_name("log.db-wal").unlink()
        predict(log, "later")
        assert sorted(log.joined().request_id) == ["kept", "later"]
    assert ids(path) == ["kept", "later"]


@POSIX
def test_a_log_that_has_gone_is_not_begun_anew_after_a_fork(path):
    with PredictionLog(path) as log:
        predict(log, "kept")
        log._writer._end()  # as before a fork
        delete_all(path)
        with pytest.raises(LogUnavailable, match="moved or deleted"):
            predict(log, "nowhere")
        assert not path.exists()


@POSIX
def test_a_client_is_told_to_come_back_while_the_file_is_away(path):
    with PredictionLog(path) as log:
        app = flask_app(Contract(lambda rows: [1.0] * len(rows), columns=1, log=log))
        client, rows = app.test_client(), {"rows": [[2]]}
        first = client.post("/predict", json=rows).json["request_id"]
        label = {"request_id": first, "label": 1.0}
        move(path)
        for place, body in (("/predict", rows), ("/feedback", label)) * 2:
            reply = client.post(place, json=body)
            assert (reply.status_code, reply.headers["Retry-After"]) == (503, "1")
            assert reply.json["error"]["code"] == "log_unavailable"
        path.with_name("elsewhere.db").rename(path)
        assert client.post("/feedback", json=label).status_code == 200
        assert log.joined().label.tolist() == [1.0]


@POSIX
def test_a_caller_hears_of_it_while_others_write(path):
    heard, kept = [], []

    def write(log, name):
        for i in count():
            try:
                predict(log, f"{name}-{i}")
            except LogUnavailable:
                return heard.append(name)
            kept.append(f"{name}-{i}")

    with PredictionLog(path) as log:
        threads = [threading.Thread(target=write, args=(log, k)) for k in "abcd"]
        for thread in threads:
            thread.start()
        while not kept:
            threads[0].join(0.001)
        move(path)
        for thread in threads:
            thread.join(30)
    assert sorted(heard) == [*"abcd"]
    assert {*kept} <= {*ids(path.with_name("elsewhere.db"))}


# -- one log by two names


def test_a_log_that_is_reached_by_a_link_is_one_log(tmp_path, path):
    try:
        (tmp_path / "door").symlink_to(path.parent, target_is_directory=True)
        (tmp_path / "link.db").symlink_to(path)
    except OSError:
        pytest.skip("this system lets nobody make links")
    places = [path, tmp_path / "door" / "log.db", tmp_path / "link.db"]
    logs = [PredictionLog(place) for place in places]
    threads = [
        threading.Thread(
            target=lambda k=k: [predict(logs[k], f"{k}-{i}") for i in "ab"]
        )
        for k in range(3)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    seen = {tuple(sorted(log.joined().request_id)) for log in logs}
    for log in logs:
        log.close()
    assert seen == {("0-a", "0-b", "1-a", "1-b", "2-a", "2-b")}
    assert not list(tmp_path.glob("link.db-*"))


@POSIX
def test_a_link_that_leads_elsewhere_is_followed(tmp_path, path):
    link = tmp_path / "link.db"
    link.symlink_to(path)
    PredictionLog(path.with_name("new.db")).close()
    with PredictionLog(link) as log:
        predict(log, "first")
        link.unlink()
        link.symlink_to(path.with_name("new.db"))
        predict(log, "second")
    assert (ids(path), ids(path.with_name("new.db"))) == (["first"], ["second"])


@POSIX
def test_a_file_with_two_names_is_refused(path):
    PredictionLog(path).close()
    other = path.with_name("other.db")
    os.link(path, other)
    for name in (path, other):
        with pytest.raises(LogUnavailable, match="several names.*make a copy instead"):
            PredictionLog(name)
    other.unlink()
    PredictionLog(path).close()


def test_a_log_stays_where_it_is_when_the_program_goes_elsewhere(
    path, tmp_path, monkeypatch
):
    monkeypatch.chdir(path.parent)
    with PredictionLog("log.db") as log:
        predict(log, "first")
        monkeypatch.chdir(tmp_path)
        predict(log, "second")
        log._writer._end()  # as before a fork
        predict(log, "third")
        kind, place = log.__reduce__()
        with kind(*place) as elsewhere:
            assert len(elsewhere.joined()) == 3
    assert not (tmp_path / "log.db").exists()


# -- what is no place for a log


@pytest.mark.parametrize(
    "name",
    ["", b"", ":memory:", "a\0.db", "sqlite:///log.db", "mysql://root@localhost/log"],
    ids=repr,
)
def test_what_keeps_nothing_is_no_place_for_a_log(tmp_path, monkeypatch, name):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ValueError, match="no log can be kept in .* give a file's path"):
        PredictionLog(name)
    assert not list(tmp_path.iterdir())


@POSIX
def test_a_device_or_a_pipe_is_no_file(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    for name in ("/dev/null", tmp_path / "pipe"):
        with pytest.raises(LogUnavailable, match="is no file"):
            PredictionLog(name)


@pytest.mark.parametrize("name", ["a b", "100%", "a?b#c", "naïve", "'; --", "-"])
def test_any_name_of_a_file_will_do(path, name):
    if os.name == "nt" and "?" in name:
        pytest.skip("Windows has no such name")
    with PredictionLog(path.with_name(name)) as log:
        predict(log, "a")
        assert len(log.joined()) == 1
    assert [each.name for each in path.parent.iterdir()] == [name]


# -- damage


def damages(content):
    """Yield how a file of three pages or more may be damaged, and what it is then."""
    page = 4096
    middle = len(content) // page // 2 * page
    for name, start, end in (
        ("the header", 0, 100),
        ("the first page", 100, page),
        ("a middle page", middle, middle + page),
        ("the last page", len(content) - page, len(content)),
    ):
        for byte in (b"\0", b"\xff", b"A"):
            bad = bytearray(content)
            bad[start:end] = byte * (end - start)
            yield f"{name} of {byte}", bytes(bad)
    for share in (0.1, 0.5, 0.9):
        yield f"cut to {share:.0%}", content[: int(share * len(content))]
    for place in range(0, len(content), 1999):
        bad = bytearray(content)
        bad[place] ^= 1 << place % 8
        yield f"a bit of byte {place}", bytes(bad)


def test_damage_is_said_in_one_sentence_and_never_in_another_way(path):
    with PredictionLog(path) as log:
        many = [(f"r{i}", "m", "v", [[i, "Ash"]], [i % 9], None) for i in range(400)]
        log.record_all(many)
        for i in range(0, 400, 7):
            log.label(f"r{i}", 3)
    said = []
    for name, content in damages(path.read_bytes()):
        path.write_bytes(content)
        try:
            with PredictionLog(path) as log:
                said += told(lambda: predict(log, "new"))
                said += told(lambda: log.label("r7", 5))
                said += told(log.joined)
        except LogUnavailable as error:
            said.append(f"{error}")
        for leftover in path.parent.glob("log.db-*"):
            leftover.unlink()
        assert all("\n" not in each for each in said), name
    assert any("damaged" in each for each in said)


def told(ask):
    """Return what was said instead of an answer: a list of a sentence, or of none."""
    try:
        ask()
    except LessonError as error:
        return [f"{error}"]
    return []


def test_a_copy_without_its_wal_is_sound_and_lacks_only_what_was_in_it(path):
    with PredictionLog(path) as log:
        predict(log, "kept")
    with PredictionLog(path) as log:
        predict(log, "late")
        copy = shutil.copy(path, path.with_name("copy.db"))
    with PredictionLog(copy) as log:
        predict(log, "later")
        assert sorted(log.joined().request_id) == ["kept", "later"]
        (sound,) = log._writer.do(
            lambda store: store.run("PRAGMA quick_check").fetchone()
        )
    assert sound == "ok"


def test_damage_that_comes_while_it_runs_is_no_promise_kept(path):
    with PredictionLog(path) as log:
        log.record_all([(f"r{i}", "m", "v", [[i]], [1], None) for i in range(400)])
        log._writer.do(lambda store: None)
    with PredictionLog(path) as log:
        predict(log, "kept")
        log._writer._end()
        with open(path, "r+b") as file:
            file.seek(4096)
            file.write(b"\xff" * (path.stat().st_size - 4096))
        with pytest.raises(LogUnavailable, match="damaged: put it aside"):
            predict(log, "nowhere")
