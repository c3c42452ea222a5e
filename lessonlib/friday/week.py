"""How does a service stand a week, and what does the week cost?

`Week` plays a script against the address of a service, from a thread of its own: each
request goes out when it is due, answered or not. After a shift the labels come back;
then whoever runs the service may act. Nothing here knows how the service is built.
"""

import http.client
import json
import queue
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import numpy as np

from lessonlib.friday.scenario import Shift

LIMIT_S = 0.050  # the belt's
NO_ANSWER = -3  # as a status, and as what was said
BY_HAND_MIN, ASTRAY_MIN = 1, 10  # minutes: a card that a clerk reads; a lost parcel
_WORKERS = 32
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
            late=int((answered & (self.response_s > LIMIT_S)).sum()),
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
        address = urlsplit(url)
        if address.hostname != "127.0.0.1" or not address.port:
            raise ValueError(f"only http://127.0.0.1:PORT may be asked, got {url!r}")
        self.played: tuple[Played, ...] = ()
        self._shifts, self._on_break = tuple(shifts), on_break
        self._host, self._lines = address.netloc, queue.SimpleQueue[Any]()
        self._over, self._answered = threading.Event(), 0
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

    def _run(self):
        try:
            with ThreadPoolExecutor(_WORKERS) as pool:
                for shift in self._shifts:
                    self._play(shift, pool)
                    if self._over.is_set():
                        break
                    if self._on_break and len(self.played) < len(self._shifts):
                        self._on_break(self.played[-1])
        except Exception as error:  # of the hook; wait() raises it where it is seen
            self._error = error
        finally:
            while not self._lines.empty():
                self._lines.get().close()

    def _play(self, shift, pool):
        start, asked = time.perf_counter(), []
        for due_s, body in zip(shift.due_s, shift.bodies, strict=True):
            if self._over.wait(max(0.0, start + due_s - time.perf_counter())):
                return
            asked.append(pool.submit(self._ask, body, start + due_s))
        replies = [each.result() for each in asked]
        status, said, response_s, ids = zip(*replies, strict=True)
        labels = [
            {"request_id": ids[i], "label": int(shift.truth[i]), "source": "audit"}
            for i in np.flatnonzero(shift.audited)
            if ids[i]
        ]
        list(pool.map(lambda label: self._post("/feedback", label), labels))
        columns = map(np.array, (status, said, response_s))
        self._answered = 0  # of the next shift, which begins after the break
        self.played += (Played(shift, *columns),)

    def _ask(self, body, due):
        status, reply = self._post("/predict", body)
        response_s = time.perf_counter() - due
        self._answered += 1  # for status(): one too few does no harm
        try:
            fields = (
                json.loads(reply) if status == 200 else {"predictions": [NO_ANSWER]}
            )
            said, request_id = int(fields["predictions"][0]), fields.get("request_id")
        except (ValueError, TypeError, LookupError, AttributeError):
            status, said, request_id = NO_ANSWER, NO_ANSWER, None  # 200, but no answer
        return status, said, response_s, request_id

    def _post(self, path, body):
        content = body if isinstance(body, bytes) else json.dumps(body)
        try:
            line = self._lines.get_nowait()
        except queue.Empty:
            line = http.client.HTTPConnection(self._host, timeout=_TIMEOUT_S)
        try:
            line.request("POST", path, content, {"Content-Type": "application/json"})
            reply = line.getresponse()
            return reply.status, reply.read()
        except (OSError, http.client.HTTPException):
            line.close()  # the next request opens it again
            return NO_ANSWER, b""
        finally:
            self._lines.put(line)
