"""Is it well now? Counts that add up, percentiles that do not."""

import json
import math
import shutil
import socket
import subprocess
import time

import numpy as np
import pytest
import requests

from lessonlib.measure.latency import percentile
from lessonlib.save.answers import Answers
from lessonlib.serve.flask_app import prediction_app
from lessonlib.serve.monitor import BUCKETS_S, Monitor
from lessonlib.serve.server import serve, stop_all
from lessonlib.watch.metrics import (
    Buckets,
    Window,
    increase,
    prometheus_yaml,
    read_metrics,
)


@pytest.fixture(autouse=True)
def stopped_afterwards():
    yield
    stop_all()


def sure_of_three(rows):
    one = [0.0, 0.0, 0.0, 0.95, 0.05, 0, 0, 0, 0, 0]
    return Answers(np.full(len(rows), 3), np.tile(one, (len(rows), 1)))


def app_with(monitor):
    return prediction_app(sure_of_three, columns=2, monitor=monitor).test_client()


# -- read


def test_a_window_is_what_happened_between_two_readings():
    monitor = Monitor()
    client = app_with(monitor)
    client.post("/predict", json={"rows": [[16, 16]]})
    before = monitor.page()
    for _ in range(2):
        client.post("/predict", json={"rows": [[0, 2], [4, 6]]})
    client.post("/predict", json={"rows": []})
    window = Window.between(before, monitor.page())
    assert (window.requests, window.errors) == (3, 1)
    assert window.latency.at_most[-1] == 3
    assert (window.mean_input, window.sure) == (3.0, 1.0)
    nothing = Window.between(monitor.page(), monitor.page())
    assert nothing.requests == 0
    assert math.isnan(nothing.mean_input)


def pages(*shifts):
    """Return the page of a monitor before and after each number of predictions."""
    monitor = Monitor()
    client, found = app_with(monitor), []
    for n in shifts:
        for _ in range(n):
            client.post("/predict", json={"rows": [[-4, -2]]})
        found.append(monitor.page())
    return found


def test_a_window_over_a_restart_is_what_happened_since_and_says_so():
    (before,), (after,) = pages(30), pages(12)
    window = Window.between(before, after)
    assert (window.requests, window.errors, window.restarted) == (12, 0, True)
    assert window.latency.at_most[-1] == 12
    assert (window.mean_input, window.sure) == (-3.0, 1.0)
    assert repr(window).startswith("since a restart: 12 requests, 0 errors, mean")


def test_a_sum_that_falls_is_no_restart():
    before, after = pages(3, 4)  # the features are below 0, and so is their sum
    window = Window.between(before, after)
    assert (window.requests, window.restarted) == (4, False)
    assert repr(window) == "4 requests, 0 errors, mean input -3.00, 100% sure"


def test_a_window_without_rows_says_so_and_no_nan():
    (page,) = pages(3)
    nothing = Window.between(page, page)
    assert repr(nothing) == "0 requests, 0 errors, no row that the model answered"


def test_a_path_that_looks_like_another_is_not_counted_as_it():
    monitor = Monitor()
    monitor.seen("/predict", 200, 0.01)
    before = monitor.page()
    monitor.seen("/predict", 200, 0.01)
    for path in ('/predict",status="200', "/predict_created", "/predict/more"):
        monitor.seen(path, 200, 0.01)
    window = Window.between(before, monitor.page())
    assert (window.requests, window.errors) == (1, 0)
    quoted = r'http_requests_total{path="/predict\",status=\"200",status="200"}'
    assert read_metrics(monitor.page())[quoted] == 1


@pytest.mark.parametrize(
    ("readings", "grown"),
    [((10, 15), 5), ((10, 10), 0), ((0, 100, 120, 5, 30), 150), ((7, 2, 1), 3)],
)
def test_a_lower_reading_is_a_restart(readings, grown):
    assert increase(readings) == grown


def test_one_reading_is_no_increase():
    with pytest.raises(ValueError, match="readings must have 2 or more, got 1"):
        increase([10])


# -- buckets


def test_buckets_count_what_took_at_most_their_upper_end():
    buckets = Buckets.of([0.01, 0.02, 0.02, 9.0], (0.01, 0.02))
    assert buckets.upper_s == (0.01, 0.02, math.inf)
    assert buckets.at_most == (1, 3, 4)


def test_buckets_read_from_a_page_are_those_of_the_raw_times():
    times_s = np.random.default_rng(7).exponential(0.03, 500)
    monitor = Monitor()
    for time_s in [*times_s, BUCKETS_S[0]]:
        monitor.seen("/predict", 200, time_s)
        monitor.seen("/health", 200, 9.0)
    read = Buckets.read(monitor.page())
    assert read == Buckets.of([*times_s, BUCKETS_S[0]])


def test_a_path_that_was_never_asked_has_no_buckets():
    with pytest.raises(ValueError, match="no latency of '/predict'"):
        Buckets.read(Monitor().page())


def test_merged_buckets_are_those_of_all_times():
    rng = np.random.default_rng(1)
    quick_s, slow_s = rng.exponential(0.005, 900), rng.exponential(0.1, 100)
    merged = Buckets.of(quick_s) + Buckets.of(slow_s)
    assert merged == Buckets.of([*quick_s, *slow_s])


def test_different_buckets_cannot_be_merged():
    with pytest.raises(ValueError, match="different buckets"):
        Buckets.of([1], (1, 2)) + Buckets.of([1], (1, 3))


