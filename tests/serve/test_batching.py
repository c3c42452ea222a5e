"""Do callers share one call of the model, and each get their own answer?"""

import threading
from concurrent.futures import ThreadPoolExecutor, as_completed

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from odd_rows import BAGS, answer, batches
from sklearn.base import clone
from sklearn.ensemble import (
    ExtraTreesClassifier,
    GradientBoostingClassifier,
    RandomForestClassifier,
)
from sklearn.linear_model import LogisticRegression
from sklearn.tree import DecisionTreeClassifier

from lessonlib.errors import LessonError, Overloaded
from lessonlib.mail import noise_cards, training_bags
from lessonlib.serve.batching import MicroBatcher, is_batch_invariant
from lessonlib.serve.flask_app import prediction_app
from lessonlib.serve.predictors import FastPredictor

LIMIT_S = 20


class Door:
    """A predict that doubles its rows, and can be held shut while others queue up."""

    def __init__(self):
        self.calls, self.open, self.entered = [], threading.Event(), threading.Event()
        self.open.set()

    def __call__(self, rows):
        self.calls.append(rows.tolist())
        self.entered.set()
        assert self.open.wait(LIMIT_S)
        if (rows == 13).any():
            raise ZeroDivisionError("a row of 13")
        return 2 * rows


def rows_of(*numbers):
    return np.array(numbers, dtype=float)[:, None]


class Queue:
    """Callers that arrive one by one at a batcher whose door is shut."""

    def __init__(self, batcher, door):
        self.batcher, self.door = batcher, door
        self.pool = ThreadPoolExecutor(64)
        door.open.clear()
        door.entered.clear()
        self.first = self.pool.submit(batcher, rows_of(0))
        assert door.entered.wait(LIMIT_S)

    def come(self, rows):
        before = len(self.batcher._waiting)
        future = self.pool.submit(self.batcher, rows)
        while len(self.batcher._waiting) == before and not future.done():
            threading.Event().wait(0.001)
        return future

    def answers(self, futures):
        self.door.open.set()
        done = [future.result(LIMIT_S).ravel().tolist() for future in futures]
        self.pool.shutdown()
        return done


@pytest.fixture
def door():
    return Door()


def test_a_single_caller_is_answered_at_once_and_alone(door):
    batcher = MicroBatcher(door)
    assert [batcher(rows_of(i)).item() for i in range(3)] == [0, 2, 4]
    assert door.calls == [[[0.0]], [[1.0]], [[2.0]]]
    assert batcher.sizes == {1: 3}


def test_no_thread_is_started(door):
    before = threading.active_count()
    MicroBatcher(door)(rows_of(1))
    assert threading.active_count() == before


def test_those_who_came_meanwhile_share_one_call_in_order(door):
    queue = Queue(MicroBatcher(door), door)
    futures = [
        queue.come(rows_of(*range(i, i + n))) for i, n in ((5, 2), (7, 1), (3, 3))
    ]
    assert queue.answers(futures) == [[10, 12], [14], [6, 8, 10]]
    assert door.calls == [[[0.0]], [[5.0], [6.0], [7.0], [3.0], [4.0], [5.0]]]
    assert queue.batcher.sizes == {1: 1, 6: 1}


def test_a_batch_holds_no_more_than_it_may_and_never_half_a_request(door):
    queue = Queue(MicroBatcher(door, max_batch=4), door)
    futures = [queue.come(rows_of(*[n] * n)) for n in (3, 2, 2, 9, 1)]
    queue.answers(futures)
    assert [len(call) for call in door.calls] == [1, 3, 4, 9, 1]


def test_a_failing_row_fails_alone(door):
    queue = Queue(MicroBatcher(door), door)
    good, bad, other = (queue.come(rows_of(n)) for n in (1, 13, 2))
    assert queue.answers([good, other]) == [[2], [4]]
    with pytest.raises(ZeroDivisionError):
        bad.result(LIMIT_S)
    assert queue.batcher(rows_of(8)).item() == 16  # and the batcher works on


