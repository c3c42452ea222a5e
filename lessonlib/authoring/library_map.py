"""In which order is the library read? As its docstrings list it, and nowhere else.

A room's docstring lists its files, the library's own lists the ground and the rooms.
"""

import ast
import re
from dataclasses import dataclass
from pathlib import Path

from lessonlib.authoring.page import ROOT

LIBRARY = ROOT / "lessonlib"
NOT_FOR_LEARNERS = ("authoring/", "grading/")
_MAP = re.compile(
    r"(?<=<!-- the library, as its docstrings list it -->\n).*?(?=\n\n)", re.S
)
_ROW = re.compile(r"^ *(\w+/?) +(\d\d|-) +(\S.*\?)$", re.M)


@dataclass(frozen=True)
class Row:
    """A line of a list: a module, or a room if its name ends with a slash."""

    name: str
    notebook: int  # the first that may import it; 0: any
    question: str


def listed(path: Path) -> list[Row]:
    """Return what the docstring of a module or a room lists; nothing is imported."""
    if not path.exists():
        return []
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


def readme_with_map() -> str:
    """Return README.md with its table of the library made from the docstrings."""
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    return _MAP.sub(lambda _: library_map(), text, count=1)


def library_map() -> str:
    """Return a table: a row for the ground, and one for each room of the lesson."""
    rows = listed(LIBRARY / "__init__.py")
    ground = [row.name for row in rows if not row.name.endswith("/")]
    lines = ["| room | its question | its files, in reading order |", "|---|---|---|"]
    lines.append(f"| | what does every room stand on? | {', '.join(ground)} |")
    for room in rows:
        files = [row.name for row in listed(LIBRARY / room.name / "__init__.py")]
        if files and room.name not in NOT_FOR_LEARNERS:
            here = f"[{room.name}](lessonlib/{room.name}__init__.py)"
            lines.append(f"| {here} | {room.question} | {', '.join(files)} |")
    return "\n".join(lines)
