"""Does each unit get its arm, and keep it? Do shadow and canary harm nobody?"""

import hashlib
import json
import os
import subprocess
import sys
import threading

import numpy as np
import pytest
from sklearn.dummy import DummyClassifier
from werkzeug.test import Client

from lessonlib.choose.traffic import Canary, Shadow, assign, split_app
from lessonlib.save.artifacts import load_model, save_model
from lessonlib.serve.contract import MAX_BODY_BYTES
from lessonlib.serve.flask_app import prediction_app

UNITS = [f"parcel-{i}" for i in range(10_000)]


# -- assign


def test_assignment_is_the_same_in_another_process():
    code = (
        "from lessonlib.choose.traffic import assign\n"
        "print(*(assign(f'parcel-{i}', experiment='rival-1') for i in range(200)))"
    )
    # Python's own hash() of a text depends on the seed, which is another one here
    seed = "2" if os.environ.get("PYTHONHASHSEED") == "1" else "1"
    there = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        env=os.environ | {"PYTHONHASHSEED": seed},
        timeout=60,
        check=True,
    )
    here = [assign(unit, experiment="rival-1") for unit in UNITS[:200]]
    assert there.stdout.split() == here


def test_assignment_of_a_unit_by_hand():
    # printf rival-1:parcel-17 | sha256sum: the first 12 digits, as a share of 16**12
    digits = hashlib.sha256(b"rival-1:parcel-17").hexdigest()[:12]
    expected = "control" if int(digits, 16) / 16**12 < 0.5 else "treatment"
    assert assign("parcel-17", experiment="rival-1") == expected


def test_halves_are_halves():
    treated = sum(assign(unit, experiment="e") == "treatment" for unit in UNITS)
    assert abs(treated - 5000) < 200  # four standard deviations


def test_another_experiment_shuffles_anew():
    a = np.array([assign(unit, experiment="a") == "control" for unit in UNITS])
    b = np.array([assign(unit, experiment="b") == "control" for unit in UNITS])
    assert abs(np.mean(a == b) - 0.5) < 0.02


def test_weights_are_kept_and_zero_is_nobody():
    weights = {"off": 0, "a": 1, "b": 3}
    arms = [assign(unit, experiment="e", weights=weights) for unit in UNITS]
    assert arms.count("off") == 0
    assert abs(arms.count("b") - 7500) < 180


def test_last_arm_of_no_weight_gets_nobody():
    arms = {assign(unit, experiment="e", weights={"a": 0.1, "b": 0}) for unit in UNITS}
    assert arms == {"a"}


@pytest.mark.parametrize("weights", [{"a": -1, "b": 2}, {"a": 0}, {"a": float("nan")}])
def test_weights_that_make_no_sense_are_refused(weights):
    with pytest.raises(ValueError, match="weights must be"):
        assign("u", experiment="e", weights=weights)


# -- split_app


def constant(answer):
    def predict(rows):
        return [answer] * len(rows)

    return prediction_app(predict, columns=2)


@pytest.fixture
def client():
    arms = {"control": constant(0), "treatment": constant(1)}
    return Client(split_app(arms, experiment="rival-1"))


def ask(client, content, **options):
    return client.post("/predict", json=content, **options)


def test_each_unit_is_answered_by_its_arm_every_time(client):
    for unit in UNITS[:40]:
        arm = assign(unit, experiment="rival-1")
        for _ in range(2):
            reply = ask(client, {"unit": unit, "rows": [[1, 2]]})
            assert reply.status_code == 200
            assert reply.headers["X-Arm"] == arm
            assert reply.json["predictions"] == [int(arm == "treatment")]


def test_reply_names_the_model_that_answered(tmp_path):
    X, arms = np.zeros((4, 2)), {}
    for name, label in (("control", 0), ("treatment", 1)):
        model = DummyClassifier(strategy="constant", constant=label).fit(
            X, [0, 1, 0, 1]
        )
        save_model(model, tmp_path / f"the-{name}", example=X)
        arms[name] = load_model(tmp_path / f"the-{name}")
    client = Client(split_app(arms, experiment="e"))
    for unit in UNITS[:10]:
        reply = ask(client, {"unit": unit, "rows": [[0, 0]]}).json
        arm = assign(unit, experiment="e")
        assert reply["model"]["name"] == f"the-{arm}"
        assert reply["model"]["version"] == arms[arm].manifest.version


