"""Does nbval compare what a notebook shows? It passes over much without a word."""

import re

import nbformat
from nbformat.validator import iter_validate

from lessonlib.authoring.page import Page, images, is_ignored, tags

TAGS = ("nbval-ignore-output", "raises-exception")
MOST_BYTES = 400_000
LEAST_COMPARED, MOST_IGNORED = 0.6, 1 / 3  # of the cells with an output; of all


def is_a_valid_notebook(page: Page) -> list[str]:
    """nbformat's own schema, ids given once, and a size that can be reviewed."""
    found = [
        f"not a valid notebook: {str(error).splitlines()[0]}"
        for error in iter_validate(page.nb)
    ]
    ids = [cell.get("id") for cell in page.cells]
    for cell in page.cells:
        grade_id = cell.metadata.get("nbgrader", {}).get("grade_id")
        name = cell.get("id", "")
        if name != grade_id and not re.fullmatch(rf"{page.number}-\d\d+", name):
            found.append(f"cell {name} is not called like {page.number}-07: refresh it")
        if ids.count(name) > 1:
            found.append(f"cell {name} has an id that another cell has too: refresh it")
    size = len(nbformat.v4.writes(page.nb).encode("utf-8"))
    if size >= MOST_BYTES:
        found.append(f"{size} bytes, at most {MOST_BYTES}: smaller or fewer pictures")
    return found


def ran_from_top_to_bottom(page: Page) -> list[str]:
    """Execution counts are 1..n: of a cell without one nbval compares nothing."""
    written = [cell for cell in page.code if cell.source.strip()]
    return [
        f"cell {cell.id} has execution count {cell.execution_count}, not {count}: "
        "run refresh"
        for count, cell in enumerate(written, start=1)
        if cell.execution_count != count
    ]


def knows_its_tags(page: Page) -> list[str]:
    """Only two tags: nbval takes no notice of a misspelt one. No comment markers."""
    found = []
    for cell in page.cells:
        for tag in tags(cell):
            if tag not in TAGS:
                found.append(f"cell {cell.id} has the tag {tag}: known are {TAGS}")
        if re.search(r"NBVAL_|PYTEST_VALIDATE", cell.source):
            found.append(f"cell {cell.id} has an nbval comment: use a tag")
        if cell.metadata.get("tags") and cell.cell_type != "code":
            found.append(f"cell {cell.id} is text and needs no tags")
    return found


def errors_are_announced(page: Page) -> list[str]:
    """An error is stored exactly where the tag expects one, and stderr never."""
    found = []
    for cell in page.code:
        failed = any(output.output_type == "error" for output in cell.outputs)
        if failed and "raises-exception" not in tags(cell):
            found.append(f"cell {cell.id} stores an error without the tag for it")
        if not failed and "raises-exception" in tags(cell):
            found.append(f"cell {cell.id} is to raise an exception, and stores none")
        if any(output.get("name") == "stderr" for output in cell.outputs):
            found.append(
                f"cell {cell.id} stores text on stderr: record the warning and print it"
            )
    return found


def most_outputs_are_compared(page: Page) -> list[str]:
    """Ignoring an output is the exception."""
    ignored = [cell for cell in page.code if is_ignored(cell)]
    speaking = [cell for cell in page.code if cell.outputs]
    compared = [cell for cell in speaking if not is_ignored(cell)]
    found = []
    if len(compared) < LEAST_COMPARED * len(speaking):
        found.append(
            f"{len(compared)} of {len(speaking)} outputs are compared, less than "
            f"{LEAST_COMPARED:.0%}: turn what varies into claims"
        )
    if len(ignored) > MOST_IGNORED * len(page.code):
        found.append(
            f"{len(ignored)} of {len(page.code)} code cells are ignored, more than a "
            "third: show what varies in fewer cells"
        )
    return found


def ignored_cells_are_claimed(page: Page) -> list[str]:
    """Soon after an output that is not compared comes one that is."""
    return [
        f"cell {cell.id} is ignored, and neither of the next two code cells has an "
        "output that is compared: add a claim"
        for i, cell in enumerate(page.code)
        if is_ignored(cell)
        and not any(
            after.outputs and not is_ignored(after)
            for after in page.code[i + 1 : i + 3]
        )
    ]


def figures_say_themselves(page: Page) -> list[str]:
    """A picture has its words as text and as alt, and a text cell that reads it."""
    found = []
    after = [*page.cells[1:], None]
    for cell, reading in zip(page.cells, after, strict=True):
        pictures = images(cell)
        if not pictures:
            if "alt" in cell.metadata:
                found.append(f"cell {cell.id} has alt text but no picture: refresh it")
            continue
        if len(pictures) > 1:
            found.append(f"cell {cell.id} has {len(pictures)} pictures: one a cell")
        words = pictures[0].data.get("text/plain", "")
        found += [f"cell {cell.id}: {fault}" for fault in _faults(words)]
        if cell.metadata.get("alt") != words:
            found.append(f"cell {cell.id}: alt is not the figure's words: refresh it")
        if reading is None or reading.cell_type != "markdown":
            found.append(f"cell {cell.id}: a text cell after the picture must read it")
    return found


def _faults(words: str) -> list[str]:
    """Say what is wrong: the words are a question, then one or two sentences."""
    if words.startswith("<") or "without a description" in words:
        return ["the picture does not say what it shows: use a plot of lessonlib"]
    sentences = re.findall(r"[^.?!]+(?:[.?!](?=\S)[^.?!]*)*[.?!](?=\s|$)", words)
    if not sentences or "".join(sentences).strip() != words.strip():
        return ["the picture's words do not end like a sentence"]
    if not sentences[0].endswith("?"):
        return ["the picture's words do not begin with the question it answers"]
    if not 2 <= len(sentences) <= 3:
        return [
            f"the picture answers in {len(sentences) - 1} sentences: one or two, please"
        ]
    return []
