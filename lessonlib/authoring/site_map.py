"""Which pages has the site, and in which order are they read?

The site lies as the repository does: notebooks/05_x.ipynb becomes notebooks/05_x.html,
so a link between two sources is a link between their pages.
"""

import posixpath
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote, unquote

from lessonlib.authoring.page import ROOT, number_of
from lessonlib.authoring.rules_of_links import COPIED, headings_of
from lessonlib.errors import LessonError

GLOSSARY = "notebooks/glossary.html"
SHOWN = (*COPIED, "setup/pictures")  # the folders whose files the site may show


@dataclass(frozen=True)
class SitePage:
    """A page of the site, and the notebook or text that it is made from."""

    source: Path
    address: str  # from the root of the site
    title: str

    @property
    def number(self) -> str:
        """The two digits of its lesson; empty if it belongs to none."""
        return number_of(self.source) if self.source.suffix == ".ipynb" else ""

    @property
    def label(self) -> str:
        """What others call the page: its number, if it has one, and its title."""
        return f"{self.number} {self.title}".strip()

    @property
    def folder(self) -> str:
        """Where on the site it lies: empty for its root, or as `notebooks/`."""
        return self.address[: self.address.rfind("/") + 1]

    def way_to(self, address: str) -> str:
        """Return the link from this page to a place of the site, as `../x.html#y`."""
        name, mark, anchor = address.partition("#")
        way = posixpath.relpath(name, self.folder or ".")
        return quote(way) + mark + quote(anchor)


def site_pages(root: Path = ROOT) -> list[SitePage]:
    """Return all pages, in reading order: a lesson's exercises follow the lesson."""
    sources = [root / "README.md"]
    for lesson in sorted((root / "notebooks").glob("*.ipynb")):
        exercises = root / "exercises" / lesson.name
        sources += [lesson, exercises] if exercises.exists() else [lesson]
    sources += sorted((root / "notebooks" / "appendix").glob("*.md"))
    sources += [root / "exercises" / "README.md", root / "notebooks" / "glossary.md"]
    return [
        SitePage(path, _address(path.relative_to(root)), headings_of(path)[0])
        for path in sources
    ]


class SiteMap:
    """Where everything is that a text may link to. `files` are what pages need."""

    def __init__(self, root: Path = ROOT):
        self.root = root.resolve()
        self.pages = site_pages(root)
        self.files: set[Path] = set()
        self._addresses = {page.source.resolve(): page.address for page in self.pages}

    @property
    def lessons(self) -> list[tuple[SitePage, SitePage | None]]:
        """Each lesson, and its exercises if it has some."""
        own = {page.number: page for page in self.pages if page.folder == "exercises/"}
        return [
            (page, own.get(page.number))
            for page in self.pages
            if page.number and page.folder == "notebooks/"
        ]

    def find(self, target: str, page: SitePage) -> str | None:
        """Return the place of the site that `target`, a link in a source, leads to.

        A file in a folder of SHOWN is one of the site's, from now on. Any other is not
        on the site: None. Raises LessonError if there is no such file.
        """
        name, mark, anchor = unquote(target).partition("#")
        file = (page.source.parent / name).resolve() if name else page.source.resolve()
        if not file.exists():
            message = f"{page.source.name} links {target}, and there is no such file"
            raise LessonError(f"{message}: mend the link")
        if file in self._addresses:
            return self._addresses[file] + mark + anchor
        if file.is_file() and any(file.is_relative_to(self.root / d) for d in SHOWN):
            self.files.add(file)
            return file.relative_to(self.root).as_posix()
        return None


def _address(path: Path) -> str:
    name = "index" if path.stem == "README" else path.stem
    return path.with_name(f"{name}.html").as_posix()
