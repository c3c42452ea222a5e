"""Does everything that a text sends its reader to exist?

A link is followed to its file and its heading. A reference in words, such as "notebook
05" or "exercise 3", is looked up in the course: the folder that holds notebooks/.
"""

import re
from functools import cache
from pathlib import Path
from urllib.parse import unquote

from lessonlib.authoring.page import Page, number_of, read_page
from lessonlib.authoring.rules_of_text import headings, without_code_blocks

COPIED = ("notebooks", "exercises")  # what start.py copies into the learner's my-work
EXERCISE = re.compile(r"(\d+)\. ")  # how the heading of an exercise begins

_LINK = re.compile(r"(?<!!)\[([^\]]*)\]\(<?([^)\s>]+)>?\)")
_CALLED = re.compile(r"(?:[Nn]otebook )?(\d\d)\b(?: (\w.*))?")  # [05 Its title]
_LESSON = re.compile(r"\b[Nn]otebook (\d+)\b")
_LESSONS = re.compile(r"\b[Nn]otebooks ((?:\d+(?:, | and | or | to ))*\d+)\b")
_TITLE = re.compile(r"\b(\d\d), \*([A-Z][^*]+)\*")
_EXERCISES = re.compile(
    r"\b[Ee]xercises? (\d+)(?: (?:and|to) (\d+))?\b(?: of (?:notebook )?(\d\d)\b)?"
)
_SECTION = re.compile(r"(?:\b[Ss]ection|\b[Ss]ee|\bLesson:) \*([^*]+)\*")
_STEP = re.compile(r"\b[Ss]tep (\d+) of the lesson")


def links_lead_somewhere(page: Page) -> list[str]:
    """Each link to a file finds it, also in my-work, and each #anchor its heading."""
    home = page.path.parent.parent.resolve()
    found = []
    for cell in page.markdown:
        found += [
            f"cell {cell.id}: {fault}" for fault in dead_links(cell.source, page.path)
        ]
        for _, target in links(cell.source):
            file = _file_of(target, page.path)
            if not any(file.is_relative_to(home / name) for name in COPIED):
                if file != page.path.resolve():
                    found.append(
                        f"cell {cell.id}: {target} is not copied into my-work: "
                        f"link to what is in {' or '.join(COPIED)}"
                    )
    return found


def words_lead_somewhere(page: Page) -> list[str]:
    """Each notebook, exercise and section that is named in words is there."""
    root = page.path.parent.parent
    return [
        f"cell {cell.id}: {fault}"
        for cell in page.cells
        for fault in dead_words(cell.source, root, page.number)
    ]


def lesson_leads_on(page: Page) -> list[str]:
    """A lesson links its exercises under *Your turn*, and ends with the next lesson."""
    found = []
    exercises = page.path.parent.parent / "exercises" / page.path.name
    sections = _sections(page)
    if exercises.exists():
        target = f"../exercises/{page.path.name}"
        if target not in _targets(sections.get("Your turn", "")):
            found.append(f"`## Your turn` does not link {target}")
    after = next_lesson(page)
    if after and after.name not in _targets(sections.get("Further reading", "")):
        found.append(
            f"`## Further reading` does not link the next lesson, {after.name}"
        )
    return found


def exercises_lead_back(page: Page) -> list[str]:
    """Each exercise links the section it comes from; the last text the next lesson."""
    found = [
        f"`{title}` does not say which section of the lesson it comes from: link it"
        for title, text in _sections(page).items()
        if EXERCISE.match(title)
        and not any(
            "#" in target and target.startswith("../notebooks/")
            for target in _targets(text)
        )
    ]
    after = next_lesson(page)
    if after and f"../notebooks/{after.name}" not in _targets(
        page.markdown[-1].source if page.markdown else ""
    ):
        found.append(f"the last text does not link the next lesson, {after.name}")
    return found