def test_rows_of_another_width_or_type_travel_apart(door):
    queue = Queue(MicroBatcher(door), door)
    wide, whole, last = (
        queue.come(rows)
        for rows in (np.ones((1, 2)), np.array([[1]]), np.array([[2], [3]]))
    )
    queue.answers([wide, whole, last])
    assert [len(call) for call in door.calls] == [1, 1, 3]
    assert whole.result().dtype == int


def test_a_full_queue_sheds_and_says_when_to_come_again(door):
    queue = Queue(MicroBatcher(door, max_waiting=2, retry_after_s=3), door)
    futures = [queue.come(rows_of(n)) for n in (1, 2)]
    with pytest.raises(Overloaded, match="2 requests wait .* ask again in 3 s") as shed:
        queue.batcher(rows_of(9))
    assert shed.value.retry_after_s == 3
    assert queue.answers(futures) == [[2], [4]]
    assert queue.batcher(rows_of(9)).item() == 18  # there is room again


def test_of_400_callers_at_once_those_who_find_256_waiting_are_told_so(door):
    door.open.clear()
    batcher = MicroBatcher(door)
    with ThreadPoolExecutor(400) as pool:
        callers = [pool.submit(batcher, rows_of(n)) for n in range(100, 500)]
        done = as_completed(callers, LIMIT_S)
        refused = [next(done) for _ in range(400 - 257)]  # one is with the model
        door.open.set()
    assert {type(each.exception()) for each in refused} == {Overloaded}
    answered = [n for n, each in enumerate(callers, 100) if each not in refused]
    assert [callers[n - 100].result().item() for n in answered] == [
        2 * n for n in answered
    ]
    assert len(answered) == 257


def test_a_caller_without_a_queue_is_answered_even_if_nobody_may_wait(door):
    assert MicroBatcher(door, max_waiting=0)(rows_of(1)).item() == 2


def test_too_few_answers_are_an_error_and_nobody_gets_anothers():
    batcher = MicroBatcher(lambda rows: rows[:-1])
    with pytest.raises(ValueError, match="1 answers to 2 rows"):
        batcher(rows_of(1, 2))


@pytest.mark.parametrize("rows", [5, [1, 2], np.zeros((1, 1, 1))])
def test_rows_without_two_dimensions_are_refused_and_block_nobody(door, rows):
    batcher = MicroBatcher(door)
    with pytest.raises(ValueError, match="rows must have shape"):
        batcher(rows)
    assert batcher(rows_of(1)).item() == 2


@pytest.mark.parametrize("limits", [{"max_batch": 0}, {"max_waiting": -1}])
def test_limits_must_make_sense(door, limits):
    with pytest.raises(ValueError, match="got max_batch"):
        MicroBatcher(door, **limits)


def test_an_interrupted_leader_leaves_nobody_behind():
    door, struck = Door(), []

    def predict(rows):
        if not struck:
            struck.append(True)
            door(rows)
            raise KeyboardInterrupt
        return door(rows)

    queue = Queue(MicroBatcher(predict), door)
    future = queue.come(rows_of(4))
    assert queue.answers([future]) == [[8]]
    with pytest.raises(KeyboardInterrupt):
        queue.first.result(LIMIT_S)


def test_the_others_of_an_interrupted_batch_are_told():
    door = Door()

    def predict(rows):
        door(rows)
        if len(rows) > 1:
            raise KeyboardInterrupt
        return rows

    queue = Queue(MicroBatcher(predict), door)
    leader, follower = queue.come(rows_of(1)), queue.come(rows_of(2))
    door.open.set()
    with pytest.raises(KeyboardInterrupt):
        leader.result(LIMIT_S)
    with pytest.raises(LessonError, match="interrupted; ask again"):
        follower.result(LIMIT_S)


PAST = training_bags()
MODELS = {
    "forest": RandomForestClassifier(10, random_state=0),
    "extra": ExtraTreesClassifier(10, random_state=0),
    "tree": DecisionTreeClassifier(random_state=0),
    "boosted": GradientBoostingClassifier(n_estimators=3, random_state=0),
}
each_model = pytest.mark.parametrize("name", MODELS)


