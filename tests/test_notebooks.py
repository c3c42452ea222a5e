"""Does every notebook keep the rules, and does every rule see a notebook that does not?

nbval compares the stored outputs; the rules close the holes where it compares nothing.
"""

import re
import runpy
import tomllib

import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell
from sample_notebooks import figure, lesson, page, printed, prose, solution

from lessonlib.authoring.normal_form import differences
from lessonlib.authoring.page import ROOT, number_of, read_page, stored_notebooks
from lessonlib.authoring.rules import (
    LESSON_RULES,
    RULES,
    SOLUTION_RULES,
    rules_for,
)

PATHS = stored_notebooks()
LESSONS = stored_notebooks(folders=["notebooks"])
PAGES = [read_page(path) for path in PATHS]


def name_of(path):
    return f"{path.parent.name}-{path.stem}"


# -- the stored notebooks


@pytest.mark.parametrize(
    ("stored", "rule"),
    [
        pytest.param(stored, rule, id=f"{name_of(stored.path)}-{rule.__name__}")
        for stored in PAGES
        for rule in rules_for(stored)
    ],
)
def test_notebook_keeps_the_rule(stored, rule):
    assert rule(stored) == []


@pytest.mark.parametrize("path", PATHS, ids=name_of)
def test_notebook_is_in_normal_form(path):
    text = path.read_bytes().decode("utf-8")
    assert differences(text, number_of(path)) == []


def test_lessons_have_numbers_of_their_own_and_solutions_belong_to_one():
    lessons = {path.name for path in LESSONS}
    assert len({number_of(name) for name in lessons}) == len(lessons) > 0
    assert {path.name for path in PATHS if path not in LESSONS} <= lessons


def test_nbval_compares_all_of_them_strictly_and_masks_nothing():
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    pytest_settings = settings["tool"]["pytest"]["ini_options"]
    assert {"notebooks", "solutions"} <= set(pytest_settings["testpaths"])
    options = [option.split("=")[0] for option in pytest_settings["addopts"]]
    assert {"--nbval", "--nbval-current-env"} <= set(options)
    assert not {"--nbval-lax", "--nbval-sanitize-with", "--nbdime"} & set(options)


def test_the_loops_are_as_their_script_draws_them_one_for_each_lesson():
    figures = ROOT / "notebooks" / "figures"
    loop = runpy.run_path(str(figures / "loop.py"))
    assert set(loop["WHERE"]) == {number_of(path) for path in LESSONS}
    for number, here in loop["WHERE"].items():
        stored = (figures / f"loop_{number}.svg").read_text(encoding="utf-8")
        assert stored == loop["draw"](here), "run notebooks/figures/loop.py"


# -- the rules themselves


@pytest.mark.parametrize("rule", RULES + LESSON_RULES, ids=lambda rule: rule.__name__)
def test_a_good_lesson_keeps_the_rule(rule, tmp_path):
    assert rule(page(lesson(), tmp_path)) == []


@pytest.mark.parametrize("rule", RULES + SOLUTION_RULES, ids=lambda rule: rule.__name__)
def test_a_good_solution_keeps_the_rule(rule, tmp_path):
    assert rule(page(solution(), tmp_path, room="solutions")) == []


PRINT, TIME, CLAIM, DRAW, ERROR = 4, 6, 7, 9, 11  # places of the sample's code cells


def put(place, **values):
    def change(nb):
        nb.cells[place].update(values)

    return change


def tag(place, *words):
    return put(place, metadata={"tags": list(words)})


def strip(nb):
    for cell in nb.cells:
        if cell.cell_type == "code":
            cell.update(outputs=[], execution_count=None)


def ignore_all(nb):
    for cell in nb.cells:
        if cell.cell_type == "code":
            cell.metadata["tags"] = ["nbval-ignore-output"]


def insert(place, *cells):
    def change(nb):
        nb.cells[place:place] = cells

    return change


def drop(place):
    return lambda nb: nb.cells.pop(place)


def say(words):
    return put(DRAW, outputs=[figure(words)], metadata={"alt": words})


def all_code(n):
    return lambda nb: [
        cell.update(source="\n".join(["a = 1"] * n))
        for cell in nb.cells
        if cell.cell_type == "code"
    ]


