"""Does nobody get more than the limit, and everybody as much, whoever counts?"""

import math
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import pytest

from lessonlib.serve.rates import RateLimit, TokenBuckets

UNIX = pytest.mark.skipif(sys.platform == "win32", reason="Windows has no flock")


@pytest.fixture(params=["memory", pytest.param("folder", marks=UNIX)])
def make(request, tmp_path):
    """Return a function that makes buckets, in memory or in a folder."""
    folder = tmp_path if request.param == "folder" else None
    return lambda limit, **now: TokenBuckets(limit, folder=folder, **now)


class Clock:
    def __init__(self):
        self.now_s = 1000.0

    def __call__(self):
        return self.now_s


def test_a_burst_is_let_in_and_then_one_at_a_time(make):
    clock = Clock()
    buckets = make(RateLimit(2, burst=3), now=clock)
    waits_s = [buckets.wait_s("ada") for _ in range(5)]
    assert waits_s == pytest.approx([0, 0, 0, 0.5, 0.5])  # a refusal costs nothing
    assert buckets.wait_s("bob") == 0  # each has a bucket
    clock.now_s += 0.5
    assert [buckets.wait_s("ada") > 0 for _ in range(2)] == [False, True]
    clock.now_s += 60
    assert [buckets.wait_s("ada") > 0 for _ in range(4)] == [False] * 3 + [True]


@pytest.mark.parametrize(("rate", "burst"), [(0.1, 1), (3, 7), (50, 1), (1000, 100)])
def test_who_waits_as_told_is_let_in(make, rate, burst):
    clock = Clock()
    buckets = make(RateLimit(rate, burst), now=clock)
    let_in = 0
    for _ in range(3000):
        wait_s = buckets.wait_s("ada")
        let_in += wait_s == 0
        clock.now_s += wait_s
    expected = burst + math.floor(rate * (clock.now_s - 1000) + 1e-6)
    assert abs(let_in - expected) <= 1
    assert let_in >= 1500  # never told to wait twice


def test_threads_share_a_bucket(make):
    buckets = make(RateLimit(1e-6, burst=500))
    with ThreadPoolExecutor(8) as pool:
        waits_s = list(pool.map(lambda _: buckets.wait_s("ada"), range(1000)))
    assert waits_s.count(0) == 500


@UNIX
def test_processes_share_a_bucket_also_when_one_is_killed(tmp_path):
    code = (
        "import sys\nfrom lessonlib.serve.rates import TokenBuckets, RateLimit\n"
        "buckets = TokenBuckets(RateLimit(1e-6, 3000), folder=sys.argv[1])\n"
        "print('ready', flush=True)\nsys.stdin.readline()\n"
        "print(sum(not buckets.wait_s('ada') for _ in range(2000)), flush=True)\n"
        "while True: buckets.wait_s('bob')"
    )
    command = [sys.executable, "-c", code, str(tmp_path)]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
    several = [subprocess.Popen(command, **pipes) for _ in range(2)]
    try:
        for process in several:
            assert process.stdout.readline() == "ready\n"
        for process in several:
            process.stdin.write("\n")
            process.stdin.flush()
        assert sum(int(process.stdout.readline()) for process in several) == 3000
    finally:
        for process in several:
            process.kill()  # at work on a bucket
            process.communicate()
    assert TokenBuckets(RateLimit(1, 1), folder=tmp_path).wait_s("eve") == 0
    assert (
        TokenBuckets(RateLimit(1, 1), folder=tmp_path).wait_s("bob") > 0
    )  # not for ever


@pytest.mark.parametrize("rate", [0, -1, math.nan, math.inf])
def test_a_rate_that_is_none_is_refused(rate):
    with pytest.raises(ValueError, match=f"rate_rps must be above 0, got {rate}"):
        RateLimit(rate, 1)


@pytest.mark.parametrize("burst", [0, -5, math.nan])
def test_a_burst_that_lets_nobody_in_is_refused(burst):
    with pytest.raises(ValueError, match=f"burst must be 1 or more, got {burst}"):
        RateLimit(1, burst)
