"""Does a server count what it does?"""

import os
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from prometheus_client.parser import text_string_to_metric_families

from lessonlib.save.answers import Answers
from lessonlib.save.manifest import Manifest
from lessonlib.serve.flask_app import prediction_app
from lessonlib.serve.monitor import Monitor
from lessonlib.watch.metrics import Window, read_metrics


def sure_of_three(rows):
    one = [0.0, 0.0, 0.0, 0.95, 0.05, 0, 0, 0, 0, 0]
    return Answers(np.full(len(rows), 3), np.tile(one, (len(rows), 1)))


def app_with(monitor):
    return prediction_app(sure_of_three, columns=2, monitor=monitor).test_client()


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
    monitor = Monitor(answers=range(10))
    monitor.predicted([[1.0]] * 3, [11, "a text", 3], None)
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


def counted(manifest, predictions):
    monitor = Monitor()
    monitor.expect(manifest)
    monitor.predicted([[1.0, None, "a"]] * len(predictions), predictions, None)
    return read_metrics(monitor.page())


def of(answers, classes=None):
    rest = {"sha256": "", "size_bytes": 0, "libraries": {}, "data": {}, "metrics": {}}
    return Manifest("m", "1", (), classes=classes, answers=answers, **rest)


def test_the_classes_of_the_model_are_the_answers_that_are_expected():
    values = counted(of("classes", (False, True)), [True, False, True])
    assert values['model_predictions_total{answer="true"}'] == 2
    assert values['model_predictions_total{answer="false"}'] == 1
    assert values["model_input_mean_sum"] == 3  # of what is a number


def test_of_numbers_the_sum_is_kept_and_no_series_for_each():
    values = counted(of("numbers"), [1.5, [2.0, 3.0]])
    assert values["model_prediction_value_sum"] == 6.5
    assert values["model_prediction_value_count"] == 3
    assert not [name for name in values if name.startswith("model_predictions_total")]


def test_where_no_class_is_known_the_first_answers_are_expected():
    values = counted(of("values"), [f"town {i}" for i in range(50)] + ["town 0"])
    assert values['model_predictions_total{answer="town 0"}'] == 2
    assert values['model_predictions_total{answer="other"}'] == 30


def test_a_name_that_ends_like_one_of_no_use_stays_on_the_page():
    monitor = Monitor(answers=["order_created", "order_lost"])
    monitor.predicted([[1.0]] * 2, ["order_created", "order_lost"], None)
    monitor.seen("/order_created", 200, 0.1)
    values = read_metrics(monitor.page())
    assert values['model_predictions_total{answer="order_created"}'] == 1
    assert values['http_requests_total{path="/order_created",status="200"}'] == 1
    assert not re.search(r"^(# \w+ )?\w+_created", monitor.page(), re.M)


# -- any text in a label

TEXTS = [
    *(
        '"',
        "\\",
        "\n",
        '\\"',
        "\\n",
        "\\\\n",
        'a"b\\c\nd',
        "\\\\",
        '"}',
        "} 3",
        "{",
        "#",
    ),
    *(
        ",",
        "=",
        'x="y"',
        " ",
        "  a  ",
        "\t",
        "\r",
        "\r\n",
        "a\rb",
        "\0",
        "\x0b",
        "\x0c",
    ),
    *("\x1c", "\x1d", "\x1e", "\x85", "\u2028", "\u2029", "\ufeff", "\u200b", "naïve"),
    *("\U0001f4e6", "e\u0301", "\xe9", "a" * 300, "\\" * 300, '"' * 300),
    *("order_created", "order_total", "order_bucket", "_created", "_total", "", "NaN"),
    *("# HELP x", "# TYPE x counter", "\n# EOF\n", "x\nmodel_predictions_created 1"),
    *("a\u2028model_predictions_created{", "\n_created", "other", "None", "le", "+Inf"),
]


def told(page, name, label):
    """Return a page's values of a label, as Prometheus's own reader finds them."""
    families = text_string_to_metric_families(page)
    samples = [sample for family in families for sample in family.samples]
    return {s.labels[label]: s.value for s in samples if s.name == name}


def counted_texts(texts):
    monitor = Monitor(answers=texts)
    for n, text in enumerate(texts, 1):
        monitor.predicted([[1.0]] * n, [text] * n, None)
        monitor.seen(text, 200, *[0.1] * n)
    return monitor.page()


def test_any_text_in_a_label_is_read_back_as_it_was():
    page, expected = counted_texts(TEXTS), {text: n for n, text in enumerate(TEXTS, 1)}
    assert told(page, "model_predictions_total", "answer") == expected
    for name in ("http_requests_total", "http_latency_seconds_count"):
        assert told(page, name, "path") == expected


@pytest.mark.parametrize("text", TEXTS, ids=lambda text: repr(text)[:20])
def test_a_text_alone_changes_nothing_else_on_the_page(text):
    page = counted_texts([text])
    assert told(page, "model_predictions_total", "answer") == {text: 1}
    plain = counted_texts(["plain"])
    assert page.count("\n") == plain.count("\n")
    assert not re.search(r"^(# \w+ )?\w+_created", page, re.M)


def test_half_a_character_is_told_by_its_number():
    halves = ["\ud800", "a\udfffb", "\ud83d"]
    found = told(counted_texts(halves), "model_predictions_total", "answer")
    assert found == {"\\ud800": 1, "a\\udfffb": 2, "\\ud83d": 3}


def test_counts_with_odd_labels_are_compared_over_a_restart():
    before, after = counted_texts([*TEXTS, "/predict"]), counted_texts(["/predict"])
    window = Window.between(before, after)
    assert (window.restarted, window.requests) == (True, 1)
    later = counted_texts([*TEXTS, "more", "/predict"])
    assert not Window.between(before, later).restarted
    assert Window.between(before, later).requests == 1
    assert len(read_metrics(later)) > len(read_metrics(before)) > len(TEXTS)


def test_workers_that_share_a_folder_keep_any_text(tmp_path):
    code = (
        "import sys; sys.path.insert(0, sys.argv[1])\n"
        "from test_monitor import TEXTS, counted_texts, told\n"
        "page = counted_texts([*TEXTS, '\\ud800'])\n"
        "found = told(page, 'model_predictions_total', 'answer')\n"
        "assert [*found] and {*found} == {*TEXTS, '\\\\ud800'}, found\n"
    )
    shared = os.environ | {"PROMETHEUS_MULTIPROC_DIR": str(tmp_path)}
    command = [sys.executable, "-c", code, str(Path(__file__).parent)]
    done = subprocess.run(
        command, env=shared, capture_output=True, text=True, timeout=60
    )
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("letter", ["a", "\\", '"', "\n", "\u2028"], ids=repr)
def test_ten_thousand_letters_are_read_back(letter):
    monitor, text = Monitor(answers=[letter * 10_000]), letter * 10_000
    monitor.predicted([[1.0]], [text], None)
    assert told(monitor.page(), "model_predictions_total", "answer") == {text: 1}
