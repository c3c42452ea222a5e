"""Does the workbook work in JupyterLab, clicked as a learner clicks it?

Clicks go through the menus. What came of them is read from JupyterLab's models, which
know all cells, and from the page, in a window so tall that all cells are on it.
"""

import json
import re
import time

import pytest
from conftest import ROOT, SCREENSHOTS

LESSONS, EXERCISES = (
    [path.relative_to(ROOT).as_posix() for path in sorted(ROOT.glob(pattern))]
    for pattern in ("notebooks/*.ipynb", "exercises/*.ipynb")
)
RUN_LIMIT_MS = 180_000  # a notebook takes a minute at most on an idle computer
LAYOUT_LIMIT_S = 60  # cells come into sight late on a busy one
PAGE_HEIGHT = 2000  # of a screenshot

CODE_CELLS = """
    const panel = jupyterapp.shell.currentWidget;
    const all = [...panel.content.model.cells];
    const cells = all.filter(c => c.type === 'code' && c.sharedModel.source.trim());
    const expected = c => (c.getMetadata('tags') ?? []).includes('raises-exception');
    const errors = c => c.outputs.toJSON().filter(o => o.output_type === 'error');
"""
# After an error that is not part of the lesson, the cells below it never run.
FINISHED = """
    cells.some(c => errors(c).length && !expected(c)) ||
    cells.every(c => c.executionState !== 'running' && c.executionCount > last)
"""
PROBLEMS = """
    cells.filter(c => (errors(c).length > 0) !== expected(c)).map(c =>
        c.sharedModel.source + errors(c).map(e => `\\n--> ${e.ename}: ${e.evalue}`))
"""
PICTURES = """
    Promise.all([...panel.node.querySelectorAll('.jp-Cell img')].map(async img => {
        await img.decode().catch(() => null);  // a broken picture has no width
        return {name: img.alt || img.src.slice(0, 40), width: img.naturalWidth};
    }))
"""
HOW_MANY_PICTURES = """
    cells.flatMap(c => c.outputs.toJSON()).filter(o => o.data?.['image/png']).length +
    all.flatMap(c => c.sharedModel.source.match(/^!\\[/gm) ?? []).length
"""
TOO_WIDE = """
    [...panel.node.querySelectorAll(
        '.cm-scroller, .jp-OutputArea-output, .jp-RenderedMarkdown, .jp-Cell pre')]
    .filter(box => box.scrollWidth > box.clientWidth + 1)
    .map(box => `${box.scrollWidth - box.clientWidth} pixels: ${box.innerText}`)
"""
# A line of output too long for the window is broken anywhere, also inside a word.
# Tracebacks (to JupyterLab a kind of stderr) are left out: they hold foreign code.
BROKEN_LINES = """
    [...panel.node.querySelectorAll('.jp-OutputArea-output:not('
        + '[data-mime-type="application/vnd.jupyter.stderr"]) > pre')]
    .filter(box => {
        const {height, lineHeight} = getComputedStyle(box);
        const lines = box.textContent.replace(/\\n$/, '').split('\\n').length;
        return Math.round(parseFloat(height) / parseFloat(lineHeight)) > lines;
    })
    .map(box => box.textContent)
"""
# A message that is HTML has to be broken between its words, and to be seen whole.
BROKEN_WORDS = """
    [...panel.node.querySelectorAll('.jp-RenderedHTML > .mathjax_ignore')]
    .flatMap(message => {
        const words = message.scrollWidth > message.clientWidth + 1 ? ['cut off'] : [];
        const texts = document.createTreeWalker(message, NodeFilter.SHOW_TEXT);
        while (texts.nextNode()) {
            for (const word of texts.currentNode.data.matchAll(/[\\w.]+/g)) {
                const range = document.createRange();
                range.setStart(texts.currentNode, word.index);
                range.setEnd(texts.currentNode, word.index + word[0].length);
                const tops = [...range.getClientRects()].map(r => Math.round(r.top));
                if (new Set(tops).size !== 1) words.push(word[0]);
            }
        }
        return words;
    })
"""
PROSE = """
    [...panel.node.querySelectorAll('.jp-RenderedMarkdown')].map(cell => {
        const copy = cell.cloneNode(true);
        copy.querySelectorAll('code, pre').forEach(code => code.remove());
        return copy.textContent;
    }).join('\\n')
"""
TO_THE_TOP = """
    (() => {
        panel.content.activeCellIndex = 0;
        panel.node.querySelectorAll('.jp-RenderedMarkdown details')
            .forEach(fold => fold.open = true);
        const sheet = panel.node.querySelector('.jp-WindowedPanel-outer');
        sheet.scrollTop = 0;
        const last = [...panel.node.querySelectorAll('.jp-Cell')].at(-1);
        const bottom = Math.ceil(last.getBoundingClientRect().bottom);
        return sheet.scrollTop === 0 && bottom
    })()
"""


