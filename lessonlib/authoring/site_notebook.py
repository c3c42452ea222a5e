"""How does a notebook become a part of a page?

By nbconvert, with a template of ours. Outputs are shown as they are stored: a picture
with its words as alt text, else the plain text that nbval compares. Their HTML is not:
it may bring programs and colours of its own.
"""

import re
from functools import cache
from pathlib import Path
from typing import Any

from nbconvert.exporters import TemplateExporter
from nbconvert.preprocessors import ExtractOutputPreprocessor
from pygments import highlight
from pygments.formatters import HtmlFormatter
from pygments.lexer import Lexer
from pygments.lexers import get_lexer_by_name
from traitlets.config import Config

from lessonlib.authoring.page import read_page
from lessonlib.authoring.site_guesses import spoilers
from lessonlib.authoring.site_text import SiteText

FILES = Path(__file__).with_name("site_files")  # templates, styles, programs
_PLAIN = re.compile(r'<span class="(?:n|nn|o|p|w)">([^<]*)</span>')
SHOWN = ["image/png", "text/plain"]  # of an output, the first that it has


class NotebookWriter:
    """Writes notebooks as HTML; it reads its template once for all of them."""

    def __init__(self) -> None:
        self._exporter = TemplateExporter(
            config=Config({"NbConvertBase": {"display_data_priority": SHOWN}}),
            template_name="base",
            template_file="notebook.html.j2",
            extra_template_paths=[str(FILES)],
            default_preprocessors=[],
            preprocessors=[ExtractOutputPreprocessor()],
            filters={"our_code": code_html},
        )

    def write(self, text: SiteText) -> tuple[str, dict[str, bytes]]:
        """Return the notebook of a page, and its pictures by their places beside it."""
        notebook = read_page(text.page.source)
        self._exporter.register_filter("our_markdown", text.html)
        resources: dict[str, Any] = {
            "unique_key": text.page.number,
            "output_files_dir": "figures",
            "spoilers": spoilers(notebook.cells),
        }
        body, resources = self._exporter.from_notebook_node(notebook.nb, resources)
        return body, resources["outputs"]


def code_html(source: str) -> str:
    """Return some Python, with a class for each part that the site's styles colour."""
    return _PLAIN.sub(r"\1", highlight(source, *_colours()))


@cache
def _colours() -> tuple[Lexer, HtmlFormatter]:
    return get_lexer_by_name("ipython3"), HtmlFormatter()
