"""Can a person try any model on the page at / of its server?"""

import json
import sqlite3
import subprocess
from contextlib import closing
from pathlib import Path

import pytest
from accessibility import findings
from conftest import ROOT, SCREENSHOTS
from drawing import draw
from playwright.sync_api import expect

# A 3, as places that arrow keys get to; they start in the middle, at (5, 5).
DABS = (
    *[(5, 5), (4, 5), (6, 4), (6, 3), (6, 2), (5, 1), (4, 1), (3, 2)],
    *[(6, 6), (6, 7), (6, 8), (5, 9), (4, 9), (3, 8)],
)
ASKED = {  # without an example to click
    "a plain function": json.dumps(list(range(40))),
}
# Cards on the pad, `size` wide, and what the page makes of them.
ON_PAPER = """([cards, size, left, top]) => cards.map(card => {
    const cell = size / 8, ink = Array.from({length: 280}, () => Array(280).fill(0));
    for (let y = 0; y < size; y++) for (let x = 0; x < size; x++) {
        const [row, column] = [y, x].map(each => Math.floor(each / cell));
        ink[top + y][left + x] = card[8 * row + column] / 16;
    }
    return normalised(ink, 8, 8).flat().map(share => Math.round(16 * share));
})"""


@pytest.fixture(scope="session")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("models")


@pytest.fixture(scope="session")
def served(folder):
    """What models_to_try.py prints: {name: address}, and more."""
    program = Path(__file__).with_name("models_to_try.py")
    command = [ROOT / ".venv/bin/python", "-W", "ignore", program, folder]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    with subprocess.Popen(command, **pipes) as process:
        yield json.loads(process.stdout.readline())
        process.stdin.close()  # and it ends


@pytest.fixture
def window(browser, request):
    """A window of its own. What its scripts complain about is an error of the page."""
    context = browser.new_context(**getattr(request, "param", {}))
    window, errors = context.new_page(), []
    window.set_default_timeout(10_000)
    window.on("pageerror", lambda error: errors.append(str(error)))
    window.on("console", lambda line: errors.append(line.text))
    yield window
    context.close()
    refused = "Failed to load resource"  # what a browser says of a status such as 422
    assert not [each for each in errors if not each.startswith(refused)]


def opened(window, address):
    window.goto(address)
    window.get_by_role("button", name="Ask the model").wait_for()


def ask(window):
    answer = window.locator("#answer")
    window.get_by_role("button", name="Ask the model").click()
    expect(answer).not_to_have_text("Not asked yet.")
    return answer.text_content()


def body_of(window):
    """Return the row that was asked last."""
    return json.loads(window.locator("#body").input_value())["rows"][0]


def labels(folder):
    with closing(sqlite3.connect(folder / "log.db")) as log:
        lines = log.execute("SELECT label, source FROM labels ORDER BY at_s").fetchall()
    return [(json.loads(label), source) for label, source in lines]


@pytest.mark.parametrize("name", ["digits", "logistic"])
def test_a_3_that_is_drawn_by_mouse_is_read(window, served, name):
    opened(window, served[name])
    draw(window)
    assert ask(window).startswith("The model says: 3")
    row = body_of(window)
    assert len(row) == 64 and max(row) == 16 and set(row) <= {*range(17)}
    seen = window.get_by_role("img").get_attribute("aria-label")
    assert seen.endswith(" ".join(map(str, row)))
    assert window.locator("#bars tr").count() == (10 if name == "logistic" else 0)


def test_a_3_that_is_drawn_by_keys_is_read(window, served):
    opened(window, served["digits"])
    pad, (x, y) = window.locator(".pad canvas"), (5, 5)
    pad.focus()
    for to_x, to_y in DABS:
        for key, n in (("Right", to_x - x), ("Left", x - to_x),
                       ("Down", to_y - y), ("Up", y - to_y)):  # fmt: skip
            for _ in range(n):
                pad.press(f"Arrow{key}")
        pad.press(" ")
        x, y = to_x, to_y
    expect(window.locator(".pad + small + small")).to_contain_text("top: ink")
    pad.press("ArrowLeft")
    pad.press("ArrowLeft")
    expect(window.locator(".pad + small + small")).to_contain_text("top: empty")
    pad.press("Enter")
    expect(window.locator("#answer")).to_have_text("The model says: 3.")
    pad.press("Tab")
    expect(pad).not_to_be_focused()


def test_e_erases_and_clear_clears(window, served):
    opened(window, served["digits"])
    pad = window.locator(".pad canvas")
    pad.press(" ")
    ask(window)
    assert max(body_of(window)) == 16
    pad.press("e")
    expect(window.locator("#answer")).to_have_text("Not asked yet.")
    ask(window)
    assert set(body_of(window)) == {0}
    window.get_by_role("button", name="Example 1").click()
    ask(window)
    assert sum(body_of(window)) > 100
    window.get_by_role("button", name="Clear").click()
    ask(window)
    assert set(body_of(window)) == {0}


