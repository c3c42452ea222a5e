"""Where is the learner? Told by their own notebooks: what was run, done and guessed.

    python3 start.py progress

Nothing is kept besides: Jupyter saves with each cell whether it was run and what it
printed.
"""

import argparse
import html
import json
import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lessonlib.checks import DONE, NOT_ATTEMPTED, NOT_YET

COPIES = ".copies.json"  # start.py keeps it in a learner's folder
NOBODYS = "These are nobody's copies yet: python3 start.py makes some in my-work."
_NUMBERED = re.compile(r"\d\d_\w+\.ipynb")
_MINUTES = re.compile(r"(?:\*\*Time\*\*: |about )(\d+) minutes")
_HEADING = re.compile(r"^## (.+)$", re.MULTILINE)
_OUTCOME = re.compile(f"({DONE}|{NOT_YET}|{NOT_ATTEMPTED}): ")


@dataclass(frozen=True)
class Pages:
    """One notebook of a learner's: how much of it was run, what its checks said."""

    path: Path
    title: str
    minutes: int
    cells: int
    run: int
    tasks: tuple[tuple[str, str], ...] = ()  # a name, and the outcome of its check
    guesses: tuple[str, ...] = ()  # how near they were
    problem: str = ""

    @property
    def share_done(self) -> float:
        """Return from 0 to 1: of the tasks, or of the cells where there are none."""
        if self.tasks:
            return [outcome for _, outcome in self.tasks].count(DONE) / len(self.tasks)
        return self.run / self.cells if self.cells else 0.0

    @property
    def minutes_left(self) -> float:
        """Return the stated minutes of what is left."""
        return self.minutes * (1 - self.share_done)

    def __repr__(self) -> str:
        if self.problem:
            return "cannot be read"
        if not self.run:
            return "untouched"
        if self.share_done == 1:
            return DONE
        if not self.tasks:
            return f"{self.run} of {self.cells} cells"
        outcomes = [outcome for _, outcome in self.tasks]
        words = f"{outcomes.count(DONE)} of {len(outcomes)} done"
        not_yet = outcomes.count(NOT_YET)
        return words + f", {not_yet} not yet" * (not_yet > 0)


@dataclass(frozen=True)
class Progress:
    """Where a learner is, in all lessons: shown as a table, with links in Jupyter."""

    lessons: dict[str, tuple[Pages, Pages | None]]  # by number: lesson, exercises
    others: tuple[str, ...] = ()  # notebooks that are no lesson's: the learner's own

    @property
    def next(self) -> tuple[Pages, str] | None:
        """Return the first notebook that is not done, and where to go on in it."""
        for lesson, exercises in self.lessons.values():
            for pages in (lesson, exercises):
                if pages and pages.share_done < 1:
                    left = (name for name, outcome in pages.tasks if outcome != DONE)
                    return pages, next(left, "")
        return None

    def __repr__(self) -> str:
        if not self.lessons:
            return NOBODYS
        lines = [
            f"{number}  {lesson.title:41}{lesson!r:17}{exercises or '-'!s:21}"
            f"{_minutes_left(lesson, exercises):>4}"
            for number, (lesson, exercises) in self.lessons.items()
        ]
        head = f"{'':4}{'lesson':41}{'':17}{'exercises':18}min left"
        return "\n".join([head, *lines, "", *self._sentences()])

    def _repr_html_(self) -> str:
        if not self.lessons:
            return f"<p>{NOBODYS}</p>"
        rows = "".join(
            f"<tr><td>{number}</td><td>{_link(lesson, lesson.title)}</td>"
            f"<td>{html.escape(repr(lesson))}</td>"
            f"<td>{_link(exercises, repr(exercises)) if exercises else '-'}</td>"
            f"<td>{_minutes_left(lesson, exercises)}</td></tr>"
            for number, (lesson, exercises) in self.lessons.items()
        )
        names = ("", "lesson", "", "exercises", "minutes left")
        head = "".join(f'<th scope="col">{name}</th>' for name in names)
        after = "".join(f"<p>{html.escape(line)}</p>" for line in self._sentences())
        return f"<table><tr>{head}</tr>{rows}</table>{after}"

    def _sentences(self) -> Iterator[str]:
        every = [pages for pair in self.lessons.values() for pages in pair if pages]
        hours = sum(pages.minutes_left for pages in every) / 60
        if self.next:
            pages, task = self.next
            yield f"Next: {pages.path.parent.name}/{pages.path.name}"
            yield from [f"  {task}"] * bool(task)
            yield f"About {hours:.1f} hours are left."
        else:
            yield "All done. Notebook 12 is for a model of your own: deploy it."
        guesses = [line for pages in every for line in pages.guesses]
        yield f"Guesses that were compared: {len(guesses)}."
        yield from (f"  {line}" for line in guesses)
        yield from (pages.problem for pages in every if pages.problem)
        if self.others:
            yield f"Your own notebooks, not counted: {', '.join(self.others)}."


