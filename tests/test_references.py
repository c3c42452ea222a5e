"""Do pages and messages of checks send their reader to what is there?

For notebooks this is a rule: test_notebooks holds them to it.
"""

import ast
import html
import re
import shutil
from functools import cache

import nbconvert.filters
import pytest
from sample_notebooks import lesson, page, solution

from lessonlib.authoring.normal_form import dump
from lessonlib.authoring.page import ROOT, read_page, stored_notebooks
from lessonlib.authoring.rules_of_links import (
    anchor,
    dead_links,
    dead_words,
    exercise_numbers,
    headings_of,
)

FOLDERS = ("notebooks", "exercises", "solutions")
PAGES = sorted(
    [
        *ROOT.glob("*.md"),
        *(path for name in FOLDERS for path in (ROOT / name).rglob("*.md")),
    ]
)
MODULES = sorted((ROOT / "lessonlib").rglob("*.py"))


def name_of(path):
    return path.relative_to(ROOT).as_posix()


# -- pages, and what the checks say


@pytest.mark.parametrize("path", PAGES, ids=name_of)
def test_a_page_sends_its_reader_to_what_is_there(path):
    text = path.read_text(encoding="utf-8")
    assert dead_links(text, path) + dead_words(text, ROOT) == []


@cache
def strings(path):
    """Return messages, hints and docstrings of a module that may name something."""
    values = (
        node.value
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    )
    return [text for text in values if re.search(r"[\d*]", text)]  # numbers, *titles*


def lesson_of(path):
    """Return the lesson whose checks a module holds; none if it serves several."""
    found = re.search(r"\d\d", path.relative_to(ROOT).as_posix())
    return found[0] if found and "checks" in path.parts else ""


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_the_library_names_only_notebooks_exercises_and_steps_that_are_there(path):
    for text in strings(path):
        assert dead_words(text, ROOT, lesson_of(path)) == []


def test_messages_of_checks_are_found_and_know_their_lesson():
    said = {
        lesson_of(path): text
        for path in MODULES
        for text in strings(path)
        if "step 3 of the lesson" in text.lower()
    }
    assert list(said) == ["03"]
    assert dead_words(said["03"], ROOT, "04") == ["there is no step 3 in 04"]


# -- the guards see what is not there


@pytest.mark.parametrize(
    ("text", "faults"),
    [
        ("[a](06_weigh.ipynb), [b](06_weigh.ipynb#Weigh), [c](#Count)", []),
        ("[06 Weigh the parcels](06_weigh.ipynb), [notebook 06](06_weigh.ipynb)", []),
        ("[out](https://example.org/x#y) ![drawing](belt.svg)", []),
        ("```\n[in code](nowhere)\n```, `[a](nowhere)` or `a` [`b`](#Count) `c`", []),
        ("[a](07_no.ipynb)", ["07_no.ipynb leads nowhere: there is no such file"]),
        (
            "[a](06_weigh.ipynb#Wait)",
            ["06_weigh.ipynb#Wait leads nowhere: 06_weigh.ipynb has no such heading"],
        ),
        ("[a](#Wait)", ["#Wait leads nowhere: 05_count.ipynb has no such heading"]),
        ("[07](06_weigh.ipynb)", ["[07] leads to 06_weigh.ipynb"]),
        ("[06 Wait](06_weigh.ipynb)", ["[06 Wait] is called Weigh the parcels"]),
    ],
)
def test_a_link_is_followed_to_its_file_and_its_heading(text, faults, tmp_path):
    there = page(lesson(), tmp_path).path
    assert dead_links(text, there) == faults


@pytest.mark.parametrize(
    ("text", "faults"),
    [
        ("As notebooks 05 and 06 say, see *Count*; exercise 1, exercise 1 of 05", []),
        ("notebook 06, *Weigh the parcels*, step 2 of the lesson, 05, *and*", []),
        ("notebook 77", ["there is no notebook 77"]),
        ("notebooks 05, 06 and 08", ["there is no notebook 08"]),
        ("notebook\n06, *Wait*", ["notebook 06 is not called *Wait*"]),
        ("exercise 2", ["there is no exercise 2 of 05"]),
        ("exercises 1 to 3", ["there is no exercise 3 of 05"]),
        ("exercise 1 of 06", ["there is no exercise 1 of 06"]),
        ("(Lesson: *Wait*.)", ["there is no section *Wait* in 05"]),
        ("step 3 of the lesson", ["there is no step 3 in 05"]),
    ],
)
def test_what_is_named_in_words_is_looked_up(text, faults, tmp_path):
    page(lesson(), tmp_path)
    assert dead_words(text, tmp_path, "05") == faults


