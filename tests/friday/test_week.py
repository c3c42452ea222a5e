"""Is a week played as it is written, and counted as it was played?"""

import json
import threading
import time

import numpy as np
import pytest

from lessonlib.friday.scenario import BULK, NO_DIGIT, Shift, northgate_week
from lessonlib.friday.week import LIMIT_S, NO_ANSWER, Played, Score, Week, total
from lessonlib.mail import arriving_bags, shift_camera
from lessonlib.serve.server import serve

LIMIT_OF_TEST_S = 20  # for what must happen, but may be late on a busy computer


def a_shift(name="Sunday", truth=(3, 4, 5), audited=None, due_s=None):
    """Return a shift whose bodies say which request they are."""
    n = len(truth)
    audited = [True] * n if audited is None else audited
    due_s = np.zeros(n) if due_s is None else np.array(due_s)
    bodies = tuple(json.dumps({"rows": [[i]]}).encode() for i in range(n))
    return Shift(name, "a test", due_s, bodies, np.array(truth), np.array(audited))


class Service:
    """A WSGI app that says 3 to every card, and keeps what it was asked."""

    def __init__(
        self, reply=b'{"predictions": [3], "request_id": "id"}', status="200 OK"
    ):
        self.reply, self.status, self.asked = reply, status, []

    def __call__(self, environ, start_response):
        size = int(environ["CONTENT_LENGTH"])
        content = json.loads(environ["wsgi.input"].read(size))
        self.asked.append((environ["PATH_INFO"], content))
        headers = [("Content-Length", str(len(self.reply)))]
        start_response(self.status, headers)
        return [self.reply]

    def bodies(self, path):
        return [content for asked, content in self.asked if asked == path]


@pytest.fixture
def play():
    """Play shifts against a service and return the week when it is over."""
    servers = []

    def run(service, *shifts, **options):
        servers.append(serve(service, name="week of a test"))
        week = Week(servers[-1].url, shifts, **options)
        assert week.wait(timeout_s=LIMIT_OF_TEST_S)
        return week

    yield run
    for server in servers:
        server.stop()


# -- the score, by hand


def played(truth, status, said, response_s):
    shift = a_shift(truth=truth)
    return Played(shift, *(np.array(each) for each in (status, said, response_s)))


def test_an_answer_whose_time_nobody_knows_was_not_in_time():
    unknown = played([3], status=[200], said=[3], response_s=[float("nan")])
    assert unknown.score.late == 1


def test_a_score_counts_each_fate_of_a_parcel():
    fates = played(
        truth=[3, 3, 3, 3, 3, NO_DIGIT, NO_DIGIT, BULK, BULK],
        status=[200, 200, 422, NO_ANSWER, 200, 200, 422, 200, 422],
        said=[3, 8, NO_ANSWER, NO_ANSWER, 8, 0, NO_ANSWER, 3, NO_ANSWER],
        response_s=[0.01, 0.01, 9, 9, 0.2, 0.01, 0.01, 9, 9],
    )
    # misread: the 8s, and the answer to a card without a digit; bulk counts nowhere
    assert fates.score == Score(parcels=7, misread=3, by_hand=3, late=1)
    assert fates.score.cost_min == 10 * 3 + 3 + 1


def test_an_answer_on_the_limit_is_in_time():
    on_it = played([3, 3], [200, 200], [3, 3], [LIMIT_S, LIMIT_S * 1.001])
    assert on_it.score.late == 1


def test_scores_add_up():
    assert total([]) == Score()
    both = total([played([3], [200], [8], [0.01]), played([3], [500], [-3], [0.01])])
    assert both == Score(parcels=2, misread=1, by_hand=1)
    assert repr(both).endswith("0 late; 11 minutes of work")


# -- the script


def rows_of(shift):
    return [json.loads(body)["rows"] for body in shift.bodies]


def test_the_same_seed_is_the_same_week():
    one, same, other = (northgate_week(seed=seed) for seed in (3, 3, 4))
    for a, b, c in zip(one, same, other, strict=True):
        assert a.bodies == b.bodies and a.due_s.tolist() == b.due_s.tolist()
        assert a.audited.tolist() == b.audited.tolist() != c.audited.tolist()


def test_every_shift_is_in_order_and_about_half_of_it_is_audited():
    for shift in northgate_week():
        assert (np.diff(shift.due_s) >= 0).all() and shift.due_s[0] >= 0
        sizes = {len(shift.bodies), len(shift.truth), len(shift.audited)}
        assert sizes == {len(shift.due_s)}
        assert not shift.audited[shift.truth < 0].any()  # of these nobody knows
        assert 0.35 < shift.audited[shift.truth >= 0].mean() < 0.65


def test_each_day_has_its_event():
    monday, tuesday, wednesday, *new_camera = northgate_week()
    assert rows_of(monday) == [[row] for row in arriving_bags()[7].X.tolist()]
    assert [len(rows) for rows in rows_of(tuesday)].count(500) == 10
    assert (tuesday.truth == BULK).sum() == 10
    assert [row for rows in rows_of(tuesday) for row in rows if len(rows) == 1] == (
        arriving_bags()[8].X.tolist()
    )
    assert (wednesday.truth == NO_DIGIT).sum() == 16
    whole = [
        rows[0] for i, rows in enumerate(rows_of(wednesday)) if wednesday.truth[i] >= 0
    ]
    assert sum(max(row) <= 1 for row in whole) == 48
    first = np.array([rows[0] for rows in rows_of(new_camera[0])])
    assert np.array_equal(first, shift_camera(arriving_bags()[10].X[:60]))
    assert sum(shift.parcel.sum() for shift in new_camera) == 510


# -- the play


