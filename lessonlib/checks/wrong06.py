"""Wrong answers to the exercises of notebook 06, and what to tell who gives them."""

import math

import numpy as np

from lessonlib.checks import Mistake

LITTLE = (
    Mistake(
        "minutes",
        "the answers are still counted a minute: 60 times too many. How many is that "
        "a second?",
        lambda per_minute, mean_ms: per_minute * mean_ms / 1000,
    ),
    Mistake(
        "milliseconds",
        "the time is still in milliseconds, so a thousand times too many are inside. "
        "Little's law wants seconds here, as the answers are counted by the second",
        lambda per_minute, mean_ms: per_minute / 60 * mean_ms,
    ),
    Mistake(
        "as reported",
        "these are the report's numbers as they stand, a minute times a millisecond. "
        "Bring both to seconds first",
        lambda per_minute, mean_ms: per_minute * mean_ms,
    ),
    Mistake(
        "divided",
        "the two were divided. If answers take longer, are there more requests inside "
        "or fewer?",
        lambda per_minute, mean_ms: (per_minute / 60) / (mean_ms / 1000),
    ),
    Mistake(
        "minute the wrong way",
        "60 was multiplied where it should divide: a second has fewer answers than a "
        "minute",
        lambda per_minute, mean_ms: per_minute * 60 * mean_ms / 1000,
    ),
    Mistake(
        "milliseconds the wrong way",
        "1000 was multiplied where it should divide: 20 milliseconds are a small part "
        "of a second",
        lambda per_minute, mean_ms: per_minute / 60 * mean_ms * 1000,
    ),
)

ROOM = (
    Mistake(
        "mean",
        "this is the rate at which the *mean* keeps the limit. The p99 is log(100) "
        "times the mean: how long may the mean be then?",
        lambda capacity, limit_s: max(0.0, capacity - 1 / limit_s),
    ),
    Mistake(
        "below nothing",
        "nearly: for a limit that even an idle server breaks, a rate below 0 comes "
        "back. What is the least number of requests a second?",
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
        "the limit was multiplied where it should divide: a stricter (smaller) limit "
        "has to leave *less* room",
        lambda capacity, limit_s: max(0.0, capacity - math.log(100) * limit_s),
    ),
    Mistake(
        "rounded down",
        "nearly: the rate was rounded down to a whole number. So many cards a second "
        "need not be a whole number, and the p99 is to be *just* the limit",
        lambda capacity, limit_s: max(0, int(capacity - math.log(100) / limit_s)),
    ),
    Mistake(
        "spare",
        "this is what has to stay idle, not what may come: how much of the capacity is "
        "left?",
        lambda capacity, limit_s: math.log(100) / limit_s,
    ),
)

SPEEDUP = (
    Mistake(
        "n times",
        "this is n, as if all of the call could be split. What happens to the part "
        "that cannot?",
        lambda share, n: float(n),
    ),
    Mistake(
        "the other part",
        "the two parts have changed places: `share` is the part that *can* be split",
        lambda share, n: 1 / (share + (1 - share) / n),
    ),
    Mistake(
        "time for speed",
        "this is how long it takes, as a part of the old time. How many times as fast "
        "is a call that takes a quarter of the time?",
        lambda share, n: (1 - share) + share / n,
    ),
    Mistake(
        "larger work",
        "this grows without end with n. It is another law (Gustafson's), for work that "
        "grows with the processors; our card stays one card",
        lambda share, n: (1 - share) + share * n,
    ),
    Mistake(
        "the rest forgotten",
        "only the part that can be split was counted; the other part takes its time "
        "too, and is not split",
        lambda share, n: n / share if share else 1.0,
    ),
    Mistake(
        "share of n",
        "this multiplies the share with the processors. Ask first how long each of the "
        "two parts takes, then add the times",
        lambda share, n: share * n,
    ),
)


def _lengths(requests):
    return [len(rows) for rows in requests]


def _one_by_one(predict, requests):
    return [predict(rows) for rows in requests]


def _one_each(predict, requests):
    answers = predict(np.concatenate(requests))
    return [answers[i : i + 1] for i in range(len(requests))]


def _equal_parts(predict, requests):
    return np.array_split(predict(np.concatenate(requests)), len(requests))


def _all_in_one(predict, requests):
    return predict(np.concatenate(requests))


def _backwards(predict, requests):
    answers = predict(np.concatenate(requests[::-1]))
    return np.split(answers, np.cumsum(_lengths(requests[::-1]))[:-1])


def _cut_at_lengths(predict, requests):
    return np.split(predict(np.concatenate(requests)), _lengths(requests)[:-1])


SPLIT = (
    Mistake(
        "one by one",
        "the answers are right, but the model was asked once for each caller: that is "
        "the overhead that a batch is to save",
        _one_by_one,
    ),
    Mistake(
        "one each",
        "each caller gets a single answer here, though some sent more rows. From the "
        "second caller with several rows on, the answers are somebody else's",
        _one_each,
    ),
    Mistake(
        "equal parts",
        "the answers were cut into equal parts, but the callers did not send equally "
        "many rows",
        _equal_parts,
    ),
    Mistake(
        "all in one",
        "all answers come back in one piece. Who gets which?",
        _all_in_one,
    ),
    Mistake(
        "backwards",
        "the last caller's answers come first: each is asked for in the order of "
        "`requests`",
        _backwards,
    ),
    Mistake(
        "cut at lengths",
        "the cuts were made at the numbers of rows. A cut is a place in the whole "
        "batch: how many rows come before it, of all the callers so far?",
        _cut_at_lengths,
    ),
)


def _argmax(clients, values):
    return clients[list(values).index(max(values))]


def _power(answers_per_s, response_s):
    return [x / r for x, r in zip(answers_per_s, response_s, strict=True)]


def _last_of_equals(clients, answers_per_s, response_s):
    power = _power(answers_per_s, response_s)
    return clients[len(power) - 1 - power[::-1].index(max(power))]


KNEE = (
    Mistake(
        "most answers",
        "this is the load with the most answers a second, whatever they cost in "
        "waiting. How much longer does everybody wait there?",
        lambda clients, answers_per_s, response_s: _argmax(clients, answers_per_s),
    ),
    Mistake(
        "quickest",
        "this is the load with the shortest wait. That is nearly always the smallest, "
        "and leaves a server idle that could do more at no cost",
        lambda clients, answers_per_s, response_s: _argmax(
            clients, [-r for r in response_s]
        ),
    ),
    Mistake(
        "place",
        "this is the place in the list, not the number of clients that stands there",
        lambda clients, answers_per_s, response_s: int(
            np.argmax(_power(answers_per_s, response_s))
        ),
    ),
    Mistake(
        "multiplied",
        "answers a second *times* seconds is the number of requests inside, by "
        "Little's law: it only says how many clients there were. Divide",
        lambda clients, answers_per_s, response_s: _argmax(
            clients, [x * r for x, r in zip(answers_per_s, response_s, strict=True)]
        ),
    ),
    Mistake(
        "the larger",
        "nearly: of two loads that are equally good, the larger came back",
        _last_of_equals,
    ),
    Mistake(
        "value",
        "this is the best ratio itself. Of which number of clients is it?",
        lambda clients, answers_per_s, response_s: max(
            _power(answers_per_s, response_s)
        ),
    ),
)
