"""Was the promise kept? `keeps(response_s, status, within_s=, share=)`."""

import numpy as np

from lessonlib.checks import Check, Mistake, case
from lessonlib.checks.probes import call, truth

FAST_S, SLOW_S = 0.0625, 4.0


def _ask(keeps, fast, slow, failed, share):
    """Ask about a week of fast, slow and quickly failed requests."""
    response_s = np.array([SLOW_S] * slow + [FAST_S] * fast + [0.001] * failed)
    errors = [503] * (failed - 1) + [-1] * bool(failed)
    status = np.array([200] * (slow + fast) + errors)
    return truth(call(keeps, response_s, status, within_s=FAST_S, share=share))


def _week(fast, slow, failed, *, share, kept, hint):
    counts = f"{fast} on the limit, {slow} later, {failed} failed at once"
    called = f"keeps(...) for {counts}, share={share}"
    return case(fast, slow, failed, share, gives=kept, called=called, hint=hint)


SHARE = "what share of the requests was in time?"
FAILURE = "what did the parcel get that met status 503, or no answer (-1)?"


PROMISES = (
    (
        "exactly the promised share within the limit keeps the promise",
        _week(99, 1, 0, share=0.99, kept=True, hint=SHARE),
        _week(3, 1, 0, share=0.75, kept=True, hint=SHARE),
    ),
    (
        "one request more that is too late breaks it",
        _week(
            98,
            2,
            0,
            share=0.99,
            kept=False,
            hint="count the requests, not their seconds",
        ),
        _week(297, 4, 0, share=0.99, kept=False, hint="a share is a part of 1"),
    ),
    (
        "a request without a good answer was not in time, however quickly it failed",
        _week(198, 0, 3, share=0.99, kept=False, hint=FAILURE),
        _week(98, 1, 1, share=0.99, kept=False, hint=FAILURE),
        _week(99, 0, 1, share=0.99, kept=True, hint="one in a hundred may fail"),
    ),
)


def _share_of_answered(response_s, status, *, within_s, share):
    answered = np.asarray(response_s)[np.asarray(status) == 200]
    return (answered <= within_s).mean() >= share if len(answered) else True


def _in_time(response_s, status, within_s):
    return (np.asarray(response_s) <= within_s) & (np.asarray(status) == 200)


MISTAKES = (
    Mistake(
        "mean",
        "this compares the mean with the limit. Two parcels that wait for hours would "
        "break it, and a mean hides a hundred that wait a little too long: count",
        lambda response_s, status, *, within_s, share: np.mean(response_s) <= within_s,
    ),
    Mistake(
        "failures in time",
        "a failure that comes back at once counts as in time here. A server that "
        "refuses everybody would keep every promise",
        lambda response_s, status, *, within_s, share: (
            np.mean(np.asarray(response_s) <= within_s) >= share
        ),
    ),
    Mistake(
        "failures left out",
        "the failures were dropped before counting. The parcels that got no answer "
        "were parcels all the same: of how many is the share?",
        _share_of_answered,
    ),
    Mistake(
        "strict share",
        "exactly the promised share keeps the promise: more is not asked for",
        lambda response_s, status, *, within_s, share: (
            _in_time(response_s, status, within_s).mean() > share
        ),
    ),
    Mistake(
        "strict limit",
        "a parcel on the limit is in time: within 50 ms includes 50 ms",
        lambda response_s, status, *, within_s, share: (
            np.mean((np.asarray(response_s) < within_s) & (np.asarray(status) == 200))
            >= share
        ),
    ),
    Mistake(
        "slowest",
        "this asks the slowest request to be in time, so a single late parcel breaks "
        "the promise. What is share= for?",
        lambda response_s, status, *, within_s, share: bool(
            _in_time(response_s, status, within_s).all()
        ),
    ),
)

slo = Check.table(
    title="judge a promise",
    name="keeps",
    promises=PROMISES,
    ask=_ask,
    also=(
        *((100, 0, 0, 0.99), (98, 0, 2, 0.98), (1, 0, 0, 1.0)),
        *((0, 4, 0, 0.5), (50, 0, 50, 0.9), (1000, 1, 0, 0.99)),
    ),
    mistakes=MISTAKES,
)
