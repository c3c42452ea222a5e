"""Which words does the lesson use, and where is each explained?

The words stand in the notebooks, under "Words of this lesson". The glossary collects
them, so nothing is said twice.
"""

import re
from collections.abc import Iterator

from lessonlib.authoring.page import read_page, stored_notebooks
from lessonlib.errors import LessonError

_HEAD = """# Glossary

The words of all the lessons, in alphabetical order, each with the number of the
notebook that explains it. This page is made from their *Words of this lesson*.

"""
_SECTION = re.compile(r"^## Words of this lesson\n(.*?)(?=^## |\Z)", re.M | re.S)
_ENTRY = re.compile(r"^- (.*\n?(?:  .*\n?)*)", re.M)
_WORD = re.compile(r"\*\*(.+?)\*\*")


def glossary() -> str:
    """Return the page: an entry for each word, sorted by its first bold one."""
    entries = []
    for path in stored_notebooks(folders=["notebooks"]):
        page = read_page(path)
        for text in _entries("\n\n".join(cell.source for cell in page.markdown)):
            word = _WORD.search(text)
            if word is None:
                message = f"no word is bold, so none is explained: {text!r}"
                raise LessonError(f"{page}: {message}")
            entry = f"- {text} ([{page.number}]({path.name}))\n"
            entries.append((word[1].casefold(), entry))
    return _HEAD + "".join(entry for _, entry in sorted(entries))


def _entries(text: str) -> Iterator[str]:
    for section in _SECTION.findall(text):
        for entry in _ENTRY.findall(section):
            yield " ".join(entry.split())