def test_a_section_of_a_lesson_that_was_lost_is_missed(tmp_path):
    nb = solution()
    missed = page(nb, tmp_path, room="solutions")
    text = nb.cells[2].source
    assert dead_links(text, missed.path) == []
    without = lesson()
    without.cells[3].source = "Count."
    (tmp_path / "notebooks" / "05_count.ipynb").write_text(dump(without))
    (fault,) = dead_links(text, missed.path)
    assert fault.endswith("05_count.ipynb has no such heading")


@pytest.mark.parametrize("path", stored_notebooks(), ids=name_of)
def test_anchors_are_those_of_nbconvert(path):
    for heading in headings_of(path):
        made = nbconvert.filters.markdown2html(f"## {heading}")
        assert html.unescape(re.search(r'id="([^"]*)"', made)[1]) == anchor(heading)


# -- minutes and numbers of exercises, which several files state

MAP_ROW = re.compile(r"^\| \[(\d\d) .* \| (\d+)(?: \+ (\d+))? \|$", re.M)
GUIDE_ROW = re.compile(r"^\| (\d\d) \| (\d+) \|", re.M)
TIME = re.compile(
    r"^\*\*Time\*\*: (\d+) minutes to .*?(?:, (\d+) minutes for .*)?$", re.M
)
EXERCISES = re.compile(r"^(\w+) exercises on .*, about (\d+) minutes", re.M)
NUMBERS = "None One Two Three Four Five Six Seven Eight Nine Ten Eleven Twelve".split()


def disagreements(root):
    """Say where lessons, exercises and the guide state other minutes than the map."""
    readme = (root / "README.md").read_text(encoding="utf-8")
    guide = (root / "solutions" / "README.md").read_text(encoding="utf-8")
    asked = dict(GUIDE_ROW.findall(guide))
    found = []
    for number, to_read, to_solve in MAP_ROW.findall(readme):
        stated = {"the lesson": TIME.findall(opening(root, "notebooks", number))[0]}
        if to_solve:
            stated["the guide"] = (to_read, asked[number])
            for room in ("solutions", "exercises"):
                count, minutes = EXERCISES.findall(opening(root, room, number))[0]
                stated[room] = (to_read, minutes)
                if count != NUMBERS[len(exercise_numbers(root, number))]:
                    found.append(f"{number}: {room} has not {count} exercises")
        found += [
            f"{number}: {place} states {minutes}, the map {(to_read, to_solve)}"
            for place, minutes in stated.items()
            if minutes != (to_read, to_solve)
        ]
    return found


def opening(root, room, number):
    (path,) = (root / room).glob(f"{number}_*.ipynb")
    return read_page(path).cells[0].source


def test_all_that_state_minutes_and_count_exercises_agree_with_the_map():
    assert disagreements(ROOT) == []


@pytest.mark.parametrize(
    ("place", "was", "becomes", "says"),
    [
        ("README.md", "| 60 + 40 |", "| 65 + 40 |", "the lesson states"),
        ("notebooks", "60 minutes to read", "65 minutes to read", "the lesson states"),
        ("notebooks", "40 minutes for", "30 minutes for", "the lesson states"),
        ("solutions/README.md", "| 05 | 40 |", "| 05 | 45 |", "the guide states"),
        ("solutions", "about 40 minutes", "about 30 minutes", "solutions states"),
        ("exercises", "about 40 minutes", "about 30 minutes", "exercises states"),
        ("exercises", "Eight exercises", "Nine exercises", "exercises has not Nine"),
    ],
)
def test_other_minutes_and_a_wrong_count_are_seen(place, was, becomes, says, tmp_path):
    (row,) = re.findall(r"^\| \[05 .*", (ROOT / "README.md").read_text("utf-8"), re.M)
    for room in FOLDERS:
        (path,) = (ROOT / room).glob("05_*.ipynb")
        (tmp_path / room).mkdir()
        shutil.copy(path, tmp_path / room)
    shutil.copy(ROOT / "solutions" / "README.md", tmp_path / "solutions")
    (tmp_path / "README.md").write_text(row, encoding="utf-8")
    assert disagreements(tmp_path) == []
    broken = tmp_path / place
    if broken.is_dir():
        broken = broken / path.name
    text = broken.read_text(encoding="utf-8")
    assert was in text
    broken.write_text(text.replace(was, becomes), encoding="utf-8")
    assert any(says in fault for fault in disagreements(tmp_path))