class Notebook:
    """A notebook in the window."""

    def __init__(self, page, name):
        self.page, self.name = page, name
        page.wait_for_function("window.jupyterapp")
        for button in page.locator(".jp-Dialog .jp-mod-reject").all():
            button.click()  # a dialog that a failed test has left open
        page.evaluate(
            """async path => {
                await jupyterapp.restored;
                const panel = await jupyterapp.commands.execute(
                    'docmanager:open', {path});
                await panel.context.ready;
            }""",
            name,
        )
        self.wait_for("panel.sessionContext.session?.kernel?.status === 'idle'")
        assert self.tell("panel.context.path") == name

    def tell(self, expression):
        """Return the value of JavaScript about this notebook."""
        return self.page.evaluate(f"() => {{ {CODE_CELLS} return ({expression}) }}")

    def wait_for(self, condition, *, last=0, limit_ms=60_000):
        self.page.wait_for_function(
            f"last => {{ {CODE_CELLS} return ({condition}) }}",
            arg=last,
            timeout=limit_ms,
            polling=100,
        )

    def choose(self, menu, item):
        self.page.get_by_role("menuitem", name=menu, exact=True).click()
        self.page.get_by_role("menuitem", name=re.compile(f"^{item}")).click()

    def restart_and_run_all(self):
        # The outputs in the file must not pass for those of this run.
        self.choose("Edit", "Clear Outputs of All Cells")
        self.wait_for("cells.every(c => !c.outputs.length && !c.executionCount)")
        self.choose("Run", "Restart Kernel and Run All Cells")
        self.page.get_by_role("button", name="Confirm Kernel Restart").click()
        self.wait_for(FINISHED, limit_ms=RUN_LIMIT_MS)

    def run_all_again(self):
        last = self.tell("Math.max(...cells.map(c => c.executionCount))")
        self.choose("Run", "Run All Cells")
        self.wait_for(FINISHED, last=last, limit_ms=RUN_LIMIT_MS)

    def output(self, source):
        """Return the output of the one code cell that has `source` in it, as text."""
        (outputs,) = self.tell(
            f"cells.filter(c => c.sharedModel.source.includes({source!r}))"
            ".map(c => c.outputs.toJSON())"
        )
        return json.dumps(outputs)

    def write(self, source, change):
        """Write `change` in place of the one code cell that begins with `source`."""
        found = f"cells.filter(c => c.sharedModel.source.startsWith({source!r}))"
        assert self.tell(f"{found}.length") == 1
        self.tell(f"{found}[0].sharedModel.setSource({change!r})")

    def show_whole(self, *, width=1280):
        """Make the window so tall that all cells are in it, and open what is folded."""
        give_up = time.monotonic() + LAYOUT_LIMIT_S
        still = 0  # looks in a row at which all cells were in the window
        while still < 2:  # cells may grow when they come into sight
            bottom = self.tell(TO_THE_TOP)
            if bottom and bottom <= self.page.viewport_size["height"]:
                still += 1
            else:
                still = 0
                height = max(bottom or 0, 900) + 20
                self.page.set_viewport_size({"width": width, "height": height})
            if time.monotonic() > give_up:
                pytest.fail(f"{self.name} grows with the window")
            self.page.wait_for_timeout(100)

    def close(self):
        self.page.set_viewport_size({"width": 1280, "height": 900})
        self.tell("panel.sessionContext.shutdown().then(() => panel.dispose())")


