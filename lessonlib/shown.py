"""How does a message look in Jupyter?

JupyterLab breaks printed lines anywhere, even inside a word. So a message has two
forms: its words (its `repr`), which a terminal prints and nbval compares, and HTML,
whose lines break between words. A sign and a word tell messages apart, not a colour.
"""

import html
import os
import re
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

# A screen reader says the label; many would pass over the character.
TICK = '<span role="img" aria-label="tick">✓</span>'
CROSS = '<span role="img" aria-label="cross">✗</span>'
CIRCLE = '<span role="img" aria-label="empty circle">○</span>'

# Two spaces in a value stay two; only a word that is longer than the line is broken.
_WRAPPED = "padding-left:0.5em;white-space:pre-wrap;overflow-wrap:break-word"
_NO_FORMULA = "mathjax_ignore tex2jax_ignore"  # or text between two $ becomes one


def say(message: Any) -> None:
    """Show a message below the cell of a notebook; elsewhere, print its words."""
    if _below_a_cell():
        from IPython.display import display

        kinds = {"text/plain": repr(message), "text/html": message._repr_html_()}
        display(kinds, raw=True)
    else:
        print(message)


def _below_a_cell() -> bool:
    """Return whether a line printed here and now would appear below a cell."""
    iostream = sys.modules.get("ipykernel.iostream")
    if iostream is None or not isinstance(sys.stdout, iostream.OutStream):
        return False  # no kernel, or somebody redirects the output
    return sys.stdout.session.pid == os.getpid()  # a forked process can only print


@dataclass(frozen=True)
class Sentence:
    """A message of one kind, such as "holds: two is more than one"."""

    text: str
    word: str = ""  # what kind it is, said before the text
    sign: str = ""  # and the sign of that kind

    def __repr__(self) -> str:
        return f"{self.word} {self.text}" if self.word else self.text

    def _repr_html_(self) -> str:
        return look(paragraph(self.text, word=self.word, sign=self.sign))


def look(*parts: str) -> str:
    """Return paragraphs and lists as one piece of HTML that fits into its window."""
    inside = "".join(parts)
    return f'<div class="{_NO_FORMULA}" style="{_WRAPPED}">{inside}</div>'


def paragraph(
    text: str, *, word: str = "", sign: str = "", code: Iterable[str] = ()
) -> str:
    """Return text as HTML, after a sign and a word that say what kind it is."""
    return f'<p style="margin:0">{_marked(sign, word, in_html(text, code))}</p>'


def bullets(items: Iterable[tuple[str, str, str]]) -> str:
    """Return a list as HTML; an item is a sign, a word and a text."""
    style = "margin:0;padding-left:1.5em;text-indent:-1.5em"
    rows = "".join(
        f'<li style="{style}">{_marked(sign, word, in_html(text))}</li>'
        for sign, word, text in items
    )
    # a list without dots is no list to some screen readers, unless it says so
    style = "list-style:none;margin:0.3em 0;padding:0"
    return f'<ul role="list" style="{style}">{rows}</ul>'


def in_html(text: str, code: Iterable[str] = ()) -> str:
    """Return text as HTML, with code set as code.

    Code is a part of the text in backticks, or one that `code` lists, in order.
    """
    pieces = []
    for part in filter(None, code):
        before, found, after = text.partition(part)
        if found:
            pieces.append(f"{_with_backticks(before)}<code>{_escaped(part)}</code>")
            text = after
    return "".join([*pieces, _with_backticks(text)])


def _marked(sign: str, word: str, inside: str) -> str:
    bold = f"<strong>{_escaped(word)}</strong>" if word else ""
    return " ".join(filter(None, [sign, bold, inside]))


def _with_backticks(text: str) -> str:
    return re.sub(r"`([^`\n]+)`", r"<code>\1</code>", _escaped(text))


def _escaped(text: str) -> str:
    return html.escape(text, quote=False)