@pytest.mark.parametrize("unit", [None, "", 17, ["a"], True])
def test_without_a_unit_the_reply_is_422(client, unit):
    content = {"rows": [[1, 2]]} | ({} if unit is None else {"unit": unit})
    reply = ask(client, content)
    assert reply.status_code == 422
    assert reply.json["error"]["code"] == "no_unit"
    assert reply.mimetype == "application/json"


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ("{", 400, "not_json"),
        ("[]", 422, "no_rows"),
        ('{"unit": "a"}', 422, "no_rows"),
        ('{"unit": "a", "unit": "b", "rows": [[1, 2]]}', 400, "not_json"),
        ('{"unit": "a", "rows": [[1]]}', 422, "wrong_shape"),
        ("[" * 100_000, 400, "not_json"),
        ("[" + " " * MAX_BODY_BYTES + "]", 413, "body_too_large"),
    ],
)
def test_what_an_arm_refuses_stays_refused(client, body, status, code):
    reply = client.post("/predict", data=body, content_type="application/json")
    assert (reply.status_code, reply.json["error"]["code"]) == (status, code)


def test_other_addresses_are_answered_by_the_first_arm(client):
    reply = client.get("/ready")
    assert (reply.status_code, reply.headers["X-Arm"]) == (200, "control")
    assert client.get("/predict").status_code == 405


def test_half_a_character_as_a_unit_is_the_callers_fault(client):
    body = b'{"unit": "\\ud800", "rows": [[1, 2]]}'
    reply = client.post("/predict", data=body, content_type="application/json")
    assert (reply.status_code, reply.json["error"]["code"]) == (400, "not_json")


@pytest.mark.parametrize("weights", [{}, {"a": 0}, {"a": float("nan")}])
def test_a_split_refuses_its_weights_before_it_is_asked(weights):
    with pytest.raises(ValueError, match="weights must be"):
        split_app({"a": constant(0)}, experiment="e", weights=weights)


def test_split_needs_weights_for_its_arms():
    with pytest.raises(ValueError, match="weights for"):
        split_app({"a": constant(0)}, experiment="e", weights={"b": 1})


# -- shadow


def test_shadow_answers_like_the_live_model_and_collects_pairs():
    with Shadow(lambda rows: rows.sum(axis=1), lambda rows: rows.max(axis=1)) as both:
        said = [both(np.array([[k, 2.0]])).predictions.tolist() for k in range(5)]
    assert said == [[2], [3], [4], [5], [6]]
    rivals = [rival.predictions.tolist() for _, _, rival in both.pairs()]
    assert rivals == [[2], [2], [2], [3], [4]]
    assert (both.dropped, both.failed) == (0, 0)


def test_a_rival_that_raises_or_scribbles_changes_no_reply():
    def rival(rows):
        rows[:] = 99
        raise RuntimeError("boom")

    given = np.ones((1, 2))
    with Shadow(lambda rows: rows.sum(axis=1), rival) as both:
        assert both(given).predictions.tolist() == [2]
    assert given.tolist() == [[1, 1]]
    assert (both.failed, both.pairs()) == (1, [])


def test_a_slow_rival_blocks_nobody_and_what_it_misses_is_counted():
    gate, at_work = threading.Event(), threading.Event()

    def rival(rows):
        at_work.set()
        gate.wait(10)
        return rows[:, 0]

    with Shadow(lambda rows: rows[:, 0], rival, waiting=3) as both:
        both(np.zeros((1, 1)))
        assert at_work.wait(10)
        for _ in range(8):  # three wait, five are missed; each is answered at once
            assert both(np.zeros((1, 1))).predictions.tolist() == [0]
        assert both.dropped == 5
        gate.set()
    assert len(both.pairs()) == 4
    assert "5 dropped" in repr(both)


def test_a_stopped_shadow_still_answers():
    both = Shadow(lambda rows: rows[:, 0], lambda rows: rows[:, 0])
    both.stop()
    both.stop()
    assert both(np.ones((1, 1))).predictions.tolist() == [1]
    assert both.dropped == 1


