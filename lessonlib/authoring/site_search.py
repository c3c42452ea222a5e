"""Where on the site is a word? The list that search.js looks it up in.

It's a program of one line, not JSON, so that a page opened from a folder may read it.
"""

import json
import re

from lessonlib.authoring.glossary import Explanation
from lessonlib.authoring.site_map import GLOSSARY, SitePage
from lessonlib.authoring.site_reading import HtmlReading, Section
from lessonlib.authoring.site_text import EXPLAINS_WORDS
from lessonlib.authoring.site_words import Word, Words


def search_index(pages: dict[SitePage, HtmlReading], words: Words) -> str:
    """Return the program: each explained word, then each section of the pages."""
    found = [_explained(entry, its) for entry, its in words.of.items()]
    for page, reading in pages.items():
        if page.address != GLOSSARY:
            found += [_listed(page, section) for section in reading.sections]
    lines = ",\n".join(json.dumps(each, ensure_ascii=False) for each in found)
    return f"const SECTIONS = [\n{lines}\n];\n"


def _explained(entry: Explanation, words: list[Word]) -> dict[str, object]:
    return {
        "page": "Glossary",
        "title": ", ".join(word.text for word in words),
        "address": f"{GLOSSARY}#{words[0].anchor}",
        "text": re.sub(r"[*`]", "", entry.text),
        "explains": [word.text for word in words],
    }


def _listed(page: SitePage, section: Section) -> dict[str, object]:
    return {
        "page": page.label,
        "title": section.title.strip(),
        "address": f"{page.address}#{section.anchor}",
        "text": " ".join(section.text.split()),
        "explains": section.bold if section.title.strip() == EXPLAINS_WORDS else [],
    }
