"""Is what was predicted and what turned out true kept, joined and never changed?

Every test of the log runs on SQLite, and on PostgreSQL where it is installed.
"""

import gc
import sqlite3
import threading
import uuid
from contextlib import closing

import numpy as np
import pytest
import throwaway_postgres

from lessonlib.errors import FeedbackError, LessonError
from lessonlib.learn import log as log_module
from lessonlib.learn.audits import AuditPolicy
from lessonlib.learn.labels import accuracy_by_time
from lessonlib.learn.log import PredictionLog
from lessonlib.learn.sql import TABLES
from lessonlib.learn.store import Store

ROWS = np.arange(6.0).reshape(2, 3)
SURE, UNSURE = [0.95, 0.05], [0.55, 0.45]


@pytest.fixture(scope="session")
def postgres():
    if why_not := throwaway_postgres.missing():
        pytest.skip(why_not)
    with throwaway_postgres.cluster() as url:
        yield url


@pytest.fixture(params=["sqlite", "postgres"])
def place(request, tmp_path):
    """Return an empty place for a log."""
    if request.param == "sqlite":
        return tmp_path / "log.db"
    url = request.getfixturevalue("postgres")
    name = f"log_{uuid.uuid4().hex}"
    store = Store(url)
    store.run(f"CREATE SCHEMA {name}")
    store.close()
    return f"{url}?options=-csearch_path%3D{name}"


class Clock:
    def __init__(self):
        self.at_s = 0.0

    def __call__(self):
        return self.at_s


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def log(place, clock):
    with PredictionLog(place, now=clock) as log:
        yield log


def predict(log, request_id="r1", *, predictions=(3, 5), probabilities=None):
    rows = ROWS[: len(predictions)]
    log.record(request_id, "digits", "v1", rows, list(predictions), probabilities)


# -- predictions


def test_a_prediction_comes_back_as_it_was(log):
    predict(log, probabilities=[SURE, UNSURE])
    joined = log.joined()
    assert joined.request_id.tolist() == ["r1", "r1"]
    assert joined.row.tolist() == [0, 1]
    assert joined.version.tolist() == ["v1", "v1"]
    assert joined.prediction.tolist() == [3, 5]
    assert joined.probabilities == (SURE, UNSURE)
    assert np.array_equal(joined.X, ROWS)


def test_a_label_may_be_a_number_or_a_word(log):
    predict(log, "number")
    predict(log, "word", predictions=["seven"])
    log.label("number", 3)
    log.label("word", "seven")
    assert log.joined().right.tolist() == [True, False, True]


def test_the_same_request_written_twice_is_there_once(log):
    predict(log)
    predict(log)
    assert len(log.joined()) == 2


def test_predictions_and_rows_must_be_as_many(log):
    with pytest.raises(ValueError, match="1 predictions for 2 rows"):
        log.record("r1", "digits", "v1", ROWS, [3])
    with pytest.raises(ValueError, match="one for each"):
        log.record("r1", "digits", "v1", ROWS, [3, 5], [SURE])


# -- labels: late, twice, contradicting, without a prediction


def test_as_many_predictions_come_out_as_went_in_whatever_the_labels_do(log):
    for i in range(5):
        predict(log, f"r{i}")
    for label in (3, 3, 4, 5):
        log.label("r2", label)
    joined = log.joined()
    assert len(joined) == 10
    assert joined.labelled.sum() == 1


def test_a_source_that_says_the_same_again_changes_nothing(log):
    predict(log)
    assert log.label("r1", 3) is True
    assert log.label("r1", 3) is False
    assert log.label("r1", 3.0) is False  # JSON knows one kind of number
    assert log.joined().contradictions == 0


def test_the_latest_of_contradicting_labels_counts_and_the_first_is_kept(log):
    predict(log)
    log.label("r1", 8)
    log.label("r1", 3)
    joined = log.joined()
    assert joined.label[0] == 3
    assert joined.contradictions == 1
    stored = log._writer.do(
        lambda store: store.run("SELECT label FROM labels ORDER BY revision").fetchall()
    )
    assert stored == [("8",), ("3",)]


def test_a_repeated_message_does_not_undo_a_correction(log):
    predict(log)
    log.label("r1", 8, source="scanner")
    log.label("r1", 3, source="clerk")
    assert log.label("r1", 8, source="scanner") is False  # the network said it again
    assert log.joined().label[0] == 3


def test_two_sources_that_agree_are_no_contradiction(log):
    predict(log)
    assert log.label("r1", 3, source="clerk") is True
    assert log.label("r1", 3, source="receiver") is True
    assert log.joined().contradictions == 0


@pytest.mark.parametrize(("request_id", "row"), [("r2", 0), ("r1", 2), ("r1", -1)])
def test_a_label_without_a_prediction_is_refused_and_counted(log, request_id, row):
    predict(log)
    with pytest.raises(FeedbackError, match=request_id):
        log.label(request_id, 3, row=row)
    assert log.joined().strays == 1


