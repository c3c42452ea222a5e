"""What is a notebook, to those who check it?"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import nbformat
from nbformat import NotebookNode

ROOT = Path(__file__).resolve().parents[2]
FOLDERS = ("notebooks", "solutions")  # executed and compared; exercises/ is made


@dataclass(frozen=True)
class Page:
    """A notebook and where it lies. A rule reads one and changes nothing."""

    path: Path
    nb: NotebookNode

    @property
    def number(self) -> str:
        """The two digits that the file's name starts with."""
        return number_of(self.path)

    @property
    def cells(self) -> list[NotebookNode]:
        return self.nb.cells

    @property
    def code(self) -> list[NotebookNode]:
        return [cell for cell in self.nb.cells if cell.cell_type == "code"]

    @property
    def markdown(self) -> list[NotebookNode]:
        return [cell for cell in self.nb.cells if cell.cell_type == "markdown"]

    def __repr__(self) -> str:
        return f"{self.path.parent.name}/{self.path.name}"


def read_page(path: str | Path) -> Page:
    """Return the notebook at `path` as a Page, as it is; nothing is mended."""
    return Page(Path(path), parse(Path(path).read_text(encoding="utf-8")))


def parse(text: str) -> NotebookNode:
    """Return the notebook in `text`. nbformat.read would mend some faults."""
    return nbformat.v4.reads(text)


def number_of(path: str | Path) -> str:
    """Return `05` for `05_measure.ipynb`. Raises ValueError for another shape."""
    found = re.match(r"(\d\d)_\w+\.ipynb$", Path(path).name)
    if not found:
        raise ValueError(
            f"a notebook is called like 05_measure.ipynb, got {Path(path).name}"
        )
    return found[1]


def stored_notebooks(folders: Iterable[str] = FOLDERS) -> list[Path]:
    """Return the notebooks of `folders`, in order."""
    return [path for name in folders for path in sorted((ROOT / name).glob("*.ipynb"))]


def tags(cell: NotebookNode) -> list[str]:
    """Return the cell's tags; none is an empty list."""
    return list(cell.metadata.get("tags", []))


def is_ignored(cell: NotebookNode) -> bool:
    """Say whether nbval leaves the cell's output uncompared."""
    return "nbval-ignore-output" in tags(cell)


def images(cell: NotebookNode) -> list[NotebookNode]:
    """Return the cell's outputs that hold a picture."""
    return [
        output
        for output in cell.get("outputs", [])
        if any(kind.startswith("image/") for kind in output.get("data", {}))
    ]
