"""How many were late? `late_parcels(times_s, limit_ms)` counts them."""

from lessonlib.checks import Check, Mistake, case

WAITS_S = [0.004, 0.25, 0.2504, 0.4, 0.9, 60.0]
UNITS = "how much is 0.4 s in milliseconds, and is that over the limit?"


PROMISES = (
    (
        "times are seconds, the limit is milliseconds, and parcels are counted",
        case(WAITS_S, 300, gives=3, hint=UNITS),
        case(WAITS_S, 2, gives=6, hint=UNITS),
    ),
    (
        "a parcel on the limit is in time, a hair over it is late",
        case(WAITS_S, 250, gives=4, hint="0.25 s is in time, 0.2504 s is not"),
    ),
    (
        "if none is late, the count is 0",
        case(WAITS_S, 60_000, gives=0, hint="a minute is 60,000 ms"),
    ),
)


MISTAKES = (
    Mistake(
        "seconds against milliseconds",
        "the times are still seconds and the limit milliseconds, so 0.9 is compared "
        "with 50, and nobody is ever late. Bring both to one unit",
        lambda times_s, limit_ms: sum(t > limit_ms for t in times_s),
    ),
    Mistake(
        "the wrong way",
        "this makes it worse, a million instead of a thousand: how many milliseconds "
        "has a second?",
        lambda times_s, limit_ms: sum(t / 1000 > limit_ms for t in times_s),
    ),
    Mistake(
        "on the limit",
        "a parcel on the limit is in time, and this counts it as late",
        lambda times_s, limit_ms: sum(1000 * t >= limit_ms for t in times_s),
    ),
    Mistake(
        "whole milliseconds",
        "the times were rounded to whole milliseconds first, and a parcel that is late "
        "by less than half a millisecond slips through. Compare first, and round only "
        "what people read",
        lambda times_s, limit_ms: sum(round(1000 * t) > limit_ms for t in times_s),
    ),
    Mistake(
        "in time",
        "these are the parcels that were in time. The office asks for the others",
        lambda times_s, limit_ms: sum(1000 * t <= limit_ms for t in times_s),
    ),
    Mistake(
        "share",
        "this is the share of late parcels. The office asks how many",
        lambda times_s, limit_ms: (
            sum(1000 * t > limit_ms for t in times_s) / len(times_s)
        ),
    ),
)

late = Check.table(
    title="bug hunt: nobody is ever late",
    name="late_parcels",
    promises=PROMISES,
    also=((WAITS_S, 50), (WAITS_S, 950)),
    mistakes=MISTAKES,
)