def test_each_request_is_sent_once_and_its_answer_kept(play):
    service = Service()
    week = play(service, a_shift(truth=[3, 3, 8]))
    asked = sorted(body["rows"][0][0] for body in service.bodies("/predict"))
    assert asked == [0, 1, 2]
    (sunday,) = week.played
    assert sunday.status.tolist() == [200] * 3 and sunday.said.tolist() == [3] * 3
    assert sunday.score.misread == 1
    assert (sunday.response_s > 0).all()


def test_no_request_is_sent_before_it_is_due(play):
    late = a_shift(truth=[3, 3], due_s=[0.0, 0.3])
    arrived = []
    service = Service()

    def clocked(environ, start_response):
        arrived.append(time.perf_counter())
        return service(environ, start_response)

    play(clocked, late)
    assert arrived[1] - arrived[0] > 0.2  # the labels follow after both


def test_a_response_counts_from_when_it_was_due(play):
    door = threading.Event()
    service = Service()

    def slow_at_first(environ, start_response):
        if not service.asked:
            door.wait(0.3)  # whoever comes in meanwhile waits as well: one thread
        return service(environ, start_response)

    shift = a_shift(truth=[3, 3], audited=[False, False])
    one_thread = serve(slow_at_first, name="one thread", threads=1)
    try:
        week = Week(one_thread.url, [shift])
        assert week.wait(timeout_s=LIMIT_OF_TEST_S)
    finally:
        one_thread.stop()
    assert (week.played[0].response_s >= 0.3).all()


def test_labels_come_back_for_what_was_audited_and_answered(play):
    service = Service()
    play(service, a_shift(truth=[3, 4, 5], audited=[True, False, True]))
    labels = service.bodies("/feedback")
    assert sorted(each["label"] for each in labels) == [3, 5]
    assert {(each["request_id"], each["source"]) for each in labels} == {
        ("id", "audit")
    }


@pytest.mark.parametrize(
    "reply", [b"", b"[]", b"{}", b'{"predictions": []}', b'{"predictions": ["x"]}']
)
def test_a_200_that_answers_nothing_is_no_answer(play, reply):
    service = Service(reply)
    week = play(service, a_shift())
    assert week.played[0].score == Score(parcels=3, by_hand=3)
    assert not service.bodies("/feedback")


def test_a_refusal_is_a_parcel_by_hand(play):
    week = play(Service(status="422 NO"), a_shift())
    assert week.played[0].status.tolist() == [422] * 3
    assert week.played[0].score == Score(parcels=3, by_hand=3)


def test_nobody_at_the_address_is_no_answer():
    server = serve(Service(), name="gone")
    server.stop()
    week = Week(server.url, [a_shift()])
    assert week.wait(timeout_s=LIMIT_OF_TEST_S)
    assert total(week.played) == Score(parcels=3, by_hand=3)


def test_the_hook_is_asked_between_shifts_and_after_their_labels(play):
    seen, service = [], Service()

    def on_break(played):
        seen.append((played.shift.name, len(service.bodies("/feedback"))))

    play(service, a_shift("one"), a_shift("two"), a_shift("three"), on_break=on_break)
    assert seen == [("one", 3), ("two", 6)]


def test_what_the_hook_raises_ends_the_week_and_is_heard():
    def on_break(played):
        raise RuntimeError("no labels today")

    with serve(Service(), name="hook") as server:
        week = Week(server.url, [a_shift("one"), a_shift("two")], on_break=on_break)
        with pytest.raises(RuntimeError, match="no labels today"):
            week.wait(timeout_s=LIMIT_OF_TEST_S)
    assert len(week.played) == 1


def test_a_week_can_be_stopped_twice_and_before_its_end():
    with serve(Service(), name="long") as server:
        with Week(server.url, [a_shift(due_s=[0, 0, 3600])]) as week:
            assert not week.wait(timeout_s=0)
            assert week.status().startswith("Sunday, ")
            week.stop()
        assert week.wait(timeout_s=0)
    assert week.played == ()
    assert week.status().startswith("0 of 1 shifts")


def test_a_stop_does_not_wait_for_a_silent_service():
    asked, released, ends = threading.Event(), threading.Event(), []
    service = Service()

    def silent(environ, start_response):
        asked.set()
        ends.append(released.wait(LIMIT_OF_TEST_S))
        return service(environ, start_response)

    with serve(silent, name="silent") as server:
        week = Week(server.url, [a_shift()])
        assert asked.wait(LIMIT_OF_TEST_S)
        week.stop()
        answers = len(ends)
        released.set()
    assert week.wait(timeout_s=0)
    assert (answers, week.played) == (0, ())


def test_all_are_asked_when_more_are_due_than_may_be_under_way(play):
    service = Service()
    (sunday,) = play(service, a_shift(truth=[3] * 100)).played
    assert len(service.bodies("/predict")) == 100
    assert sunday.status.tolist() == [200] * 100
    assert len(service.bodies("/feedback")) == 100


def test_the_hook_may_stop_the_week():
    with serve(Service(), name="enough") as server:
        shifts = [a_shift("one"), a_shift("two")]
        hooked = threading.Event()

        def on_break(played):
            hooked.wait(LIMIT_OF_TEST_S)
            week.stop()

        week = Week(server.url, shifts, on_break=on_break)
        hooked.set()
        assert week.wait(timeout_s=LIMIT_OF_TEST_S)
    assert len(week.played) == 1


@pytest.mark.parametrize("url", ["http://example.com", "http://127.0.0.1", "northgate"])
def test_only_this_computer_is_asked(url):
    with pytest.raises(ValueError, match=r"only http://127.0.0.1:PORT may be asked"):
        Week(url, [a_shift()])
