"""Does the office do what its diary says?"""

from types import SimpleNamespace

import numpy as np
import pytest
from sklearn.dummy import DummyClassifier
from werkzeug.test import Client

from lessonlib.errors import LessonError
from lessonlib.friday.office import Office, ShiftAccuracy, decide, too_faint
from lessonlib.mail import (
    arriving_bags,
    blank_cards,
    rescale,
    shift_camera,
    training_bags,
)

CARDS = arriving_bags()[7].X[:4]


def always(digit):
    """Return a model that says one digit, and knows all ten."""
    model = DummyClassifier(strategy="constant", constant=digit)
    return model.fit(np.zeros((10, 64)), np.arange(10))


def break_after(name):
    return SimpleNamespace(shift=SimpleNamespace(name=name))


@pytest.fixture
def office(tmp_path):
    """Make offices whose first model says 0, and close them."""
    made = []

    def make(**options):
        made.append(Office(tmp_path / f"office{len(made)}", always(0), **options))
        return made[-1]

    yield make
    for each in made:
        each.close()
        each.close()  # twice is fine


def ask(office, rows):
    return Client(office).post("/predict", json={"rows": np.asarray(rows).tolist()})


def ask_and_label(office, rows, labels):
    """Ask for each row by itself, and hand in its label unless it is None."""
    for row, label in zip(rows, labels, strict=True):
        request_id = ask(office, [row]).json["request_id"]
        if label is not None:
            body = {"request_id": request_id, "label": label, "source": "audit"}
            assert Client(office).post("/feedback", json=body).json == {"stored": True}


def says(office):
    return ask(office, CARDS[:1]).json["predictions"]


# -- the decision

GOOD, BAD, NONE = ("a", 95, 100), ("a", 30, 100), ("a", 0, 0)


@pytest.mark.parametrize(
    ("now", "before", "expected"),
    [
        (GOOD, None, "keep"),
        (NONE, None, "keep"),  # nothing is known, so nothing is done
        (("a", 3, 4), None, "keep"),  # 0.30 to 0.95: may still be well
        (BAD, None, "retrain"),
        (BAD, GOOD, "retrain"),  # the same version: the world has changed
        (("b", 30, 100), GOOD, "roll back"),
        (("b", 30, 100), ("a", 35, 100), "retrain"),  # the old one is no better, surely
        (("b", 30, 100), NONE, "retrain"),
        (("b", 95, 100), ("a", 100, 100), "keep"),
    ],
)
def test_decisions_by_hand(now, before, expected):
    before = None if before is None else ShiftAccuracy(*before)
    assert decide(ShiftAccuracy(*now), before) == expected


def test_an_audit_without_labels_knows_nothing():
    assert ShiftAccuracy("a", 0, 0).interval == (0.0, 1.0)
    assert repr(ShiftAccuracy("a", 0, 0)) == "0 of 0 right (0.00 to 1.00)"


def test_too_faint_spares_every_card_and_refuses_every_rescaled_one():
    cards = [training_bags().X, *(bag.X for bag in arriving_bags().values())]
    for X in cards:
        assert not too_faint(X).any() and not too_faint(shift_camera(X)).any()
        assert too_faint(rescale(X)).all()
    assert too_faint(blank_cards(2)).tolist() == [True, True]


# -- the service


def test_an_office_answers_refuses_and_counts(office):
    mine = office(refuse=too_faint, max_rows=3)
    assert says(mine) == [0]
    faint = ask(mine, np.vstack([CARDS[:1], rescale(CARDS[1:2])]))
    assert (faint.status_code, faint.json["error"]["code"]) == (422, "not_a_card")
    assert faint.json["error"]["row"] == 1
    assert ask(mine, CARDS).json["error"]["code"] == "too_many_rows"
    assert ask(mine, [CARDS[0, :63]]).json["error"]["code"] == "wrong_shape"
    page = Client(mine).get("/metrics").text
    assert 'http_requests_total{path="/predict",status="422"} 3.0' in page
    assert len(mine.log.joined()) == 1


