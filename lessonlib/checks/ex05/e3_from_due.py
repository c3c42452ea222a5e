"""When does a wait begin? `response_times(due, sent, answered)`, in seconds."""

import numpy as np

from lessonlib.checks import Check, Mistake, case
from lessonlib.checks.probes import call


def _ask(answer, *times):
    return call(answer, *(np.array(moments, dtype=float) for moments in times))


PROMISES = (
    (
        "a request that was sent on time waited from then until its answer, in seconds",
        case(
            [0, 1, 2],
            [0, 1, 2],
            [0.25, 1.5, 2.125],
            gives=[0.25, 0.5, 0.125],
            hint="when does the wait end?",
        ),
    ),
    (
        "a request that was sent late has waited since it was due",
        case(
            [0, 1, 2, 3],
            [0, 4, 4.25, 4.5],  # a stall of 4 s
            [4, 4.25, 4.5, 4.75],
            gives=[4, 3.25, 2.5, 1.75],
            hint="the parcel doesn't know when you sent it. When did its wait begin?",
        ),
    ),
    (
        "it gives one time for each request, in the same order",
        case(
            [5, 5.5, 9],
            [5.5, 7, 9],
            [8, 7.5, 9.5],
            gives=[3, 2, 0.5],
            hint="one number for each request, and nothing sorted",
        ),
    ),
)


MISTAKES = (
    Mistake(
        "from sent",
        "this counts from when the request was sent. The wait of a parcel that was due "
        "during a stall began earlier: this is the patient caller's report",
        lambda due, sent, answered: answered - sent,
    ),
    Mistake(
        "lag",
        "this is how late each request was sent, the lag. The parcel goes on waiting: "
        "until when?",
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
        "the lag is in there twice: the wait from due to answered includes it. Draw "
        "one request on a line: due, sent, answered",
        lambda due, sent, answered: answered - due + (sent - due),
    ),
    Mistake(
        "sorted",
        "the times are right, but in another order than the requests. Then nobody can "
        "tell which request was slow. Sort later, when you need a rank",
        lambda due, sent, answered: np.sort(answered - due),
    ),
)

from_due = Check.table(
    title="count from when it was due",
    name="response_times",
    promises=PROMISES,
    ask=_ask,
    mistakes=MISTAKES,
)
