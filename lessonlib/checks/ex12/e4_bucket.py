"""How long must a caller wait? `Bucket(rate_rps, burst).retry_after(now_s)` says it."""

import math
from functools import partial
from typing import Any

import numpy as np

from lessonlib.checks import Case, Check, Mistake, case
from lessonlib.checks.probes import Untouched


def _ask(
    answer: Any, rate_rps: float, burst: int, times_s: list[float], what: str
) -> list[Any]:
    """Return what a new bucket says at each of some times, or whether that is 0."""
    bucket = answer(rate_rps, burst)
    replies = [bucket.retry_after(now_s) for now_s in times_s]
    if all(reply is None or reply is ... for reply in replies):
        raise Untouched
    return replies if what == WAITS else [_is_zero(reply) for reply in replies]


def _is_zero(reply: Any) -> Any:
    return reply == 0 if isinstance(reply, int | float | np.generic) else reply


def _case(
    what: str, rate_rps: float, burst: int, *times_s: float, gives: Any, hint: str
) -> Case:
    times = ", ".join(f"{now_s:g}" for now_s in times_s)
    called = f"Bucket({rate_rps:g}, {burst}).retry_after at {times} s ({what})"
    given = rate_rps, burst, [*times_s], what
    return case(*given, gives=gives, called=called, hint=hint)


WAITS, PASSES = "seconds to wait", "does it pass?"
_waits, _pass = partial(_case, WAITS), partial(_case, PASSES)

FULL = "how many tokens are in a new bucket, at whatever time it is first asked?"
RATE = "how many tokens have come back since, at rate_rps a second, and parts of one?"
MOST = "can there ever be more tokens in it than burst?"
WHOLE = "how many seconds does the missing part of a token take? Round up"
FREE = "what does a request take that is turned away?"

YES, NO = True, False

PROMISES = (
    (
        "a new bucket is full: `burst` requests pass at once, and the next one waits",
        _pass(1, 3, 0, 0, 0, 0, gives=[YES, YES, YES, NO], hint=FULL),
        _pass(1, 2, 1000, 1000, 1000, gives=[YES, YES, NO], hint=FULL),
    ),
    (
        "tokens come back at the rate, and parts of a token are not lost",
        _pass(0.5, 1, 0, 1, 2, 3, 4, gives=[YES, NO, YES, NO, YES], hint=RATE),
        _pass(1, 1, 0, 0.25, 0.5, 0.75, 1, gives=[YES, NO, NO, NO, YES], hint=RATE),
        _pass(4, 2, 0, 0, 0.25, 0.25, 0.5, gives=[YES, YES, YES, NO, YES], hint=RATE),
    ),
    (
        "after a quiet hour only `burst` pass at once, and so after a quiet second",
        _pass(1, 2, 0, 3600, 3600, 3600, gives=[YES, YES, YES, NO], hint=MOST),
        _pass(1, 3, 0, 2, 2, 3, 3, 3, gives=[YES, YES, YES, YES, YES, NO], hint=MOST),
    ),
    (
        "a request that is turned away takes nothing from those that come later",
        _pass(1, 1, 0, 0, 0, 0, 1, gives=[YES, NO, NO, NO, YES], hint=FREE),
    ),
    (
        "the wait is in whole seconds, rounded up: it is enough, and it is never 0",
        _waits(0.25, 1, 0, 0, 0.5, 1, 3.5, 4, gives=[0, 4, 4, 3, 1, 0], hint=WHOLE),
        _waits(8, 1, 0, 0, 0.125, gives=[0, 1, 0], hint=WHOLE),
    ),
)


class _Tokens:
    """Tokens in a bucket, as far as all mistakes below have them in common."""

    def __init__(self, rate_rps, burst):
        self.rate_rps, self.burst, self.tokens = rate_rps, burst, burst
        self.seen_s = None

    def refill(self, now_s):
        since_s = 0 if self.seen_s is None else now_s - self.seen_s
        self.seen_s = now_s
        self.tokens = self.kept(self.tokens + since_s * self.rate_rps)

    def kept(self, tokens):
        raise NotImplementedError

    def wait(self):
        return math.ceil((1 - self.tokens) / self.rate_rps)

    def retry_after(self, now_s):
        self.refill(now_s)
        if self.tokens < 1:
            return self.wait()
        self.tokens -= 1
        return 0


class _Empty(_Tokens):
    def __init__(self, rate_rps, burst):
        super().__init__(rate_rps, burst)
        self.tokens = 0

    def kept(self, tokens):
        return min(self.burst, tokens)


class _Overflowing(_Tokens):
    def kept(self, tokens):
        return tokens


class _RoundedDown(_Tokens):
    def kept(self, tokens):
        return min(self.burst, tokens)

    def wait(self):
        return int((1 - self.tokens) / self.rate_rps)


class _Charging(_Tokens):
    def kept(self, tokens):
        return min(self.burst, tokens)

    def retry_after(self, now_s):
        self.refill(now_s)
        self.tokens -= 1
        return 0 if self.tokens >= 0 else math.ceil(-self.tokens / self.rate_rps)


class _WholeTokens(_Tokens):
    def kept(self, tokens):
        return min(self.burst, int(tokens))


class _Window(_Tokens):
    def refill(self, now_s):
        if self.seen_s is None or now_s - self.seen_s >= self.burst / self.rate_rps:
            self.seen_s, self.tokens = now_s, self.burst
        self.now_s = now_s

    def wait(self):
        return math.ceil(self.seen_s + self.burst / self.rate_rps - self.now_s)


MISTAKES = (
    Mistake(
        "starts empty",
        "a new bucket is empty here, so the very first request of a caller who has "
        "never asked before is turned away. How many should pass at once?",
        _Empty,
    ),
    Mistake(
        "overflows",
        "tokens are gathered without an end: a caller who sleeps for an hour may then "
        "send 3600 requests in one go, and that is what the limit is against. How many "
        "tokens fit in?",
        _Overflowing,
    ),
    Mistake(
        "rounds down",
        "a wait of half a second becomes 0 here, which reads as yes, and one of 3.5 "
        "becomes 3, which is too early: the caller comes back only to be turned away",
        _RoundedDown,
    ),
    Mistake(
        "refusals cost",
        "a request that is turned away takes a token too, so a caller who asks on and "
        "on digs a hole and is never let in again. Take a token only if there is one",
        _Charging,
    ),
    Mistake(
        "parts of a token are lost",
        "only whole tokens come back, and the clock is set forward at each look: a "
        "caller who asks four times a second never gets one. Keep the part of a token, "
        "or the time that it stands for",
        _WholeTokens,
    ),
    Mistake(
        "a new window fills it",
        "the bucket is filled in one go when its time is over. A caller who asks just "
        "before and just after gets twice the burst at once. Tokens come back one by "
        "one",
        _Window,
    ),
)

bucket = Check.table(
    title="a bucket of tokens",
    name="Bucket",
    promises=PROMISES,
    ask=_ask,
    mistakes=MISTAKES,
)
