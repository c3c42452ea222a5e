"""How long must a window be? `hours_to_wait(n, an_hour, least, alpha)` says it."""

from collections.abc import Callable
from functools import cache

from lessonlib.checks import Case, Check, Mistake, case
from lessonlib.watch.drift import psi_critical

WEEK_H = 168
by_chance = cache(psi_critical)  # the mistakes ask for the same again and again


def _wait(*given: float, gives: int, hint: str) -> Case:
    return case(*given, gives=gives, hint=hint)


LONG = "after how many hours does chance no longer reach `least`?"
SHORT = "would an hour less have done?"
BOTH = "the reference is a sample as well: its n rows count, too"
RARE = "which alpha does psi_critical get?"
NEVER = "try one hour after the other, and give up after a week"

PROMISES = (
    (
        "the window is long enough, and an hour less would be too short",
        _wait(776, 40, 0.1, 0.05, gives=6, hint=LONG),
        _wait(776, 130, 0.25, 0.05, gives=1, hint=SHORT),
        _wait(300, 25, 0.1, 0.05, gives=16, hint=BOTH),
    ),
    (
        "fewer false alarms take longer, and a larger drift takes less long",
        _wait(776, 40, 0.1, 0.001, gives=11, hint=RARE),
        _wait(776, 40, 0.25, 0.001, gives=4, hint=RARE),
    ),
    (
        "if a whole week isn't enough, the answer is 0",
        _wait(776, 1, 0.1, 0.05, gives=0, hint=NEVER),
        _wait(100, 40, 0.1, 0.05, gives=0, hint=NEVER),
        _wait(300, 1, 0.1574, 0.05, gives=168, hint="try all 168 hours of the week"),
    ),
)


def _first(enough: Callable[[int], bool], otherwise: int = 0) -> int:
    return next((h for h in range(1, WEEK_H + 1) if enough(h)), otherwise)


def _window_alone(n, an_hour, least, alpha):
    return _first(lambda h: by_chance(10**12, h * an_hour, alpha=alpha) <= least)


def _as_many_as_before(n, an_hour, least, alpha):
    return _first(lambda h: by_chance(h * an_hour, h * an_hour, alpha=alpha) <= least)


def _cards(n, an_hour, least, alpha):
    hours = _first(lambda h: by_chance(n, h * an_hour, alpha=alpha) <= least)
    return hours * an_hour


def _an_hour_short(n, an_hour, least, alpha):
    hours = _first(lambda h: by_chance(n, h * an_hour, alpha=alpha) <= least)
    return max(hours - 1, 0)


def _one_in_twenty(n, an_hour, least, alpha):
    return _first(lambda h: by_chance(n, h * an_hour) <= least)


def _a_week_at_most(n, an_hour, least, alpha):
    return _first(lambda h: by_chance(n, h * an_hour, alpha=alpha) <= least, WEEK_H)


MISTAKES = (
    Mistake(
        "window alone",
        "only the cards of the window count here, as if the reference were the truth. "
        "It is a sample of n cards, and adds luck of its own",
        _window_alone,
    ),
    Mistake(
        "two equal samples",
        "here the reference grows with the window. It has n cards, however long you "
        "wait",
        _as_many_as_before,
    ),
    Mistake(
        "cards",
        "this is a number of cards. The office asks for hours",
        _cards,
    ),
    Mistake(
        "an hour short",
        "an hour too short: at the end of it, chance still exceeds `least` too often. "
        "Part of an hour counts as a whole one",
        _an_hour_short,
    ),
    Mistake(
        "one in twenty",
        "alpha is ignored, so the alarm rings for nothing in one window of 20, "
        "whatever the office asked for",
        _one_in_twenty,
    ),
    Mistake(
        "a week at most",
        "where no window is long enough, a week came back, and after a week the alarm "
        "would ring for nothing. The exercise asks for 0 then",
        _a_week_at_most,
    ),
)

wait = Check.table(
    title="how long to collect",
    name="hours_to_wait",
    promises=PROMISES,
    mistakes=MISTAKES,
)
