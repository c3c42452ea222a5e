"""Does the app do all of the homework? `service(model, log, monitor)` returns it."""

from types import SimpleNamespace
from typing import Any

import numpy as np

from lessonlib.checks import Check, Mistake
from lessonlib.checks.ex11.bags import cards
from lessonlib.checks.overheard import Overheard
from lessonlib.checks.probes import Broken, call, colocate, expect
from lessonlib.errors import FeedbackError
from lessonlib.friday.office import too_faint
from lessonlib.mail import rescale
from lessonlib.save.answers import Answers
from lessonlib.save.columns import Column
from lessonlib.save.manifest import Manifest
from lessonlib.serve.flask_app import prediction_app
from lessonlib.serve.schema import BadRequest


def _cards(n: int) -> np.ndarray:
    return cards(7)[:n]


class _Model:
    """A stand-in for a loaded model: it says 4 to every card."""

    manifest = Manifest(
        name="northgate",
        version="abcd1234",
        columns=tuple(Column(f"pixel {i}", low=0, high=16) for i in range(64)),
        classes=tuple(range(10)),
        sha256="",
        size_bytes=0,
        libraries={"scikit-learn": "-"},
        data={},
        metrics={},
    )

    def __call__(self, rows: np.ndarray) -> Answers:
        probabilities = np.tile(np.eye(10)[4], (len(rows), 1))
        return Answers(np.full(len(rows), 4), probabilities)


class _Log:
    def __init__(self) -> None:
        self.recorded: list[str] = []
        self.labels: list[Any] = []

    def record_all(self, requests: list[Any], *, latency_s: float) -> None:
        self.recorded += [request_id for request_id, *_ in requests]

    def label(
        self, request_id: str, label: Any, *, row: int = 0, source: str = "clerk"
    ) -> bool:
        if request_id not in self.recorded:
            raise FeedbackError("no such prediction")
        self.labels.append(label)
        return True


class _Monitor:
    def __init__(self) -> None:
        self.statuses: list[int] = []

    def expect(self, manifest: Manifest) -> None:
        pass

    def seen(self, path: str, status: int, latency_s: float) -> None:
        self.statuses.append(status)

    def predicted(self, rows: Any, predictions: Any, probabilities: Any) -> None:
        pass

    def page(self) -> str:
        return "counts"


def _built(service: Any) -> SimpleNamespace:
    model, log, monitor = (colocate(service, k)() for k in (_Model, _Log, _Monitor))
    app = call(service, model, log, monitor)
    if not callable(app):
        raise Broken(f"service(...) gave {app!r:.60}", "return the app, not a server")
    return SimpleNamespace(client=colocate(service, Overheard)(app), log=log)


def _ask(built: SimpleNamespace, rows: np.ndarray) -> Any:
    return built.client.post("/predict", json={"rows": rows.tolist()})


def _service_answers(service: Any) -> None:
    """it answers a card, and twenty of them, with the version that answered"""
    hint = "prediction_app takes a function of rows, and manifest=model.manifest"
    for n in (1, 20):
        built = _built(service)
        reply = _ask(built, _cards(n))
        called = f"the status of POST /predict with {n} of our cards"
        inside = built.client.failure
        expect(reply.status_code, 200, called=called, hint=hint, inside=inside)
        expect(reply.json["predictions"], [4] * n, called="predictions", hint=hint)
        version = (reply.json.get("model") or {}).get("version")
        expect(version, "abcd1234", called="the version in the reply", hint=hint)


def _service_refuses(service: Any) -> None:
    """faint cards, rows that are no cards and piles above twenty get a 422"""
    faint = np.vstack([_cards(1), rescale(_cards(2)[1:])])
    for what, rows, hint in (
        ("21 cards", _cards(21), "which argument of prediction_app limits a request?"),
        ("a card and a faint one", faint, "raise BadRequest before the model is asked"),
        ("63 pixels", _cards(1)[:, :63], "the manifest knows what a row looks like"),
    ):
        built = _built(service)
        seen, inside = _ask(built, rows).status_code, built.client.failure
        called = f"the status of POST /predict with {what}"
        expect(seen, 422, called=called, hint=hint, inside=inside)


