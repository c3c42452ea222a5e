"""Can a notebook be read? Short cells, more words than code, always the same frame."""

import html
import re
import statistics
from urllib.parse import unquote

from lessonlib.authoring.page import Page
from lessonlib.measure.latency import percentile

OPENING = (  # stand before the first heading of level 2
    "**What you'll do**",
    "**What you'll learn**",
    "**What you'll need**",
    " minutes",
)
BEFORE = ("Recall", "Words of this lesson")  # 00 has nothing to recall
AFTER = ("What we saw", "Your turn", "In practice", "Further reading")

MEDIAN_LINES, MOST_LINES_IN_NINE_OF_TEN, MOST_LINES = 4, 10, 15
MOST_CODE_CELLS, MOST_IN_A_ROW, WORDS_PER_LINE = 60, 2, 8


def cells_are_short(page: Page) -> list[str]:
    """Mostly 1-4 lines of code a cell, at most 15."""
    lines = [code_lines(cell.source) for cell in page.code]
    found = [
        f"cell {cell.id} has {n} lines of code, at most {MOST_LINES} fit: split it"
        for cell, n in zip(page.code, lines, strict=True)
        if n > MOST_LINES
    ]
    if lines and statistics.median(lines) > MEDIAN_LINES:
        found.append(
            f"half of the code cells have over {MEDIAN_LINES} lines: split some"
        )
    if lines and percentile(lines, 90) > MOST_LINES_IN_NINE_OF_TEN:
        found.append(
            "more than one code cell in ten is over "
            f"{MOST_LINES_IN_NINE_OF_TEN} lines: split the long ones"
        )
    return found


def code_is_spread(page: Page) -> list[str]:
    """Few code cells in a row, and not too many of them."""
    found, row = [], 0
    for cell in page.cells:
        if not cell.source.strip():
            found.append(f"cell {cell.id} is empty: delete it")
        row = row + 1 if cell.cell_type == "code" else 0
        if row == MOST_IN_A_ROW + 1:
            found.append(
                f"cell {cell.id} is the code cell number {row} in a row: say in a "
                "markdown cell what the output above means"
            )
    if len(page.code) > MOST_CODE_CELLS:
        found.append(
            f"{len(page.code)} code cells, at most {MOST_CODE_CELLS}: drop the weakest"
        )
    return found


def prose_outweighs_code(page: Page) -> list[str]:
    """At least eight words of prose for each line of code."""
    lines = sum(code_lines(cell.source) for cell in page.code)
    words = sum(prose_words(cell.source) for cell in page.markdown)
    if words >= WORDS_PER_LINE * lines:
        return []
    return [
        f"{words} words explain {lines} lines of code, {WORDS_PER_LINE * lines} would: "
        "write more, or show less code"
    ]


def headings_are_in_order(page: Page) -> list[str]:
    """One title, in the first cell, and no level left out."""
    if not page.cells or page.cells[0].cell_type != "markdown":
        return ["the first cell is not markdown: begin with the title, as `# Verb ...`"]
    found = []
    if not re.match(r"# \S", page.cells[0].source):
        found.append(f"cell {page.cells[0].id} does not begin with a title, as `# ...`")
    before = 0
    for cell, level, text in headings(page):
        if level == 1 and before:
            found.append(f"cell {cell.id} has a second title, `{text}`: use `## `")
        if level > before + 1:
            found.append(
                f"cell {cell.id}: `{text}` leaves out a heading level: "
                f"write {'#' * (before + 1)}"
            )
        before = level
    return found


def has_the_frame(page: Page) -> list[str]:
    """The opening and the sections that every lesson has, in their order."""
    text = "\n\n".join(without_code_blocks(cell.source) for cell in page.markdown)
    opening = re.split(r"^## ", text, maxsplit=1, flags=re.MULTILINE)[0]
    found = [
        f"the opening, before the first `## `, lacks `{phrase}`"
        for phrase in OPENING
        if phrase not in opening
    ]
    sections = [title for _, level, title in headings(page) if level == 2]
    before = BEFORE if page.number != "00" else BEFORE[1:]
    wanted = [*before, *AFTER]
    found += [
        f"there is no section `## {name}`" for name in wanted if name not in sections
    ]
    if [title for title in sections if title in wanted] != wanted and not found:
        found.append(f"the order of the sections is {', '.join(wanted)}; each once")
    if not found and (
        tuple(sections[: len(before)]) != before
        or tuple(sections[-len(AFTER) :]) != AFTER
        or len(sections) <= len(wanted)
    ):
        found.append(
            f"sections of your own stand between `{before[-1]}` and `{AFTER[0]}`, "
            "at least one"
        )
    return found


def pictures_in_text_can_be_seen(page: Page) -> list[str]:
    """Every picture in text has alt text, and is a file near the notebook."""
    found = []
    for cell in page.markdown:
        for alt, target in markdown_images(cell.source):
            if not alt.strip():
                found.append(
                    f"cell {cell.id}: {target} has no alt text: say what it shows"
                )
            if ":" in target or target.startswith("/"):
                found.append(
                    f"cell {cell.id}: {target} is no relative path: keep the file"
                )
            elif not (page.path.parent / unquote(target)).is_file():
                found.append(f"cell {cell.id}: there is no file {target}")
    return found


def drawings_say_what_they_show(page: Page) -> list[str]:
    """The alt text of a drawing is the title that the drawing itself carries."""
    found = []
    for cell in page.markdown:
        for alt, target in markdown_images(cell.source):
            drawing = page.path.parent / unquote(target)
            if drawing.suffix != ".svg" or not drawing.is_file():
                continue
            title = re.search(r"<title>(.*?)</title>", drawing.read_text("utf-8"))
            if title is None:
                found.append(f"cell {cell.id}: {target} has no <title>: draw it anew")
            elif html.unescape(title[1]) != alt:
                found.append(
                    f"cell {cell.id}: the alt text of {target} is not its title: "
                    f"write `{html.unescape(title[1])}`"
                )
    return found


def code_lines(source: str) -> int:
    """Count lines that a reader reads: not blank ones, not markers of a region."""
    marker = re.compile(r"\s*### (BEGIN|END) ")
    return sum(
        bool(line.strip()) and not marker.match(line) for line in source.splitlines()
    )


def prose_words(source: str) -> int:
    """Count the words of a markdown cell, without code blocks, tags and addresses."""
    text = re.sub(r"\]\([^)]*\)|<[^>]+>", " ", without_code_blocks(source))
    return len(re.findall(r"\w[\w'’-]*", text))


def without_code_blocks(source: str) -> str:
    """Return the markdown without its fenced blocks."""
    return re.sub(
        r"^(```|~~~).*?^\1[^\n]*$", "", source, flags=re.DOTALL | re.MULTILINE
    )


def headings(page: Page) -> list[tuple]:
    """Return cell, level and text of every heading."""
    return [
        (cell, len(marks), text.strip())
        for cell in page.markdown
        for marks, text in re.findall(
            r"^(#{1,6}) (.+)$", without_code_blocks(cell.source), re.MULTILINE
        )
    ]


def markdown_images(source: str) -> list[tuple[str, str]]:
    """Return alt text and address of every picture, whichever way it is written."""
    text = without_code_blocks(source)
    found = re.findall(r"!\[([^\]]*)\]\(\s*<?([^)\s>]+)", text)
    for tag in re.findall(r"<img\b[^>]*>", text):
        values = dict(re.findall(r"""(\w+)\s*=\s*["']([^"']*)["']""", tag))
        found.append((values.get("alt", ""), values.get("src", "")))
    return found
