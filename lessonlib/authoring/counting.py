"""How much of a notebook is compared, and how much of it is prose?"""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from lessonlib.authoring.page import Page, is_ignored, read_page
from lessonlib.authoring.rules_of_text import code_lines, prose_words


@dataclass(frozen=True)
class Counts:
    """What a notebook is made of."""

    code_cells: int
    printing: int  # code cells with an output
    compared: int  # of those, the ones whose output nbval compares
    words: int
    code_lines: int

    def __repr__(self) -> str:
        share = self.compared / max(self.printing, 1)
        return (
            f"{self.code_cells} code cells, {self.printing} print, {self.compared} "
            f"compared ({share:.0%}), {self.words / max(self.code_lines, 1):.1f} words "
            "a code line"
        )


def count(page: Page) -> Counts:
    """Return the counts of one notebook."""
    printing = [cell for cell in page.code if cell.outputs]
    return Counts(
        code_cells=len(page.code),
        printing=len(printing),
        compared=sum(not is_ignored(cell) for cell in printing),
        words=sum(prose_words(cell.source) for cell in page.markdown),
        code_lines=sum(code_lines(cell.source) for cell in page.code),
    )


def print_counts(paths: Iterable[Path]) -> int:
    """Print the counts of each notebook, then how much of all is compared."""
    counts = {repr(page): count(page) for page in map(read_page, paths)}
    for name, found in counts.items():
        print(f"{name}: {found}")
    printing = sum(found.printing for found in counts.values())
    compared = sum(found.compared for found in counts.values())
    share = compared / max(printing, 1)
    print(f"all: {compared} of {printing} cells that print are compared ({share:.0%})")
    return 0