def test_of_labels_without_a_prediction_little_is_kept_however_long_they_are(log):
    for i in range(30):
        long = f"{i}" + 900_000 * "x"
        with pytest.raises(FeedbackError):
            log.label(long, long, source=long)
    assert log.joined().strays == 30
    size = "SELECT SUM(LENGTH(request_id) + LENGTH(label) + LENGTH(source)) FROM strays"
    kept = log._writer.do(lambda store: store.run(size).fetchone()[0])
    assert kept <= 30 * 3 * 100


def test_a_label_of_nothing_is_refused(log):
    predict(log)
    with pytest.raises(ValueError, match="None says nothing"):
        log.label("r1", None)


def test_a_label_is_for_one_row(log):
    predict(log)
    log.label("r1", 5, row=1)
    assert log.joined().labelled.tolist() == [False, True]


def test_nothing_leaks_back_in_time(log, clock):
    predict(log)
    clock.at_s = 10
    log.label("r1", 8)
    clock.at_s = 20
    log.label("r1", 3)
    predict(log, "later")
    for as_of_s, label, n in ((5, None, 2), (15, 8, 2), (25, 3, 4)):
        joined = log.joined(as_of_s=as_of_s)
        assert (joined.label[0], len(joined)) == (label, n)


def test_an_empty_log_joins_to_nothing(log):
    joined = log.joined()
    assert len(joined) == 0
    assert joined.right.sum() == 0
    assert "0 predictions" in repr(joined)


def test_a_joined_log_reads_as_a_line(log):
    predict(log)
    log.label("r1", 8)
    log.label("r1", 3)
    assert repr(log.joined()) == (
        "2 predictions: 1 labelled (1 with contradictions), 1 not; "
        "0 labels without a prediction"
    )


# -- audit


def test_the_chance_of_being_checked_is_kept_with_the_prediction(place):
    with PredictionLog(place, audit=AuditPolicy(share=0.0, doubt_below=0.8)) as log:
        predict(log, probabilities=[SURE, UNSURE])
        joined = log.joined()
    assert joined.propensity.tolist() == [0, 1]
    assert joined.audited.tolist() == [False, True]


def test_without_a_policy_nothing_is_drawn(log):
    predict(log, probabilities=[SURE, UNSURE])
    joined = log.joined()
    assert np.isnan(joined.propensity).all()
    assert not joined.audited.any()


# -- the log as a whole


def test_a_log_can_be_opened_again(place):
    with PredictionLog(place) as log:
        predict(log)
    with PredictionLog(place) as log:
        log.label("r1", 3)
        assert log.joined().right.tolist() == [True, False]
    log.close()  # a second time is fine
    with pytest.raises(LessonError, match="is closed"):
        predict(log)


