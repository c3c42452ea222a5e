"""Wrong answers to the exercises of notebook 07, and what to tell who gives them."""

import math

from lessonlib.checks import Mistake

# -- restart


def _steps(readings):
    return [now - before for before, now in zip(readings, readings[1:], strict=False)]


def _rises(readings):
    return sum(max(0, step) for step in _steps(readings))


def _absolute(readings):
    return sum(abs(step) for step in _steps(readings))


def _after_the_last(readings):
    start = max(
        (i for i in range(1, len(readings)) if readings[i] < readings[i - 1]),
        default=None,
    )
    return readings[-1] - (readings[0] if start is None else 0)


RESTART = (
    Mistake(
        "last minus first",
        "this takes the last reading minus the first, so a restart makes it too small "
        "or even negative. A counter never falls: go through the readings in pairs",
        lambda readings: readings[-1] - readings[0],
    ),
    Mistake(
        "falls left out",
        "nearly: the steps down are left out. But a reading of 15 after a restart says "
        "that 15 have happened since then",
        _rises,
    ),
    Mistake(
        "falls counted",
        "a step down is counted as if as many had happened. From 960 to 15 is no step "
        "of 945: the counter began again at 0",
        _absolute,
    ),
    Mistake(
        "since the restart",
        "this forgets what came before the last restart. Those parcels were carried "
        "too: every pair of readings adds its part",
        _after_the_last,
    ),
    Mistake(
        "first reading too",
        "what the counter showed at the first reading happened before you looked: the "
        "exercise asks how much it grew from there",
        lambda readings: readings[0] + _right(readings),
    ),
)


def _right(readings):
    pairs = zip(readings, readings[1:], strict=False)
    return sum(now - before if now >= before else now for before, now in pairs)


# -- wilson


def _parts(successes, n, z=1.96):
    return successes / n, z * z / n, z


def _textbook(successes, n):
    share, _, z = _parts(successes, n)
    half = z * math.sqrt(share * (1 - share) / n)
    return share - half, share + half


def _undivided(successes, n):
    share, pull, z = _parts(successes, n)
    half = z * math.sqrt(share * (1 - share) / n + pull / (4 * n))
    return share + pull / 2 - half, share + pull / 2 + half


def _around_the_share(successes, n):
    share, pull, z = _parts(successes, n)
    half = z / (1 + pull) * math.sqrt(share * (1 - share) / n + pull / (4 * n))
    return share - half, share + half


def _no_last_term(successes, n):
    share, pull, z = _parts(successes, n)
    centre = (share + pull / 2) / (1 + pull)
    half = z / (1 + pull) * math.sqrt(share * (1 - share) / n)
    return centre - half, centre + half


def _wilson(successes, n, z=1.96):
    share, pull, z = _parts(successes, n, z)
    centre = (share + pull / 2) / (1 + pull)
    half = z / (1 + pull) * math.sqrt(share * (1 - share) / n + pull / (4 * n))
    return centre - half, centre + half


WILSON = (
    Mistake(
        "textbook",
        "this is the textbook's interval: after 51 of 51 it is certain for ever. "
        "Wilson's centre is pulled towards a half, and its width has one term more",
        _textbook,
    ),
    Mistake(
        "not divided",
        "centre and half are too large by the same factor: both are divided by "
        "1 + pull",
        _undivided,
    ),
    Mistake(
        "around the share",
        "the width is right, but it lies around the share that was seen, so it reaches "
        "above 1. Around which number does the lesson put it?",
        _around_the_share,
    ),
    Mistake(
        "term forgotten",
        "under the root a term is missing: at 51 of 51 the share alone says that "
        "nothing scatters. What is added to it?",
        _no_last_term,
    ),
    Mistake(
        "one standard deviation",
        "the interval is about half as wide as it should be: it goes one standard "
        "deviation to either side, and 95 % take 1.96",
        lambda successes, n: _wilson(successes, n, 1.0),
    ),
    Mistake(
        "upper end first",
        "the right two numbers, the upper one first: return the lower end, then the "
        "upper one",
        lambda successes, n: _wilson(successes, n)[::-1],
    ),
)


# -- weakest


def _sums(points):
    return [sum(each) for each in points.values()]


WEAKEST = (
    Mistake(
        "mean of the sums",
        "this is the mean of the four groups, so three good ones cover up for an empty "
        "one. The score is meant to hurt",
        lambda points: sum(_sums(points)) / len(points),
    ),
    Mistake(
        "all points",
        "these are all points together. Then a service could earn its score without "
        "ever being watched",
        lambda points: sum(_sums(points)),
    ),
    Mistake(
        "worst test",
        "this is the smallest point of a single test. First add up each group, then "
        "compare the groups",
        lambda points: min(min(each) for each in points.values()),
    ),
    Mistake(
        "best group",
        "this is the strongest group: a chain breaks at the other end",
        lambda points: max(_sums(points)),
    ),
    Mistake(
        "name of the group",
        "the name of the weakest group came back: useful to know, but the score is its "
        "sum",
        lambda points: min(points, key=lambda name: sum(points[name])),
    ),
    Mistake(
        "mean of the weakest",
        "the right group, but its mean instead of its sum: a score goes up to 7",
        lambda points: min(sum(each) / len(each) for each in points.values()),
    ),
)
