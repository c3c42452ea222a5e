"""Wrong answers to the exercises of notebook 05, and what to tell who gives them."""

import math

import numpy as np

from lessonlib.checks import Mistake

# -- rank


def _shared(times, p):
    rank = math.ceil(p / 100 * len(times))
    return sorted(times)[rank - 1]


def _rounded_down(times, p):
    return sorted(times)[max(int(p * len(times) / 100) - 1, 0)]


def _one_too_far(times, p):
    return sorted(times)[math.ceil(p * len(times) / 100)]


def _place_for_rank(times, p):
    return sorted(times)[p * len(times) // 100]


RANK = (
    Mistake(
        "divided first",
        "nearly: p / 100 is not exact in a computer, so p / 100 * n can land a hair "
        "above a whole rank and be rounded up. In which order is nothing lost?",
        _shared,
    ),
    Mistake(
        "blended",
        "this blends two neighbours into a time that nobody waited. A percentile here "
        "is one of the times: look for a rank, not for a place between two",
        lambda times, p: float(np.percentile(times, p)),
    ),
    Mistake(
        "rounded down",
        "the rank was rounded down, so fewer than p percent are covered. What does "
        "'at least p percent' ask of 2.04 requests?",
        _rounded_down,
    ),
    Mistake(
        "one too far",
        "the list has no such place at p = 100: ranks count from 1, and the first "
        "place of a list is 0",
        _one_too_far,
    ),
    Mistake(
        "place for rank",
        "p percent of n was used as the place in the list. The time at that place has "
        "already p percent *before* it: compare with the rank of the lesson",
        _place_for_rank,
    ),
    Mistake(
        "mean",
        "this is the mean, whatever p is. Which of the ordered times has p percent of "
        "all times up to it?",
        lambda times, p: sum(times) / len(times),
    ),
)


# -- from_due

FROM_DUE = (
    Mistake(
        "from sent",
        "this counts from when the request was sent. The wait of a parcel that was due "
        "during a stall began earlier: this is the patient caller's report",
        lambda due, sent, answered: answered - sent,
    ),
    Mistake(
        "lag",
        "this is how late each request was sent, the lag. The parcel waits on: until "
        "when?",
        lambda due, sent, answered: sent - due,
    ),
    Mistake(
        "backwards",
        "these times are negative: which of the two moments comes later?",
        lambda due, sent, answered: due - answered,
    ),
    Mistake(
        "milliseconds",
        "a thousand times too much: the exercise asks for seconds",
        lambda due, sent, answered: 1000 * (answered - due),
    ),
    Mistake(
        "lag twice",
        "the lag is in there twice: from due to answered it is already part of the "
        "wait. Draw one request on a line: due, sent, answered",
        lambda due, sent, answered: answered - due + (sent - due),
    ),
    Mistake(
        "sorted",
        "the times are right, but in another order than the requests. Then nobody can "
        "say any more which request was slow: sort later, where a rank is wanted",
        lambda due, sent, answered: np.sort(answered - due),
    ),
)


# -- schedule


def _bursts(rate, seconds):
    return [float(k // rate) for k in range(round(rate * seconds))]


SCHEDULE = (
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


# -- slo


def _share_of_answered(response_s, status, *, within_s, share):
    answered = np.asarray(response_s)[np.asarray(status) == 200]
    return (answered <= within_s).mean() >= share if len(answered) else True


def _in_time(response_s, status, within_s):
    return (np.asarray(response_s) <= within_s) & (np.asarray(status) == 200)


SLO = (
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
