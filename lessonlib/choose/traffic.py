"""Which model answers whom?

A split sends each unit to one arm and keeps it there. A shadow answers nobody: it sees
copies. A canary answers a few, then more, unless it fails.
"""

import hashlib
import io
import json
import queue
import threading
from collections import deque
from collections.abc import Callable, Iterable, Mapping
from typing import Any
from wsgiref.types import StartResponse, WSGIEnvironment

import numpy as np
from flask import Flask
from scipy.stats import binom
from werkzeug.exceptions import RequestEntityTooLarge
from werkzeug.wrappers import Response
from werkzeug.wsgi import get_input_stream

from lessonlib.choose.units import name_of, shares_of
from lessonlib.evidence import beyond_chance, flag, numbers, share, whole
from lessonlib.save.answers import Answers, answering
from lessonlib.serve.contract import MAX_BODY_BYTES
from lessonlib.serve.flask_app import prediction_app
from lessonlib.serve.forks import in_each_child

_PAIRS_KEPT = 10_000  # batches that a shadow remembers
_BAD_LUCK = 0.001  # how often a tolerable canary may look as bad by chance
_HALVES = {"control": 1.0, "treatment": 1.0}


def assign(
    unit: str | int, *, experiment: str, weights: Mapping[str, float] | None = None
) -> str:
    """Return the arm of `unit`: always the same one, in every process and year.

    The SHA-256 of "experiment:unit" is a place between 0 and 1, and `weights` (by
    default two halves) say which arm owns it. An arm that comes first and grows keeps
    the units that it has. Another experiment shuffles anew.
    """
    shares, edge = shares_of(_HALVES if weights is None else weights), 0.0
    unit = name_of(unit)  # 17.0 is 17
    name = f"{experiment}:{unit}".encode(errors="surrogatepass")
    digest = hashlib.sha256(name).digest()
    place = int.from_bytes(digest[:6], "big") / 2**48  # a float holds 48 bits exactly
    for arm, part in shares.items():
        edge += part
        if place < edge:
            return arm
    return [arm for arm, part in shares.items() if part][-1]  # 3 / 3 may be 0.99..