def test_without_a_plan_nothing_is_refused_and_nothing_changes(office):
    mine = office()
    assert ask(mine, blank_cards()).status_code == 200
    ask_and_label(mine, CARDS, [1, 1, 1, 1])
    mine.on_break(break_after("Monday"))
    assert [entry.action for entry in mine.diary] == ["keep"]
    assert repr(mine.diary[0]) == "Monday: 0 of 4 right (0.00 to 0.49): keep"


def test_an_audit_counts_labels_of_this_shift_and_this_version_only(office):
    mine = office()
    ask_and_label(mine, CARDS, [0, 0, 5, None])
    now = mine.audit()
    assert (now.right, now.n) == (2, 3)
    mine.on_break(break_after("Monday"))
    assert mine.audit().n == 0
    ask_and_label(mine, CARDS[:2], [0, 0])
    mine.promote(always(5), why="a test")
    assert (mine.audit().right, mine.audit().n) == (0, 0)


def test_retraining_learns_from_every_label_so_far(office):
    learned = []

    def train(X, y):
        learned.append((X, y))
        return always(5)

    mine = office(train=train, decide=lambda now, before: "retrain")
    ask_and_label(mine, CARDS[:3], [5, None, 6])
    mine.on_break(break_after("Monday"))
    assert says(mine) == [5]
    ((X, y),) = learned
    pairs = {
        tuple(row): label for row, label in zip(X.tolist(), y.tolist(), strict=True)
    }
    assert pairs == {tuple(CARDS[0]): 5, tuple(CARDS[2]): 6}
    assert mine.registry.history()[-1].why == "Monday: 0 of 2 right (0.00 to 0.66)"


def test_labelled_cards_come_in_the_same_order_whoever_was_quicker(office):
    one, other = office(), office()
    ask_and_label(one, CARDS, [1, 2, 3, 4])
    ask_and_label(other, CARDS[::-1], [4, 3, 2, 1])
    for a, b in zip(one.labelled(), other.labelled(), strict=True):
        assert a.tolist() == b.tolist()


def test_an_order_is_followed_and_can_be_rolled_back(office):
    decisions = iter(["keep", "roll back"])
    orders = {"Thursday": always(7)}
    mine = office(decide=lambda now, before: next(decisions), orders=orders)
    mine.on_break(break_after("Thursday"))
    assert says(mine) == [7]
    mine.on_break(break_after("Friday"))
    assert says(mine) == [0]
    actions = [event.action for event in mine.registry.history()]
    assert actions == ["add", "promote", "add", "promote", "rollback"]


def test_decide_is_given_the_shift_before(office):
    given = []

    def note(now, before):
        given.append((now.n, before and before.n))
        return "keep"

    mine = office(decide=note)
    for name, n in (("Monday", 2), ("Tuesday", 1)):
        ask_and_label(mine, CARDS[:n], [0] * n)
        mine.on_break(break_after(name))
    assert given == [(2, None), (1, 2)]


def test_a_decision_that_is_none_is_refused(office):
    mine = office(decide=lambda now, before: "panic")
    with pytest.raises(ValueError, match="decide returned 'panic'"):
        mine.on_break(break_after("Monday"))
    assert mine.diary == []


@pytest.mark.parametrize(
    "counts", [(3, 2), (-1, 2), (np.nan, 2), (1, np.nan), (0.5, 1)]
)
def test_labels_that_count_nonsense_decide_nothing(counts):
    with pytest.raises(ValueError):
        ShiftAccuracy("a", *counts)


def test_without_a_label_nobody_can_tell_and_nothing_is_done():
    assert decide(ShiftAccuracy("b", 0, 0), ShiftAccuracy("a", 50, 50)) == "keep"


def test_a_card_with_a_gap_is_not_just_dark_enough():
    with pytest.raises(ValueError, match=r"cards\[0, 3\] is missing"):
        too_faint(np.where(np.arange(64) == 3, np.nan, CARDS))


def test_an_office_that_is_replaced_closes_its_log(tmp_path):
    first = Office(tmp_path / "one" / "office", always(0))
    with Office(tmp_path / "two" / "office", always(1)) as second:
        assert second.url == first.url
        with pytest.raises(LessonError, match="is closed"):
            first.audit()
