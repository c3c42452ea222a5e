"""Do several machines look like one, even while one of them fails?"""

import os
import signal
import threading

import pytest
import requests
from sklearn.tree import DecisionTreeClassifier

from lessonlib.mail import arriving_bags, training_bags
from lessonlib.measure.loadtest import open_loop
from lessonlib.save.artifacts import save_model
from lessonlib.serve.balancer import Machines, balancing_app
from lessonlib.serve.flask_app import prediction_app
from lessonlib.serve.keys import Keys, new_key
from lessonlib.serve.server import serve, stop_all
from lessonlib.serve.workers import serve_processes

ROWS = arriving_bags()[7].X[:3]
GONE = "http://127.0.0.1:9"  # where nobody listens


@pytest.fixture(autouse=True)
def stopped():
    yield
    stop_all()


def machine(name):
    """Serve a model that answers with the number of its name."""
    app = prediction_app(lambda rows: rows[:, 0] * 0 + int(name), columns=64)
    return serve(app, name=name).url


def client(*urls, **options):
    return balancing_app(Machines(urls, **options)).test_client()


def answer(reply):
    return reply.json["predictions"][0]


def ask(client):
    return client.post("/predict", json={"rows": ROWS.tolist()})


def test_they_take_turns():
    client_of_both = client(machine("1"), machine("2"))
    assert [answer(ask(client_of_both)) for _ in range(4)] == [1, 2, 1, 2]


def test_a_machine_that_is_gone_is_left_out_until_it_has_rested():
    machines = Machines([GONE, machine("2")], rest_s=60)
    app = balancing_app(machines).test_client()
    assert [answer(ask(app)) for _ in range(3)] == [2, 2, 2]
    assert repr(machines) == "2 machines, 1 of them at rest"
    machines.rest_s = 0
    machines.rest(GONE)  # its rest is over at once
    assert GONE in {machines.in_turn()[0] for _ in range(2)}


def test_when_nobody_answers_the_caller_is_told():
    reply = ask(client(GONE, GONE))
    assert (reply.status_code, reply.json["error"]["code"]) == (503, "no_machine")


def test_what_a_machine_refuses_is_passed_on_and_asked_of_no_other():
    reply = client(machine("1"), machine("2")).post("/predict", json={"rows": [[1]]})
    assert reply.status_code == 422
    assert "64" in reply.json["error"]["message"]
    assert reply.headers["X-Model-Version"] == "0"


def test_pages_and_questions_in_the_address_are_passed_on():
    app = client(machine("1"))
    assert app.get("/health").json == {"status": "ok"}
    assert app.get("/nothing?a=b").status_code == 404
    assert "<html" in app.get("/").text


def test_what_changes_something_is_not_asked_twice():
    asked = []

    def silent(environ, start_response):
        asked.append(environ["PATH_INFO"])
        raise ConnectionError("hung up")

    machines = Machines([GONE, serve(silent, name="silent").url])
    app = balancing_app(machines).test_client()
    assert app.post("/feedback", json={}).status_code == 503
    assert asked == []


def test_a_balancer_without_machines_is_refused():
    with pytest.raises(ValueError, match="needs the address"):
        Machines([])


@pytest.mark.long
def test_nobody_notices_when_a_machine_dies_under_load(tmp_path):
    past = training_bags()
    model = DecisionTreeClassifier(random_state=0).fit(past.X, past.y)
    save_model(model, tmp_path / "m", example=ROWS)
    with serve_processes(tmp_path / "m", workers=1) as dying:
        app = balancing_app(Machines([dying.url, machine("2")]))
        front = serve(app, name="front", threads=16)
        pids = dying.pids

        def pull_the_plug():
            os.kill(pids[0], signal.SIGTERM)
            dying.stop()

        timer = threading.Timer(0.5, pull_the_plug)
        timer.start()
        run = open_loop(front.url, ROWS, rate=50, seconds=1)
        timer.join()
        assert run.errors == 0
        reply = requests.post(
            f"{front.url}/predict", json={"rows": ROWS.tolist()}, timeout=20
        )
        assert reply.json()["predictions"] == [2, 2, 2]


def test_a_key_and_the_id_of_a_request_are_passed_on(tmp_path):
    headers = {"Authorization": f"Bearer {new_key(tmp_path / 'keys', 'ada')}"}
    guarded = prediction_app(len, columns=64, keys=Keys(tmp_path / "keys"))
    front = client(serve(guarded, name="guarded").url)
    assert front.get("/model").status_code == 401
    reply = front.get("/model", headers=headers | {"X-Request-ID": "parcel-17"})
    assert (reply.status_code, reply.headers["X-Request-ID"]) == (200, "parcel-17")
