"""Does a server count what it does?"""

import numpy as np

from lessonlib.serve.contract import prediction_app
from lessonlib.serve.monitor import Monitor
from lessonlib.watch.metrics import read_metrics


def sure_of_three(rows):
    return np.tile([0.0, 0.0, 0.0, 0.95, 0.05, 0, 0, 0, 0, 0], (len(rows), 1))


def app_with(monitor):
    return prediction_app(sure_of_three, features=2, monitor=monitor).test_client()


def test_a_known_script_of_requests_gives_these_counts():
    monitor = Monitor()
    client = app_with(monitor)
    for _ in range(3):
        client.post("/predict", json={"rows": [[0, 16], [4, 4], [1, 1]]})
    client.post("/predict", json={"rows": [[1]]})
    client.get("/no/such/page")
    values = read_metrics(client.get("/metrics").get_data(as_text=True))
    assert values['http_requests_total{path="/predict",status="200"}'] == 3
    assert values['http_requests_total{path="/predict",status="422"}'] == 1
    assert values['http_requests_total{path="unknown",status="404"}'] == 1
    assert values['http_latency_seconds_count{path="/predict"}'] == 4
    assert values['model_predictions_total{answer="3"}'] == 9
    assert values["model_sure_answers_total"] == 9
    assert values["model_input_mean_count"] == 9
    assert values["model_input_mean_sum"] == 3 * (8 + 4 + 1)


def test_two_monitors_do_not_share_their_counts():
    first, second = Monitor(), Monitor()
    first.seen("/predict", 200, 0.01)
    assert "/predict" not in second.page()


def test_answers_that_nobody_expected_are_one_series():
    monitor = Monitor()
    monitor.predicted([[1.0]] * 3, [5.6, 7.8, 3], None)
    values = read_metrics(monitor.page())
    assert values['model_predictions_total{answer="other"}'] == 2
    assert values['model_predictions_total{answer="3"}'] == 1
    assert values["model_sure_answers_total"] == 0


def test_sure_starts_at_the_share_that_was_asked_for():
    monitor = Monitor(sure=0.5)
    monitor.predicted([[1.0]] * 2, [0, 1], [[0.5, 0.5], [0.51, 0.49]])
    assert read_metrics(monitor.page())["model_sure_answers_total"] == 2


def test_the_page_is_the_same_for_the_same_counts():
    pages = set()
    for _ in range(2):  # no time of day is on it
        monitor = Monitor()
        monitor.seen("/predict", 200, 0.01)
        pages.add(monitor.page())
    assert len(pages) == 1