def test_an_answer_that_comes_too_late_is_not_shown_beside_another_drawing(
    window, served
):
    opened(window, served["digits"])
    waiting = []
    window.route("**/predict", lambda route: waiting.append(route))
    window.get_by_role("button", name="Ask the model").click()
    draw(window)
    with window.expect_response("**/predict"):
        waiting[0].continue_()
    expect(window.get_by_role("button", name="Send the correction")).to_be_hidden()
    expect(window.locator("#answer")).to_have_text("Not asked yet.")
    window.unroute("**/predict")
    assert ask(window) == "The model says: 3."


@pytest.mark.parametrize("window", [{"has_touch": True}], indirect=True)
def test_a_finger_draws(window, served):
    opened(window, served["digits"])
    box = window.locator(".pad canvas").bounding_box()
    window.touchscreen.tap(box["x"] + 50, box["y"] + 50)
    ask(window)
    assert max(body_of(window)) == 16


@pytest.mark.parametrize(
    ("size", "left", "top"), [(80, 10, 190), (160, 60, 30), (280, 0, 0)]
)
def test_cards_that_are_drawn_keep_their_digit(window, served, size, left, top):
    opened(window, served["logistic"])
    rows = window.evaluate(ON_PAPER, [served["cards"], size, left, top])
    send = "body => ask('predict', body)"
    predictions = window.evaluate(send, json.dumps({"rows": rows}))["predictions"]
    pairs = zip(predictions, served["truth"], strict=True)
    kept = sum(answer == digit for answer, digit in pairs)
    assert kept >= 0.9 * len(rows), f"{kept} of {len(rows)}"


def test_a_wrong_answer_that_is_corrected_stands_in_the_log(window, served, folder):
    opened(window, served["digits"])
    draw(window)
    ask(window)
    send = window.get_by_role("button", name="Send the correction")
    send.click()
    thanks = window.locator("#thanks")
    expect(thanks).to_contain_text("label must be one of [0, 1, 2")
    window.get_by_label("That's wrong, it was a").select_option(label="8")
    send.click()
    expect(thanks).to_have_text("Written down, thank you.")
    assert labels(folder)[-1] == (8, "try-it page")
    draw(window)  # another drawing: nobody corrects the answer to the one before
    expect(send).to_be_hidden()


def test_the_form_of_a_table_takes_choices_and_gaps(window, served, folder):
    opened(window, served["table"])
    window.get_by_label("pieces").fill("3")
    window.get_by_label("zone").select_option("abroad")
    window.get_by_label("not known").check()
    window.get_by_label("insured").select_option("false")
    window.get_by_label("posted").fill("2026-11-30")
    assert ask(window).startswith("The model says: ")
    assert body_of(window) == [None, 3, "abroad", None, False, "2026-11-30"]
    window.get_by_label("It turned out to be").fill("7.5")
    window.get_by_role("button", name="Send the correction").click()
    expect(window.locator("#thanks")).to_have_text("Written down, thank you.")
    assert labels(folder)[-1] == (7.5, "try-it page")
    window.get_by_role("button", name="Example 2").click()
    ask(window)
    posted = "2026-11-30T00:00:00"
    assert body_of(window) == [None, 2, "county", "fragile", False, posted]


def test_what_the_server_refuses_is_told_in_its_words_beside_the_field(window, served):
    opened(window, served["table"])
    pieces = window.get_by_label("pieces")
    assert ask(window) == "row 0, column 'pieces': null is not a whole number"
    expect(pieces).to_be_focused()
    assert pieces.get_attribute("aria-invalid") == "true"
    pieces.fill("2.5")
    expect(window.locator("#answer")).to_have_text("Not asked yet.")
    assert ask(window) == "row 0, column 'pieces': 2.5 is not a whole number"


REFUSALS = {
    "too many": (429, '{"error": {"message": "ask again in 3 s"}}', "ask again in 3 s"),
    "too large": (413, '{"error": {"message": "send less"}}', "send less"),
    "a page of a proxy": (
        502,
        "<h1>Bad",
        "The server answered with status 502, but not in JSON.",
    ),
    "half a reply": (200, "{", "The server answered with status 200, but not in JSON."),
    "nobody": (None, "", "No answer: is the server still running?"),
}


@pytest.mark.parametrize("name", REFUSALS)
def test_a_failure_is_told_in_a_sentence(window, served, name):
    status, body, sentence = REFUSALS[name]
    opened(window, served["digits"])
    window.route(
        "**/predict",
        lambda route: (
            route.fulfill(status=status, body=body) if status else route.abort()
        ),
    )
    assert ask(window) == sentence