def _service_keeps(service: Any) -> None:
    """what it said is logged, labels are taken, and what it did is counted"""
    built = _built(service)
    reply = _ask(built, _cards(1)).json or {}
    request_id = reply.get("request_id")
    hint = "prediction_app has an argument for the log, and one for the monitor"
    expect(built.log.recorded, [request_id], called="what the log has", hint=hint)
    label = {"request_id": request_id, "label": 3}
    seen = built.client.post("/feedback", json=label).status_code
    expect(seen, 200, called="the status of POST /feedback", hint=hint)
    seen = built.client.get("/metrics").status_code
    expect(seen, 200, called="the status of GET /metrics", hint=hint)


def _service_does(answer: Any) -> list[int]:
    built = _built(answer)
    piles = (_cards(1), _cards(30), rescale(_cards(1)), _cards(1)[:, :63])
    statuses = [_ask(built, rows).status_code for rows in piles]
    label = {"request_id": (built.log.recorded or ["?"])[0], "label": 3}
    statuses.append(built.client.post("/feedback", json=label).status_code)
    metrics = built.client.get("/metrics").status_code
    return [*statuses, metrics, len(built.log.recorded)]


_REFUSAL = BadRequest(422, "not_a_card", "a card has no dark pixel")


def _guarded(model, error):
    def predict(rows):
        if too_faint(rows).any():
            raise error
        return model(rows)

    return predict


def _no_guard(model, log, monitor):
    return prediction_app(
        model, manifest=model.manifest, max_rows=20, log=log, monitor=monitor
    )


def _crash(model, log, monitor):
    predict = _guarded(model, ValueError("too faint"))
    return prediction_app(
        predict, manifest=model.manifest, max_rows=20, log=log, monitor=monitor
    )


def _piles(model, log, monitor):
    predict = _guarded(model, _REFUSAL)
    return prediction_app(predict, manifest=model.manifest, log=log, monitor=monitor)


def _no_log(model, log, monitor):
    predict = _guarded(model, _REFUSAL)
    return prediction_app(
        predict, manifest=model.manifest, max_rows=20, monitor=monitor
    )


def _no_monitor(model, log, monitor):
    predict = _guarded(model, _REFUSAL)
    return prediction_app(predict, manifest=model.manifest, max_rows=20, log=log)


MISTAKES = (
    Mistake(
        "only the model",
        "this is the app of notebook 03: it answers, and remembers nothing. Nobody can "
        "hand in a label, refuse a pile or look at the counts",
        lambda model, log, monitor: prediction_app(model),
    ),
    Mistake(
        "no guard",
        "faint cards are answered: each of their pixels is within its limits. A rule "
        "for whole cards has to come before the model",
        _no_guard,
    ),
    Mistake(
        "the guard is a crash",
        "a faint card ends in status 500, as if the server had failed. It is the "
        "client's mistake: raise BadRequest with a 422",
        _crash,
    ),
    Mistake(
        "piles are welcome",
        "a request with thirty cards is answered, and with it an archive of hundreds. "
        "How many cards a request does prediction_app allow, and how is it told?",
        _piles,
    ),
    Mistake(
        "no log",
        "labels get a 404, as there is no log to write them to, and without labels "
        "nobody will notice the new camera",
        _no_log,
    ),
    Mistake(
        "no monitor",
        "GET /metrics gets a 404: nothing is counted, so the archive job would stay "
        "unseen",
        _no_monitor,
    ),
)

service = Check(
    title="the service",
    promises=(_service_answers, _service_refuses, _service_keeps),
    probe=_service_does,
    mistakes=MISTAKES,
)
