"""Does a row stay that was promised, whatever happens to the program?"""

import os
import random
import sqlite3
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from log_works import count, stray, wait_for

from lessonlib.errors import LessonError
from lessonlib.learn.store import Store, Writer

WRITER = Path(__file__).parents[1] / "feedback_writer.py"


@pytest.fixture
def writer(tmp_path):
    writer = Writer(tmp_path / "log.db")
    yield writer
    writer.close()


# -- one thread, many callers


def test_what_was_written_is_in_the_file_when_do_comes_back(writer, tmp_path):
    writer.do(stray("a"))
    with sqlite3.connect(tmp_path / "log.db") as other:
        seen = other.execute("SELECT request_id FROM strays").fetchall()
    other.close()
    assert seen == [("a",)]


def test_the_disk_is_asked_to_keep_each_commit(writer):
    asked = writer.do(lambda store: store.run("PRAGMA synchronous").fetchone())
    mode = writer.do(lambda store: store.run("PRAGMA journal_mode").fetchone())
    assert (asked, mode) == ((2,), ("wal",))  # 2 is FULL


def test_callers_that_wait_meanwhile_share_one_commit(writer):
    held, go = threading.Event(), threading.Event()

    def hold(store):
        held.set()
        assert go.wait(10)

    threads = [threading.Thread(target=writer.do, args=(hold,))]
    threads[0].start()
    assert held.wait(10)
    for i in range(20):  # all of them queue up behind the first
        threads.append(threading.Thread(target=writer.do, args=(stray(f"{i}"),)))
        threads[-1].start()
    wait_for(writer, 20)
    before = threading.Event()
    commits = []

    def trace(store):
        store._database.connection.set_trace_callback(commits.append)
        before.set()

    threads.append(threading.Thread(target=writer.do, args=(trace,)))
    threads[-1].start()
    wait_for(writer, 21)
    go.set()
    for thread in threads:
        thread.join()
    assert before.is_set()
    assert commits.count("COMMIT") == 1
    assert writer.do(count) == 20


def test_one_bad_piece_of_work_does_not_spoil_its_neighbours(writer):
    held, go = threading.Event(), threading.Event()
    results = {}

    def hold(store):
        held.set()
        assert go.wait(10)

    def ask(name, work):
        try:
            results[name] = writer.do(work)
        except LessonError as error:
            results[name] = str(error)

    works = {"hold": hold, "good": stray("good")}
    works["bad"] = lambda store: store.run("INSERT INTO nowhere VALUES (1)")
    works["also good"] = stray("also good")
    threads = [threading.Thread(target=ask, args=each) for each in works.items()]
    threads[0].start()
    assert held.wait(10)
    for thread in threads[1:]:
        thread.start()
    wait_for(writer, 3)
    go.set()
    for thread in threads:
        thread.join()
    assert "nowhere" in results["bad"]
    assert writer.do(count) == 2


def test_work_that_fails_half_way_leaves_nothing(writer):
    def half(store):
        stray("half")(store)
        raise RuntimeError("the parcel fell off the belt")

    with pytest.raises(LessonError, match="fell off the belt"):
        writer.do(half)
    assert writer.do(count) == 0


def test_a_closed_writer_says_so_and_closes_twice(writer):
    writer.close()
    writer.close()
    with pytest.raises(LessonError, match="is closed"):
        writer.do(count)


