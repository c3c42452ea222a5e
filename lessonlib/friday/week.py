"""How does a service stand a week, and what does the week cost?

`Week` plays a script against the address of a service, from a thread of its own: each
request goes out when it is due, answered or not. After a shift the labels come back;
then whoever runs the service may act. Nothing here knows how the service is built.
"""

import json
import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from lessonlib.friday.scenario import Shift
from lessonlib.measure.client import Client, Reply
from lessonlib.measure.connection import FAILED

LIMIT_S = 0.050  # the belt's
NO_ANSWER = -3  # as a status, and as what was said
BY_HAND_MIN, ASTRAY_MIN = 1, 10  # minutes: a card that a clerk reads; a lost parcel
_AT_ONCE = 32  # requests under way, at most
_TIMEOUT_S = 10


@dataclass(frozen=True)
class Score:
    """Parcels, and what became of those that were not read right and in time."""

    parcels: int = 0
    misread: int = 0  # answered, with a wrong digit: they travel to a wrong town
    by_hand: int = 0  # refused, or not answered
    late: int = 0  # answered after the belt's limit, rightly or not

    @property
    def cost_min(self) -> int:
        """Minutes of work: 10 for a misread parcel, 1 for one by hand or late."""
        return ASTRAY_MIN * self.misread + BY_HAND_MIN * (self.by_hand + self.late)

    def __add__(self, other: "Score") -> "Score":
        names = ("parcels", "misread", "by_hand", "late")
        return Score(*(getattr(self, name) + getattr(other, name) for name in names))

    def __repr__(self) -> str:
        return (
            f"{self.parcels} parcels: {self.misread} misread, {self.by_hand} by hand, "
            f"{self.late} late; {self.cost_min:,} minutes of work"
        )


@dataclass(frozen=True, eq=False)
class Played:
    """What a service made of a shift: arrays of shape (n,), its requests in order."""

    shift: Shift
    status: np.ndarray  # of HTTP, or NO_ANSWER
    said: np.ndarray  # the digit, or NO_ANSWER
    response_s: np.ndarray  # from when it was due to its answer

    @property
    def score(self) -> Score:
        """Return what became of the parcels of the shift."""
        parcel, truth = self.shift.parcel, self.shift.truth
        answered = parcel & (self.status == 200)
        return Score(
            parcels=int(parcel.sum()),
            misread=int((answered & (self.said != truth)).sum()),
            by_hand=int((parcel & ~answered).sum()),
            late=int((answered & ~(self.response_s <= LIMIT_S)).sum()),
        )

    def __repr__(self) -> str:
        return f"{self.shift.name}: {self.score}"


def total(played: Sequence[Played]) -> Score:
    """Return the score of several shifts as one."""
    return sum((each.score for each in played), Score())


class Week:
    """Plays shifts against `url` on a daemon thread, until their end or `stop()`.

    After a shift the audited labels go to `url`/feedback. Then, unless it was the last,
    `on_break(played)` is called on that thread, and the belt rests until it returns.
    """

    def __init__(
        self,
        url: str,
        shifts: Sequence[Shift],
        *,
        on_break: Callable[[Played], Any] | None = None,
    ):
        self.played: tuple[Played, ...] = ()
        self._shifts, self._on_break = tuple(shifts), on_break
        self._over, self._answered = threading.Event(), 0
        self._client = Client(url, timeout_s=_TIMEOUT_S, stopped=self._over.is_set)
        self._error: Exception | None = None
        self._thread = threading.Thread(target=self._run, name="week", daemon=True)
        self._thread.start()

    def status(self) -> str:
        """Return where the week stands, in one line."""
        at, all_of_it = len(self.played), len(self._shifts)
        if at == all_of_it or not self._thread.is_alive():
            return f"{at} of {all_of_it} shifts, {total(self.played)}"
        shift = self._shifts[at]
        here = f"{shift.name}, {self._answered} of {len(shift.due_s)} answered"
        so_far = total(self.played)
        return f"{here}; before, {so_far.misread} of {so_far.parcels} misread"

    __repr__ = status

    def wait(self, *, timeout_s: float = 300.0) -> bool:
        """Return whether the week is over. Raises what `on_break` raised."""
        self._thread.join(timeout_s)
        if self._error:
            raise self._error
        return not self._thread.is_alive()

    def stop(self) -> None:
        """Send no more. A second call does nothing."""
        self._over.set()
        if threading.current_thread() is not self._thread:
            self._thread.join()

    def __enter__(self) -> "Week":
        return self

    def __exit__(self, *error: object) -> None:
        self.stop()

    def _run(self) -> None:
        try:
            for shift in self._shifts:
                self._play(shift)
                if self._over.is_set():
                    break
                if self._on_break and len(self.played) < len(self._shifts):
                    self._on_break(self.played[-1])
        except Exception as error:  # of the hook; wait() raises it where it is seen
            self._error = error

    def _play(self, shift: Shift) -> None:
        replies = []
        for reply in self._post("/predict", shift.bodies, shift.due_s):
            replies.append(reply)
            self._answered = len(replies)  # for status()
        if len(replies) < len(shift.due_s):
            return  # somebody has stopped the week
        replies.sort(key=lambda reply: reply.i)
        status, said, ids = zip(*map(_read, replies), strict=True)
        labels = [
            {"request_id": ids[i], "label": int(shift.truth[i]), "source": "audit"}
            for i in np.flatnonzero(shift.audited)
            if ids[i]
        ]
        bodies = [json.dumps(label).encode() for label in labels]
        list(self._post("/feedback", bodies, np.zeros(len(bodies))))
        self._answered = 0  # of the next shift, which begins after the break
        response_s = np.array([reply.answered_s for reply in replies]) - shift.due_s
        self.played += (Played(shift, np.array(status), np.array(said), response_s),)

    def _post(
        self, path: str, bodies: Sequence[bytes], due_s: np.ndarray
    ) -> Iterator[Reply]:
        turns = iter(self._client.turns(path, bodies, due_s))
        return self._client.replies([turns] * _AT_ONCE)


def _read(reply: Reply) -> tuple[int, int, Any]:
    """Return the status, the digit that was said, and the request's id or None."""
    if reply.status == FAILED:
        return NO_ANSWER, NO_ANSWER, None
    if reply.status != 200:
        return reply.status, NO_ANSWER, None
    try:
        fields = json.loads(reply.body)
        return 200, int(fields["predictions"][0]), fields.get("request_id")
    except (ValueError, TypeError, LookupError, AttributeError):
        return NO_ANSWER, NO_ANSWER, None  # 200, but no answer