def _minutes_left(lesson: Pages, exercises: Pages | None) -> str:
    left = lesson.minutes_left + (exercises.minutes_left if exercises else 0)
    return f"{left:.0f}"


def _link(pages: Pages, text: str) -> str:
    """Return a link for a cell of any notebook or exercise."""
    target = f"../{pages.path.parent.name}/{pages.path.name}"
    return f'<a href="{html.escape(target)}">{html.escape(text)}</a>'


def progress(work: str | Path = os.pardir) -> Progress:
    """Return where the learner is whose copies are in `work`, the folder my-work.

    Of another folder it only says that nobody's copies are there.
    """
    work = Path(work)
    if not (work / COPIES).exists():
        return Progress({})
    lessons: dict[str, tuple[Pages, Pages | None]] = {}
    for path in sorted((work / "notebooks").glob("*.ipynb")):
        if _NUMBERED.fullmatch(path.name):
            exercises = work / "exercises" / path.name
            pages = read_pages(exercises) if exercises.exists() else None
            lessons[path.name[:2]] = read_pages(path), pages
    own = sorted([*work.glob("*.ipynb"), *work.glob("[!.]*/*.ipynb")])
    others = [path for path in own if not _NUMBERED.fullmatch(path.name)]
    names = (path.relative_to(work).as_posix() for path in others)
    return Progress(lessons, tuple(names))


def read_pages(path: Path) -> Pages:
    """Return what a notebook of a learner's tells; its problem if it cannot be read."""
    try:
        cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
        return _pages(path, [(cell, _text(cell["source"])) for cell in cells])
    except (OSError, ValueError, LookupError, TypeError, AttributeError) as error:
        problem = (
            f"{path.name} in {path.parent.name} cannot be read "
            f"({type(error).__name__}): rename it, and start.py brings a new copy."
        )
        return Pages(path, path.stem[3:].replace("_", " "), 0, 0, 0, problem=problem)


def _pages(path: Path, cells: list[tuple[Any, str]]) -> Pages:
    prose = "\n".join(source for cell, source in cells if cell["cell_type"] != "code")
    code = [cell for cell, source in cells if cell["cell_type"] == "code" and source]
    title = prose.partition("\n")[0].removeprefix("# ")
    return Pages(
        path=path,
        title=title,
        minutes=sum(int(found) for found in _MINUTES.findall(prose)[:1]),
        cells=len(code),
        run=sum(cell.get("execution_count") is not None for cell in code),
        tasks=tuple(_tasks(cells)),
        guesses=tuple(
            f"{path.name[:2]}  {line}"
            for cell in code
            for line in _shown(cell).splitlines()
            if line.startswith("You guessed ")
        ),
    )


def _tasks(cells: list[tuple[Any, str]]) -> Iterator[tuple[str, str]]:
    """Yield the name of each exercise and the outcome of its check, as it last ran."""
    heading = ""
    for cell, source in cells:
        if cell["cell_type"] != "code":
            heading = ([heading, *_HEADING.findall(source)])[-1]
        elif cell["metadata"].get("nbgrader", {}).get("grade"):
            outcome = _OUTCOME.match(_shown(cell))
            yield heading, outcome[1] if outcome else NOT_ATTEMPTED


def _shown(cell: Any) -> str:
    """Return the text that a cell has printed or shown."""
    return "".join(
        _text(output.get("text") or output.get("data", {}).get("text/plain", ""))
        for output in cell["outputs"]
    )


def _text(lines: str | list[str]) -> str:
    """Return the text of what nbformat keeps as one string or as a list of lines."""
    return lines if isinstance(lines, str) else "".join(lines)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("work", help="the folder my-work")
    print(progress(parser.parse_args().work))