FORKS = """
import os, sys
from lessonlib.learn.store import Writer

writer = Writer(sys.argv[1])

def say(name):
    row = "INSERT INTO strays VALUES (?, 0, '3', 'clerk', 0.0)"
    writer.do(lambda store: store.run(row, [name]))

say("before")
for child in ("first", "second"):
    if os.fork() == 0:
        for k in range(50):
            say(f"{child} {k}")
        writer.close()
        os._exit(0)
for k in range(50):
    say(f"parent {k}")
assert {os.wait()[1] for _ in "12"} == {0}
writer.close()
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork on this system")
def test_forked_processes_write_side_by_side(tmp_path):
    command = [sys.executable, "-c", FORKS, tmp_path / "log.db"]
    subprocess.run(command, check=True, timeout=60)
    with sqlite3.connect(tmp_path / "log.db") as log:
        names = [name for (name,) in log.execute("SELECT request_id FROM strays")]
        sound = log.execute("PRAGMA integrity_check").fetchone()
    log.close()
    who = ("first", "second", "parent")
    every = {"before", *(f"{name} {k}" for name in who for k in range(50))}
    assert (set(names), len(names), sound) == (every, len(every), ("ok",))


def test_what_cannot_be_opened_is_said_at_once(tmp_path):
    with pytest.raises(LessonError, match=r"cannot open .*nowhere"):
        Writer(tmp_path / "nowhere" / "log.db")


def test_two_programs_may_write_one_file(tmp_path):
    with_two = [Writer(tmp_path / "log.db") for _ in range(2)]
    threads = [
        threading.Thread(
            target=lambda w=w, k=k: [w.do(stray(f"{k}-{i}")) for i in range(50)]
        )
        for k, w in enumerate(with_two)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    seen = with_two[0].do(count)
    for each in with_two:
        each.close()
    assert seen == 100


# -- kill -9


def kill_at(path, *, n, after, threads=4):
    """Kill a writer after it has promised `after` requests; return what it promised."""
    command = [sys.executable, str(WRITER), str(path), str(n), str(threads)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as program:
        promised = []
        for line in program.stdout:
            if line.strip() not in ("ready", "written"):
                promised.append(line.strip())
            if len(promised) >= after or line.strip() == "written":
                program.kill()  # SIGKILL: no handler, no goodbye
                break
        promised += [line.strip() for line in program.stdout if line.endswith("\n")]
    return [each for each in promised if each != "written"]


def kept(path):
    """Return the ids in the file's two tables, as a new program finds them."""
    store = Store(path)
    tables = []
    for table in ("predictions", "labels"):
        rows = store.run(f"SELECT request_id FROM {table}").fetchall()
        tables.append([each for (each,) in rows])
    store.close()
    return tables


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_a_killed_program_has_lost_no_promised_row_and_doubled_none(tmp_path, seed):
    path = tmp_path / "log.db"
    after = random.Random(seed).randint(20, 400)
    promised = kill_at(path, n=1000, after=after)
    assert len(promised) >= after
    for table in kept(path):
        assert len(table) == len(set(table))
        assert set(promised) <= set(table)


@pytest.mark.soak
def test_fifty_killed_programs_have_lost_no_promised_row_and_doubled_none(tmp_path):
    promised = rows = 0
    for seed in range(50):
        path, after = tmp_path / f"{seed}.db", random.Random(seed).randint(1, 1000)
        seen = kill_at(path, n=1000, after=after)
        for table in kept(path):
            assert len(table) == len(set(table))
            assert set(seen) <= set(table)
            rows += len(table)
        promised += len(seen)
    print(f"50 kills: {promised} requests promised, {rows} rows of theirs kept")
    assert promised > 10_000


@pytest.mark.soak
def test_killed_programs_on_one_log_take_nothing_from_each_other(tmp_path):
    path = tmp_path / "log.db"
    command = [sys.executable, str(WRITER), str(path), "4000", "4"]
    promised = {}
    for turn in range(5):
        pair = [
            subprocess.Popen(
                [*command, f"{turn}{k}"], stdout=subprocess.PIPE, text=True
            )
            for k in "ab"
        ]
        for program, after in zip(pair, (100, 150), strict=True):
            lines = []
            for line in program.stdout:
                lines.append(line.strip())
                if len(lines) > after:
                    break
            program.kill()
            lines += [line.strip() for line in program.stdout if line.endswith("\n")]
            program.wait(30)
            program.stdout.close()
            promised |= dict.fromkeys(set(lines) - {"ready", "written"})
    for table in kept(path):
        assert len(table) == len(set(table))
        assert set(promised) <= set(table)
    assert len(promised) > 1000
