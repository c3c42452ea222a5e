"""Is the page at / the same for every model, closed to strangers, and of one piece?

What a person can do with it is tried in a browser: tests/browser/test_try_it.py.
"""

import asyncio
import base64
import hashlib
import re
from html.parser import HTMLParser

import numpy as np
import pytest
from faces import ask, asked_of_flask

from lessonlib.save.columns import Column
from lessonlib.serve.asgi_app import AsgiApp
from lessonlib.serve.contract import Contract
from lessonlib.serve.flask_app import flask_app, prediction_app
from lessonlib.serve.try_it import PAGE, policy

HOSTILE = "</script><script>alert(1)</script>\"'\u2028"


class Tags(HTMLParser):
    """Collects what a browser would take for tags, and their attributes."""

    def __init__(self):
        super().__init__()
        self.found = []

    def handle_starttag(self, tag, attributes):
        self.found.append((tag, dict(attributes)))


def tags():
    parser = Tags()
    parser.feed(PAGE.decode())
    return parser.found


def pages(contract, path="/", method="GET"):
    """Return what both faces answer."""
    how = {"path": path, "method": method}
    asgi = asyncio.run(ask(AsgiApp(contract), **how))
    return [asked_of_flask(flask_app(contract), **how), asgi]


def test_both_faces_send_one_page_whatever_the_model_is_called():
    columns = [Column(HOSTILE, "category", choices=(HOSTILE,)), Column("b")]
    bodies = set()
    for contract in (
        Contract(np.sum, columns=columns),
        Contract(np.sum, columns=64, image=(8, 8, 16)),
    ):
        for status, headers, body in pages(contract):
            assert status == 200 and headers["content-type"].startswith("text/html")
            assert headers["content-security-policy"] == policy(PAGE)
            bodies.add(body)
    assert bodies == {PAGE}


def test_a_head_has_the_headers_and_no_body():
    for status, headers, body in pages(Contract(np.sum, columns=1), method="HEAD"):
        assert (status, body) == (200, b"")
        assert "script-src" in headers["content-security-policy"]


def test_no_browser_asks_for_an_icon_and_one_that_does_is_told():
    assert ("link", {"rel": "icon", "href": "data:,"}) in tags()
    for status, headers, _ in pages(Contract(np.sum, columns=1), path="/favicon.ico"):
        assert (status, headers["content-type"]) == (404, "application/json")


def test_only_the_pages_own_script_and_style_are_let_in():
    rules = dict(rule.split(" ", 1) for rule in policy(PAGE).split("; "))
    text = PAGE.decode()
    for tag in ("script", "style"):
        inner = text.partition(f"<{tag}>")[2].partition(f"</{tag}>")[0]
        digest = hashlib.sha256(inner.encode()).digest()
        assert rules[f"{tag}-src"] == f"'sha256-{base64.b64encode(digest).decode()}'"
    assert rules["default-src"] == "'none'" and rules["connect-src"] == "'self'"
    for rule in ("base-uri", "form-action", "frame-ancestors"):
        assert rules[rule] == "'none'"


def test_a_page_with_two_scripts_or_none_has_no_policy():
    for script in (b"", b"<script>1</script><script>2</script>"):
        with pytest.raises(ValueError):
            policy(script + b"<style></style>")


def test_the_page_needs_nothing_from_elsewhere_and_hides_nothing_in_attributes():
    for tag, attributes in tags():
        assert not [name for name in attributes if name.startswith("on")], tag
        own = {"style", "src", "action"} | ({"name"} if tag == "input" else set())
        assert not own & attributes.keys(), tag  # without a name, none is in an address
    assert "//" not in re.sub(r"//( |$)", "", PAGE.decode())
    assert not re.search(rb"innerHTML|outerHTML|insertAdjacent|eval\(|\.write\(", PAGE)


def test_line_ends_of_windows_are_not_sent():
    assert b"\r" not in PAGE  # a browser hashes a script without them


def test_an_app_says_what_its_rows_show():
    app = prediction_app(np.sum, columns=64, image=(8, 8, 16))
    assert app.test_client().get("/model").get_json()["image"] == [8, 8, 16]
    plain = prediction_app(np.sum, columns=64)
    assert plain.test_client().get("/model").get_json()["image"] is None


def test_an_app_refuses_an_image_of_another_size():
    with pytest.raises(ValueError, match="8 x 9 needs 72 columns, but a row has 64"):
        prediction_app(np.sum, columns=64, image=(8, 9, 16))
