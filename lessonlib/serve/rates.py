"""How often may each caller ask?

A token bucket: a token a request, so many fit in, and they come back at a steady rate.
All of it is in one number, the time at which the bucket will be full again. So several
processes can share a bucket as a file of eight bytes.
"""

import math
import os
import struct
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

if sys.platform != "win32":
    import fcntl

_Take = Callable[
    [float], tuple[float, float]
]  # full again at: then, and seconds to wait
_Apply = Callable[[str, _Take], float]


@dataclass(frozen=True)
class RateLimit:
    """At most `burst` requests at once, and `rate_rps` a second in the long run."""

    rate_rps: float
    burst: int

    def __post_init__(self) -> None:
        if not 0 < self.rate_rps < math.inf:
            raise ValueError(f"rate_rps must be above 0, got {self.rate_rps}")
        if not self.burst >= 1:
            raise ValueError(f"burst must be 1 or more, got {self.burst}")


class TokenBuckets:
    """A bucket for each name, in this process or, shared with others, in `folder`."""

    def __init__(
        self,
        limit: RateLimit,
        *,
        folder: str | Path | None = None,
        now: Callable[[], float] = time.monotonic,
    ):
        self._limit, self._now = limit, now
        self._apply = _in_memory() if folder is None else _in_folder(Path(folder))

    def wait_s(self, name: str) -> float:
        """Take a token and return 0; if there is none, the seconds until the next."""
        now, token_s = self._now(), 1 / self._limit.rate_rps

        def take(full_s: float) -> tuple[float, float]:
            after_s = max(full_s, now) + token_s
            wait_s = after_s - now - self._limit.burst * token_s
            # a millionth of a token is a rounding error
            return (full_s, wait_s) if wait_s > 1e-6 * token_s else (after_s, 0.0)

        return self._apply(name, take)


def _in_memory() -> _Apply:
    lock, full_s = threading.Lock(), dict[str, float]()

    def apply(name: str, take: _Take) -> float:
        with lock:
            full_s[name], wait_s = take(full_s.get(name, 0.0))
        return wait_s

    return apply


def _in_folder(folder: Path) -> _Apply:
    if sys.platform == "win32":
        message = "Windows has no flock to share a limit: let one process"
        raise ValueError(f"{message} answer, with prediction_app")

    def apply(name: str, take: _Take) -> float:
        file = os.open(folder / name, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(file, fcntl.LOCK_EX)  # gone with the file, whoever dies
            (full_s,) = struct.unpack("d", os.pread(file, 8, 0) or bytes(8))
            full_s, wait_s = take(full_s)
            os.pwrite(file, struct.pack("d", full_s), 0)
        finally:
            os.close(file)
        return wait_s

    return apply
