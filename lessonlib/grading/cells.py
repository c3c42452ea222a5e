"""What are the cells of a notebook, whatever else is wrong with it?"""

import json
from collections.abc import Iterator, Mapping
from typing import Any

from lessonlib.errors import LessonError

LARGEST_NOTEBOOK = 20 * 2**20  # bytes
_FLAGS = ("grade", "solution", "locked")  # of nbgrader
Cell = dict[str, Any]


class Unreadable(LessonError):
    """A submission of which nothing can be graded. The text says why."""


def read_cells(content: bytes) -> list[Cell]:
    """Return the cells of a notebook; Unreadable if it is none, or has none."""
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
    cells = list(all_cells(notebook))
    if not cells:
        raise Unreadable("the notebook has no cells")
    return cells


def all_cells(notebook: Mapping[str, Any]) -> Iterator[Cell]:
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
