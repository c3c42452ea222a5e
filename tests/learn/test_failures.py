"""Does everybody hear soon that a log fails, and is nothing lost that was promised?"""

import os
import sqlite3
import threading
from contextlib import closing, contextmanager

import pytest
from log_works import count, stray, wait_for
from small_disk import fill, read_only, small_disk

from lessonlib.errors import LessonError, LogUnavailable
from lessonlib.learn.failures import as_ours, why_down
from lessonlib.learn.log import PredictionLog
from lessonlib.learn.store import Writer


@pytest.fixture(autouse=True)
def less_patience(monkeypatch):
    monkeypatch.setattr("lessonlib.learn.store._LOCKED_MS", 200)
    monkeypatch.setattr("lessonlib.learn.store._STILL_LOCKED_MS", 5)


@contextmanager
def locked(path, how="BEGIN IMMEDIATE"):
    """Let another program lock the file."""
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute(how)
        yield
        other.execute("ROLLBACK")


@contextmanager
def full(path, writer):
    """Let the file not grow any more."""

    def let_grow(store, pages=1 << 30):
        store.run(f"PRAGMA max_page_count = {pages}").fetchone()

    writer.do(lambda store: let_grow(store, 1))  # no more than there are
    yield
    writer.do(let_grow)


def all_at_once(writer, works):
    """Return what each work returned or raised: all are waiting before one is done."""
    held, go = threading.Event(), threading.Event()
    results = [None] * len(works)

    def hold(store):
        held.set()
        assert go.wait(10)

    def ask(place, work):
        try:
            results[place] = writer.do(work)
        except LessonError as error:
            results[place] = error

    holder = threading.Thread(target=writer.do, args=[hold])
    holder.start()
    assert held.wait(10)
    threads = [threading.Thread(target=ask, args=each) for each in enumerate(works)]
    for thread in threads:
        thread.start()
    wait_for(writer, len(works))
    go.set()
    for thread in (holder, *threads):
        thread.join(30)
    return results


def big(name):
    return stray(name * 10_000)


def test_of_a_full_disk_all_who_wait_hear_at_once_and_the_log_goes_on(tmp_path, caplog):
    with closing(Writer(tmp_path / "log.db")) as writer:
        writer.do(stray("kept"))
        with full(tmp_path / "log.db", writer):
            seen = all_at_once(writer, [big(f"{k}") for k in range(30)])
        assert {*map(type, seen)} == {LogUnavailable}
        assert "disk is full" in str(seen[0])
        assert len({*map(id, seen)}) == 1  # one try, and one answer to all
        assert len(caplog.records) == 1 and "30 callers" in caplog.text
        writer.do(big("later"))
        assert writer.do(count) == 2


@pytest.mark.parametrize("how", ["BEGIN IMMEDIATE", "BEGIN EXCLUSIVE"])
def test_of_a_lock_all_hear_soon_and_the_log_goes_on(tmp_path, how):
    waits = "PRAGMA busy_timeout"
    with closing(Writer(tmp_path / "log.db")) as writer:
        writer.do(stray("kept"))
        with locked(tmp_path / "log.db", how):
            for _ in range(100):
                with pytest.raises(LogUnavailable, match="another program"):
                    writer.do(stray("not kept"))
        waited = writer.do(lambda store: store.run(waits).fetchone())
        then = writer.do(lambda store: store.run(waits).fetchone())
        assert (waited, then) == ((5,), (200,))  # patient again
        writer.do(stray("later"))
        assert writer.do(count) == 2


def test_a_lock_that_is_gone_in_time_is_waited_for(tmp_path, monkeypatch):
    monkeypatch.setattr("lessonlib.learn.store._LOCKED_MS", 30_000)
    with closing(Writer(tmp_path / "log.db")) as writer:
        caller = threading.Thread(target=writer.do, args=[stray("kept")])
        with locked(tmp_path / "log.db"):
            caller.start()
            caller.join(0.05)
            assert caller.is_alive()
        caller.join(30)
        assert writer.do(count) == 1


def test_a_wrong_statement_is_not_the_logs_failure(tmp_path):
    works = [stray("a"), lambda store: store.run("INSERT INTO nowhere VALUES (1)")]
    with closing(Writer(tmp_path / "log.db")) as writer:
        good, bad, also_good = all_at_once(writer, [*works, stray("b")])
        assert type(bad) is LessonError and "nowhere" in str(bad)
        assert not isinstance(good, Exception) and not isinstance(also_good, Exception)
        assert writer.do(count) == 2


# -- opening


def make_folder(path):
    path.mkdir()


def make_text(path):
    path.write_text("this is no database, but a page of text\n" * 100)


