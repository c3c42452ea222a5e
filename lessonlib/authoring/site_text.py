"""How does a text of ours become a part of a page?

nbconvert's markdown, so it reads as in JupyterLab. Ours are the links between pages,
the glossary's words, and that nothing has to be fetched to show it.
"""

import html
import re
from itertools import chain, count
from typing import Any

from nbconvert.filters.markdown_mistune import IPythonRenderer, MarkdownWithMath

from lessonlib.authoring.rules_of_links import anchor
from lessonlib.authoring.site_map import GLOSSARY, SiteMap, SitePage
from lessonlib.authoring.site_words import Word, Words, find
from lessonlib.errors import LessonError

_NO_WORDS_IN = ("heading", "link", "strong")  # of the glossary: they have a job already
_FENCED_OR_FOLD = re.compile(r"^(```|~~~).*?^\1|^(?=<details\b)", re.M | re.S)
EXPLAINS_WORDS = "Words of this lesson"


class SiteText(IPythonRenderer):
    """Writes the texts of one page, and remembers its headings."""

    def __init__(self, page: SitePage, site: SiteMap, words: Words):
        super().__init__(escape=False)
        self.page, self.site = page, site
        self.headings: list[tuple[int, str, str]] = []  # level, anchor, words
        self._words = words.linked(page.number)
        self._linked: set[Word] = set()  # since the last heading
        self._off = page.address == GLOSSARY  # link no words of the glossary here

    def html(self, source: str) -> str:
        """Return the HTML of some markdown; what was before it is remembered."""
        # a fold ends a list above it, as in JupyterLab; mistune needs an empty line
        source = _FENCED_OR_FOLD.sub(lambda found: found[0] or "\n", source)
        return MarkdownWithMath(renderer=self).render(source)

    # -- what mistune calls, for each kind of thing in a text

    def render_token(self, token: dict[str, Any], state: Any) -> str:
        """Write one part of a text, and know whether it is inside a heading or link."""
        before = self._off
        self._off = before or token["type"] in _NO_WORDS_IN
        written = super().render_token(token, state)
        if token["type"] != "heading":
            self._off = before
        return written

    def heading(self, text: str, level: int, **attrs: Any) -> str:
        """Write a heading with JupyterLab's anchor; here, words may be linked anew."""
        words = html.unescape(re.sub(r"<[^>]+>", "", text))
        name = self._free(anchor(words))
        self.headings.append((level, name, words))
        self._linked = set()
        self._off = self.page.address == GLOSSARY or words == EXPLAINS_WORDS
        return f'<h{level} id="{html.escape(name)}">{text}</h{level}>\n'

    def text(self, text: str) -> str:
        """Write plain text; link a word of the glossary, once in a section."""
        if self._off:
            return super().text(text)
        parts = find(self._words, text)
        return "".join(
            self._word(part, word) if word else super(SiteText, self).text(part)
            for part, word in parts
        )

    def link(self, text: str, url: str, title: str | None = None) -> str:
        """Write a link to another page; of what is not on the site, only the words."""
        if re.match(r"\w+:", url):
            return f'<a href="{html.escape(url)}">{text}</a>'
        address = self.site.find(url, self.page)
        return text if address is None else self._link(address, text)

    def image(self, text: str, url: str, title: str | None = None) -> str:
        """Write a picture that lies in the repository, with its alt text."""
        address = self.site.find(url, self.page)
        if address is None or not text.strip():
            raise self._error(f"the picture {url} has no alt text, or no file")
        way = html.escape(self.page.way_to(address))
        return f'<img src="{way}" alt="{html.escape(html.unescape(text))}">'

    def table(self, text: str) -> str:
        """Write a table in a box of its own, which scrolls if the table is too wide."""
        return f'<div class="wide"><table>\n{text}</table></div>\n'

    def table_cell(
        self, text: str, align: str | None = None, head: bool = False
    ) -> str:
        """Write a cell of a table; an empty one, as in a corner, heads nothing."""
        tag = "th" if head and text.strip() else "td"
        return f"<{tag}>{text}</{tag}>\n"

    def inline_math(self, body: str) -> str:
        """Refuse: to draw a formula, the browser would have to fetch a program."""
        formula = " ".join(body.split())
        raise self._error(f"the formula {formula} can't be drawn offline: use words")

    block_math = inline_math

    def latex_environment(self, name: str, body: str) -> str:
        """Refuse, as with other formulas."""
        return self.inline_math(body)

    # -- parts

    def _word(self, text: str, word: Word) -> str:
        if word in self._linked:
            return html.escape(text)
        self._linked.add(word)
        place = f"{GLOSSARY}#{word.anchor}"
        return self._link(place, html.escape(text), kind="word")

    def _link(self, address: str, text: str, kind: str = "page") -> str:
        way = html.escape(self.page.way_to(address))
        return f'<a class="{kind}" href="{way}">{text}</a>'

    def _free(self, name: str) -> str:
        """Return an anchor that no heading above has: a second one ends in -2."""
        taken = {used for _, used, _ in self.headings}
        others = (f"{name}-{n}" for n in count(2))
        return next(free for free in chain([name], others) if free not in taken)

    def _error(self, what: str) -> LessonError:
        return LessonError(f"{self.page.source.name}: {what}")
