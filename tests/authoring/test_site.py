"""Does the site show the workbook as it is, whole, alone, and without an answer?"""

import filecmp
import json
import re

import pytest
from bs4 import BeautifulSoup
from nbformat.v4 import (
    new_code_cell,
    new_markdown_cell,
    new_notebook,
    new_output,
    writes,
)
from sample_notebooks import printed

from lessonlib.authoring.__main__ import main
from lessonlib.authoring.glossary import Explanation, explanations
from lessonlib.authoring.page import ROOT, images, read_page, stored_notebooks
from lessonlib.authoring.site import SiteBuilder, build_site
from lessonlib.authoring.site_guesses import spoilers
from lessonlib.authoring.site_links import faults_of_site, links_elsewhere
from lessonlib.authoring.site_map import SiteMap
from lessonlib.authoring.site_reading import HtmlReading
from lessonlib.authoring.site_text import SiteText
from lessonlib.authoring.site_words import EVERYDAY, Words, slug
from lessonlib.errors import LessonError

README = """# A lesson

Welcome.

## Start

Type `python3 start.py`.

## The map

| notebook | what you do | what surprises | minutes, and for its exercises |
|---|---|---|---|
| [01 Count](notebooks/01_count.ipynb) | count | the sum | 5 + 7 |

Go on.

<!-- the library, as its docstrings list it -->
| room |
|---|
"""
DRAWING = '<svg xmlns="http://www.w3.org/2000/svg"><title>A loop. Here.</title></svg>'
PIXEL = "iVBORw0KGgo="
WORDS = [
    ("A **closed loop** waits. An **open loop** doesn't.", "01"),
    ("The **GIL** is a pen.", "02"),
    ("The **tail** is the slow end.", "02"),
    ("A **hash** of a password.", "01"),
    ("A **hash** of a file.", "02"),
]


def words():
    return Words(
        [
            Explanation(text, ROOT / "notebooks" / f"{number}_x.ipynb")
            for text, number in WORDS
        ]
    )


def course(folder, cells, *, readme=README):
    """Write the smallest course that has a site, with one lesson of these cells."""
    files = {
        "README.md": readme,
        "notebooks/01_count.ipynb": writes(new_notebook(cells=cells)),
        "notebooks/figures/loop_00.svg": DRAWING,
        "notebooks/glossary.md": "# Glossary\n\n"
        + "".join(f"- {text}\n" for text, _ in WORDS),
        "exercises/README.md": "# Exercises\n\nTry.\n",
        "exercises/01_count.ipynb": writes(
            new_notebook(cells=[new_markdown_cell("# Exercises: count")])
        ),
    }
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")
    return folder


def built(folder, *cells, **changes):
    """Return the pages of a course's site, each as soup."""
    site = SiteMap(
        course(folder / "course", [new_markdown_cell("# Count"), *cells], **changes)
    )
    pages = SiteBuilder(folder / "site", site, words()).build()
    return {
        name: BeautifulSoup((folder / "site" / name).read_text("utf-8"), "html.parser")
        for name in pages
    }


def lesson_of(folder, *cells):
    return built(folder, *cells)["notebooks/01_count.html"].main


def text_on(folder, source, *, lesson="notebooks/01_count.html"):
    """Return some markdown as a page of the course has it."""
    site = SiteMap(course(folder, [new_markdown_cell("# Count")]))
    (page,) = [page for page in site.pages if page.address == lesson]
    return SiteText(page, site, words()).html(source)


def asks(name="mine", question="How many?"):
    return new_code_cell(f'{name} = guess("{question}", None)', outputs=[printed("?")])


def says(source, text="5"):
    return new_code_cell(source, outputs=[printed(text)])


# -- what would spoil a guess


def folded(*cells):
    for i, cell in enumerate(cells):
        cell.id = str(i)
    return spoilers(cells)


@pytest.mark.parametrize(
    "source",
    [
        "plot(5, guess=mine)",
        "how_near(mine, 5)",
        "x = [mine + 1]",
        "f(g(mine))",
        "mine",
    ],
)
def test_a_cell_that_reads_a_guess_answers_it(source):
    assert folded(asks(), says(source)) == {"1": "How many?"}


def test_what_comes_out_between_a_guess_and_its_answer_is_folded_too():
    cells = [asks(), says("measure()"), says("how_near(mine, 5)"), says("print(6)")]
    assert folded(*cells) == {"1": "How many?", "2": "How many?"}


