"""Do curves, queues and laws say what theory says?"""

import math

import numpy as np
import pytest
from scipy import stats

from lessonlib.measure.loadtest import LoadRun
from lessonlib.measure.scaling import (
    Curve,
    Scalability,
    fit_queue,
    fit_scalability,
    knee,
    mm1_percentile,
    mm1_response,
    mm1_run,
    requests_inside,
    throughput,
    throughput_curve,
)
from lessonlib.serve.flask_app import prediction_app
from lessonlib.serve.server import serve, stop_all


def run_of(sent, answered, status=None):
    sent, answered = np.array(sent, float), np.array(answered, float)
    return LoadRun(sent, sent, answered, np.array(status or [200] * len(sent)))


def test_a_curve_asks_as_many_as_it_was_told_for_each_load():
    with serve(prediction_app(lambda rows: rows[:, 0], columns=1)) as server:
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
    assert repr(law).endswith("peak at 97, off by 15%")  # most of it with one caller


def test_amdahls_law_is_the_case_without_crosstalk():
    law = Scalability(one_rps=10, contention=0.05, crosstalk=0)
    assert law.rate_rps(1) == 10
    assert law.rate_rps(1e9) == pytest.approx(10 / 0.05)
    assert law.peak == math.inf
    assert "no peak" in repr(law)


def test_the_queue_behind_its_own_times_is_found_again():
    rates = [10, 50, 90, 99]
    queue = fit_queue(rates, [1 / (100 - rate) for rate in rates])
    assert queue.capacity_rps == pytest.approx(100)
    assert queue.off == pytest.approx(0, abs=1e-6)
    assert repr(queue) == "a queue that could do 100/s, off by 0%"


def test_a_fit_of_simulated_queues_finds_what_they_can_do():
    rates = [40, 100, 160]  # of a server that can do 200
    runs = [mm1_run(rate_rps=r, capacity_rps=200, n=20_000, seed=2) for r in rates]
    queue = Curve(tuple(rates), "requests/s", tuple(runs)).law
    assert queue.capacity_rps == pytest.approx(200, rel=0.05)
    assert queue.off < 0.1


def test_short_and_long_times_weigh_alike():
    queue = fit_queue([0, 0], [0.01, 0.04])  # times of 1 / capacity
    assert queue.capacity_rps == pytest.approx(50)  # twice the one, half the other
    assert queue.off == pytest.approx(math.sqrt((1**2 + 0.5**2) / 2))


def test_a_server_that_is_no_queue_is_far_off():
    queue = fit_queue([10, 50, 90], [0.02, 0.02, 0.02])  # always the same time
    assert queue.off > 0.3


def test_what_was_served_is_below_the_capacity():
    queue = fit_queue([10, 100], [0.1, 0.001])  # times that fall are no queue's
    assert queue.capacity_rps > 100


def test_a_curve_of_clients_is_held_against_the_law_of_scalability():
    law = Scalability(one_rps=100, contention=0.1, crosstalk=0.001)
    loads = (1, 4, 16, 64)
    lasts_s = [8 / law.rate_rps(n) for n in loads]
    runs = tuple(run_of([0] * 8, [last] * 8) for last in lasts_s)
    found = Curve(loads, "clients", runs).law
    assert found.contention == pytest.approx(0.1, rel=0.01)
    assert found.crosstalk == pytest.approx(0.001, rel=0.01)
    assert found.off < 0.001


def test_where_only_one_can_work_at_a_time_the_peak_is_a_single_caller():
    law = fit_scalability([1, 2, 4, 8, 16], [135, 115, 110, 83, 70])
    assert law.peak == 1


def test_what_lies_off_the_law_is_told():
    law = Scalability(one_rps=100, contention=0.1, crosstalk=0)
    loads = [1, 2, 4, 8]
    rates = [law.rate_rps(n) * (1 + 0.2 * (-1) ** n) for n in (1, 2, 3, 4)]
    assert 0.1 < fit_scalability(loads, rates).off < 0.5


def test_fits_need_enough_loads():
    with pytest.raises(ValueError, match="needs 3 loads"):
        fit_scalability([1, 2], [3, 4])
    with pytest.raises(ValueError, match="needs 2 loads"):
        fit_queue([1], [3])
    with pytest.raises(ValueError, match="got"):
        fit_queue([1, 2, 3], [3, 4])
