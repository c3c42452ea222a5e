"""How is the whole loop held in one hand?

An `Office` is a service that can be kept well: a registry with the model that serves, a
log of what it said and what turned out true, a monitor, and the app in front. Its
`on_break` looks at the labels of a shift and does what `decide` says.
"""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from lessonlib.evidence import table, whole
from lessonlib.intervals import wilson_interval
from lessonlib.learn.log import PredictionLog
from lessonlib.mail import PIXEL_MAX, training_bags
from lessonlib.save.answers import Answers
from lessonlib.save.artifacts import Model
from lessonlib.save.columns import Column
from lessonlib.save.registry import Registry
from lessonlib.serve.flask_app import prediction_app
from lessonlib.serve.monitor import Monitor
from lessonlib.serve.schema import BadRequest
from lessonlib.serve.server import serve

KEEP, RETRAIN, ROLL_BACK = "keep", "retrain", "roll back"
_TARGET = 0.85  # the accuracy that the office has promised the towns
_PIXELS = [Column(f"pixel {i // 8},{i % 8}", low=0, high=PIXEL_MAX) for i in range(64)]


@dataclass(frozen=True)
class ShiftAccuracy:
    """What the labels that were drawn by lot say of one version in one shift."""

    version: str
    right: int
    n: int

    def __post_init__(self) -> None:
        if whole(self.right, "right") > whole(self.n, "n"):
            raise ValueError(f"{self.right} of {self.n} is no share: count again")

    @property
    def interval(self) -> tuple[float, float]:
        """The accuracies that fit these labels (Wilson); 0 to 1 without a label."""
        return wilson_interval(self.right, self.n) if self.n else (0.0, 1.0)

    def __repr__(self) -> str:
        low, high = self.interval
        return f"{self.right} of {self.n} right ({low:.2f} to {high:.2f})"


@dataclass(frozen=True)
class Entry:
    """A line of the diary: what was seen after a shift, and what was done."""

    shift: str
    audit: ShiftAccuracy
    action: str

    def __repr__(self) -> str:
        return f"{self.shift}: {self.audit}: {self.action}"


_Decide = Callable[[ShiftAccuracy, ShiftAccuracy | None], str]


def decide(now: ShiftAccuracy, before: ShiftAccuracy | None) -> str:
    """Return "keep", "retrain" or "roll back", from the labels of two shifts.

    Nothing is done while the target of 0.85 may still be met. If it is missed for sure,
    and another version was surely better in the shift before, that one is called back.
    """
    if now.interval[1] >= _TARGET:
        return KEEP
    if before is not None and before.version != now.version:
        if before.interval[0] > now.interval[1]:
            return ROLL_BACK
    return RETRAIN


def too_faint(rows: np.ndarray) -> np.ndarray:
    """Return which cards have no dark pixel, shape (n,): our cameras send none."""
    return table(rows, "cards").max(axis=1) < PIXEL_MAX / 2


class Office:
    """A service at `url`, and all that is needed to keep it well. Close it at the end.

    `train(X, y)` returns a model that has learned from labelled cards also. `decide`
    is asked after each shift, with the audits of this shift and of the one before.
    Cards for which `refuse(rows)` is true get status 422. `orders` are models that
    somebody above wants to see promoted, by the shift after which they come.
    """

    def __init__(
        self,
        folder: str | Path,
        model: Any,
        *,
        train: Callable[[np.ndarray, np.ndarray], Any] | None = None,
        decide: _Decide = lambda now, before: KEEP,
        refuse: Callable[[np.ndarray], np.ndarray] | None = None,
        max_rows: int = 1000,
        orders: Mapping[str, Any] | None = None,
    ):
        folder = Path(folder)
        folder.mkdir(parents=True, exist_ok=True)
        self.registry = Registry(folder / "northgate")
        self.log = PredictionLog(folder / "log.db")
        self.monitor = Monitor()
        self.diary: list[Entry] = []
        self._train, self._decide, self._refuse = train, decide, refuse
        self._max_rows, self._orders = max_rows, dict(orders or {})
        self._since_s = time.time()
        self.promote(model, why="the first")
        self._server = serve(self, name=f"office {folder.name}")
        self._server.at_stop(self.log.close)  # also if another office replaces it
        self.url = self._server.url

    def __call__(self, environ: Any, start_response: Any) -> Any:
        """Answer as the app of the current model does: an office is a WSGI app."""
        return self._app(environ, start_response)

    def promote(self, model: Any, *, why: str) -> None:
        """Save a fitted model as a version and serve it from the next request on."""
        example = training_bags().X[:20]
        manifest = self.registry.add(model, example=example, columns=_PIXELS)
        self.registry.promote(manifest, why=why)
        self._open()

    def rollback(self, *, why: str) -> None:
        """Let the version serve again that did so before this one."""
        self.registry.rollback(why=why)
        self._open()

    def audit(self) -> ShiftAccuracy:
        """Return what the labels of this shift say of the version that serves."""
        joined, version = self.log.joined(), self.registry.current_version
        here = (joined.at_s >= self._since_s) & (joined.version == version)
        labelled, right = joined.labelled & here, joined.right & here
        return ShiftAccuracy(str(version), int(right.sum()), int(labelled.sum()))

    def labelled(self) -> tuple[np.ndarray, np.ndarray]:
        """Return all cards whose label has come, shapes (n, 64) and (n,)."""
        joined = self.log.joined()
        X, y = joined.X[joined.labelled], joined.label[joined.labelled].astype(int)
        order = np.lexsort(X.T)  # the same cards in the same order, whoever was quicker
        return X[order], y[order]

    def on_break(self, played: Any) -> None:
        """Look at the shift that was played, decide, act, and write it down."""
        name, now = played.shift.name, self.audit()
        before = self.diary[-1].audit if self.diary else None
        action = self._decide(now, before)
        if action == RETRAIN and self._train:
            self.promote(self._train(*self.labelled()), why=f"{name}: {now}")
        elif action == ROLL_BACK:
            self.rollback(why=f"{name}: {now}")
        elif action != KEEP:
            raise ValueError(f"decide returned {action!r}: keep, retrain or roll back?")
        self.diary.append(Entry(name, now, action))
        if name in self._orders:
            self.promote(self._orders[name], why="an order from above")
        self._since_s = time.time()

    def close(self) -> None:
        """Stop the server and close the log. A second call does nothing."""
        self._server.stop()
        self.log.close()

    def __enter__(self) -> "Office":
        return self

    def __exit__(self, *error: object) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"office at {self.url}, serves {self.registry.current_version}"

    def _open(self) -> None:
        model = self.registry.current()
        options: Any = {"max_rows": self._max_rows, "log": self.log}
        self._app = prediction_app(
            self._guarded(model),
            manifest=model.manifest,
            monitor=self.monitor,
            **options,
        )
        self.logger = self._app.logger  # where serve() looks for it

    def _guarded(self, model: Model) -> Callable[[np.ndarray], Answers]:
        def predict(rows: np.ndarray) -> Answers:
            if self._refuse is not None and (bad := self._refuse(rows)).any():
                i = int(np.flatnonzero(bad)[0])
                message = f"row {i} is no card as our cameras send them"
                raise BadRequest(422, "not_a_card", message, row=i)
            return model(rows)

        return predict