def test_a_heading_ends_what_may_spoil_a_guess_that_is_answered_further_down():
    cells = [asks(), new_markdown_cell("## Else"), says("print(6)"), says("show(mine)")]
    assert folded(*cells) == {"3": "How many?"}


def test_a_fenced_comment_is_no_heading():
    cells = [asks(), new_markdown_cell("```\n# no\n```"), says("print(6)")]
    assert folded(*cells) == {"2": "How many?"}


def test_a_figure_about_something_else_is_shown():
    assert (
        folded(
            says("plot(5, guess=3)"),
            asks(),
            new_markdown_cell("## On"),
            says("plot(5)"),
        )
        == {}
    )


def test_each_guess_has_its_own_answer():
    cells = [asks("a", "A?"), asks("b", "B?"), says("f(a)"), says("f(b)")]
    assert folded(*cells) == {"2": "A?", "3": "B?"}


@pytest.mark.parametrize(
    "source",
    ['mine: float = guess("How many?", None)', 'print(mine := guess("How many?", 3))',
     'import lessonlib.workbook as w\nmine = w.guess("How many?", None)',
     'mine = guess(question="How many?", value=None)',
     'x = mine = guess("How many?", 1)', 'mine = {"a": guess("How many?", None)}',
     'mine, x = guess("How many?", None), 1'],
)  # fmt: skip
def test_a_guess_is_one_however_it_is_bound(source):
    cells = [says(source), new_markdown_cell("## On"), says("f(mine)"), says("f(5)")]
    assert folded(*cells) == {"2": "How many?"}


def test_a_cell_may_ask_and_answer_at_once():
    both = says('mine = guess("How many?", None)\nhow_near(mine, 5)')
    assert folded(both, says("print(6)")) == {"0": "How many?"}


def test_a_function_of_another_name_asks_nothing():
    assert folded(says('mine = guessed("How many?", 3)'), says("f(mine)")) == {}


def test_a_name_that_was_given_away_is_no_guess_any_more():
    cells = [asks(), says("mine = 5"), new_markdown_cell("## On"), says("f(mine)")]
    assert folded(*cells) == {"1": "How many?"}


def test_a_cell_that_shows_nothing_has_nothing_to_fold():
    assert folded(asks(), new_code_cell("f(mine)"), says("a = (")) == {}


def test_what_came_out_is_folded_on_the_page_and_the_rest_is_not(tmp_path):
    page = lesson_of(tmp_path, says("0", "before"), asks(), says("f(mine)", "after"))
    (fold,) = page.find_all("details", class_="came-out")
    assert not fold.has_attr("open")
    assert fold.summary.text == "Show what came out: How many?"
    assert fold.pre.text == "after" and "before" not in fold.text


# -- outputs


def test_a_picture_has_its_words_as_alt_text_and_lies_beside_the_page(tmp_path):
    data = {"image/png": PIXEL, "text/plain": "x"}
    cell = new_code_cell(
        "draw()",
        outputs=[new_output("display_data", data=data)],
        metadata={"alt": 'Is 1 < "2"? Yes & no.'},
    )
    picture = lesson_of(tmp_path, cell).find("img", class_="figure")
    assert picture["alt"] == 'Is 1 < "2"? Yes & no.'
    file = tmp_path / "site" / "notebooks" / picture["src"]
    assert file.read_bytes().startswith(b"\x89PNG")


HOSTILE = '<script>alert("&amp;")</script></pre><b>\x1b[1m'


@pytest.mark.parametrize(
    "output",
    [
        printed(HOSTILE),
        new_output(
            "execute_result", data={"text/plain": HOSTILE, "text/html": HOSTILE}
        ),
        new_output("display_data", data={"text/plain": HOSTILE, "text/html": HOSTILE}),
        new_output("error", ename="E", evalue="x", traceback=[HOSTILE]),
    ],
)
def test_text_that_came_out_is_text_on_the_page(tmp_path, output):
    page = lesson_of(tmp_path, new_code_cell("x", outputs=[output]))
    shown = page.find("pre", class_="output")
    assert shown.text.strip() == HOSTILE.removesuffix("\x1b[1m")
    assert page.script is None and page.b is None


def test_code_is_text_on_the_page(tmp_path):
    page = lesson_of(tmp_path, new_code_cell("x = '</pre><script>' & y"))
    assert page.find("pre").text.strip() == "x = '</pre><script>' & y"


