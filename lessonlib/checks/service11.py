"""Exercises of notebook 11: the guard, the way back, and the service."""

from functools import cache
from types import SimpleNamespace

import numpy as np
from werkzeug.test import Client

from lessonlib.checks import Check, wrong11
from lessonlib.checks import wrong_service11 as _wrong
from lessonlib.checks.probes import Broken, call, colocate, expect, outcomes, quiet
from lessonlib.errors import FeedbackError
from lessonlib.mail import arriving_bags, blank_cards, rescale, shift_camera
from lessonlib.save.artifacts import Feature, Manifest

# -- guard: not_ours(rows)


def _refused(not_ours, rows):
    came_back = call(not_ours, np.array(rows))
    if np.ndim(came_back) == 0:
        seen = f"not_ours gave one {came_back} for {len(rows)} cards"
        raise Broken(seen, "one True or False a card: axis=1 goes along a row")
    return [bool(each) for each in came_back]


@cache  # to read them takes longer than all the checks
def _bags():
    return arriving_bags()


def _mail(number):
    return _bags()[number].X


def _guard_refuses(not_ours):
    """every card with pixels from 0 to 1 is refused, and a blank one too"""
    hint = "how dark is the darkest pixel of such a card?"
    for what, rows in (
        ("rescaled cards of bag 9", rescale(_mail(9))),
        ("blank cards", blank_cards(2)),
    ):
        seen = sum(_refused(not_ours, rows))
        expect(seen, len(rows), called=f"of {len(rows)} {what}, refused", hint=hint)


def _guard_spares(not_ours):
    """no card of our mail is refused, from the old camera or the new one"""
    hint = "thin digits are mail too, and so is what the new camera sends"
    for number in (8, 11, 13):
        for what, rows in (
            ("old camera", _mail(number)),
            ("new camera", shift_camera(_mail(number))),
        ):
            seen = sum(_refused(not_ours, rows))
            called = f"of bag {number} from the {what}, refused"
            expect(seen, 0, called=called, hint=hint)


def _guard_each(not_ours):
    """in a request with several cards each is judged by itself"""
    card = _mail(10)[:1]
    rows = np.vstack([card, rescale(card), card, blank_cards()])
    called = "not_ours(a card, a faint one, a card, a blank one)"
    hint = "one True or False a card: axis=1 goes along a row"
    seen = _refused(not_ours, rows)
    expect(seen, [False, True, False, True], called=called, hint=hint)


guard = Check(
    title="a rule for whole cards",
    promises=(_guard_refuses, _guard_spares, _guard_each),
    probe=lambda answer: outcomes(
        lambda rows: _refused(answer, rows),
        [(_mail(8),), (rescale(_mail(9)),), (shift_camera(_mail(11)),)]
        + [(blank_cards(2),), (np.vstack([_mail(10)[:2], rescale(_mail(10)[:2])]),)],
    ),
    mistakes=wrong11.GUARD,
)


# -- back: back_to(history)

_HISTORIES = {  # what happened, and what a rollback brings back then
    "promote v1, promote v2": "v1",
    "promote v1, promote v2, promote v3": "v2",
    "promote v1, promote v2, promote v3, rollback v2": "v1",
    "promote v1, promote v2, rollback v1, promote v3": "v1",
    "promote v9, promote v2, promote v5, rollback v2, promote v7": "v2",
}


def _back_to(answer, history):
    return call(answer, [tuple(each.split()) for each in history.split(", ")])


def _expect_back(answer, histories, hint):
    for history in histories:
        seen = _back_to(answer, history)
        called = f"back_to([{history}])"
        expect(seen, _HISTORIES[history], called=called, hint=hint)


def _back_one(back_to):
    """after promotions only, it is the version before the last"""
    _expect_back(back_to, list(_HISTORIES)[:2], "what served until then?")


def _back_again(back_to):
    """what was rolled back is gone: a second rollback goes one further"""
    hint = "keep a pile: a promotion lays a version on it; what does a rollback do?"
    _expect_back(back_to, list(_HISTORIES)[2:], hint)


back = Check(
    title="the way back",
    promises=(_back_one, _back_again),
    probe=lambda answer: outcomes(
        lambda history: _back_to(answer, history), [(each,) for each in _HISTORIES]
    ),
    mistakes=_wrong.BACK,
)


