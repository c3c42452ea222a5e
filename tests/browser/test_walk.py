"""Do a learner's first ten minutes go well: the first command, 00, a digit of theirs?

What is seen on the way is kept as pictures, in the order of their names; film.py makes
README's moving picture of them.
"""

import re
import time

from conftest import SCREENSHOTS
from drawing import BOWS, draw
from playwright.sync_api import expect
from test_lab import CODE_CELLS, Notebook

FIRST = "notebooks/00_deploy_a_model_in_ten_minutes.ipynb"
SIZE = {"width": 1200, "height": 750}
SHOW = """
    (() => {
        const i = all.findIndex(c => c.sharedModel.source.includes(text));
        panel.content.activeCellIndex = i;
        return panel.content.scrollToItem(i, 'start');
    })()
"""


def show(notebook, text):
    """Scroll to the first cell that has `text` in it."""
    script = f"text => {{ {CODE_CELLS} return ({SHOW}) }}"
    notebook.page.evaluate(script, text)
    notebook.page.wait_for_timeout(500)


def keep(window, name):
    window.screenshot(path=SCREENSHOTS / f"first_minutes_{name}.png")


def run_above(notebook, text):
    """Run all cells above the first one that has `text` in it."""
    show(notebook, text)
    notebook.choose("Run", "Run All Above Selected Cell")
    end = f"cells.findIndex(c => c.sharedModel.source.includes({text!r}))"
    ran = f"cells.slice(0, {end}).every(c => c.executionCount)"
    notebook.wait_for(ran, limit_ms=180_000)


def test_from_the_first_command_to_a_digit_of_ones_own(page, browser):
    began = time.monotonic()
    page.set_viewport_size(SIZE)
    notebook = Notebook(page, FIRST)
    notebook.tell("jupyterapp.commands.execute('application:toggle-left-area')")
    page.wait_for_timeout(500)
    keep(page, "1_notebook")
    run_above(notebook, "server.stop()")
    assert "This computer is ready" in notebook.output("health = doctor()")
    show(notebook, "past = training_bags()")
    keep(page, "2_cards")
    show(notebook, "server = serve(")
    keep(page, "3_server")
    window = browser.new_page(viewport=SIZE)
    window.goto(re.search(r"http://127[.0-9:]+", notebook.output("server = serve("))[0])
    window.get_by_role("button", name="Ask the model").wait_for()
    keep(window, "4_page")
    draw(window, BOWS[:1])
    keep(window, "5_half")
    draw(window, BOWS[1:])
    window.get_by_role("button", name="Ask the model").click()
    expect(window.locator("#answer")).to_contain_text("The model says: 3")
    keep(window, "6_answer")
    window.close()
    show(notebook, "my_guess = guess(")
    keep(page, "7_guess")  # the picture after it would spoil the guess
    notebook.tell("jupyterapp.commands.execute('application:toggle-left-area')")
    notebook.close()
    print(f"the first ten minutes, without reading: {time.monotonic() - began:.0f} s")
