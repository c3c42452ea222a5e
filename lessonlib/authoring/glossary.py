"""Which words does the lesson use, and where is each explained?

The words stand in the notebooks, under "Words of this lesson". The glossary collects
them, so nothing is said twice.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from lessonlib.authoring.page import number_of, read_page, stored_notebooks
from lessonlib.errors import LessonError

HEAD = """# Glossary

The words of all the lessons, in alphabetical order, each with the number of the
notebook that explains it. This page is made from their *Words of this lesson*.

"""
_SECTION = re.compile(r"^## Words of this lesson\n(.*?)(?=^## |\Z)", re.M | re.S)
_ENTRY = re.compile(r"^- (.*\n?(?:  .*\n?)*)", re.M)
WORD = re.compile(r"\*\*(.+?)\*\*")


@dataclass(frozen=True)
class Explanation:
    """One explanation of a lesson: a sentence or two, with the words in bold."""

    text: str
    path: Path  # of the notebook

    @property
    def number(self) -> str:
        """The two digits of the lesson."""
        return number_of(self.path)

    def __str__(self) -> str:
        return f"- {self.text} ([{self.number}]({self.path.name}))\n"


def glossary() -> str:
    """Return the page: an entry for each word, sorted by its first bold one."""
    return HEAD + "".join(map(str, explanations()))


def explanations() -> list[Explanation]:
    """Return what all lessons explain, in the order of the alphabet."""
    found = []
    for path in stored_notebooks(folders=["notebooks"]):
        page = read_page(path)
        for text in _entries("\n\n".join(cell.source for cell in page.markdown)):
            word = WORD.search(text)
            if word is None:
                message = f"no word is bold, so none is explained: {text!r}"
                raise LessonError(f"{page}: {message}")
            entry = Explanation(text, path)
            found.append((word[1].casefold(), str(entry), entry))
    return [entry for *_, entry in sorted(found, key=lambda each: each[:2])]


def _entries(text: str) -> Iterator[str]:
    for section in _SECTION.findall(text):
        for entry in _ENTRY.findall(section):
            yield " ".join(entry.split())