def crowd(batcher, door, parts):
    """Return each caller's answer or refusal; all but the first wait until all have."""
    door.open.clear()
    door.entered.clear()
    with ThreadPoolExecutor(len(parts)) as pool:
        first = pool.submit(answer, batcher, parts[0])
        assert door.entered.wait(LIMIT_S)
        others = [pool.submit(answer, batcher, part) for part in parts[1:]]
        while len(batcher._waiting) < len(others):
            threading.Event().wait(0.0005)
        door.open.set()
        return [future.result(LIMIT_S) for future in (first, *others)]


@each_model
@pytest.mark.filterwarnings("ignore:overflow", "ignore:invalid")
def test_a_crowd_gets_the_models_answers_bit_for_bit_and_bad_rows_fail_alone(name):
    model = clone(MODELS[name]).fit(PAST.X, PAST.y)
    fast = FastPredictor.from_sklearn(model, PAST.X[:20])
    door = Door()

    def predict(rows):
        door.entered.set()
        assert door.open.wait(LIMIT_S)
        return fast.predict_proba(rows)

    answered = shared = 0
    cuts = st.sets(st.integers(1, 300), min_size=1, max_size=9)

    @settings(max_examples=70, derandomize=True, deadline=None, database=None)
    @given(batches(model, most=512), cuts, st.integers(1, 512))
    def own_answer_or_refusal(rows, cuts, max_batch):
        nonlocal answered, shared
        parts = np.split(rows, sorted(cut for cut in cuts if cut < len(rows)))
        batcher = MicroBatcher(predict, max_batch=max_batch)
        expected = [answer(model.predict_proba, part) for part in parts]
        assert crowd(batcher, door, parts) == expected
        answered += sum(
            len(part)
            for part, each in zip(parts, expected, strict=True)
            if not isinstance(each, str)
        )
        shared += len(parts) - sum(batcher.sizes.values())

    own_answer_or_refusal()
    assert answered >= 10_000 and shared > 40


def test_each_answer_is_that_of_the_batch_it_travelled_in_to_the_last_bit():
    # of a linear model the last bits may depend on the company: the batcher adds none
    model = LogisticRegression(max_iter=200).fit(PAST.X, PAST.y)
    batches = []

    def predict(rows):
        batches.append((rows.copy(), model.predict_proba(rows)))
        return batches[-1][1]

    parts = np.split(noise_cards(2000, seed=5), 1000)
    with ThreadPoolExecutor(16) as pool:
        answers = list(pool.map(MicroBatcher(predict), parts))
    given = {part.tobytes(): row for part, row in zip(parts, answers, strict=True)}
    for rows, expected in batches:
        pairs = zip(np.split(rows, len(rows) // 2), expected, strict=False)
        assert all(pair.tobytes() in given for pair, _ in pairs)
        together = [given[pair.tobytes()] for pair in np.split(rows, len(rows) // 2)]
        assert np.concatenate(together).tobytes() == expected.tobytes()


@each_model
def test_trees_answer_in_company_as_they_do_alone(name):
    model = clone(MODELS[name]).fit(PAST.X, PAST.y)
    assert is_batch_invariant(model.predict_proba, BAGS[:20], max_batch=20)


def test_a_predict_that_minds_its_company_is_found_out():
    def minds(rows):
        return rows.sum(axis=1) + 1e-9 * (len(rows) == 7)

    assert is_batch_invariant(minds, BAGS[:3], max_batch=6)
    assert not is_batch_invariant(minds, BAGS[:3], max_batch=7)


def test_over_http_a_shed_request_is_503_with_a_time_to_come_again(door):
    queue = Queue(MicroBatcher(door, max_waiting=0, retry_after_s=2), door)
    client = prediction_app(queue.batcher, columns=1).test_client()
    reply = client.post("/predict", json={"rows": [[1]]})
    assert (reply.status_code, reply.json["error"]["code"]) == (503, "overloaded")
    assert reply.headers["Retry-After"] == "2"
    assert queue.answers([queue.first]) == [[0]]


def test_it_counts_in_words(door):
    batcher = MicroBatcher(door)
    assert repr(batcher) == "0 rows in 0 batches, the largest of 0"
    batcher(rows_of(1, 2))
    assert repr(batcher) == "2 rows in 1 batches, the largest of 2"


# -- without threads: all parts are there at once