@pytest.mark.parametrize(
    ("q", "expected"),
    [(0.25, 0.5), (0.5, 1.0), (0.75, 1.5), (1.0, 2.0)],  # 2 up to 1 s, 2 more up to 2 s
)
def test_a_quantile_is_read_off_a_straight_line_in_its_bucket(q, expected):
    assert Buckets.of([0.1, 0.2, 1.9, 1.9], (1, 2)).quantile(q) == expected


def test_a_quantile_in_the_endless_bucket_is_the_last_end():
    assert Buckets.of([5.0, 6.0], (1, 2)).quantile(0.5) == 2


def test_a_quantile_lies_in_the_bucket_of_the_true_percentile():
    times_s = np.random.default_rng(3).exponential(0.03, 2000)
    buckets = Buckets.of(times_s)
    for p in (10, 50, 90, 99):
        i = np.searchsorted(BUCKETS_S, percentile(times_s, p))
        low, high = BUCKETS_S[i - 1], BUCKETS_S[i]
        assert low <= buckets.quantile(p / 100) <= high


def test_buckets_of_another_server_are_no_difference():
    later, earlier = Buckets.of([0.01] * 5), Buckets.of([0.01] * 7)
    assert (earlier - later).at_most[-1] == 2
    with pytest.raises(ValueError, match="the counts fell between two readings"):
        later - earlier


@pytest.mark.parametrize(
    ("ends", "at_most"),
    [((1, 2), (1, 2)), ((2, 1, math.inf), (1, 2, 3)), ((1, math.inf), (3, 2))]
    + [((1, math.nan, math.inf), (1, 2, 3)), ((1, math.inf), (-1, 2))],
)
def test_buckets_that_count_nonsense_are_refused(ends, at_most):
    with pytest.raises(ValueError):
        Buckets(ends, at_most)


@pytest.mark.parametrize("q", [0, 1.1])
def test_quantile_refuses_a_share_outside_its_range(q):
    with pytest.raises(ValueError, match=f"q={q}"):
        Buckets.of([1]).quantile(q)


def test_no_times_have_no_quantile():
    with pytest.raises(ValueError, match="0 times"):
        Buckets.of([]).quantile(0.5)


# -- a real Prometheus


@pytest.fixture
def prometheus(tmp_path):
    """Start a real Prometheus for a yaml, and give its address; end it afterwards."""
    if not shutil.which("prometheus"):
        pytest.skip("no prometheus on this computer (Debian: apt install prometheus)")
    started = []

    def start(yaml):
        (tmp_path / "prometheus.yml").write_text(yaml)
        with socket.create_server(("127.0.0.1", 0)) as listener:
            address = f"127.0.0.1:{listener.getsockname()[1]}"
        options = {"config.file": "prometheus.yml", "storage.tsdb.path": "data"}
        options |= {"web.listen-address": address, "log.level": "error"}
        words = [f"--{name}={value}" for name, value in options.items()]
        quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
        run = subprocess.Popen(["prometheus", *words], cwd=tmp_path, **quiet)
        started.append(run)
        return f"http://{address}"

    yield start
    for run in started:
        run.kill()
        run.wait(timeout=10)


def ask_prometheus(url, query, *, until, within_s=20):
    """Return the values of a query as soon as `until(values)` is true."""
    deadline = time.monotonic() + within_s
    values = []
    while time.monotonic() < deadline:
        try:
            reply = requests.get(
                f"{url}/api/v1/query", params={"query": query}, timeout=5
            )
            if reply.status_code == 200:
                found = json.loads(reply.text)["data"]["result"]
                values = [float(each["value"][1]) for each in found]
                if until(values):
                    return values
        except requests.ConnectionError:
            pass  # not listening yet
        time.sleep(0.1)
    raise AssertionError(f"{query}: {values} after {within_s} s")


@pytest.mark.long
def test_a_real_prometheus_reads_our_page_and_agrees_on_the_quantile(prometheus):
    monitor = Monitor()
    times_s = np.random.default_rng(5).exponential(0.03, 400)
    for time_s in times_s:
        monitor.seen("/predict", 200, time_s)
    monitor.predicted([[4.0, 6.0]], [3], [[0.95, 0.05]])
    server = serve(prediction_app(sure_of_three, columns=2, monitor=monitor))
    url = prometheus(prometheus_yaml(server.url, every_s=1))
    count = 'http_requests_total{path="/predict",status="200",job="northgate"}'
    assert ask_prometheus(url, count, until=lambda values: values == [400])
    for q in (0.5, 0.9, 0.99):
        query = (
            f'histogram_quantile({q}, http_latency_seconds_bucket{{path="/predict"}})'
        )
        (theirs,) = ask_prometheus(url, query, until=len)
        assert Buckets.of(times_s).quantile(q) == pytest.approx(theirs)
    mean = "model_input_mean_sum / model_input_mean_count"
    assert ask_prometheus(url, mean, until=len) == [5.0]


@pytest.mark.long
def test_a_real_prometheus_counts_a_restart_as_we_do(prometheus):
    first, second = Monitor(), Monitor()
    for _ in range(50):
        first.seen("/predict", 200, 0.01)
    for _ in range(20):
        second.seen("/predict", 200, 0.01)
    server = serve(prediction_app(sure_of_three, columns=2, monitor=first))
    url = prometheus(prometheus_yaml(server.url, every_s=1))
    count = 'http_requests_total{path="/predict"}'
    ask_prometheus(url, count, until=lambda values: values == [50])
    serve(prediction_app(sure_of_three, columns=2, monitor=second))  # the same port
    ask_prometheus(url, count, until=lambda values: values == [20])
    resets = f"resets({count}[5m])"
    assert ask_prometheus(url, resets, until=lambda values: values == [1])