# -- text


def test_a_link_between_sources_is_a_link_between_pages(tmp_path):
    targets = {
        "../exercises/01_count.ipynb#A-&-b": "../exercises/01_count.html#A-%26-b",
        "glossary.md": "glossary.html",
        "../exercises/README.md": "../exercises/index.html",
        "../README.md": "../index.html",
        "figures/loop_00.svg": "figures/loop_00.svg",
        "#Here": "01_count.html#Here",
    }
    found = BeautifulSoup(
        text_on(tmp_path, " ".join(f"[x]({target})" for target in targets)),
        "html.parser",
    )
    assert [a["href"] for a in found.find_all("a")] == list(targets.values())


def test_a_link_to_what_is_not_on_the_site_leaves_its_words(tmp_path):
    (tmp_path / "solutions").mkdir()
    (tmp_path / "solutions" / "01_count.ipynb").write_text("{}")
    text = "[the answers](../solutions/01_count.ipynb)"
    assert text_on(tmp_path, text) == "<p>the answers</p>\n"


@pytest.mark.parametrize(
    ("source", "complaint"),
    [
        ("[x](nowhere.md)", "nowhere.md"),
        ("![](figures/loop_00.svg)", "alt text"),
        ("So $x^2$.", "x\\^2"),
        ("$$\nx^2\n$$", "x\\^2"),
    ],
)
def test_what_cannot_be_shown_offline_is_refused_in_a_sentence(
    tmp_path, source, complaint
):
    with pytest.raises(LessonError, match=f"01_count.ipynb.*{complaint}"):
        text_on(tmp_path, source)


def test_headings_have_the_anchors_of_jupyterlab_and_none_twice(tmp_path):
    source = "## What `x` *is*: a & b?\n\n## More\n\n## More\n\n## More-2"
    anchors = HtmlReading(text_on(tmp_path, source)).anchors
    assert anchors == ["What-x-is:-a-&-b?", "More", "More-2", "More-2-2"]


def test_a_fold_below_a_list_holds_what_it_encloses(tmp_path):
    source = (
        "1. Who?\n<details><summary>Answer</summary>\n\n**I.**\n</details>\n\n2. Why?"
    )
    found = BeautifulSoup(text_on(tmp_path, source), "html.parser")
    assert found.details.strong.text == "I."
    assert HtmlReading(str(found)).astray == []


def test_a_fold_that_is_shown_as_code_stays_as_it_is(tmp_path):
    source = "```\n1. Who?\n<details>\n```"
    assert HtmlReading(text_on(tmp_path, source)).code == ["1. Who?\n<details>\n"]


# -- words of the glossary


def linked(folder, source, **where):
    found = BeautifulSoup(text_on(folder, source, **where), "html.parser")
    return [(a.text, a["href"]) for a in found.find_all("a", class_="word")]


def test_a_word_is_linked_once_in_each_section(tmp_path):
    source = "Open loops, an open loop.\n\n## On\n\nAn open\nloop, one open loop."
    href = "glossary.html#open-loop"
    assert linked(tmp_path, source) == [("Open loops", href), ("open loop", href)]


@pytest.mark.parametrize(
    "source",
    ["`open loop`", "**open loop**", "## An open loop", "[open loop](glossary.md)",
     "    open loop", "```\nopen loop\n```", "open-loop", "reopen loop", "open loopy",
     "<b title='open loop'>x</b>", "## Words of this lesson\n\nAn open loop."],
)  # fmt: skip
def test_a_word_is_not_linked_where_it_has_another_job(tmp_path, source):
    assert linked(tmp_path, source) == []


def test_an_abbreviation_is_linked_as_it_is_written(tmp_path):
    assert linked(tmp_path, "Gil holds the GIL, not a gil.") == [
        ("GIL", "glossary.html#gil")
    ]


def test_an_everyday_word_is_linked_in_its_own_lesson_only(tmp_path):
    assert "tail" in words().linked("02") and "tail" not in words().linked("01")
    assert linked(tmp_path, "It wags its tail.") == []


def test_a_word_of_two_lessons_leads_to_the_own_one():
    found = {n: words().linked(n)["hash"].anchor for n in ("01", "02", "")}
    assert found == {"01": "hash", "02": "hash-02", "": "hash"}


