"""Who was at work? `shift(replies, quiet_s)` reads it from the replies' workers."""

from typing import Any

import numpy as np

from lessonlib.checks import Case, Check, Mistake, case
from lessonlib.checks.probes import Broken, call, shortened

Replies = list[tuple[float, int]]
KEYS = ("share", "gone", "new")


def _ask(answer: Any, replies: Replies, quiet_s: float, key: str) -> Any:
    found = call(answer, replies, quiet_s)
    if not isinstance(found, dict) or not set(KEYS) <= set(found):
        seen = f"shift({shortened(replies)}, {quiet_s}) gave {shortened(found)}"
        raise Broken(seen, f"return a dictionary with the keys {', '.join(KEYS)}")
    return found[key] if key == "share" else sorted(found[key])


def _trace(seed: int, *workers: tuple[int, float, float, int]) -> Replies:
    """Return replies by time; a worker has a number, a first and last time, a count."""
    rng = np.random.default_rng(seed)
    replies: Replies = []
    for worker, first_s, last_s, count in workers:
        within_s = rng.uniform(first_s, last_s, count - 2).round(2).tolist()
        replies += [(at_s, worker) for at_s in (first_s, *within_s, last_s)]
    return sorted(replies)


EVEN = _trace(1, (11, 0, 60, 100), (12, 1, 59, 100))
UNEVEN = _trace(2, (11, 0, 59, 30), (12, 1, 60, 90))
REPLACED = _trace(3, (11, 0, 60, 50), (12, 0, 20, 20), (13, 25, 59, 30))
PAUSED: Replies = [(0, 11), (1, 12), (2, 11), (30, 12), (58, 11), (60, 12)]
TURNED = REPLACED[::-1]  # two clients' recordings, put behind each other
BRIEF = [*EVEN, (30.0, 14)]


def _case(
    name: str, replies: Replies, quiet_s: float, key: str, gives: Any, hint: str
) -> Case:
    called = f"shift of {name} (quiet_s={quiet_s}): {key!r}"
    return case(replies, quiet_s, key, gives=gives, called=called, hint=hint)


SHARE = "count the replies of each worker. What share has the busiest?"
LAST = "when was each worker's last reply, and when the last of all?"
FIRST = "when was each worker's first reply, and when the first of all?"

PROMISES = (
    (
        "`share` is the busiest worker's share of all replies",
        _case("an even minute", EVEN, 5, "share", 0.5, SHARE),
        _case("an uneven minute", UNEVEN, 5, "share", 0.75, SHARE),
        _case("a minute with a death", REPLACED, 5, "share", 0.5, SHARE),
    ),
    (
        "`gone` are those without a reply in the last quiet_s seconds, and no others",
        _case("an even minute", EVEN, 5, "gone", [], LAST),
        _case("a minute with a death", REPLACED, 5, "gone", [12], LAST),
        _case("the same, latest first", TURNED, 5, "gone", [12], LAST),
        _case("workers that paused", PAUSED, 5, "gone", [], LAST),
    ),
    (
        "`new` are those without a reply in the first quiet_s seconds, and no others",
        _case("an even minute", EVEN, 5, "new", [], FIRST),
        _case("a minute with a death", REPLACED, 5, "new", [13], FIRST),
        _case("the same, latest first", TURNED, 5, "new", [13], FIRST),
        _case("a worker that lived for a moment", BRIEF, 5, "new", [14], FIRST),
    ),
)


def _times(replies):
    times: dict[int, list[float]] = {}
    for at_s, worker in replies:
        times.setdefault(worker, []).append(at_s)
    return times


def _told(replies, gone, new):
    times = _times(replies)
    share = max(map(len, times.values())) / len(replies)
    return {"share": share, "gone": gone, "new": new}


def _in_the_order_of_the_list(replies, quiet_s):
    times, start_s, end_s = _times(replies), replies[0][0], replies[-1][0]
    gone = [worker for worker, at_s in times.items() if end_s - at_s[-1] > quiet_s]
    new = [worker for worker, at_s in times.items() if at_s[0] - start_s > quiet_s]
    return _told(replies, gone, new)


def _pauses(replies, quiet_s):
    end_s = max(replies)[0]
    gone, new = [], []
    for worker, at_s in _times(sorted(replies)).items():
        if any(np.diff([*at_s, end_s]) > quiet_s):
            gone.append(worker)
        if at_s[0] - min(replies)[0] > quiet_s:
            new.append(worker)
    return _told(replies, gone, new)


def _last_alone(replies, quiet_s):
    first, last = min(replies)[1], max(replies)[1]
    workers = _times(replies)
    gone = [worker for worker in workers if worker != last]
    return _told(replies, gone, [worker for worker in workers if worker != first])


def _equal_shares(replies, quiet_s):
    told = _in_the_order_of_the_list(sorted(replies), quiet_s)
    return told | {"share": 1 / len(_times(replies))}


MISTAKES = (
    Mistake(
        "trusts the list's order",
        "this takes the first of the list for the earliest, and the last for the "
        "latest. But the clients' recordings come one after the other. min and max "
        "don't mind",
        _in_the_order_of_the_list,
    ),
    Mistake(
        "a pause is a death",
        "a worker that was quiet for a while and came back isn't gone. Only the time "
        "from its last reply to the end counts",
        _pauses,
    ),
    Mistake(
        "quiet_s is ignored",
        "here only the worker of the very last reply counts as alive, and only that of "
        "the first as old. What is quiet_s for?",
        _last_alone,
    ),
    Mistake(
        "equal shares",
        "this divides by the number of workers, as if they had all answered equally "
        "often. How many replies did the busiest give?",
        _equal_shares,
    ),
)

shift = Check.table(
    title="who was at work?",
    name="shift",
    promises=PROMISES,
    ask=_ask,
    mistakes=MISTAKES,
)