def test_first_comes_notebook_00_and_nothing_in_front_of_it(page):
    title = page.locator(".jp-NotebookPanel h1").first.inner_text()
    assert title.startswith("Deploy a model in ten minutes")
    assert page.locator(".jp-Dialog, .Toastify__toast").count() == 0
    assert "grade" not in page.locator("body").inner_text().lower()  # nbgrader's menus


@pytest.fixture(scope="module", params=LESSONS + EXERCISES)
def notebook(request, page):
    """A notebook that was restarted and run, once for all tests of it."""
    opened = Notebook(page, request.param)
    opened.restart_and_run_all()
    yield opened
    opened.close()


def test_it_runs_to_the_bottom(notebook):
    assert notebook.tell(PROBLEMS) == []


@pytest.fixture(scope="module")
def whole(notebook):
    """The same, with all its cells in the window."""
    notebook.show_whole()
    return notebook


def test_its_pictures_are_drawn(whole):
    pictures = whole.tell(PICTURES)
    assert len(pictures) == whole.tell(HOW_MANY_PICTURES)
    assert [picture for picture in pictures if picture["width"] <= 100] == []
    take_screenshots(whole)


def take_screenshots(notebook):
    sheet = notebook.page.locator(".jp-NotebookPanel:visible").bounding_box()
    kind, stem = notebook.name.split("/")
    bottom = sheet["y"] + sheet["height"]
    for page, top in enumerate(range(int(sheet["y"]), int(bottom), PAGE_HEIGHT), 1):
        clip = {**sheet, "y": top, "height": min(PAGE_HEIGHT, bottom - top)}
        path = SCREENSHOTS / f"{stem[:2]}-{kind.rstrip('s')}-{page}.png"
        notebook.page.screenshot(path=path, clip=clip)


def test_nothing_in_it_is_wider_than_the_window(whole):
    assert whole.tell(TOO_WIDE) == []


def test_no_line_that_it_prints_is_broken(whole):
    assert whole.tell(BROKEN_LINES) == []


def test_no_word_of_a_message_is_broken(whole):
    assert whole.tell(BROKEN_WORDS) == []


def test_its_prose_has_no_markup_left_over(whole):
    assert re.findall(r".*(?:\*\*\w|\w\*\*|\]\(|```|\|-).*", whole.tell(PROSE)) == []


# Every lesson runs twice under nbval, see lessonlib/authoring/second_turn.py: of them,
# two that serve are enough here. No exercise does.
@pytest.mark.parametrize(
    "notebook", [LESSONS[0], LESSONS[4], *EXERCISES], indirect=True
)
def test_it_runs_again_without_a_restart(notebook):
    notebook.run_all_again()
    assert notebook.tell(PROBLEMS) == []


@pytest.mark.parametrize("notebook", LESSONS[:1], indirect=True)
def test_a_guess_is_taken_up(notebook):
    before = notebook.output("plot_answers(")
    cell = notebook.page.locator(".jp-CodeCell", has_text="my_guess = guess(")
    cell.get_by_text("None", exact=True).dblclick()
    notebook.page.keyboard.type("123")
    notebook.run_all_again()
    assert "Your guess: 123." in notebook.output("my_guess = guess(")
    assert notebook.output("plot_answers(") != before  # now with a line at 123


WRONG = {  # each is told in a way of its own
    "ex05.tail(": "lambda times_s: {'p99_ms': 12.5, 'of': 'all the times'}",
    "ex05.rank(": "lambda times, p: times.rank",
    "ex05.late(": "lambda *given: sum(given[0]) / len(given[0])",
}


@pytest.mark.parametrize("notebook", EXERCISES[4:5], indirect=True)
def test_wrong_answers_are_told_without_a_broken_word_in_a_narrow_window(notebook):
    for check, answer in WRONG.items():
        notebook.write(check, f"{check}{answer}).show()")
    notebook.run_all_again()
    for check in WRONG:
        assert "not yet" in notebook.output(check)
    notebook.show_whole(width=800)
    messages = "panel.node.querySelectorAll('.jp-RenderedHTML > .mathjax_ignore')"
    assert notebook.tell(f"{messages}.length") >= len(WRONG)
    assert notebook.tell(BROKEN_WORDS) == []
