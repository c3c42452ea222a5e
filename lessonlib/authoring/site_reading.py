"""What does a page hold, to those who read its HTML?"""

from dataclasses import dataclass, field
from html.parser import HTMLParser

_VOID = ("meta", "link", "input", "br", "hr", "img", "wbr")  # they have no end
_WITHIN_WORDS = ("a", "b", "code", "dfn", "em", "q", "span", "strong", "sub", "sup")
_HEADINGS = ("h1", "h2", "h3", "h4", "h5", "h6")


@dataclass
class Section:
    """What stands below a heading of <main>, down to the next; no outputs."""

    anchor: str
    title: str = ""
    text: str = ""
    bold: list[str] = field(default_factory=list)


class HtmlReading(HTMLParser):
    """What was found in the HTML of a page: sections, anchors, links and more."""

    def __init__(self, text: str):
        super().__init__()
        self.sections: list[Section] = []
        self.anchors: list[str] = []
        self.links: list[str] = []
        self.fetched: list[str] = []  # pictures, styles and programs
        self.pictures: list[tuple[str, str]] = []  # address and alt text
        self.code: list[str] = []  # each block of code
        self.astray: list[str] = []  # ends of what isn't open, as in <b><i></b>
        self._open: list[tuple[str, str]] = []  # tags and classes, without an end yet
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note what a tag brings, and what it begins."""
        if tag not in _WITHIN_WORDS:
            self.handle_data(" ")
        self._note(tag, {name: value or "" for name, value in attrs})
        if tag in _HEADINGS:
            self.sections.append(Section(self.anchors[-1]))
        elif tag == "pre":
            self.code.append("")
        elif tag == "strong" and self.sections:
            self.sections[-1].bold.append("")

    def handle_endtag(self, tag: str) -> None:
        """Forget the tag that ends here."""
        if self._open and self._open[-1][0] == tag:
            self._open.pop()
        else:
            self.astray.append(tag)

    def _note(self, tag: str, given: dict[str, str]) -> None:
        self.anchors += [given["id"]] if "id" in given else []
        addresses = [given[name] for name in ("href", "src") if name in given]
        (self.links if tag == "a" else self.fetched).extend(addresses)
        if tag == "img":
            self.pictures.append((given.get("src", ""), given.get("alt", "")))
        if tag not in _VOID:
            self._open.append((tag, given.get("class", "")))

    def handle_data(self, data: str) -> None:
        """Give some text to what it belongs to."""
        tags = [tag for tag, _ in self._open]
        if "pre" in tags:
            self.code[-1] += data
        if "main" not in tags or not self.sections or ("pre", "output") in self._open:
            return
        section = self.sections[-1]
        if any(tag in _HEADINGS for tag in tags):
            section.title += data
            return
        section.text += data
        if "strong" in tags:
            section.bold[-1] += data
