"""How many machines, and what do they cost? `bill(...)` works it out."""

import math
from typing import Any

from lessonlib.checks import Case, Check, Mistake, case
from lessonlib.checks.probes import call
from lessonlib.checks.replies import with_keys

KEYS = ("machines", "a_month")
HOURS, DAY_S = 730, 86_400  # of a month, of a day


def _ask(answer: Any, key: str, *given: float) -> Any:
    return with_keys(call(answer, *given), KEYS, called=f"bill{given}")[key]


def _machines(*given: float, gives: int, hint: str) -> Case:
    called = f"bill{given}: machines"
    return case("machines", *given, gives=gives, called=called, hint=hint)


def _price(*given: float, gives: float) -> Case:
    called, hint = f"bill{given}: a_month", "all machines, each for all 730 hours"
    return case("a_month", *given, gives=gives, called=called, hint=hint)


PEAK = "how many requests come in the busiest second?"
ROOM = "how many requests a second may one machine get, if it is never busier?"
SPARE = "one fails at the peak: how many are left, and is that enough?"
WHOLE = "which whole number of machines is just enough, before one fails?"

PROMISES = (
    (
        "the busiest second fits, and not only the mean one",
        _machines(8_640_000, 4.5, 100, 1.0, 0.05, gives=6, hint=PEAK),
        _machines(4_320_000, 7.2, 100, 1.0, 0.05, gives=5, hint=PEAK),
    ),
    (
        "no machine is busier than it may be",
        _machines(8_640_000, 2.1, 100, 0.5, 0.1, gives=6, hint=ROOM),
        _machines(8_640_000, 3.1, 100, 0.75, 0.1, gives=6, hint=ROOM),
    ),
    (
        "there are just enough machines, and one to fail",
        _machines(8640, 1, 100, 0.5, 0.1, gives=2, hint=SPARE),
        _machines(8_640_000, 5, 400, 0.8, 0.1, gives=3, hint=WHOLE),
        _machines(8_640_000, 3, 100, 0.75, 0.1, gives=5, hint=WHOLE),
    ),
    (
        "all of them are paid for, the whole month",
        _price(8_640_000, 4.5, 100, 1.0, 0.05, gives=219.0),
        _price(8_640_000, 3, 100, 0.75, 0.1, gives=365.0),
    ),
)


def _for(machines, hour_price):
    return {"machines": machines, "a_month": machines * hour_price * HOURS}


def _mean(requests_a_day, peak_factor, machine_rps, most_busy, hour_price):
    needed = requests_a_day / DAY_S / (machine_rps * most_busy)
    return _for(math.ceil(needed) + 1, hour_price)


def _needed(requests_a_day, peak_factor, machine_rps, most_busy):
    return requests_a_day / DAY_S * peak_factor / (machine_rps * most_busy)


def _rounded_down(*given):
    return _for(int(_needed(*given[:4])) + 1, given[4])


def _no_spare(*given):
    return _for(math.ceil(_needed(*given[:4])), given[4])


def _parts(*given):
    return _for(_needed(*given[:4]) + 1, given[4])


def _added(requests_a_day, peak_factor, machine_rps, most_busy, hour_price):
    peak_rps = requests_a_day / DAY_S * peak_factor * (1 + (1 - most_busy))
    return _for(math.ceil(peak_rps / machine_rps) + 1, hour_price)


def _wrong_way(requests_a_day, peak_factor, machine_rps, most_busy, hour_price):
    peak_rps = requests_a_day / DAY_S * peak_factor
    return _for(math.ceil(peak_rps * most_busy / machine_rps) + 1, hour_price)


MISTAKES = (
    Mistake(
        "the mean",
        "this is enough for the mean second of the day. Nobody complains about that "
        "one: how many requests come in the busiest?",
        _mean,
    ),
    Mistake(
        "rounded down",
        "nearly: part of a machine was dropped. If 1.56 are needed, one is too few and "
        "two are enough",
        _rounded_down,
    ),
    Mistake(
        "no spare",
        "all of these are needed at the peak, so when one fails the others are busier "
        "than they may be, and the queue grows. How many must there be for one to be "
        "missing?",
        _no_spare,
    ),
    Mistake(
        "a part of a machine",
        "part of a machine came back, and a price for it. Nobody rents out half a "
        "machine: which whole number is enough?",
        _parts,
    ),
    Mistake(
        "head room on the wrong side",
        "the load was made larger by the share that stays free. That is too little: a "
        "machine that may be half busy takes half the load, so twice as many are "
        "needed, and not one and a half times",
        _added,
    ),
    Mistake(
        "percent the wrong way round",
        "head room made the bill smaller here. If a machine may be half busy, does it "
        "take fewer requests, or does it take more?",
        _wrong_way,
    ),
)

bill = Check.table(
    title="the bill",
    name="bill",
    promises=PROMISES,
    ask=_ask,
    mistakes=MISTAKES,
)