# -- service: service(model, log, monitor)


def _cards(n):
    return _mail(7)[:n]


class _Model:
    """A stand-in for a loaded model: it says 4 to every card."""

    manifest = Manifest(
        name="northgate",
        version="abcd1234",
        features=tuple(Feature(f"pixel {i}", low=0, high=16) for i in range(64)),
        classes=tuple(range(10)),
        sha256="",
        size_bytes=0,
        libraries={"scikit-learn": "-"},
        data={},
        metrics={},
    )

    def __call__(self, rows):
        return np.tile(np.eye(10)[4], (len(rows), 1))


class _Client(Client):
    @quiet()  # a crash is told by its status
    def open(self, *args, **kwargs):
        return super().open(*args, **kwargs)


class _Log:
    def __init__(self):
        self.recorded, self.labels = [], []

    def record(self, request_id, *what):
        self.recorded.append(request_id)

    def label(self, request_id, label, *, row=0, source="clerk"):
        if request_id not in self.recorded:
            raise FeedbackError("no such prediction")
        self.labels.append(label)
        return True


class _Monitor:
    def __init__(self):
        self.statuses = []

    def seen(self, path, status, latency_s):
        self.statuses.append(status)

    def predicted(self, rows, predictions, probabilities):
        pass

    def page(self):
        return "counts"


def _built(service):
    model, log, monitor = (colocate(service, k)() for k in (_Model, _Log, _Monitor))
    app = call(service, model, log, monitor)
    if not callable(app):
        raise Broken(f"service(...) gave {app!r:.60}", "return the app, not a server")
    return SimpleNamespace(client=colocate(service, _Client)(app), log=log)


def _ask(built, rows):
    return built.client.post("/predict", json={"rows": rows.tolist()})


def _service_answers(service):
    """it answers a card, and twenty of them, with the version that answered"""
    hint = "prediction_app takes a function of rows, and manifest=model.manifest"
    for n in (1, 20):
        reply = _ask(_built(service), _cards(n))
        called = f"the status of POST /predict with {n} of our cards"
        expect(reply.status_code, 200, called=called, hint=hint)
        expect(reply.json["predictions"], [4] * n, called="predictions", hint=hint)
        version = (reply.json.get("model") or {}).get("version")
        expect(version, "abcd1234", called="the version in the reply", hint=hint)


def _service_refuses(service):
    """faint cards, rows that are no cards and piles above twenty get a 422"""
    faint = np.vstack([_cards(1), rescale(_cards(2)[1:])])
    for what, rows, hint in (
        ("21 cards", _cards(21), "which argument of prediction_app limits a request?"),
        ("a card and a faint one", faint, "raise BadRequest before the model is asked"),
        ("63 pixels", _cards(1)[:, :63], "the manifest knows what a row looks like"),
    ):
        seen = _ask(_built(service), rows).status_code
        expect(seen, 422, called=f"the status of POST /predict with {what}", hint=hint)


def _service_keeps(service):
    """what it said is logged, labels are taken, and what it did is counted"""
    built = _built(service)
    request_id = _ask(built, _cards(1)).json["request_id"]
    hint = "prediction_app has an argument for the log, and one for the monitor"
    expect(built.log.recorded, [request_id], called="what the log has", hint=hint)
    label = {"request_id": request_id, "label": 3}
    seen = built.client.post("/feedback", json=label).status_code
    expect(seen, 200, called="the status of POST /feedback", hint=hint)
    seen = built.client.get("/metrics").status_code
    expect(seen, 200, called="the status of GET /metrics", hint=hint)


def _service_does(answer):
    built = _built(answer)
    piles = (_cards(1), _cards(30), rescale(_cards(1)), _cards(1)[:, :63])
    statuses = [_ask(built, rows).status_code for rows in piles]
    label = {"request_id": (built.log.recorded or ["?"])[0], "label": 3}
    statuses.append(built.client.post("/feedback", json=label).status_code)
    metrics = built.client.get("/metrics").status_code
    return [*statuses, metrics, len(built.log.recorded)]


service = Check(
    title="the service",
    promises=(_service_answers, _service_refuses, _service_keeps),
    probe=_service_does,
    mistakes=_wrong.SERVICE,
)
