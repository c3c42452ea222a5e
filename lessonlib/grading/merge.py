"""What of a submission is run, and what comes from the source?

Of a submission only the learner's own cells are read. Locked cells and tests are the
source's, so to edit, delete, copy or retype them changes nothing.
"""

import ast
import json
import pkgutil
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from hashlib import sha256
from pathlib import Path
from typing import Any

from lessonlib import checks
from lessonlib.errors import LessonError

LARGEST_NOTEBOOK = 20 * 2**20  # bytes
MOST_NOTES = 20
_HIDDEN = ("### BEGIN HIDDEN TESTS", "### END HIDDEN TESTS")


_FLAGS = ("grade", "solution", "locked")  # of nbgrader
Cell = dict[str, Any]


class Unreadable(LessonError):
    """A submission of which nothing can be graded. The text says why."""


@dataclass(frozen=True)
class Source:
    """A solved notebook: its tests, and which cells are the learner's."""

    name: str
    content: bytes

    @cached_property
    def cells(self) -> list[Cell]:
        """Return its cells, with `id`, `kind`, `text` and what nbgrader says."""
        return list(_cells(json.loads(self.content)))

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
    theirs, notes = _theirs(source, _read(content))
    steps, manual, title = [], [], source.name
    for cell in source.cells:
        written = cell["grade"] and cell["solution"]  # its own headings are an answer's
        title = title if written else _heading(cell) or title
        mine = theirs.cells.get(cell["id"])
        if written:
            text = mine["text"] if mine else ""
            manual.append(_about(cell, title) | {"text": text})
        elif cell["kind"] == "code":
            trusted = cell["locked"]
            if trusted:
                notes += _changed(cell, mine)
            elif mine is None:
                notes.append(f"{cell['id']} is missing: nothing was run in its place")
            elif mine["kind"] != "code":
                notes.append(f"{cell['id']} was no code cell: it was run as one")
            text = cell["text"] if trusted else (mine["text"] if mine else "")
            shown = "\n".join(_visible(text)) if cell["grade"] else text
            steps.append(
                _about(cell, title)
                | {"kind": "test" if cell["grade"] else "run", "source": shown}
                | {"hidden": text if cell["grade"] and _HIDDEN[0] in text else ""}
                | {"trusted": trusted, "timeout_s": cell["timeout_s"]}
            )
        steps += [
            {"id": f"extra-{n}", "title": title, "points": 0, "kind": "run"}
            | {"source": extra["text"], "trusted": False, "timeout_s": 0}
            for n, extra in theirs.extra.get(cell["id"], [])
        ]
    if len(notes) > MOST_NOTES:
        more = len(notes) - MOST_NOTES
        notes = [*notes[:MOST_NOTES], f"and {more} notes more"]
    return {"steps": steps, "notes": notes, "manual": manual}


@dataclass
class _Theirs:
    """The cells of a submission: those of the source by id, and others by place."""

    cells: dict[str, Cell]
    extra: dict[str, list[tuple[int, Cell]]]


def _theirs(source: Source, cells: Iterable[Cell]) -> tuple[_Theirs, list[str]]:
    known = {cell["id"]: cell for cell in source.cells}
    found = _Theirs({}, {})
    notes: list[str] = []
    behind, extras = source.cells[0]["id"], 0
    for cell in cells:
        name = cell["id"]
        if name not in known:
            if cell["kind"] == "code" and cell["text"].strip():
                extras += 1
                found.extra.setdefault(behind, []).append((extras, cell))
        elif name in found.cells:
            notes.append(f"a second cell {name} was ignored: the first one counts")
        else:
            found.cells[name] = cell
            behind = name
    graded = [cell["id"] for cell in source.cells if cell["grade"] or cell["solution"]]
    if not any(name in found.cells for name in graded):
        raise Unreadable(
            f"none of its cells is one of {source.name}: another notebook?"
        )
    return found, notes


def _read(content: bytes) -> list[Cell]:
    """Return the cells of a notebook, whatever else is wrong with it."""
    if not content.strip():
        raise Unreadable("the file is empty")
    if len(content) > LARGEST_NOTEBOOK:
        raise Unreadable(f"the file is larger than {LARGEST_NOTEBOOK // 2**20} MB")
    try:
        notebook = json.loads(content)
    except (ValueError, RecursionError) as error:
        raise Unreadable(f"the file is no notebook: it is no JSON ({error})") from None
    if not isinstance(notebook, dict):
        raise Unreadable("the file is no notebook, but other JSON")
    cells = list(_cells(notebook))
    if not cells:
        raise Unreadable("the notebook has no cells")
    return cells


def _cells(notebook: Mapping[str, Any]) -> Iterator[Cell]:
    """Yield the cells of a notebook of format 4, or of 3, in which they had sheets."""
    sheets = [notebook, *_dicts(notebook.get("worksheets"))]
    for cell in (cell for sheet in sheets for cell in _dicts(sheet.get("cells"))):
        metadata = cell.get("metadata")
        metadata = metadata if isinstance(metadata, dict) else {}
        settings = metadata.get("nbgrader")
        settings = settings if isinstance(settings, dict) else {}
        lines = cell.get("source", cell.get("input", ""))
        if isinstance(lines, list):
            lines = "".join(line for line in lines if isinstance(line, str))
        points, limit = settings.get("points"), metadata.get("timeout_s")
        yield {
            "id": str(settings.get("grade_id") or cell.get("id") or ""),
            "kind": cell.get("cell_type"),
            "text": lines if isinstance(lines, str) else "",
            "points": points if isinstance(points, int | float) else 0,
            "timeout_s": limit if isinstance(limit, int | float) else 0,
            **{flag: settings.get(flag) is True for flag in _FLAGS},
        }


def _dicts(value: Any) -> list[Cell]:
    items = value if isinstance(value, list) else []
    return [item for item in items if isinstance(item, dict)]


def _heading(cell: Cell) -> str:
    """Return the title of the question that a cell of text begins, or ""."""
    lines = cell["text"].splitlines() if cell["kind"] == "markdown" else []
    heads = [line.lstrip("# ") for line in lines if line.startswith("#")]
    return heads[0] if heads else ""


def _about(cell: Cell, title: str) -> dict[str, Any]:
    return {"id": cell["id"], "title": title, "points": cell["points"]}


def _changed(cell: Cell, mine: Cell | None) -> list[str]:
    """Say if a cell that only the source may change is not what was handed out."""
    if mine is None:
        return [f"{cell['id']} was missing: restored"]
    if _visible(mine["text"]) != _visible(cell["text"]) or mine["kind"] != "code":
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
