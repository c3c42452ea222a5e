"""Wrong answers about buckets and workers, and what to tell who gives them."""

import math

import numpy as np

from lessonlib.checks import Mistake

# -- bucket


def _reader(*, within, endless=True):
    """Return an answer that reads a bucket by `within(low, end, share)`."""

    def read_off(q, ends, at_most):
        rank, low, below = q * at_most[-1], 0.0, 0
        for end, count in zip(ends, at_most, strict=True):
            if count >= rank:
                if endless and math.isinf(end):
                    return low
                return within(low, end, (rank - below) / (count - below))
            low, below = end, count

    return read_off


def _straight(low, end, share):
    return low + (end - low) * share


def _share_of_all(q, ends, at_most):
    rank, low = q * at_most[-1], 0.0
    for end, count in zip(ends, at_most, strict=True):
        if count >= rank:
            return low if math.isinf(end) else low + (end - low) * rank / count
        low = end


def _one_too_far(q, ends, at_most):
    rank, low, below = q * at_most[-1], 0.0, 0
    for end, count in zip(ends, at_most, strict=True):
        if count > rank:
            inside = 0 if math.isinf(end) else (rank - below) / (count - below)
            return low + (end - low) * inside if inside else low
        low, below = end, count


BUCKET = (
    Mistake(
        "upper end",
        "this answers with the end of the bucket: too slow by up to its width. How far "
        "into the bucket does the rank lie?",
        _reader(within=lambda low, end, share: end),
    ),
    Mistake(
        "lower end",
        "this answers with the beginning of the bucket, as if all its times were the "
        "shortest. How far into the bucket does the rank lie?",
        _reader(within=lambda low, end, share: low),
    ),
    Mistake(
        "middle",
        "this answers with the middle of the bucket, wherever the rank lies in it",
        _reader(within=lambda low, end, share: (low + end) / 2),
    ),
    Mistake(
        "share of all",
        "the way into the bucket was measured by all the counts so far. Those below "
        "the bucket are not in it: subtract them, above and below the line",
        _share_of_all,
    ),
    Mistake(
        "endless",
        "nearly: in the last bucket this goes part of the way to infinity. Nothing is "
        "known there but that it took longer than the last finite end",
        _reader(within=_straight, endless=False),
    ),
)


# -- merge


def _p99s(workers):
    return [each.quantile(0.99) for each in workers]


def _counts(workers):
    return [each.at_most[-1] for each in workers]


def _merged(workers):
    merged = workers[0]
    for each in workers[1:]:
        merged = merged + each
    return merged


MERGE = (
    Mistake(
        "mean of the p99s",
        "this is the mean of the workers' p99s. It is the same whoever had the "
        "parcels, so it cannot be right for both teams",
        lambda workers: float(np.mean(_p99s(workers))),
    ),
    Mistake(
        "weighted mean",
        "a good thought, as it asks how many parcels each had. But a p99 cannot be "
        "averaged with weights either: what can be added up exactly?",
        lambda workers: float(np.average(_p99s(workers), weights=_counts(workers))),
    ),
    Mistake(
        "worst worker",
        "this is the p99 of the slowest worker. If it answers one parcel in a "
        "thousand, the other 999 do not know it",
        lambda workers: max(_p99s(workers)),
    ),
    Mistake(
        "first worker",
        "this is the first worker's p99: the others answered parcels too",
        lambda workers: _p99s(workers)[0],
    ),
    Mistake(
        "milliseconds",
        "a thousand times too much: the exercise asks for seconds",
        lambda workers: 1000 * _merged(workers).quantile(0.99),
    ),
    Mistake(
        "99 for 0.99",
        "quantile takes a share, and 99 % is a share of 0.99",
        lambda workers: _merged(workers).quantile(99),
    ),
)