def dead_links(text: str, path: Path) -> list[str]:
    """Say which links of `text`, which stands in the file at `path`, lead nowhere."""
    found = []
    for words, target in links(text):
        file = _file_of(target, path)
        fragment = unquote(target.partition("#")[2])
        called = _CALLED.match(words)
        if not file.exists():
            found.append(f"{target} leads nowhere: there is no such file")
        elif fragment and fragment not in map(anchor, headings_of(file)):
            found.append(f"{target} leads nowhere: {file.name} has no such heading")
        elif called and file.suffix == ".ipynb":
            if called[1] != number_of(file):
                found.append(f"[{words}] leads to {file.name}")
            elif called[2] and called[2] != headings_of(file)[0]:
                found.append(f"[{words}] is called {headings_of(file)[0]}")
    return found


def dead_words(text: str, root: Path, number: str = "") -> list[str]:
    """Say what `text` names in words that the course at `root` does not have.

    `number` is the lesson that the text belongs to, if it belongs to one: there its
    exercises, sections and steps are looked for.
    """
    text = " ".join(without_code_blocks(text).split())
    lessons = {number_of(path): path for path in (root / "notebooks").glob("*.ipynb")}
    named = _LESSON.findall(text)
    named += [
        n for several in _LESSONS.findall(text) for n in re.findall(r"\d+", several)
    ]
    found = [f"there is no notebook {n}" for n in named if n not in lessons]
    for n, title in _TITLE.findall(text):
        if n in lessons and title != headings_of(lessons[n])[0]:
            found.append(f"notebook {n} is not called *{title}*")
    for first, last, other in _EXERCISES.findall(text):
        home = other or number
        found += [
            f"there is no exercise {n} of {home}"
            for n in (first, last)
            if n and home and int(n) not in exercise_numbers(root, home)
        ]
    sections = [
        title
        for name in ("notebooks", "solutions")
        for path in (root / name).glob(f"{number or '-'}_*.ipynb")
        for title in headings_of(path)
    ]
    if number:
        found += [
            f"there is no section *{title}* in {number}"
            for title in _SECTION.findall(text)
            if title not in sections
        ]
        found += [
            f"there is no step {n} in {number}"
            for n in _STEP.findall(text)
            if not any(title.startswith(f"Step {n}") for title in sections)
        ]
    return found


def links(text: str) -> list[tuple[str, str]]:
    """Return words and target of each link that does not lead into the web."""
    text = re.sub(
        r"`[^`\n]+`", lambda code: code[0].replace("](", " "), without_code_blocks(text)
    )
    found = _LINK.findall(text)
    return [(words, target) for words, target in found if not re.match(r"\w+:", target)]


def anchor(heading: str) -> str:
    """Return what follows the # in a link: JupyterLab's and nbconvert's own rule."""
    return re.sub(r"[`*]", "", heading).replace(" ", "-")


def headings_of(path: Path) -> list[str]:
    """Return the headings of a notebook or a markdown file, the title first."""
    return _headings_at(path, path.stat().st_mtime_ns)


def exercise_numbers(root: Path, number: str) -> list[int]:
    """Return the numbers of the exercises of a lesson, in order."""
    return [
        int(start[1])
        for path in (root / "solutions").glob(f"{number}_*.ipynb")
        for start in map(EXERCISE.match, headings_of(path))
        if start
    ]


def next_lesson(page: Page) -> Path | None:
    """Return the lesson after the one that `page` is, or belongs to."""
    lessons = sorted((page.path.parent.parent / "notebooks").glob("*.ipynb"))
    return next((path for path in lessons if number_of(path) > page.number), None)


@cache
def _headings_at(path: Path, changed: float) -> list[str]:
    if path.suffix == ".ipynb":
        return [text for _, _, text in headings(read_page(path))]
    text = without_code_blocks(path.read_text(encoding="utf-8"))
    return re.findall(r"^#{1,6} (.+)$", text, re.MULTILINE)


def _file_of(target: str, path: Path) -> Path:
    name = unquote(target.partition("#")[0])
    return (path.parent / name).resolve() if name else path.resolve()


def _targets(text: str) -> list[str]:
    return [target for _, target in links(text)]


def _sections(page: Page) -> dict[str, str]:
    """Return the text under each heading of level 2."""
    text = "\n\n".join(without_code_blocks(cell.source) for cell in page.markdown)
    parts = re.split(r"^## (.+)$", text, flags=re.MULTILINE)
    return dict(zip(map(str.strip, parts[1::2]), parts[2::2], strict=True))