BROKEN = {
    # what nbval passes without a word
    "stripped outputs": (strip, "ran_from_top_to_bottom", "execution count None"),
    "a new cell that never ran": (
        insert(5, new_code_cell("new = 1", id="05-17")),
        "ran_from_top_to_bottom",
        "cell 05-17 has execution count None, not 2",
    ),
    "trailing semicolon": (
        put(TIME, source="time.time();"),
        "has_no_semicolon",
        "05-07 has a `;`",
    ),
    "misspelt tag": (tag(TIME, "nbval-ignore-ouptut"), "knows_its_tags", "ouptut"),
    "every cell ignored": (ignore_all, "most_outputs_are_compared", "0 of 5 outputs"),
    # the file
    "not valid": (put(0, cell_type="prose"), "is_a_valid_notebook", "not a valid"),
    "a random id": (put(0, id="1b2c3d4e"), "is_a_valid_notebook", "called like 05-07"),
    "an id twice": (put(1, id="05-01"), "is_a_valid_notebook", "another cell has"),
    "a large picture": (
        lambda nb: nb.cells[DRAW].outputs[0].data.update({"image/png": "A" * 400_000}),
        "is_a_valid_notebook",
        "at most 400000",
    ),
    # outputs
    "cells run in another order": (
        put(PRINT, execution_count=7),
        "ran_from_top_to_bottom",
        "has execution count 7, not 1",
    ),
    "nbval-skip": (tag(PRINT, "nbval-skip"), "knows_its_tags", "nbval-skip"),
    "nbval comment": (
        put(PRINT, source="# NBVAL_IGNORE_OUTPUT\nn"),
        "knows_its_tags",
        "use a tag",
    ),
    "a tag on text": (tag(0, "raises-exception"), "knows_its_tags", "needs no tags"),
    "an error nobody announced": (
        tag(ERROR),
        "errors_are_announced",
        "without the tag",
    ),
    "an announced error that is none": (
        put(ERROR, outputs=[]),
        "errors_are_announced",
        "stores none",
    ),
    "a warning": (
        lambda nb: nb.cells[PRINT].outputs[0].update(name="stderr"),
        "errors_are_announced",
        "stderr",
    ),
    "half of it ignored": (
        lambda nb: [tag(place, "nbval-ignore-output")(nb) for place in (PRINT, CLAIM)],
        "most_outputs_are_compared",
        "3 of 5 code cells are ignored",
    ),
    "nothing claimed after an ignored cell": (
        lambda nb: [put(place, outputs=[])(nb) for place in (CLAIM, DRAW)],
        "ignored_cells_are_claimed",
        "cell 05-07 is ignored",
    ),
    # figures
    "a figure without words": (
        say("<Figure size 640x480 with 1 Axes>"),
        "figures_say_themselves",
        "does not say what it shows",
    ),
    "a figure without a question": (
        say("The queue rises to 12."),
        "figures_say_themselves",
        "do not begin with the question",
    ),
    "a figure with a title alone": (
        say("Does the queue drain?"),
        "figures_say_themselves",
        "answers in 0 sentences",
    ),
    "a figure that talks on": (
        say("Does it? It does. Then it does not. And so on."),
        "figures_say_themselves",
        "answers in 3 sentences",
    ),
    "a figure that stops short": (
        say("Does it? It rises to"),
        "figures_say_themselves",
        "do not end like a sentence",
    ),
    "other alt text": (
        put(DRAW, metadata={"alt": "Something else."}),
        "figures_say_themselves",
        "alt is not the figure's words",
    ),
    "alt without a picture": (
        put(PRINT, metadata={"alt": "A picture."}),
        "figures_say_themselves",
        "no picture",
    ),
    "two pictures": (
        put(DRAW, outputs=[figure(), figure()]),
        "figures_say_themselves",
        "2 pictures",
    ),
    "a picture that nobody reads": (
        drop(DRAW + 1),
        "figures_say_themselves",
        "a text cell after the picture",
    ),
    # text
    "a long cell": (
        put(PRINT, source="\n".join(["a = 1"] * 16)),
        "cells_are_short",
        "16 lines of code",
    ),
    "cells of five lines": (all_code(5), "cells_are_short", "half of the code cells"),
    "cells of eleven lines": (all_code(11), "cells_are_short", "one code cell in ten"),
    "three code cells in a row": (
        insert(CLAIM, new_code_cell("a = 1")),
        "code_is_spread",
        "number 3 in a row",
    ),
    "an empty cell": (put(1, source=" "), "code_is_spread", "is empty"),
    "61 code cells": (
        lambda nb: (
            [insert(5, new_code_cell("a"), new_markdown_cell("b"))(nb)] * 1
            and nb.cells.extend(new_code_cell("a") for _ in range(55))
        ),
        "code_is_spread",
        "61 code cells",
    ),
    "few words": (
        lambda nb: [put(place, source="Few.")(nb) for place in (0, 1, 3, 5, 8, 10)],
        "prose_outweighs_code",
        "write more",
    ),
    "minutes that are too few": (
        lambda nb: put(3, source="## Count\n\n" + "word " * 2000)(nb),
        "minutes_hold",
        "3 minutes are stated, reading takes 1",
    ),
    "no title": (put(0, source="Count"), "headings_are_in_order", "begin with a title"),
    "code first": (
        lambda nb: nb.cells.insert(0, nb.cells.pop(PRINT)),
        "headings_are_in_order",
        "is not markdown",
    ),
    "two titles": (put(3, source="# Count"), "headings_are_in_order", "second title"),
    "a level left out": (
        put(8, source="#### Deep"),
        "headings_are_in_order",
        "leaves out a heading level: write ###",
    ),
    "a section that is missing": (drop(14), "has_the_frame", "no section `## In prac"),
    "sections in another order": (
        lambda nb: nb.cells.append(nb.cells.pop(12)),
        "has_the_frame",
        "the order of the sections",
    ),
    "no section of its own": (
        put(3, source="Count."),
        "has_the_frame",
        "sections of your own",
    ),
    "an opening without its aim": (
        put(0, source="# Count\n\nIn 5 minutes."),
        "has_the_frame",
        "lacks `**What you'll do**`",
    ),
    "a picture without alt text": (
        put(1, source="![](figures/loop.svg)"),
        "pictures_in_text_can_be_seen",
        "has no alt text",
    ),
    "a picture that is not there": (
        put(1, source='<img src="figures/loop.svg" alt="The loop">'),
        "pictures_in_text_can_be_seen",
        "there is no file figures/loop.svg",
    ),
    "a picture of somebody else's": (
        put(1, source="![The loop](https://example.org/loop.svg)"),
        "pictures_in_text_can_be_seen",
        "is no relative path",
    ),
    "a drawing with other words": (
        put(5, source="![A belt](figures/belt.svg)"),
        "drawings_say_what_they_show",
        "not its title: write `Parcels & a belt.`",
    ),
    # links
    "a link to nowhere": (
        put(3, source="## Count\n\n[there](07_gone.ipynb)"),
        "links_lead_somewhere",
        "cell 05-04: 07_gone.ipynb leads nowhere",
    ),
    "a link to a heading that is gone": (
        put(3, source="## Count\n\n[there](06_weigh.ipynb#Gone)"),
        "links_lead_somewhere",
        "06_weigh.ipynb has no such heading",
    ),
    "a link to what learners do not have": (
        put(3, source="## Count\n\n[there](../solutions/05_count.ipynb)"),
        "links_lead_somewhere",
        "not copied into my-work",
    ),
    "a notebook that is not there": (
        put(3, source="## Count\n\nAs notebook 77 says."),
        "words_lead_somewhere",
        "cell 05-04: there is no notebook 77",
    ),
    "a notebook that is not there, in a comment": (
        put(PRINT, source="# as in notebook 77"),
        "words_lead_somewhere",
        "cell 05-05: there is no notebook 77",
    ),
    "no link to the exercises": (
        put(13, source="## Your turn\n\nCount more."),
        "lesson_leads_on",
        "`## Your turn` does not link ../exercises/05_count.ipynb",
    ),
    "no link to the next lesson": (
        put(15, source="## Further reading\n\nNext: 06."),
        "lesson_leads_on",
        "`## Further reading` does not link the next lesson, 06_weigh.ipynb",
    ),
    # paths
    "a path in code": (
        put(PRINT, source='open("/home/ada/cards.csv")'),
        "has_no_absolute_path",
        "in its code",
    ),
    "a path in an output": (
        put(PRINT, outputs=[printed("saved /tmp/tmpab12/model")]),
        "has_no_absolute_path",
        "in its stdout",
    ),
    "a path of Windows": (
        put(PRINT, outputs=[printed("saved C:\\Users\\ada")]),
        "has_no_absolute_path",
        "in its stdout",
    ),
}