def split_app(
    arms: Mapping[str, Any],
    *,
    experiment: str,
    weights: Mapping[str, float] | None = None,
) -> Callable[..., Iterable[bytes]]:
    """Return a WSGI app that lets one arm answer POST /predict, by the body's "unit".

    An arm is a model with a manifest, or an app of its own; the header X-Arm of a reply
    names it. Without a unit nobody can be kept in an arm: status 422. Any other address
    is answered by the first arm. `weights` are equal unless given.
    """
    apps = {name: _app_of(arm) for name, arm in arms.items()}
    weights = dict.fromkeys(apps, 1.0) if weights is None else weights
    if set(shares_of(weights)) != set(apps):
        raise ValueError(f"weights for {sorted(weights)}, but arms {sorted(apps)}")
    first = next(iter(apps))

    def app(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        name = first
        if (environ["REQUEST_METHOD"], environ["PATH_INFO"]) == ("POST", "/predict"):
            content = _peek(environ)
            if isinstance(content, dict):  # anything else the arm itself refuses
                unit = content.get("unit")
                if not isinstance(unit, str) or not unit:
                    return _no_unit()(environ, start_response)
                name = assign(unit, experiment=experiment, weights=weights)

        def signed(
            status: str, headers: list[tuple[str, str]], *rest: Any
        ) -> Callable[[bytes], object]:
            return start_response(status, [*headers, ("X-Arm", name)], *rest)

        return apps[name](environ, signed)

    return app


def _app_of(arm: Any) -> Flask:
    return arm if isinstance(arm, Flask) else prediction_app(arm)


def _peek(environ: WSGIEnvironment) -> Any:
    """Return the JSON of a body, or None, and leave the body to be read again."""
    try:
        stream = get_input_stream(environ, max_content_length=MAX_BODY_BYTES)
    except RequestEntityTooLarge:
        return None
    body = stream.read(MAX_BODY_BYTES)  # one that is longer fills it: the arm refuses
    environ["wsgi.input"], environ["CONTENT_LENGTH"] = io.BytesIO(body), str(len(body))
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        return None


def _no_unit() -> Response:
    message = 'send {"unit": "parcel-17", "rows": [...]}: the unit decides who answers'
    body = json.dumps({"error": {"code": "no_unit", "message": message}})
    return Response(body, status=422, mimetype="application/json")


class Shadow:
    """A function that answers like `live`, while `rival` gets a copy of all rows.

    Use it as the `predict` of a `prediction_app`. The rival works on a thread of its
    own: when it is slow and `waiting` batches stand in its queue, it misses the next
    (`dropped`); when it raises, nobody notices but `failed`.
    """

    def __init__(self, live: Any, rival: Any, *, waiting: int = 100):
        self._live, self._rival = answering(live), answering(rival)
        self.manifest = getattr(live, "manifest", None)  # to the client it is `live`
        self.dropped = self.failed = 0
        self._pairs: deque[tuple[Any, Answers, Answers]] = deque(maxlen=_PAIRS_KEPT)
        self._stopped, self._room = False, waiting
        self._start()
        in_each_child(self._start)

    def _start(self) -> None:
        self._count, self._queue = threading.Lock(), queue.Queue[Any](self._room)
        self._thread = threading.Thread(target=self._work, name="shadow", daemon=True)
        self._thread.start()

    def __call__(self, rows: Any) -> Answers:
        """Return what `live` says of the rows; the rival hears of them later."""
        copy, answers = rows.copy(), self._live(rows)
        try:
            if self._stopped:
                raise queue.Full
            self._queue.put_nowait((copy, answers))
        except queue.Full:
            with self._count:  # the server answers on several threads
                self.dropped += 1
        return answers

    def _work(self) -> None:
        while (item := self._queue.get()) is not None:
            rows, answers = item
            try:
                self._pairs.append((rows, answers, self._rival(rows.copy())))
            except Exception:  # counted: a rival's crash is a finding, not our failure
                self.failed += 1

    def pairs(self) -> list[tuple[Any, Answers, Answers]]:
        """Return (rows, live answers, rival answers) of each batch both have seen."""
        return list(self._pairs)

    def stop(self, *, drain_s: float = 5.0) -> None:
        """Let the rival finish what waits, for at most `drain_s`, and end it."""
        self._stopped = True
        if not self._thread.is_alive():
            return
        try:
            self._queue.put(None, timeout=drain_s)
        except queue.Full:
            return  # it is stuck: a daemon thread ends with the process
        self._thread.join(drain_s)

    def __enter__(self) -> "Shadow":
        return self

    def __exit__(self, *error: object) -> None:
        self.stop()

    def __repr__(self) -> str:
        seen = f"{len(self._pairs)} batches seen by both"
        return f"{seen}, {self.dropped} dropped, {self.failed} failed"


class Canary:
    """A new model's share of the traffic, raised step by step, or given up.

    At each step the canary answers `answers_each` times. It is aborted as soon as so
    many errors would come to a model that fails in `tolerated` of its answers with a
    probability of 0.001 or less.
    """

    def __init__(
        self,
        experiment: str,
        *,
        steps: tuple[float, ...] = (0.01, 0.05, 0.25, 1.0),
        answers_each: int = 100,
        tolerated: float = 0.01,
    ):
        rising = numbers(steps, "steps", low=0, high=1)
        if (np.diff(rising, prepend=0) <= 0).any():
            raise ValueError(f"steps must rise, above 0 and up to 1, got {steps}")
        self.experiment, self.steps = experiment, tuple(rising.tolist())
        self.answers_each = whole(answers_each, "answers_each", least=1)
        self.tolerated, self.aborted = share(tolerated, "tolerated"), False
        self.step = self.answers = self.errors = 0

    @property
    def share(self) -> float:
        """The share of units that the canary answers now; 0 after an abort."""
        return 0.0 if self.aborted else self.steps[self.step]

    @property
    def finished(self) -> bool:
        """True once the last step has its answers, and nothing was wrong."""
        last = self.step == len(self.steps) - 1
        return last and not self.aborted and self.answers >= self.answers_each

    def arm(self, unit: str | int) -> str:
        """Return "canary" or "control". Who is with the canary stays as it grows."""
        weights = {"canary": self.share, "control": 1 - self.share}
        return assign(unit, experiment=self.experiment, weights=weights)

    def record(self, *, ok: bool) -> None:
        """Note an answer of the canary: `ok` if it was good, and in time."""
        if self.aborted or self.finished:
            return
        bad = not flag(ok, "ok")
        self.answers, self.errors = self.answers + 1, self.errors + bad
        # the chance of so many errors or more, if the canary were just tolerable
        chance = binom.sf(self.errors - 1, self.answers, self.tolerated)
        if beyond_chance(chance, _BAD_LUCK):
            self.aborted = True
        elif self.answers >= self.answers_each and self.step < len(self.steps) - 1:
            self.step, self.answers, self.errors = self.step + 1, 0, 0

    def __repr__(self) -> str:
        state = "aborted" if self.aborted else "through" if self.finished else "running"
        seen = f"{self.errors} errors in {self.answers} answers"
        return f"canary {state} at {self.steps[self.step]:.0%} of the units, {seen}"
