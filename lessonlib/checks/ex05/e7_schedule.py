"""When is each parcel due? `due_times(rate, seconds)` plans an even belt."""

import numpy as np

from lessonlib.checks import Check, Mistake, case
from lessonlib.checks.probes import call


def _count(rate, seconds, n):
    """Return the case of how many are due; what is compared is their number."""
    return case(
        rate,
        seconds,
        len,
        gives=n,
        called=f"due_times({rate}, {seconds}): the number of times",
        hint="how many come in one second?",
    )


def _ask(answer, rate, seconds, of=list):
    return of(list(call(answer, rate, seconds)))


PROMISES = (
    (
        "the first is due at 0, and the gaps are even",
        case(4, 1, gives=[0.0, 0.25, 0.5, 0.75], hint="how long is one gap?"),
        case(2, 3, gives=[0.0, 0.5, 1.0, 1.5, 2.0, 2.5], hint="when is the next?"),
    ),
    (
        "as many are due as the rate and the seconds say, the last before the end",
        _count(100, 5, n=500),
        _count(50, 2.5, n=125),
        _count(8, 0.5, n=4),
        _count(1, 3, n=3),
    ),
)


def _bursts(rate, seconds):
    return [float(k // rate) for k in range(round(rate * seconds))]


MISTAKES = (
    Mistake(
        "rate for gap",
        "the times are rate seconds apart. If four are due in a second, how long is it "
        "from one to the next?",
        lambda rate, seconds: [k * rate for k in range(round(rate * seconds))],
    ),
    Mistake(
        "starts late",
        "everything is one gap late: the first parcel is due at 0",
        lambda rate, seconds: [(k + 1) / rate for k in range(round(rate * seconds))],
    ),
    Mistake(
        "end included",
        "the gaps are a little too long, because the last parcel is due at the very "
        "end. It is the next one, not planned any more, that would be due there",
        lambda rate, seconds: np.linspace(0, seconds, round(rate * seconds)),
    ),
    Mistake(
        "fence post",
        "one parcel too many: the one at the very end belongs to the next second",
        lambda rate, seconds: [k / rate for k in range(round(rate * seconds) + 1)],
    ),
    Mistake(
        "bursts",
        "all parcels of a second are due at once. Some tools do send like this, and "
        "measure the queue that they make themselves: spread them evenly",
        _bursts,
    ),
    Mistake(
        "one second",
        "these are the parcels of one second: where does the run's length come in?",
        lambda rate, seconds: [k / rate for k in range(rate)],
    ),
)

schedule = Check.table(
    title="plan a belt",
    name="due_times",
    promises=PROMISES,
    ask=_ask,
    also=((100, 5), (8, 0.5)),
    mistakes=MISTAKES,
)