FORBIDDEN_CODE = {
    "from lessonlib.mail import *": "`import \\*` hides",
    "show??": "no `%pinfo2`",
    "show?": "no `%pinfo`",
    "%run other.py": "no `%run`",
    "!pip install x": "no `!pip`",
    "%pip install x": "no `%pip`",
    "import sys\nsys.path.append('..')": "no `sys.path`",
    "Out[1]": "no `Out`",
    "import time\ntime.sleep(1)": "wait for an event",
    "for _ in range(3):\n    sleep(1)": "wait for an event",
    "app.run(port=5000)": "port 5000 may be taken",
    'make_server("127.0.0.1", 5000, app)': "a fixed port may be taken",
    'listener.bind(("127.0.0.1", 8080))': "a fixed port may be taken",
    'requests.get("http://127.0.0.1:5000/health")': "an address with a fixed port",
    "app.run(debug=True)": "`debug=True` opens a console",
    'serve(app, host="0.0.0.0")': "no host 0.0.0.0",
    "def f(:": "is not Python",
}
ALLOWED_CODE = [
    "def slow(rows):\n    time.sleep(0.01)\n    return rows",
    "listing = 'app.run(debug=True, host=\"0.0.0.0\")'",
    'make_server("127.0.0.1", 0, app)',
    'listener.bind(("127.0.0.1", 0))',
    "%time n = 1",
    "requests.get(server.url + '/health', timeout=5)",
]