def test_the_anchors_of_the_glossary_are_those_that_pages_link(tmp_path):
    page = built(tmp_path)["notebooks/glossary.html"].main
    assert [(each["id"], each.text) for each in page.find_all("dfn")] == [
        (word.anchor, word.text) for word in words().all
    ]
    assert page.find("a", class_="word") is None


def test_every_everyday_word_is_one_of_the_glossary():
    assert EVERYDAY <= {slug(word.text) for word in Words(explanations()).all}


# -- the first page


def test_the_first_page_has_the_commands_and_a_row_for_each_lesson(tmp_path):
    page = built(tmp_path)["index.html"].main
    assert page.h1.text == "A lesson" and "python3 start.py" in page.text
    (row,) = page.find("ol", class_="map").find_all("li")
    assert [a["href"] for a in row.find_all("a")] == [
        "notebooks/01_count.html", "exercises/01_count.html"
    ]  # fmt: skip
    assert [dd.text.strip() for dd in row.find_all("dd")] == [
        "count", "the sum", "5, and 7 for its exercises of notebook 01"
    ]  # fmt: skip
    assert page.img["alt"] == "A loop." and "Go on." in page.text
    assert "room" not in page.text


@pytest.mark.parametrize(
    ("gone", "complaint"),
    [
        ("## Start\n", "no section Start"),
        ("| [01 Count]", "no row for 01 Count"),
        (" | 5 + 7 |", "no row for 01 Count"),
    ],
)
def test_a_readme_that_lacks_a_part_is_refused(tmp_path, gone, complaint):
    with pytest.raises(LessonError, match=complaint):
        built(tmp_path, readme=README.replace(gone, "", 1))


# -- all of it


@pytest.mark.parametrize("name", ["thesis.txt", "site.css", "index.html", ".git"])
def test_a_folder_with_something_else_in_it_is_left_alone(tmp_path, name, capsys):
    (tmp_path / name).write_text("years")
    for place in (tmp_path, tmp_path / name):
        with pytest.raises(SystemExit) as left:
            main(["site", "--to", str(place)])
        assert left.value.code == 1
        assert capsys.readouterr().err.endswith("something else: name another folder\n")
    assert (tmp_path / name).read_text() == "years"


@pytest.mark.parametrize(
    ("body", "fault"),
    [
        ('<a href="b.html">x</a>', "b.html leads nowhere"),
        ('<a href="#c">x</a>', "#c leads nowhere"),
        ('<a href="a.html#c">x</a>', "a.html has no such place"),
        ('<img src="https://example.org/x.png" alt="x">', "fetches https"),
        ('<script src="//example.org/x.js"></script>', "fetches //example"),
        ('<link href="style.css">', "style.css leads nowhere"),
        ('<img src="a.html" alt=" ">', "no alt text"),
        ('<p id="x"><b id="x"></b></p>', "#x is there twice"),
        ("<p><b></p></b>", "</p> ends nothing"),
    ],
)
def test_each_fault_of_a_site_is_seen(tmp_path, body, fault):
    (tmp_path / "a.html").write_text(body)
    found = faults_of_site(tmp_path, {"a.html": HtmlReading(body)})
    assert len(found) >= 1 and fault in found[0]


def test_a_sound_site_has_no_fault_and_tells_whom_it_links(tmp_path):
    body = '<p id="c"><a href="#c">x</a><a href="https://example.org/">y</a></p>'
    (tmp_path / "a.html").write_text(body)
    site = {"a.html": HtmlReading(body)}
    assert faults_of_site(tmp_path, site) == []
    assert links_elsewhere(site) == ["https://example.org/"]


# -- the workbook's own site


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    """The site of this workbook, built as CI builds it."""
    folder = tmp_path_factory.mktemp("built") / "site"
    assert build_site(folder) == 0, "the faults are printed above"
    return folder


def soup(path):
    return BeautifulSoup(path.read_text("utf-8"), "html.parser")


def pages_of(site):
    return [path.relative_to(site).as_posix() for path in sorted(site.rglob("*.html"))]


@pytest.mark.long
def test_every_notebook_has_its_page(site):
    sources = stored_notebooks(["notebooks", "exercises"])
    wanted = {f"{path.parent.name}/{path.stem}.html" for path in sources}
    others = {"index.html", "search.html", "exercises/index.html",
              "notebooks/glossary.html", "notebooks/appendix/engine.html"}  # fmt: skip
    assert set(pages_of(site)) == wanted | others


