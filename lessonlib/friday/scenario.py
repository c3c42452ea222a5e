"""What happens at Northgate in a week?

Five days of mail, and on four of them something goes wrong. A script is data: when each
request is due, what is sent, and what a right answer would be. The same seed is the
same week, so that two services can be compared on it.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from lessonlib.mail import Bag, arriving_bags, rescale, shift_camera

NO_DIGIT, BULK = -1, -2  # in `truth`: no answer can be right; no parcel at all
_RATE_RPS = 120
_AUDITED = 0.5  # the share of parcels whose label comes back, drawn by lot
_PILES, _PILE = 10, 500  # Tuesday's archive: so many requests, of so many cards


@dataclass(frozen=True, eq=False)
class Shift:
    """Some hours of traffic for POST /predict: arrays of shape (n,), n requests."""

    name: str
    event: str  # what the office knows of it afterwards
    due_s: np.ndarray  # seconds from the start of the shift, ascending
    bodies: tuple[bytes, ...]
    truth: np.ndarray  # the digit on the card, NO_DIGIT or BULK
    audited: np.ndarray  # whether its label comes back after the shift

    @property
    def parcel(self) -> np.ndarray:
        """Which requests stand for a parcel; the archive's do not."""
        return self.truth != BULK

    def __repr__(self) -> str:
        return f"{self.name}, {self.parcel.sum()} parcels: {self.event}"


def northgate_week(*, seed: int = 11) -> tuple[Shift, ...]:
    """Return the seven shifts of the week."""
    rng, bags = np.random.default_rng(seed), arriving_bags()
    later = [bags[number] for number in (10, 11, 12, 13)]
    X = shift_camera(np.vstack([bag.X for bag in later]))  # from Thursday on
    y = np.concatenate([bag.y for bag in later])
    noon, half = 60, len(y) // 2
    parts = {
        "Thursday morning": ("a new camera is switched on", 0, noon),
        "Thursday afternoon": ("the new camera goes on", noon, half),
        "Friday morning": ("the rival's first shift", half, half + noon),
        "Friday afternoon": ("the rest of the week", half + noon, len(y)),
    }
    monday = _shift("Monday", "a day like any", _bodies(bags[7].X), bags[7].y, rng)
    return (
        monday,
        _tuesday(bags[8], rng),
        _wednesday(bags[9], rng),
        *(
            _shift(name, event, _bodies(X[first:last]), y[first:last], rng)
            for name, (event, first, last) in parts.items()
        ),
    )


def _tuesday(bag: Bag, rng: np.random.Generator) -> Shift:
    """Between the parcels an archive job sends its cards, hundreds in a request."""
    pile = _body(np.resize(bag.X, (_PILE, 64)).tolist())
    day = _shift("Tuesday", "an archive job", _bodies(bag.X), bag.y, rng)
    due_s = np.concatenate([day.due_s, np.linspace(0.2, 0.3, _PILES)])
    order = np.argsort(due_s)
    bodies = [*day.bodies, *[pile] * _PILES]
    return Shift(
        day.name,
        day.event,
        due_s[order],
        tuple(bodies[i] for i in order),
        np.append(day.truth, [BULK] * _PILES)[order],
        np.append(day.audited, [False] * _PILES)[order],
    )


def _wednesday(bag: Bag, rng: np.random.Generator) -> Shift:
    """One client of two has a new program: pixels from 0 to 1, or no card at all."""
    bodies, truth = _bodies(bag.X), bag.y.copy()
    sent_by_it = rng.permutation(len(bag))[: len(bag) // 2]
    for k, i in enumerate(sent_by_it):
        card = rescale(bag.X[i]).tolist()
        spoilt: Any = ([], card[:63], [*card[:63], "dark"], [*card[:63], 255.0])
        if k < 16:
            truth[i] = NO_DIGIT
        bodies[i] = _body([spoilt[k % 4] if k < 16 else card])
    return _shift("Wednesday", "a client with a new program", bodies, truth, rng)


def _shift(
    name: str,
    event: str,
    bodies: Sequence[bytes],
    truth: np.ndarray,
    rng: np.random.Generator,
) -> Shift:
    due_s = np.sort(rng.uniform(0, len(bodies) / _RATE_RPS, len(bodies)))
    # of a parcel without a digit that can be read nobody learns the truth
    audited = (rng.random(len(bodies)) < _AUDITED) & (truth >= 0)
    return Shift(name, event, due_s, tuple(bodies), truth, audited)


def _bodies(X: np.ndarray) -> list[bytes]:
    return [_body([row]) for row in X.tolist()]


def _body(rows: Sequence[Sequence[Any]]) -> bytes:
    return json.dumps({"rows": rows}).encode()
