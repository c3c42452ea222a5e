"""In which order is the library read? As its docstrings list it, and nowhere else.

A room's docstring lists its files, the library's own lists the ground and the rooms.
"""

import ast
import re
from dataclasses import dataclass
from pathlib import Path

from lessonlib.authoring.page import ROOT

LIBRARY = ROOT / "lessonlib"
_ROW = re.compile(r"^ *(\w+/?) +(\d\d|-) +(\S.*\?)$", re.M)


@dataclass(frozen=True)
class Row:
    """A line of a list: a module, or a room if its name ends with a slash."""

    name: str
    notebook: int  # the first that may import it; 0: any
    question: str


def listed(path: Path) -> list[Row]:
    """Return what the docstring of a module or a room lists; nothing is imported."""
    doc = ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))) or ""
    return [
        Row(name, 0 if number == "-" else int(number), question)
        for name, number, question in _ROW.findall(doc)
    ]


def reading_order() -> list[Row]:
    """Return each module of the library, those of rooms as `save.artifacts`."""
    order = []
    for row in listed(LIBRARY / "__init__.py"):
        room = row.name.rstrip("/")
        files = listed(LIBRARY / room / "__init__.py") if room != row.name else []
        order += [Row(f"{room}.{f.name}", f.notebook, f.question) for f in files]
        if not files:
            order.append(Row(room, row.notebook, row.question))
    return order
