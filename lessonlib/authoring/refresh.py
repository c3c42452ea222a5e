"""Does every stored output say what the code says today?"""

import subprocess
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from copy import deepcopy
from pathlib import Path
from types import SimpleNamespace

from nbformat import NotebookNode
from nbval.plugin import IPyNbCell, coalesce_streams, nocolors

from lessonlib.authoring.normal_form import differences, dump, normal
from lessonlib.authoring.page import Page, is_ignored, number_of, parse, read_page
from lessonlib.authoring.running import execute
from lessonlib.errors import LessonError

# What nbval skips by default, images among it: it has the list, but inside a method.
_NOT_COMPARED = (
    "metadata traceback prompt_number output_type name execution_count image/png "
    "image/jpeg application/vnd.jupyter.widget-view+json"
).split()


def refresh(path: Path, *, committed: NotebookNode | None = None) -> bool:
    """Run the notebook, store it in normal form, and say if its bytes changed.

    `committed` is the notebook as last committed: an output of its is kept where nbval
    could not tell it from the new one, so that ports, times and pictures do not churn.
    Raises LessonError, and writes nothing, if a cell fails.
    """
    page = read_page(path)
    before = committed.cells if committed else []
    known = {cell.source: cell.id for cell in before}
    nb = normal(page.nb, page.number, known)
    execute(nb, page.path.parent)
    _keep_outputs(nb.cells, before)
    return write(page.path, dump(normal(nb, page.number)))


def refresh_all(paths: Iterable[Path], *, keep: bool) -> int:
    """Refresh two at a time, say what became of each, and count those that failed.

    If `keep`, a committed output stays where nbval could not tell it from the new one.
    """

    def work(path: Path) -> tuple[str, int]:
        page = Page(path, NotebookNode())
        try:
            changed = refresh(path, committed=last_commit(path) if keep else None)
        except (LessonError, OSError, ValueError) as error:
            return f"{page}: {error}. Nothing was written.", 1
        return f"{page}: {'written' if changed else 'unchanged'}", 0

    failed = 0
    with ThreadPoolExecutor(max_workers=2) as pool:
        for sentence, fault in pool.map(work, paths):
            print(sentence, flush=True)
            failed += fault
    return failed


def check_all(paths: Iterable[Path]) -> int:
    """Print where notebooks are not in normal form, and count them. Runs no cell."""
    failed = 0
    for path in paths:
        with open(path, encoding="utf-8", newline="") as file:  # sees \r\n
            found = differences(file.read(), number_of(path))
        failed += bool(found)
        for sentence in found:
            print(f"{Page(path, NotebookNode())}, {sentence}")
    return failed


def last_commit(path: Path) -> NotebookNode | None:
    """Return the notebook as last committed; None without git or if it never was."""
    command = ["git", "show", f"HEAD:./{path.name}"]
    try:
        done = subprocess.run(command, cwd=path.parent, capture_output=True)
    except FileNotFoundError:
        return None
    return None if done.returncode else parse(done.stdout.decode("utf-8"))


def write(path: Path, text: str) -> bool:
    """Write `text` with LF line ends, unless it is there already; say if it was not."""
    if path.exists() and path.read_bytes() == text.encode("utf-8"):
        return False
    path.write_text(text, encoding="utf-8", newline="\n")
    return True


def same_to_nbval(new: list[NotebookNode], stored: list[NotebookNode]) -> bool:
    """Return nbval's own answer to whether a re-run's outputs equal the stored ones."""
    cell = SimpleNamespace(
        colors=nocolors,
        sanitize=lambda text: text,
        format_output_compare=lambda *difference: None,
    )
    # nbval joins what is printed in place: that is for copies
    joined = [coalesce_streams(deepcopy(outputs)) for outputs in (new, stored)]
    return IPyNbCell.compare_outputs(cell, *joined, _NOT_COMPARED)


def _keep_outputs(cells: list[NotebookNode], before: list[NotebookNode]) -> None:
    """Take committed outputs back, down to the first cell of code that is another.

    From there on an ignored output may differ for a reason, so the new one stays.
    """
    fresh = [cell for cell in cells if cell.cell_type == "code"]
    stored = [cell for cell in before if cell.cell_type == "code"]
    for cell, was in zip(fresh, stored, strict=False):
        if (cell.id, cell.source) != (was.id, was.source):
            return
        if was.outputs and (
            is_ignored(cell) or same_to_nbval(cell.outputs, was.outputs)
        ):
            cell.outputs = was.outputs