def make_damaged(path):
    with PredictionLog(path) as log:
        log.record("a", "m", "v", [[1.0]], [1])
    content = bytearray(path.read_bytes())
    content[100:200] = b"\xff" * 100
    path.write_bytes(content)


UNFIT = {"no log": make_text, "damaged": make_damaged, "such a folder": make_folder}


@pytest.mark.parametrize("what", UNFIT)
def test_what_cannot_be_a_log_is_said_in_one_sentence(tmp_path, what):
    UNFIT[what](tmp_path / "log.db")
    with pytest.raises(LogUnavailable, match=rf"cannot open .*log\.db.*{what}") as seen:
        PredictionLog(tmp_path / "log.db")
    assert "\n" not in str(seen.value)


def test_a_locked_file_that_is_opened_is_said_in_one_sentence(tmp_path):
    PredictionLog(tmp_path / "log.db").close()
    with closing(sqlite3.connect(tmp_path / "log.db", isolation_level=None)) as other:
        other.execute("PRAGMA journal_mode = DELETE")
        other.execute("BEGIN EXCLUSIVE")
        with pytest.raises(LogUnavailable, match="another program has locked it"):
            PredictionLog(tmp_path / "log.db")
    PredictionLog(tmp_path / "log.db").close()


def test_a_file_that_may_only_be_read_is_the_logs_failure(tmp_path):
    PredictionLog(tmp_path / "log.db").close()
    uri = f"{(tmp_path / 'log.db').as_uri()}?mode=ro"
    with closing(sqlite3.connect(uri, uri=True)) as connection:
        with pytest.raises(sqlite3.OperationalError) as seen:
            connection.execute("INSERT INTO strays VALUES ('a', 0, '3', 'clerk', 0.0)")
    assert "may this program write" in why_down(seen.value)


class Cut(Exception):
    """As psycopg tells that something has failed."""

    def __init__(self, sqlstate):
        super().__init__("server\nclosed")
        self.sqlstate = sqlstate


@pytest.mark.parametrize(
    "state, down",
    [
        *(("08006", True), ("25006", True), ("53100", True), ("55P03", True)),
        *(("57P01", True), ("58030", True), ("42P01", False), ("54000", False)),
        (None, False),
    ],
)
def test_postgres_says_by_its_state_whether_it_is_down(state, down):
    assert bool(why_down(Cut(state))) is down
    ours = as_ours(Cut(state), "the log could not be used")
    assert isinstance(ours, LogUnavailable) is down and "\n" not in str(ours)


def test_a_connection_that_cannot_be_made_is_down():
    lost = type("OperationalError", (Cut,), {})
    late = type("ConnectionTimeout", (lost,), {})
    for kind in (lost, late):
        assert why_down(kind(None)) == "its server is out of reach"


def test_on_a_full_disk_nothing_is_promised_and_with_room_all_goes_on(tmp_path):
    with small_disk(tmp_path, size_kb=1000):
        with PredictionLog(tmp_path / "log.db") as log:
            log.record("kept", "m", "v", [[1.0]], [1])
            ballast, promised = fill(tmp_path), ["kept"]
            for name in "abc":
                with pytest.raises(LogUnavailable, match="full"):
                    log.record(name, "m", "v", [[1.0] * 9000], [1])
                assert log.joined().request_id.tolist() == promised
            with pytest.raises(LogUnavailable, match="full|disk"):
                PredictionLog(tmp_path / "another.db")
            ballast.unlink()
            for name in "ade":
                log.record(name, "m", "v", [[1.0]], [1])
                promised.append(name)
            assert log.joined().request_id.tolist() == promised
        with PredictionLog(tmp_path / "log.db") as log:
            assert log.joined().request_id.tolist() == promised


def test_a_disk_that_may_only_be_read_is_said_when_a_log_is_opened(tmp_path):
    with small_disk(tmp_path, size_kb=1000):
        PredictionLog(tmp_path / "log.db").close()
        with read_only(tmp_path):
            for name in ("log.db", "new.db"):
                with pytest.raises(LogUnavailable, match="may this program write"):
                    PredictionLog(tmp_path / name)
        PredictionLog(tmp_path / "log.db").close()


@pytest.mark.skipif(
    os.name == "nt" or os.geteuid() == 0, reason="root may write anywhere"
)
@pytest.mark.parametrize("what", ["the file", "the folder"])
def test_what_may_only_be_read_is_said_when_a_log_is_opened(tmp_path, what):
    PredictionLog(tmp_path / "log.db").close()
    place = tmp_path if what == "the folder" else tmp_path / "log.db"
    place.chmod(0o555)
    try:
        with pytest.raises(LogUnavailable, match="may this program write"):
            PredictionLog(tmp_path / "log.db")
    finally:
        place.chmod(0o755)
