"""How many cards can we take? `largest_rate(capacity_rps, limit_s)` says it."""

import math
from typing import Any

from lessonlib.checks import Check, Mistake
from lessonlib.checks.probes import Broken, call, expect, outcomes, rounded
from lessonlib.measure.scaling import mm1_percentile

LIMITS = ((100, 1.0), (100, 0.25), (400, 0.05), (50, 0.5))  # capacity_rps, limit_s
TOO_STRICT = ((50, 0.05), (10, 0.1))


def _reaches_the_limit(largest_rate: Any) -> None:
    """at the rate that comes back, the p99 is just the limit"""
    for capacity, limit_s in LIMITS:
        rate = call(largest_rate, capacity, limit_s)
        called = f"largest_rate({capacity}, {limit_s})"
        if not 0 <= rate < capacity:
            seen = f"{called} gave {rate:.4g}, which is not between 0 and {capacity}"
            raise Broken(seen, "how much of the capacity has to stay idle?")
        p99_s = mm1_percentile(99, rate_rps=rate, capacity_rps=capacity)
        called = f"{called} gave {rate:.6g}. At this rate the p99"
        hint = "put the p99 equal to the limit, solve for the rate, and do not round"
        expect(round(p99_s, 5), limit_s, called=called, hint=hint)


def _stricter_is_less(largest_rate: Any) -> None:
    """a stricter limit leaves room for fewer"""
    loose, strict = (call(largest_rate, 100, limit_s) for limit_s in (1.0, 0.25))
    if not strict < loose:
        seen = f"a limit of 0.25 s gave {strict:.4g} a second, one of 1 s {loose:.4g}"
        raise Broken(seen, "which gives a shorter wait: more callers, or fewer?")


def _no_room(largest_rate: Any) -> None:
    """a limit that even an idle server breaks leaves no room at all"""
    for capacity, limit_s in TOO_STRICT:
        rate = float(call(largest_rate, capacity, limit_s))
        called = f"largest_rate({capacity}, {limit_s})"
        expect(rate, 0.0, called=called, hint="can a rate be below 0?")


def _probe(answer: Any) -> list[Any]:
    return outcomes(lambda *given: rounded(answer(*given)), LIMITS + TOO_STRICT)


MISTAKES = (
    Mistake(
        "mean",
        "this is the rate at which the *mean* keeps the limit. The p99 is log(100) "
        "times the mean: how long may the mean be then?",
        lambda capacity, limit_s: max(0.0, capacity - 1 / limit_s),
    ),
    Mistake(
        "below nothing",
        "nearly: for a limit that even an idle server breaks, a rate below 0 comes "
        "back. What is the smallest possible rate?",
        lambda capacity, limit_s: capacity - math.log(100) / limit_s,
    ),
    Mistake(
        "another logarithm",
        "this took the logarithm to the base 10, which is 2 for 100. The formula means "
        "the natural one: math.log",
        lambda capacity, limit_s: max(0.0, capacity - 2 / limit_s),
    ),
    Mistake(
        "upside down",
        "you multiplied by the limit instead of dividing: a stricter (smaller) limit "
        "has to leave *less* room",
        lambda capacity, limit_s: max(0.0, capacity - math.log(100) * limit_s),
    ),
    Mistake(
        "rounded down",
        "nearly: the rate was rounded down to a whole number. A rate needn't be a "
        "whole number, and the p99 should be *just* the limit",
        lambda capacity, limit_s: max(0, int(capacity - math.log(100) / limit_s)),
    ),
    Mistake(
        "spare",
        "this is the part of the capacity that has to stay idle. How much is left for "
        "the cards?",
        lambda capacity, limit_s: math.log(100) / limit_s,
    ),
)

room = Check(
    title="how many cards can we take?",
    promises=(_reaches_the_limit, _stricter_is_less, _no_room),
    probe=_probe,
    mistakes=MISTAKES,
)