def test_a_key_is_asked_for_and_kept_nowhere(window, served):
    window.goto(served["keys"])
    about, key = window.locator("#about"), window.get_by_label("Your key")
    expect(about).to_contain_text("this service asks for a key")
    for wrong, sentence in (("no", "no such key"), ("schlüssel", "No key has such")):
        key.fill(wrong)
        key.press("Enter")
        expect(about).to_contain_text(sentence)
    key.fill(served["key"])
    window.get_by_role("button", name="Use this key").click()
    draw(window)
    assert ask(window) == "The model says: 3."
    expect(window.get_by_role("button", name="Send the correction")).to_be_hidden()
    kept = (
        "[localStorage.length, sessionStorage.length, document.cookie, location.href]"
    )
    assert window.evaluate(kept) == [0, 0, "", f"{served['keys']}/"]


def test_a_key_that_is_revoked_costs_no_drawing(window, served):
    opened(window, served["digits"])
    draw(window)
    refusal = {"status": 401, "body": '{"error": {"message": "it was revoked"}}'}
    window.route("**/predict", lambda route: route.fulfill(**refusal))
    assert ask(window) == "it was revoked"
    window.unroute("**/predict")
    window.get_by_label("Your key").fill("another")
    window.get_by_label("Your key").press("Enter")
    expect(window.locator("#about")).to_have_text("Now ask again.")
    window.get_by_role("button", name="Ask the model").click()
    expect(window.locator("#answer")).to_have_text("The model says: 3.")


def test_nobodys_classes_are_put_beside_the_probabilities_of_another_model(
    window, served
):
    opened(window, served["digits"])
    model = {"name": "another", "version": "00000000"}
    reply = {"predictions": ["a"], "probabilities": [[1, 0]], "model": model}
    window.route("**/predict", lambda route: route.fulfill(json=reply))
    assert ask(window) == "The model says: a."
    expect(window.locator("#signature")).to_contain_text("another 00000000")
    assert window.locator("#bars tr").count() == 0


def test_an_experiment_asks_for_a_unit_and_names_the_arm(window, served):
    opened(window, served["split"])
    draw(window)
    assert ask(window).startswith('send {"unit": "parcel-17"')
    window.get_by_label("Unit").fill("parcel-3")
    assert ask(window).startswith("The model says: 3")
    expect(window.locator("#signature")).to_contain_text(", arm ")


def test_names_and_labels_are_text_whatever_is_in_them(window, served, folder):
    opened(window, served["hostile"])
    window.get_by_role("button", name="Example 1").click()
    assert "<script>document.title" in ask(window)
    assert window.locator("#bars tr").count() == 12
    assert window.title() == "Try hostile"  # no script has run
    wrong = window.get_by_label("That's wrong, it was a")
    wrong.select_option(index=200)
    label = wrong.locator("option").nth(200).text_content()
    window.get_by_role("button", name="Send the correction").click()
    expect(window.locator("#thanks")).to_have_text("Written down, thank you.")
    assert labels(folder)[-1] == (label, "try-it page") and "\u2028" in label


KINDS = {
    "postcodes": "The model says: 765432",
    "words": "The model says: 0, with a probability of",
    "two targets": " and ",
    "outliers": "nothing unusual (a score of",
    "a plain function": "The model says: 0.",
}


@pytest.mark.parametrize("name", KINDS)
def test_any_kind_of_model_can_be_tried(window, served, name):
    opened(window, served[name])
    if name in ASKED:
        assert window.title().startswith("Try <script>document.title = 'broken'")
        window.get_by_label("A row: 40 values").fill(ASKED[name])
    else:
        window.get_by_role("button", name="Example 1").click()
    assert KINDS[name] in ask(window)
    window.get_by_text("For programs").click()
    window.get_by_role("button", name="Send", exact=True).click()
    expect(window.locator("#bytes")).to_contain_text("status 200")
    assert findings(window) == []


LOOKS = {
    f"{scheme}-{width}": {
        "color_scheme": scheme, "viewport": {"width": width, "height": 900}
    }
    for scheme, width in (("light", 1280), ("dark", 800), ("light", 400), ("dark", 400))
}  # fmt: skip


@pytest.mark.parametrize("name", ["logistic", "table", "keys"])
@pytest.mark.parametrize("window", LOOKS.values(), ids=LOOKS, indirect=True)
def test_nobody_is_kept_from_using_it(window, served, name, request):
    window.goto(served[name])
    if name == "keys":
        window.get_by_label("Your key").wait_for()
    else:
        window.get_by_role("button", name="Example 1").click()
        ask(window)
        window.get_by_text("For programs").click()
    assert findings(window) == []
    width = window.viewport_size["width"]
    assert window.evaluate("document.documentElement.scrollWidth") <= width
    look = request.node.callspec.id.rpartition("-" + name)[0]
    window.screenshot(path=SCREENSHOTS / f"try_it-{name}-{look}.png", full_page=True)