def test_a_stop_of_a_shadow_that_was_interrupted_goes_on_when_called_again(monkeypatch):
    def interrupt(*_, **__):
        raise KeyboardInterrupt

    both = Shadow(lambda rows: rows[:, 0], lambda rows: rows[:, 0])
    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr(both._queue, "put", interrupt)
        both.stop()
    assert both._thread.is_alive()
    both.stop()
    assert not both._thread.is_alive()


FORKS = """
import os
import numpy as np
from lessonlib.choose.traffic import Shadow

def total(rows):
    return rows.sum(axis=1)

both = Shadow(total, total)
if (child := os.fork()) == 0:
    both(np.ones((1, 2)))
    both.stop()
    os._exit(0 if len(both.pairs()) == 1 else 1)
assert os.waitpid(child, 0)[1] == 0
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork on this system")
def test_after_a_fork_the_rival_goes_on():
    subprocess.run([sys.executable, "-c", FORKS], check=True, timeout=60)


def test_to_the_client_a_shadow_is_the_live_model(tmp_path):
    X = np.zeros((4, 2))
    save_model(DummyClassifier().fit(X, [0, 1, 0, 1]), tmp_path / "live", example=X)
    live = load_model(tmp_path / "live")
    with Shadow(live, lambda rows: rows[:, 0]) as both:
        client = prediction_app(both).test_client()
        reply = client.post("/predict", json={"rows": [[0, 0]]})
    assert reply.json["model"]["name"] == "live"


# -- canary


def test_a_good_canary_rises_step_by_step():
    canary, shares = Canary("e", answers_each=50), []
    for _ in range(200):
        canary.record(ok=True)
        shares.append(canary.share)
    assert shares == [0.01] * 49 + [0.05] * 50 + [0.25] * 50 + [1.0] * 51
    assert canary.finished
    assert "through" in repr(canary)


def test_a_bad_canary_is_aborted_and_gets_nobody_any_more():
    canary = Canary("e")
    for _ in range(3):  # 3 of 3: one in a million at 1 %
        canary.record(ok=False)
    assert canary.aborted
    assert canary.share == 0
    assert {canary.arm(unit) for unit in UNITS[:500]} == {"control"}
    canary.record(ok=True)
    assert canary.answers == 2  # the second error was too many: 1 in 10,000
    assert "aborted at 1%" in repr(canary)


def test_whoever_is_with_the_canary_stays_as_it_grows():
    canary = Canary("e", answers_each=1)
    before = set()
    for share in (0.01, 0.05, 0.25):
        now = {unit for unit in UNITS if canary.arm(unit) == "canary"}
        assert before <= now
        assert abs(len(now) / len(UNITS) - share) < 0.02
        before = now
        canary.record(ok=True)


def test_a_tolerable_canary_is_rarely_aborted_a_bad_one_nearly_always():
    rng = np.random.default_rng(7)
    aborted = {}
    for rate in (0.01, 0.2):
        runs = []
        for _ in range(40):
            canary = Canary("e", answers_each=60)
            for bad in rng.random(240) < rate:
                canary.record(ok=not bad)
            runs.append(canary.aborted)
        aborted[rate] = np.mean(runs)
    assert aborted[0.01] <= 0.1
    assert aborted[0.2] == 1


@pytest.mark.parametrize("steps", [(), (0.5, 0.2), (0.5, 2.0), (0.0, 1.0)])
def test_steps_must_rise(steps):
    with pytest.raises(ValueError, match=r"steps(\[1\] is 2, and)? must "):
        Canary("e", steps=steps)


def test_json_of_a_refusal_has_the_contracts_form(client):
    error = json.loads(ask(client, {"rows": []}).get_data())["error"]
    assert set(error) == {"code", "message"}


def test_a_canary_without_an_outcome_is_neither_good_nor_bad():
    canary = Canary("e")
    for odd in (float("nan"), None, "ok"):
        with pytest.raises(ValueError, match="ok"):
            canary.record(ok=odd)
    assert canary.answers == 0
