"""Is what the appendix shows and tells to type what lies in the repository?"""

import re

import pytest

from lessonlib.authoring.page import ROOT

FOLDER = ROOT / "notebooks" / "appendix"
PAGES = sorted(FOLDER.glob("*.md"))
SHOWN = r"the whole [a-z]+, \[(.+?)\].*?```python\n(.*?)```"


def text_of(page):
    return page.read_text(encoding="utf-8")


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_the_file_that_a_page_shows_whole_is_shown_as_it_is(page):
    ((name, listing),) = re.findall(SHOWN, text_of(page), flags=re.DOTALL)
    assert listing == (FOLDER / name).read_text(encoding="utf-8")


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_every_link_of_a_page_leads_somewhere(page):
    targets = re.findall(r"\]\((?!http)([^)#]+)\)", text_of(page))
    assert targets
    for target in targets:
        assert (FOLDER / target).exists(), target


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_what_a_page_tells_to_type_names_files_that_exist(page):
    commands = re.findall(r"```\n(python3 start.py .*?)```", text_of(page), re.DOTALL)
    files = re.findall(r"(?:setup|tests|notebooks)/[\w./-]+", " ".join(commands))
    assert commands
    assert files
    for name in files:
        assert (ROOT / name.removesuffix("/pip")).exists(), name
