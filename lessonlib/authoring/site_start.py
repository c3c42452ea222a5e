"""What does somebody see first? README's welcome, its two commands and its map."""

import re
from dataclasses import dataclass
from pathlib import Path

from lessonlib.authoring.site_map import SiteMap, SitePage
from lessonlib.authoring.site_text import SiteText
from lessonlib.errors import LessonError

_ROW = re.compile(
    r"^\| \[.*?\]\((?P<link>.+?)\) \| (?P<does>.+?) \| (?P<surprise>.+?)"
    r" \| (?P<minutes>\d+)(?: \+ (?P<more>\d+))? \|\n",
    re.M,
)
_MAP = re.compile(r"^\| notebook \|.*?\n(?=\n)", re.M | re.S)
_LIBRARY = re.compile(
    r"^<!--.*", re.M | re.S
)  # the table of its files, for readers of it
_LOOP = "notebooks/figures/loop_00.svg"


@dataclass(frozen=True)
class MapRow:
    """A lesson on the map. What it says is HTML already."""

    lesson: SitePage
    exercises: SitePage | None
    does: str
    surprise: str
    minutes: str
    more: str | None  # minutes for the exercises


@dataclass(frozen=True)
class Start:
    """The parts of the first page, as HTML; the map's rows stand before `after_map`."""

    welcome: str
    loop: str
    commands: str
    above_map: str
    rows: list[MapRow]
    below_map: str


def read_start(text: SiteText, site: SiteMap) -> Start:
    """Return the parts of README that the first page shows.

    Raises LessonError if README lacks one of them, or its map a lesson.
    """
    parts = _parts(text.page.source)
    above_map, *below_map = _MAP.split(_LIBRARY.sub("", parts["The map"]), maxsplit=1)
    said = {
        site.find(row["link"], text.page): row
        for row in _ROW.finditer(parts["The map"])
    }
    return Start(
        welcome=text.html(parts["welcome"]),
        loop=text.html(f"![{_title(site.root / _LOOP)}]({_LOOP})"),
        commands=text.html(parts["Start"]),
        above_map=text.html(above_map),
        rows=[
            _row(said.get(lesson.address), lesson, exercises, text)
            for lesson, exercises in site.lessons
        ],
        below_map=text.html("".join(below_map)),
    )


def _parts(readme: Path) -> dict[str, str]:
    welcome, *sections = re.split(r"^(?=## )", readme.read_text("utf-8"), flags=re.M)
    found = {section[3:].partition("\n")[0]: section for section in sections}
    for name in ("Start", "The map"):
        if name not in found:
            raise LessonError(f"{readme} has no section {name}: the site shows it")
    return found | {"welcome": welcome}


def _row(
    said: re.Match[str] | None,
    lesson: SitePage,
    exercises: SitePage | None,
    text: SiteText,
) -> MapRow:
    if said is None:
        raise LessonError(
            f"README's map has no row for {lesson.label}: add one, with its minutes"
        )
    return MapRow(
        lesson=lesson,
        exercises=exercises,
        does=text.html(said["does"]),
        surprise=text.html(said["surprise"]),
        minutes=said["minutes"],
        more=said["more"],
    )


def _title(drawing: Path) -> str:
    """Return what a drawing says it shows: its first sentence, as any page may say."""
    found = re.search(r"<title>(.*?\.)", drawing.read_text("utf-8"))
    return found[1] if found else ""
