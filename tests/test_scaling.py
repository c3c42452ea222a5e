"""Do curves, queues and laws say what theory says?"""

import math

import numpy as np
import pytest
from scipy import stats

from lessonlib.contract import prediction_app
from lessonlib.loadtest import LoadRun
from lessonlib.scaling import (
    Curve,
    Scalability,
    fit_scalability,
    knee,
    mm1_percentile,
    mm1_response,
    mm1_run,
    requests_inside,
    throughput,
    throughput_curve,
)
from lessonlib.serving import serve, stop_all


def run_of(sent, answered, status=None):
    sent, answered = np.array(sent, float), np.array(answered, float)
    return LoadRun(sent, sent, answered, np.array(status or [200] * len(sent)))


def test_a_curve_asks_as_many_as_it_was_told_for_each_load():
    with serve(prediction_app(lambda rows: rows[:, 0], features=1)) as server:
        curve = throughput_curve(server.url, np.ones((2, 1)), users=(4, 1), requests=8)
        belts = throughput_curve(server.url, np.ones((2, 1)), rates=[50], requests=5)
    stop_all()
    assert curve.loads == (1, 4)
    assert [len(run.status) for run in (*curve.runs, *belts.runs)] == [8, 8, 5]
    assert (curve.unit, belts.unit) == ("clients", "requests/s")
    assert curve.knee in curve.loads
    assert repr(curve).splitlines()[0].split()[0] == "clients"


@pytest.mark.parametrize("loads", [{"users": ()}, {"rates": [0, 3]}])
def test_a_curve_needs_loads(loads):
    with pytest.raises(ValueError, match="loads above 0"):
        throughput_curve("http://127.0.0.1:1", np.ones((1, 1)), **loads)


def test_throughput_counts_good_answers():
    run = run_of([0, 0, 1, 1], [1, 2, 2, 4], status=[200, 200, 503, -1])
    assert throughput(run) == 0.5


def test_the_knee_is_where_answers_per_waiting_are_most():
    assert knee([100, 190, 240, 250], [0.010, 0.0105, 0.016, 0.032]) == 1
    runs = (run_of([0, 1], [1, 2]), run_of([0, 0], [2, 2]))
    assert Curve((1, 2), "clients", runs).knee == 1


def test_the_knee_of_a_queue_with_one_server_is_half_its_capacity():
    rates = np.arange(5, 100, 5)  # power of M/M/1: rate * (capacity - rate)
    times = [mm1_response(rate_rps=rate, capacity_rps=100) for rate in rates]
    assert rates[knee(rates, times)] == 50


def test_littles_law_by_hand():
    # two requests, 4 s and 2 s, in a span of 4 s: 6 request-seconds, 1.5 at a time
    counted, by_law = requests_inside(run_of([0, 1], [4, 3]))
    assert by_law == 1.5
    assert counted == pytest.approx(1.5, abs=0.01)


def test_a_simulated_queue_keeps_to_theory():
    run = mm1_run(rate_rps=50, capacity_rps=100, n=60_000, seed=4)
    mean_s = mm1_response(rate_rps=50, capacity_rps=100)
    assert mean_s == 0.02
    assert run.response_s.mean() == pytest.approx(mean_s, rel=0.1)
    p99_s = mm1_percentile(99, rate_rps=50, capacity_rps=100)
    assert p99_s == pytest.approx(stats.expon(scale=mean_s).ppf(0.99))
    assert run.percentile(99) == pytest.approx(p99_s, rel=0.1)
    inside = 0.5 / (1 - 0.5)  # rho / (1 - rho)
    assert requests_inside(run)[0] == pytest.approx(inside, rel=0.1)


def test_a_queue_at_its_capacity_grows_for_ever():
    assert mm1_response(rate_rps=100, capacity_rps=100) == math.inf
    assert mm1_percentile(50, rate_rps=101, capacity_rps=100) == math.inf


def test_queues_refuse_what_makes_no_sense():
    with pytest.raises(ValueError, match="capacity_rps=0"):
        mm1_response(rate_rps=1, capacity_rps=0)
    with pytest.raises(ValueError, match="got 100"):
        mm1_percentile(100, rate_rps=1, capacity_rps=2)


def test_the_published_fit_is_found_again():
    # SPEC SDM91, as in R's package usl (Gunther, Guerrilla Capacity Planning, ch. 5)
    loads = [1, 18, 36, 72, 108, 144, 216]
    rates = [64.9, 995.9, 1652.4, 1853.2, 1828.9, 1775.0, 1702.2]
    law = fit_scalability(loads, rates)
    assert law.contention == pytest.approx(0.0277, abs=0.0001)
    assert law.crosstalk == pytest.approx(1.04e-4, abs=1e-6)
    assert law.peak == pytest.approx(96.5, abs=0.1)
    assert "peak at 97" in repr(law) or "peak at 96" in repr(law)


def test_amdahls_law_is_the_case_without_crosstalk():
    law = Scalability(one_rps=10, contention=0.05, crosstalk=0)
    assert law.rate_rps(1) == 10
    assert law.rate_rps(1e9) == pytest.approx(10 / 0.05)
    assert law.peak == math.inf


def test_a_fit_needs_three_loads():
    with pytest.raises(ValueError, match="three loads"):
        fit_scalability([1, 2], [3, 4])