def test_threads_share_a_log(log):
    def work(name):
        for i in range(25):
            predict(log, f"{name}-{i}")
            log.label(f"{name}-{i}", 3)

    threads = [threading.Thread(target=work, args=(k,)) for k in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    joined = log.joined()
    assert len(joined) == 400
    assert joined.labelled.sum() == 200


def test_two_hosts_label_the_same_prediction(place):
    with PredictionLog(place) as one, PredictionLog(place) as two:
        predict(one)
        hosts = [
            threading.Thread(
                target=lambda log=log, name=name: [
                    log.label("r1", digit, source=name) for digit in range(10)
                ]
            )
            for log, name in ((one, "one"), (two, "two"))
        ]
        for host in hosts:
            host.start()
        for host in hosts:
            host.join()
        revisions = one._writer.do(
            lambda store: store.run(
                "SELECT revision FROM labels ORDER BY revision"
            ).fetchall()
        )
    assert revisions == [(i,) for i in range(1, 21)]


def test_a_connection_that_postgres_cut_is_made_again(postgres):
    with PredictionLog(postgres) as log, PredictionLog(postgres) as other:
        name = uuid.uuid4().hex
        mine = log._writer.do(lambda store: store.run("SELECT pg_backend_pid()"))
        pid = mine.fetchone()[0]
        other._writer.do(
            lambda store: store.run("SELECT pg_terminate_backend(?)", (pid,))
        )
        predict(log, name)
        assert name in log.joined().request_id


def test_a_log_says_where_it_is(tmp_path):
    with PredictionLog(tmp_path / "log.db") as log:
        assert "log.db" in repr(log)


def test_a_row_of_numbers_and_words_comes_back_as_it_was(tmp_path):
    row = [34, 1.5, None, "Leeds", True]
    with PredictionLog(tmp_path / "log.db") as log:
        log.record("a", "m", "v", [row], [np.int64(3)], np.array([[0.25, 0.75]]))
        log.label("a", np.int64(3))
        joined = log.joined()
    (kept,) = joined.X.tolist()
    assert kept == row and list(map(type, kept)) == list(map(type, row))
    assert (joined.prediction[0], joined.label[0]) == (3, 3)
    assert joined.probabilities == ([0.25, 0.75],)


# -- a clock that goes back, or tells nothing


def test_a_clock_that_goes_back_hides_nothing(log, clock):
    clock.at_s = 100
    predict(log, "before")
    log.label("before", 8)
    clock.at_s = 40
    predict(log, "after")
    log.label("before", 3)
    with pytest.raises(FeedbackError):
        log.label("nobody", 3)
    clock.at_s = 30
    joined = log.joined()
    assert sorted({*joined.request_id}) == ["after", "before"]
    assert joined.label[joined.request_id == "before"].tolist() == [3, None]
    assert (len(joined), joined.contradictions, joined.strays) == (4, 1, 1)
    assert joined.as_of_s == 30
    windows = accuracy_by_time(joined, window_s=10, delay_s=0)
    assert [(each.start_s, each.n, each.mature) for each in windows] == [
        *((40, 2, False), (100, 2, False))  # too early to say, until it is that late
    ]


def test_with_a_clock_that_went_back_nothing_leaks_from_later(log, clock):
    clock.at_s = 100
    predict(log, "a")
    clock.at_s = 40
    log.label("a", 8)  # as if known before it was asked
    assert len(log.joined(as_of_s=50)) == 0
    assert log.joined(as_of_s=100).label[0] == 8
    assert log.label("a", 8) is False


@pytest.mark.parametrize(
    "time",
    [np.nan, np.inf, -np.inf, None, "12", True, 10**400],
    ids=lambda x: repr(x)[:9],
)
def test_a_clock_that_tells_no_time_is_refused(log, clock, time):
    predict(log, "kept")
    clock.at_s = time
    for ask in (
        lambda: predict(log, "a"),
        lambda: log.label("kept", 3),
        lambda: log.joined(),
    ):
        with pytest.raises(ValueError, match="the time of the log's clock must be"):
            ask()
    clock.at_s = 1.0
    assert {*log.joined().request_id} == {"kept"}
    assert not log.joined().labelled.any()


@pytest.mark.parametrize("as_of", [np.nan, np.inf, "1", True], ids=repr)
def test_as_of_no_time_nothing_is_joined(log, as_of):
    predict(log)
    with pytest.raises(ValueError, match="as_of_s must be"):
        log.joined(as_of_s=as_of)


# -- a log that has grown

QUESTIONS = [
    text
    for name, text in vars(log_module).items()
    if isinstance(text, str)
    and text.startswith(("SELECT", "INSERT", "UPDATE", "DELETE"))
]


def test_every_question_to_the_log_is_answered_by_an_index(tmp_path):
    plans = {}
    with closing(Store(tmp_path / "log.db")) as store:
        for sql in QUESTIONS:
            plan = store.run(f"EXPLAIN QUERY PLAN {sql}", [None] * sql.count("?"))
            plans[sql] = [step for *_, step in plan]
    looks = [step for plan in plans.values() for step in plan]
    for step in looks:
        assert "INDEX" in step, plans
        assert "TEMP B-TREE" not in step, plans
    assert len(QUESTIONS) >= 7 and len(looks) >= 6


def test_an_older_log_gets_its_indexes(tmp_path):
    with closing(sqlite3.connect(tmp_path / "log.db")) as old:
        for sql in TABLES:
            if "INDEX" not in sql:
                old.execute(sql)
        old.commit()
    PredictionLog(tmp_path / "log.db").close()
    with closing(sqlite3.connect(tmp_path / "log.db")) as new:
        names = [name for (name,) in new.execute("SELECT name FROM sqlite_master")]
    assert {"predictions_by_time", "labels_by_source", "strays_by_time"} <= {*names}


def test_who_reads_keeps_nobody_from_writing(log):
    reading, written = threading.Event(), threading.Event()

    def read_slowly(store):
        store.run("SELECT COUNT(*) FROM predictions").fetchall()
        reading.set()
        return written.wait(30)

    reader = threading.Thread(target=log._writer.read, args=[read_slowly])
    reader.start()
    assert reading.wait(30)
    predict(log, "meanwhile")
    written.set()
    reader.join(30)
    assert "meanwhile" in log.joined().request_id


def test_a_label_of_the_same_kind_from_many_is_a_revision_each(log):
    predict(log)
    for k in range(30):
        assert log.label("r1", k % 3, source=f"clerk {k % 5}")
    numbers = log._writer.read(
        lambda store: store.run(
            "SELECT revision FROM labels ORDER BY revision"
        ).fetchall()
    )
    assert numbers == [(k,) for k in range(1, 31)]
    assert log.joined().label[0] == 29 % 3


def test_models_of_other_columns_may_share_a_log(log):
    log.record("a", "m", "v", [[1.0, 2.0]], [3])
    log.record("b", "m", "v", [[1.0]], [3])
    assert log.joined().X.tolist() == [[1.0, 2.0], [1.0]]
    log.record("c", "m", "v", [["Ash"]], [3])
    assert log.joined().X.tolist() == [[1.0, 2.0], [1.0], ["Ash"]]


def test_a_log_that_nobody_has_any_more_is_closed_with_all_it_was_given(place):
    before = set(threading.enumerate())
    log = PredictionLog(place)
    log.record("a", "digits", "v1", ROWS, [3, 5])
    (thread,) = set(threading.enumerate()) - before
    del log
    gc.collect()
    thread.join(10)
    assert not thread.is_alive()
    with PredictionLog(place) as again:
        assert len(again.joined()) == 2
