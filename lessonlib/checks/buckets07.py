"""Buckets of notebook 07: read a percentile off them, and merge those of workers."""

import math

import numpy as np

from lessonlib.checks import Check, wrong_buckets07
from lessonlib.checks.probes import call, expect, outcomes, rounded
from lessonlib.watch.metrics import Buckets

# -- bucket: read_off(q, ends, at_most)

_ENDS = [0.01, 0.02, 0.05, math.inf]
_EVEN = [40, 60, 80, 100]
_BUCKETS = (
    (0.5, _ENDS, _EVEN),
    (0.7, _ENDS, _EVEN),
    (0.1, _ENDS, _EVEN),
    (0.6, _ENDS, _EVEN),
    (0.95, _ENDS, _EVEN),
    (0.25, [1.0, 3.0, math.inf], [0, 8, 8]),
    (1.0, [1.0, 2.0, math.inf], [0, 5, 5]),
)


def _expect_read(read_off, q, ends, at_most, expected, hint):
    seen = rounded(call(read_off, q, list(ends), list(at_most)))
    called = f"read_off({q}, {ends}, {at_most})"
    expect(seen, rounded(expected), called=called, hint=hint)


def _bucket_between(read_off):
    """within a bucket the times are taken as evenly spread"""
    hint = "how far into its bucket is the rank: a half? a quarter?"
    _expect_read(read_off, 0.5, _ENDS, _EVEN, 0.015, hint)
    _expect_read(read_off, 0.7, _ENDS, _EVEN, 0.035, hint)
    _expect_read(read_off, 0.25, [1.0, 3.0, math.inf], [0, 8, 8], 1.5, hint)


def _bucket_first(read_off):
    """the first bucket begins at 0, and a rank on the edge is the bucket's end"""
    _expect_read(read_off, 0.1, _ENDS, _EVEN, 0.0025, "what is below the first end?")
    _expect_read(read_off, 0.6, _ENDS, _EVEN, 0.02, "rank 60: the last of its bucket")


def _bucket_endless(read_off):
    """in the endless bucket nothing better is known than the last finite end"""
    hint = "half of the way to infinity is infinity: what is the most you can say?"
    _expect_read(read_off, 0.95, _ENDS, _EVEN, 0.05, hint)


bucket = Check(
    title="a percentile from buckets",
    promises=(_bucket_between, _bucket_first, _bucket_endless),
    probe=lambda answer: outcomes(
        lambda q, ends, at_most: rounded(answer(q, list(ends), list(at_most))),
        _BUCKETS,
    ),
    mistakes=wrong_buckets07.BUCKET,
)


# -- merge: p99_of_all(workers)


def _worker(n, low_s, high_s):
    return Buckets.of(np.linspace(low_s, high_s, n))


_BUSY = _worker(1900, 0.001, 0.020)
_SICK = _worker(100, 0.060, 0.240)
_RARE = _worker(100, 0.001, 0.020)
_OFTEN_SICK = _worker(1900, 0.060, 0.240)
_THIRD = _worker(500, 0.005, 0.100)
_TEAMS = {
    "a busy quick worker and a sick one": (_BUSY, _SICK),
    "a quick worker and a busy sick one": (_RARE, _OFTEN_SICK),
    "three workers": (_BUSY, _SICK, _THIRD),
    "one worker": (_SICK,),
    "the sick one first": (_SICK, _BUSY),
}


def _expect_p99(p99_of_all, team, hint):
    together = _TEAMS[team]
    everybody = together[0]
    for each in together[1:]:
        everybody = everybody + each
    seen = round(float(call(p99_of_all, list(together))), 4)
    called = f"p99_of_all of {team}, in seconds to 4 digits"
    expect(seen, round(everybody.quantile(0.99), 4), called=called, hint=hint)


def _merge_two(p99_of_all):
    """two workers: as if one server had answered all parcels"""
    hint = "what can be added: percentiles, or counts?"
    _expect_p99(p99_of_all, "a busy quick worker and a sick one", hint)


def _merge_turned(p99_of_all):
    """and it matters who answered how many, not who comes first"""
    hint = "how many parcels does each of them stand for?"
    _expect_p99(p99_of_all, "a quick worker and a busy sick one", hint)
    _expect_p99(p99_of_all, "the sick one first", hint)


def _merge_any(p99_of_all):
    """three workers, or a single one"""
    _expect_p99(p99_of_all, "three workers", "merge them one after the other")
    _expect_p99(p99_of_all, "one worker", "its own p99")


merge = Check(
    title="one p99 for all workers",
    promises=(_merge_two, _merge_turned, _merge_any),
    probe=lambda answer: outcomes(
        lambda team: round(float(answer(list(_TEAMS[team]))), 6),
        [(team,) for team in _TEAMS],
    ),
    mistakes=wrong_buckets07.MERGE,
)
