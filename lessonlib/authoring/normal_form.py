"""When do two authors who mean the same notebook store the same bytes?"""

import json
import re
from collections.abc import Iterator, Mapping
from itertools import groupby
from typing import Any

import nbformat
from nbformat import NotebookNode
from nbval.plugin import coalesce_streams

from lessonlib.authoring.page import images, parse

NOTEBOOK_METADATA = {
    "kernelspec": {
        "display_name": "Python 3 (ipykernel)",
        "language": "python",
        "name": "python3",
    },
    "language_info": {"name": "python"},
}
CELL_METADATA = ("alt", "nbgrader", "tags", "timeout_s")


def normal(
    nb: NotebookNode, number: str, known: Mapping[str, str] | None = None
) -> NotebookNode:
    """Return a copy of `nb` in normal form; nothing is executed.

    `number` is the notebook's, as `05`. `known` gives the id that a source had when it
    was last committed, so that a notebook made anew from a draft keeps its cells' ids.
    """
    nb = nbformat.from_dict(json.loads(json.dumps(nb)))
    nb.metadata = nbformat.from_dict(NOTEBOOK_METADATA)
    nb.nbformat, nb.nbformat_minor = 4, 5
    count = 0
    for cell in nb.cells:
        cell.source = "\n".join(line.rstrip() for line in cell.source.split("\n"))
        cell.source = cell.source.strip("\n")
        cell.pop("attachments", None)
        if cell.cell_type == "code":
            count += bool(cell.source)
            _settle_outputs(cell, count if cell.source else None)
        cell.metadata = _metadata(cell)
    _name_cells(nb.cells, number, known or {})
    return nb


def dump(nb: NotebookNode) -> str:
    """Return the text of a normal notebook: indent 1, sorted keys, a final newline."""
    return nbformat.writes(nb).rstrip("\n") + "\n"


def differences(text: str, number: str) -> list[str]:
    """Say where the stored `text` of a notebook is not in normal form."""
    nb = parse(text)
    want = normal(nb, number)
    if text == dump(want):
        return []
    if nb.metadata != want.metadata:
        return ["notebook metadata is more than kernel and language names"]
    found = []
    for cell, better in zip(nb.cells, want.cells, strict=True):
        for key in sorted({*cell, *better}):
            if cell.get(key) != better.get(key):
                found.append(
                    f"cell {cell.get('id')}: {key} is {_short(cell.get(key))}, "
                    f"in normal form {_short(better.get(key))}"
                )
    return found or ["key order, indent or line ends differ"]


def _short(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 60 else f"{text[:28]} ... {text[-28:]}"


def _settle_outputs(cell: NotebookNode, count: int | None) -> None:
    cell.execution_count = count
    cell.outputs = [*_joined(cell.outputs)]
    for output in cell.outputs:
        if output.output_type == "execute_result":
            output.execution_count = count
        if output.output_type == "error":  # a traceback holds this machine's folders
            output.traceback = [f"{output.ename}: {output.evalue}"]


def _joined(outputs: list[NotebookNode]) -> Iterator[NotebookNode]:
    """Yield outputs with what is printed in one go as one, whatever its parts."""
    for kind, found in groupby(outputs, lambda output: output.output_type):
        group = list(found)
        yield from coalesce_streams(group) if kind == "stream" else group


def _metadata(cell: NotebookNode) -> NotebookNode:
    kept = {key: cell.metadata[key] for key in CELL_METADATA if key in cell.metadata}
    kept["tags"] = sorted(set(kept.get("tags", [])))
    figures = images(cell)
    kept["alt"] = figures[0].data.get("text/plain", "") if figures else ""
    return nbformat.from_dict({key: value for key, value in kept.items() if value})


def _name_cells(
    cells: list[NotebookNode], number: str, known: Mapping[str, str]
) -> None:
    """Give a graded cell its grade id, and any other `NN-kk`, once given, for good."""
    graded = {cell.metadata.nbgrader.grade_id for cell in cells if _grade_id(cell)}
    taken = set(graded)

    def free(name: str) -> bool:
        return name not in taken and bool(re.fullmatch(rf"{number}-\d\d+", name))

    for cell in cells:
        names = (_grade_id(cell), cell.get("id", ""), known.get(cell.source, ""))
        if names[0] in graded:
            graded.discard(names[0])  # a copied cell with the same grade id is no match
            cell.id = names[0]
        else:
            cell.id = next((name for name in names[1:] if name and free(name)), "")
            taken.add(cell.id)
    last = max((int(name.split("-")[1]) for name in taken if _counted(name)), default=0)
    for cell in cells:
        if not cell.id:
            last += 1
            cell.id = f"{number}-{last:02d}"


def _grade_id(cell: NotebookNode) -> str:
    return cell.metadata.get("nbgrader", {}).get("grade_id", "")


def _counted(name: str) -> bool:
    return bool(re.fullmatch(r"\d\d-\d\d+", name))
