"""What of a submission is run, and what comes from the source?

Of a submission only the learner's own cells are read. Locked cells and tests are the
source's, so to edit, delete, copy or retype them changes nothing.
"""

import ast
import json
import pkgutil
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from hashlib import sha256
from pathlib import Path
from typing import Any

from lessonlib import checks
from lessonlib.errors import LessonError
from lessonlib.grading.cells import Cell, Unreadable, all_cells, read_cells

MOST_NOTES = 20
_HIDDEN = ("### BEGIN HIDDEN TESTS", "### END HIDDEN TESTS")


@dataclass(frozen=True)
class Source:
    """A solved notebook: its tests, and which cells are the learner's."""

    name: str
    content: bytes

    @cached_property
    def cells(self) -> list[Cell]:
        """Return its cells, with `id`, `kind`, `text` and what nbgrader says."""
        return list(all_cells(json.loads(self.content)))

    @property
    def digest(self) -> str:
        """Return the SHA-256 of the file."""
        return sha256(self.content).hexdigest()

    @cached_property
    def imports(self) -> list[str]:
        """Return the modules that it imports, and those of its checks, sorted."""
        code = "\n".join(
            line
            for cell in self.cells
            if cell["kind"] == "code"
            for line in cell["text"].splitlines()
            if not line.lstrip().startswith(("%", "!"))
        )
        found = {f"lessonlib.checks.{name}" for name in _checks_of(self.name)}
        for node in ast.walk(ast.parse(code)):
            if isinstance(node, ast.Import):
                found |= {alias.name for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and node.module:
                found.add(node.module)
        return sorted(found)

    @property
    def max_score(self) -> float:
        """Return the points of all graded cells."""
        return sum(cell["points"] for cell in self.cells if cell["grade"])


def _checks_of(name: str) -> list[str]:
    """Return the modules of lessonlib.checks that have the notebook's number."""
    number = name.partition("_")[0]
    found = (module.name for module in pkgutil.iter_modules(checks.__path__))
    return [module for module in found if number and module.endswith(number)]


def read_source(path: Path) -> Source:
    """Return the solved notebook at `path`; LessonError if it grades nothing."""
    source = Source(path.stem, path.read_bytes())
    if not source.max_score:
        raise LessonError(f"{path} has no graded cell: is it a solution?")
    return source


def merge(source: Source, content: bytes) -> dict[str, Any]:
    """Return the steps to play, notes on what was changed, and what a human reads.

    Raises Unreadable if `content` is no notebook, or that of another lesson.
    """
    theirs, notes = _theirs(source, read_cells(content))
    steps, manual, title = [], [], source.name
    for cell in source.cells:
        written = cell["grade"] and cell["solution"]  # its own headings are an answer's
        title = title if written else _heading(cell) or title
        mine = theirs.cells.get(cell["id"], [])
        if written:
            text = "\n\n".join(part["text"] for part in mine)
            manual.append(_about(cell, title) | {"text": text})
        elif cell["kind"] == "code" and cell["locked"]:
            notes += _changed(cell, mine)
            steps.append(_trusted(cell, title))
        elif cell["kind"] == "code":
            own, said = _answer(cell, mine, title)
            steps += own
            notes += said
        steps += [_untrusted(*part, title) for part in theirs.extra.get(cell["id"], [])]
    if len(notes) > MOST_NOTES:
        more = len(notes) - MOST_NOTES
        notes = [*notes[:MOST_NOTES], f"and {more} notes more"]
    return {"steps": steps, "notes": notes, "manual": manual}


def _trusted(cell: Cell, title: str) -> dict[str, Any]:
    """Return the step of a cell that is the source's own."""
    text = cell["text"]
    return _about(cell, title) | {
        "kind": "test" if cell["grade"] else "run",
        "source": "\n".join(_visible(text)) if cell["grade"] else text,
        "hidden": text if cell["grade"] and _HIDDEN[0] in text else "",
        "trusted": True,
        "timeout_s": cell["timeout_s"],
    }


def _answer(
    cell: Cell, mine: list[Cell], title: str
) -> tuple[list[dict[str, Any]], list[str]]:
    """Return the steps of an answer, and notes. JupyterLab may have split its cell.

    To split a cell copies its id. All parts are run, in their order.
    """
    name = cell["id"]
    if not mine:
        return [], [f"{name} is missing: nothing was run in its place"]
    code = [part for part in mine if part["kind"] == "code"]
    notes = [] if code else [f"{name} was no code cell: it was run as one"]
    if len(mine) > 1:
        notes.append(f"{name} is {len(mine)} cells: they were run in their order")
    limits = {"timeout_s": cell["timeout_s"]}
    return [_untrusted(name, part, title) | limits for part in code or mine], notes


def _untrusted(name: str, cell: Cell, title: str) -> dict[str, Any]:
    return {
        "id": name, "title": title, "points": 0, "kind": "run", "hidden": "",
        "source": cell["text"], "trusted": False, "timeout_s": 0,
    }  # fmt: skip


@dataclass
class _Theirs:
    """The cells of a submission: those of the source by id, and others by place."""

    cells: dict[str, list[Cell]]
    extra: dict[str, list[tuple[str, Cell]]]

    def add(self, cell: Cell, original: Cell) -> list[str]:
        """Add a cell of the source's, or a part of one, and return notes."""
        name = original["id"]
        parts = self.cells.setdefault(name, [])
        if parts and original["locked"]:
            return [f"a second cell {name} was ignored: the original counts"]
        if cell["text"] in (part["text"] for part in parts):
            return [f"a second cell {name} was ignored: it is the same once more"]
        if (
            original["kind"] == "code"
        ):  # what stands between two parts runs between them
            parts += [extra for _, extra in self.extra.pop(name, [])]
        parts.append(cell)
        return []


def _theirs(source: Source, cells: Iterable[Cell]) -> tuple[_Theirs, list[str]]:
    known = {cell["id"]: cell for cell in source.cells}
    found = _Theirs({}, {})
    notes: list[str] = []
    behind, extras = source.cells[0]["id"], 0
    for cell in cells:
        if cell["id"] in known:
            behind = cell["id"]
            notes += found.add(cell, known[behind])
        elif cell["kind"] == "code" and cell["text"].strip():
            extras += 1
            found.extra.setdefault(behind, []).append((f"extra-{extras}", cell))
    graded = [cell["id"] for cell in source.cells if cell["grade"] or cell["solution"]]
    if not any(name in found.cells for name in graded):
        raise Unreadable(
            f"none of its cells is one of {source.name}: another notebook?"
        )
    return found, notes


def _heading(cell: Cell) -> str:
    """Return the title of the question that a cell of text begins, or ""."""
    lines = cell["text"].splitlines() if cell["kind"] == "markdown" else []
    heads = [line.lstrip("# ") for line in lines if line.startswith("#")]
    return heads[0] if heads else ""


def _about(cell: Cell, title: str) -> dict[str, Any]:
    return {"id": cell["id"], "title": title, "points": cell["points"]}


def _changed(cell: Cell, mine: list[Cell]) -> list[str]:
    """Say if a cell that only the source may change is not what was handed out."""
    if not mine:
        return [f"{cell['id']} was missing: restored"]
    if _visible(mine[0]["text"]) != _visible(cell["text"]) or mine[0]["kind"] != "code":
        return [f"{cell['id']} was changed: the original was used"]
    return []


def _visible(text: str) -> list[str]:
    """Return the lines that a learner has, without the hidden tests."""
    kept, hidden = [], False
    for line in text.splitlines():
        if line.strip() in _HIDDEN:
            hidden = line.strip() == _HIDDEN[0]
        elif not hidden and line.strip():
            kept.append(line.rstrip())
    return kept