def rule_named(name):
    rules = RULES + LESSON_RULES + SOLUTION_RULES
    return next(rule for rule in rules if rule.__name__ == name)


@pytest.mark.parametrize(("change", "rule", "says"), BROKEN.values(), ids=BROKEN)
def test_rule_sees(change, rule, says, tmp_path):
    nb = lesson()
    change(nb)
    complaints = rule_named(rule)(page(nb, tmp_path))
    assert any(says in sentence for sentence in complaints), complaints


@pytest.mark.parametrize(
    ("place", "source", "says"),
    [
        (2, "## 1. The tail\n\nReturn it.", "`1. The tail` does not say which section"),
        (5, "## Done?", "the last text does not link the next lesson, 06_weigh.ipynb"),
    ],
)
def test_rule_sees_exercises_that_do_not_lead_back(place, source, says, tmp_path):
    nb = solution()
    nb.cells[place].source = source
    rule = rule_named("exercises_lead_back")
    (complaint,) = rule(page(nb, tmp_path, room="solutions"))
    assert complaint.startswith(says)


@pytest.mark.parametrize(("source", "says"), FORBIDDEN_CODE.items())
def test_code_that_is_forbidden(source, says, tmp_path):
    nb = lesson()
    nb.cells[PRINT].source = source
    (complaint,) = rule_named("has_no_forbidden_code")(page(nb, tmp_path))
    assert re.match(rf"cell 05-05.* {says}", complaint)


@pytest.mark.parametrize("source", ALLOWED_CODE)
def test_code_that_is_fine(source, tmp_path):
    nb = lesson()
    nb.cells[PRINT].source = source
    assert rule_named("has_no_forbidden_code")(page(nb, tmp_path)) == []


def test_what_is_shown_to_fail_may_be_dangerous(tmp_path):
    nb = lesson()
    nb.cells[ERROR].source = 'app.run(debug=True, host="0.0.0.0")'
    assert rule_named("has_no_forbidden_code")(page(nb, tmp_path)) == []


def test_a_semicolon_in_a_string_or_a_shell_line_is_fine(tmp_path):
    nb = lesson()
    nb.cells[PRINT].source = "text = 'a; b'  # one; two\n%time n = 1"
    assert rule_named("has_no_semicolon")(page(nb, tmp_path)) == []


def test_the_first_notebook_has_nothing_to_recall(tmp_path):
    nb = lesson()
    nb.cells.pop(1)
    assert rule_named("has_the_frame")(page(nb, tmp_path, "00_count.ipynb")) == []


def test_code_blocks_are_neither_prose_nor_headings(tmp_path):
    block = f"```python\n# not a title\n{prose(900)}\n```"
    nb = lesson()
    nb.cells[3].source = f"## Count\n\n{block}"
    broken = page(nb, tmp_path)
    assert rule_named("headings_are_in_order")(broken) == []
    for place in (0, 1, 5, 8, 10):
        nb.cells[place].source = "Few."
    assert rule_named("prose_outweighs_code")(broken)


def test_every_rule_has_a_notebook_that_breaks_it():
    seen = {rule for _, rule, _ in BROKEN.values()}
    seen |= {"has_no_forbidden_code", "exercises_lead_back"}  # tests of their own
    assert seen == {rule.__name__ for rule in RULES + LESSON_RULES + SOLUTION_RULES}