@pytest.mark.long
def test_pages_lead_on_from_the_first_to_the_last(site):
    name, walked = "index.html", []
    while name:
        walked.append(name)
        after = soup(site / name).find("a", rel="next")
        name = after and (site / name).parent.joinpath(after["href"]).resolve()
        name = name and name.relative_to(site.resolve()).as_posix()
    assert set(walked) == set(pages_of(site)) - {"search.html"}


@pytest.mark.long
def test_two_builds_have_the_same_bytes(site, tmp_path):
    build_site(tmp_path / "again")
    names = [p.relative_to(site).as_posix() for p in site.rglob("*") if p.is_file()]
    again = [p for p in (tmp_path / "again").rglob("*") if p.is_file()]
    same, *others = filecmp.cmpfiles(site, tmp_path / "again", names, shallow=False)
    assert others == [[], []] and len(again) == len(names)


SOLUTION = re.compile(
    r"### BEGIN (?:SOLUTION|HIDDEN TESTS|MARK SCHEME)\n(.*?)### END", re.S
)


def squeezed(text):
    return " ".join(text.split())


def secrets():
    """Yield what solutions hold and exercises don't: each region, as one line."""
    for path in stored_notebooks(["solutions"]):
        exercise = squeezed((ROOT / "exercises" / path.name).read_text("utf-8"))
        for cell in read_page(path).code:
            for region in SOLUTION.findall(cell.source):
                if squeezed(region) not in exercise:
                    yield path.stem, squeezed(region)


@pytest.mark.long
def test_no_page_has_the_code_of_a_solution(site):
    code = {
        name: squeezed(" ".join(HtmlReading((site / name).read_text("utf-8")).code))
        for name in pages_of(site)
    }
    known = list(secrets())
    assert len(known) > 80
    for lesson, secret in known:
        assert secret not in code[f"exercises/{lesson}.html"]
        if len(secret) > 80:  # a short one may be a line that the lesson shows
            assert not [name for name, text in code.items() if secret in text], secret


@pytest.mark.long
def test_no_page_has_a_check_that_was_run(site):
    for path in stored_notebooks(["exercises"]):
        page = soup(site / "exercises" / f"{path.stem}.html")
        assert page.find("pre", class_="output") is None


@pytest.mark.long
def test_each_figure_of_the_lessons_has_its_words_and_waits_for_its_guess(site):
    for path in stored_notebooks(["notebooks"]):
        notebook = read_page(path)
        waiting = spoilers(notebook.cells)
        drawn = [cell for cell in notebook.code if images(cell)]
        figures = soup(site / "notebooks" / f"{path.stem}.html").select("img.figure")
        assert [each["alt"] for each in figures] == [c.metadata.alt for c in drawn]
        assert [bool(each.find_parent("details")) for each in figures] == [
            cell.id in waiting for cell in drawn
        ]


@pytest.mark.long
def test_headings_are_in_order_and_landmarks_are_there(site):
    for name in pages_of(site):
        page = soup(site / name)
        levels = [int(h.name[1]) for h in page.find_all(re.compile(r"^h\d$"))]
        assert levels[0] == 1 and levels.count(1) == 1, name
        assert all(b <= a + 1 for a, b in zip(levels, levels[1:], strict=False)), name
        assert page.html["lang"] == "en"
        assert page.find("a", class_="skip")["href"] == "#content"
        assert page.main["id"] == "content" and page.header and page.footer


TERMS = (
    "coordinated omission", "open loop", "cbpe", "error budget", "golden rows",
    "a/b test", "false-alarm rate", "reverse proxy", "token bucket", "p99",
)  # fmt: skip


@pytest.mark.long
def test_the_search_knows_each_explanation_and_each_section(site):
    index = (site / "search-index.js").read_text("utf-8")
    found = json.loads(index.removeprefix("const SECTIONS = ").removesuffix(";\n"))
    for term in TERMS:
        first = [each for each in found if term in map(str.lower, each["explains"])]
        assert first[0]["page"] == "Glossary" and len(first) == 2, term
    listed = {each["address"] for each in found}
    for name in set(pages_of(site)) - {"notebooks/glossary.html", "search.html"}:
        headings = soup(site / name).main.select("h1, h2, h3")
        assert {f"{name}#{each['id']}" for each in headings if each.get("id")} <= listed
