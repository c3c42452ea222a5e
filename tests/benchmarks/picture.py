"""Draw a results page's table: who serves how many, and how slow are the slowest?

python tests/benchmarks/picture.py tests/benchmarks/results/DATE.md

It reads the first table of the page, at 32 connections, and writes the picture beside.
"""

import sys
from pathlib import Path

from matplotlib.figure import Figure


def rows_of(page: str) -> list[list[str]]:
    """Return the cells of the page's first table, without its head."""
    lines = page[page.index("| server |") :].split("\n\n")[0].splitlines()[2:]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]


def main(path: Path) -> None:
    """Write DATE.png beside DATE.md."""
    rows = [row for row in rows_of(path.read_text(encoding="utf-8")) if row[1] == "32"]
    rows.sort(key=lambda row: float(row[2]))
    names = [row[0].split(", batch")[0] for row in rows]
    figure = Figure(figsize=(9, 0.5 * len(rows) + 1.2), layout="constrained")
    left, right = figure.subplots(1, 2, sharey=True)
    looks = ["#1F5FA8" if name.startswith("ours") else "#B8B8B8" for name in names]
    many = (left, 2, "How many answers a second?", "requests/s")
    slow = (right, 5, "How slow are the slowest?", "p99 (ms)")
    for ax, column, title, label in (many, slow):
        bars = ax.barh(names, [float(row[column]) for row in rows], color=looks)
        ax.bar_label(bars, fmt="{:,.0f}", padding=3)
        ax.set(title=title, xlabel=label)
        ax.margins(x=0.25)
        ax.spines[["top", "right"]].set_visible(False)
    figure.savefig(path.with_suffix(".png"), dpi=110)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
