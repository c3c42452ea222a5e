"""What can one read before one installs anything? A site of plain files.

It needs no server and fetches nothing: copy the folder anywhere, open its index.html.
Two builds of the same notebooks have the same bytes.
"""

import shutil
from pathlib import Path

from jinja2 import Environment, FileSystemLoader
from markupsafe import Markup

from lessonlib.authoring.glossary import WORD, explanations
from lessonlib.authoring.refresh import write
from lessonlib.authoring.site_links import faults_of_site, links_elsewhere
from lessonlib.authoring.site_map import GLOSSARY, SiteMap, SitePage
from lessonlib.authoring.site_notebook import FILES, NotebookWriter
from lessonlib.authoring.site_reading import HtmlReading
from lessonlib.authoring.site_search import search_index
from lessonlib.authoring.site_start import read_start
from lessonlib.authoring.site_text import SiteText
from lessonlib.authoring.site_words import Words
from lessonlib.errors import LessonError

AS_THEY_ARE = ("site.css", "site.js", "search.js")
INDEX = "search-index.js"
SEARCH = SitePage(Path("search"), "search.html", "Search")


class SiteBuilder:
    """Makes pages of the sources of a course, and writes them into a folder."""

    def __init__(self, folder: Path, site: SiteMap, words: Words):
        self.folder, self.site = folder, site
        self._words, self._notebooks = words, NotebookWriter()
        self._frames = Environment(loader=FileSystemLoader(FILES), autoescape=True)

    def build(self) -> dict[str, HtmlReading]:
        """Write every page, and the files that pages need; return what the pages hold.

        They are read as a browser reads them, for the search and for those who check.
        """
        for name in AS_THEY_ARE:  # first: they are what a site is known by
            self._write(name, (FILES / name).read_text("utf-8"))
        read = {page: self._write_source(page) for page in self.site.pages}
        self._write(INDEX, search_index(read, self._words))
        read[SEARCH] = self._write_page(SEARCH, self._framed("search.html"), [])
        for file in sorted(self.site.files):
            place = file.relative_to(self.site.root).as_posix()
            self._place(place).write_bytes(file.read_bytes())
        return {page.address: reading for page, reading in read.items()}

    def _write_source(self, page: SitePage) -> HtmlReading:
        text = SiteText(page, self.site, self._words)
        if page.number:
            body, pictures = self._notebooks.write(text)
            for name, picture in pictures.items():
                self._place(f"{page.folder}{name}").write_bytes(picture)
        elif page.address == "index.html":
            start = read_start(text, self.site)
            body = self._framed("start.html", page=page, start=start)
        else:
            body = text.html(self._with_anchors(page))
        return self._write_page(page, body, text.headings)

    def _with_anchors(self, page: SitePage) -> str:
        """Return the page's markdown; in the glossary, each word becomes a place."""
        source = page.source.read_text("utf-8")
        if page.address != GLOSSARY:
            return source
        words = iter(self._words.all)
        return WORD.sub(
            lambda found: f'<dfn id="{next(words).anchor}">{found[1]}</dfn>', source
        )

    def _write_page(
        self, page: SitePage, body: str, headings: list[tuple[int, str, str]]
    ) -> HtmlReading:
        before, after = _neighbours(page, self.site.pages)
        framed = self._framed(
            "page.html",
            page=page,
            body=Markup(body),
            sections=[heading for heading in headings if heading[0] == 2],
            before=before,
            after=after,
        )
        self._write(page.address, framed)
        return HtmlReading(framed)

    def _framed(self, template: str, **values: object) -> str:
        return self._frames.get_template(template).render(values)

    def _write(self, address: str, text: str) -> None:
        write(self._place(address), text)

    def _place(self, address: str) -> Path:
        place = self.folder / address
        place.parent.mkdir(parents=True, exist_ok=True)
        return place


def build_site(folder: Path) -> int:
    """Build the site in `folder`, in place of an older one, and count its faults.

    Prints the faults, and the links into the web, which nobody follows here. Raises
    LessonError if the folder has something in it that is not a site of ours.
    """
    if folder.exists() and not _may_be_replaced(folder):
        raise LessonError(f"{folder} holds something else: name another folder")
    shutil.rmtree(folder, ignore_errors=True)
    pages = SiteBuilder(folder, SiteMap(), Words(explanations())).build()
    elsewhere, faults = links_elsewhere(pages), faults_of_site(folder, pages)
    for line in [*elsewhere, *faults]:
        print(line)
    print(
        f"{folder}: {len(pages)} pages, {len(elsewhere)} links "
        f"into the web, not followed, and {len(faults) or 'no'} faults"
    )
    return len(faults)


def _may_be_replaced(folder: Path) -> bool:
    """Return whether a folder is empty, or a site of ours, perhaps half of one."""
    if not folder.is_dir():
        return False
    styles, ours = folder / AS_THEY_ARE[0], (FILES / AS_THEY_ARE[0]).read_bytes()
    begins = ours.splitlines()[0]
    return not any(folder.iterdir()) or (
        styles.is_file() and styles.read_bytes().startswith(begins)
    )


def _neighbours(
    page: SitePage, pages: list[SitePage]
) -> tuple[SitePage | None, SitePage | None]:
    """Return the pages before and after, in reading order."""
    if page not in pages:
        return None, None
    around = [None, *pages, None]
    place = around.index(page)
    return around[place - 1], around[place + 1]
