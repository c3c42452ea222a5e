"""Can one read, search and unfold the site, opened from a folder, with no server?"""

import subprocess

import pytest
from accessibility import findings
from conftest import LESSON, ROOT, SCREENSHOTS

LESSON_05 = "notebooks/05_measure_response_time_honestly.html"
PAGES = {
    "start": "index.html",
    "05": LESSON_05,
    "12": "notebooks/12_out_of_the_notebook.html",
    "exercises-07": "exercises/07_watch_the_model_at_work.html",
    "glossary": "notebooks/glossary.html",
    "engine": "notebooks/appendix/engine.html",
    "search": "search.html?q=coordinated%20omission",
}
EXPLAINED = {  # what is looked for, and the words that the glossary explains with it
    "coordinated omission": "Coordinated omission",
    "open loop": "closed loop, open loop",
    "CBPE": "CBPE",
    "error budget": "error budget, burn rate",
    "golden rows": "Golden rows",
    "A/B test": "A/B test, A/A test",
    "false-alarm rate": "p-value, false-alarm rate",
    "reverse proxy": "reverse proxy",
    "token bucket": "token bucket",
    "p99": "percentile, p99, tail",
}
WIDER_THAN_THE_WINDOW = "document.documentElement.scrollWidth - innerWidth"
UNREACHABLE = """
    [...document.querySelectorAll("pre, .wide")]
    .filter(box => box.scrollWidth > box.clientWidth && box.tabIndex < 0)
    .map(box => box.textContent.slice(0, 60))
"""


@pytest.fixture(scope="session")
def site():
    """The address of the site's folder, built as the README says."""
    folder = LESSON.with_name("site")
    command = [ROOT / ".venv/bin/python", "-m", "lessonlib.authoring", "site", "--to"]
    subprocess.run([*command, folder], cwd=ROOT, check=True, stdout=subprocess.DEVNULL)
    return folder.resolve().as_uri()


@pytest.fixture
def window(browser, request):
    """A window of its own, which may reach nothing but files. No program may fail."""
    context = browser.new_context(offline=True, **getattr(request, "param", {}))
    window, errors = context.new_page(), []
    window.set_default_timeout(10_000)
    window.on("pageerror", lambda error: errors.append(str(error)))
    # axe reads the styles once more, and may not: a file is not of its origin
    window.on(
        "requestfailed",
        lambda each: each.resource_type == "xhr" or errors.append(each.url),
    )
    yield window
    context.close()
    assert errors == []


def search(window, site, term):
    """Look for a term, from a lesson, and return the texts of what is found."""
    window.goto(f"{site}/{LESSON_05}")
    window.get_by_label("Search").fill(term)
    window.get_by_role("button", name="Find").click()
    window.wait_for_function("document.querySelector('#count')?.textContent")
    return [each.inner_text() for each in window.locator("#results li").all()]


def test_the_section_that_explains_a_term_is_found_first(window, site):
    first = {term: search(window, site, term)[0].splitlines() for term in EXPLAINED}
    assert {term: lines[0] for term, lines in first.items()} == EXPLAINED
    assert all("Glossary" in lines for lines in first.values())


def test_a_find_leads_to_its_place(window, site):
    found = search(window, site, "coordinated omission")
    assert "05 Measure response time honestly" in found[1]
    window.locator("#results a").nth(2).click()
    window.wait_for_url("**/05_*.html#Why*")
    assert window.locator(":target").inner_text().startswith("Why")


@pytest.mark.parametrize("asked", ["xyzzy", "<xyzzy>(", "", "???"])
def test_what_is_not_there_is_said(window, site, asked):
    window.goto(f"{site}/search.html")
    window.goto(f"{site}/search.html?q={asked}")
    said = window.get_by_role("status").inner_text()
    assert said.startswith(("No sections", "Write a word"))
    assert window.locator("#results li").count() == 0


def test_a_figure_shows_when_it_is_asked_for(window, site):
    window.goto(f"{site}/{LESSON_05}")
    fold = window.locator(".came-out", has=window.locator("img")).first
    assert not fold.locator("img").is_visible()
    fold.locator("summary").focus()
    window.keyboard.press("Enter")
    picture = fold.locator("img")
    picture.scroll_into_view_if_needed()
    assert picture.is_visible() and len(picture.get_attribute("alt")) > 40
    window.wait_for_function(
        "image => image.naturalWidth > 300", arg=picture.element_handle()
    )


def test_paper_shows_what_is_folded_and_no_menu(window, site):
    window.goto(f"{site}/{LESSON_05}")
    window.emulate_media(media="print")
    folded = window.locator("main details > :not(summary)")
    seen = folded.evaluate_all("all => all.map(each => each.checkVisibility())")
    assert seen and all(seen)
    assert not window.get_by_role("search").is_visible()


WINDOWS = {
    "site-wide-and-light": {
        "color_scheme": "light",
        "viewport": {"width": 1280, "height": 900},
    },
    "site-narrow-and-dark": {
        "color_scheme": "dark",
        "viewport": {"width": 400, "height": 900},
    },
}


@pytest.mark.parametrize("window", WINDOWS.values(), indirect=True, ids=WINDOWS)
def test_pages_fit_the_window_and_axe_finds_nothing(window, site, request):
    found = {}
    for name, address in PAGES.items():
        window.goto(f"{site}/{address}")
        window.screenshot(path=SCREENSHOTS / f"{request.node.callspec.id}-{name}.png")
        assert window.evaluate(WIDER_THAN_THE_WINDOW) <= 0, name
        assert window.evaluate(UNREACHABLE) == [], name
        found[name] = findings(window)
    assert {name: each for name, each in found.items() if each} == {}
