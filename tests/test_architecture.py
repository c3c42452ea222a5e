"""Does the library still read from top to bottom, room by room, in lesson order?"""

import ast
import importlib
import inspect
import subprocess
import sys
from collections import defaultdict
from functools import cache
from graphlib import TopologicalSorter

import pytest

from lessonlib.authoring.library_map import LIBRARY, listed, reading_order
from lessonlib.authoring.page import read_page, stored_notebooks
from lessonlib.authoring.rules_of_code import parsed

MODULES = sorted(LIBRARY.rglob("*.py"))
PAGES = [read_page(path) for path in stored_notebooks()]
MOST_LINES, MOST_LINES_SHOWN = 250, 25


# Each module, in an order in which it imports only those above it, and the first
# notebook that may import it. Notebook 00 is a tour, and may use more of them.
ORDER = {row.name: row.notebook for row in reading_order()}
AUTHORS = ("authoring", "grading")  # no notebook imports them
LISTS = [path for path in MODULES if path.name == "__init__.py" and listed(path)]
ROOMS = [path.parent.name for path in LISTS if path.parent != LIBRARY]

# What more than one module may call by the same name: what Python and pytest look for.
SHARED_NAMES = {"main", "pytest_configure"}
SHARED_MODULES = {"__init__", "__main__", "plots"}  # what a room has, whichever it is

# What a module may not pull in: a lesson that needs only it should start at once.
# Those of one table are imported in one Python, in this order: each may pull in at
# least what those above it may.
HEAVY = (
    {
        "errors": {"numpy", "flask", "sklearn", "matplotlib", "requests"},
        "workbook": {"flask", "sklearn", "matplotlib", "requests"},
        "checks": {"flask", "sklearn", "matplotlib", "requests"},
        "measure.latency": {"flask", "sklearn", "matplotlib", "requests"},
        "measure.loadtest": {"flask", "sklearn", "matplotlib"},
        "save.artifacts": {"flask", "matplotlib"},
        "friday.week": {"flask", "matplotlib"},
        "serve.contract": {"matplotlib"},
    },
    {"serve.server": {"sklearn", "matplotlib"}},
    {"serve.plots": {"flask", "sklearn", "requests"}},
)


def place(module):
    """Return where a module stands in the list: of checks.ex05 it is that of checks."""
    parts = module.split(".")
    for name in (".".join(parts[:n]) for n in range(len(parts), 0, -1)):
        if name in ORDER:
            return name
    return None


def module_name(path):
    parts = path.relative_to(LIBRARY).with_suffix("").parts
    return ".".join(part for part in parts if part != "__init__")


def imports(tree):
    """Yield module and name (or None) of every import from lessonlib in a tree."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                if alias.name.split(".")[0] == "lessonlib":
                    yield alias.name.removeprefix("lessonlib").strip("."), None
        elif isinstance(node, ast.ImportFrom) and node.module == "lessonlib":
            yield from ((alias.name, None) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            parts = (node.module or "").split(".", 1)
            if parts[0] == "lessonlib":
                yield from ((parts[1], alias.name) for alias in node.names)


@cache
def imported_modules(path):
    """Return the modules of the library that a file imports, also inside functions."""
    return {
        f"{module}.{name}" if f"{module}.{name}" in NAMES else module
        for module, name in imports(ast.parse(path.read_text(encoding="utf-8")))
    }


NAMES = {module_name(path) for path in MODULES}


def label(path):
    return path.relative_to(LIBRARY).as_posix()


# -- the library


@pytest.mark.parametrize("path", MODULES, ids=label)
def test_module_imports_only_modules_above_it(path):
    name = module_name(path)
    used = imported_modules(path)
    if name in ("", *ROOMS):
        assert used == set(), "a room lists its files, and exports nothing again"
        return
    assert place(name), "list it in the docstring of its room, where it is first needed"
    order = list(ORDER)
    allowed = set(order[: order.index(place(name)) + 1])  # a package's own modules, too
    assert {place(module) for module in used} <= allowed


@pytest.mark.parametrize("room", sorted({name.split(".")[0] for name in NAMES} - {""}))
def test_imports_within_a_room_make_no_circle(room):
    paths = {
        name: path
        for path in MODULES
        if (name := module_name(path)).split(".")[0] == room
    }
    graph = {name: imported_modules(path) & {*paths} for name, path in paths.items()}
    assert set(TopologicalSorter(graph).static_order()) == {*paths}


OUTSIDE_CHECKS = [p for p in MODULES if p.relative_to(LIBRARY).parts[0] != "checks"]


def places_of_public_names():
    """Return the modules that define each public class or function, checks apart."""
    places = defaultdict(list)
    for path in OUTSIDE_CHECKS:
        for node in ast.parse(path.read_text(encoding="utf-8")).body:
            if isinstance(node, ast.ClassDef | ast.FunctionDef):
                places[node.name].append(module_name(path))
    return {name: found for name, found in places.items() if name[0] != "_"}


def test_a_name_means_one_thing_in_the_whole_library():
    shared = {n: found for n, found in places_of_public_names().items() if found[1:]}
    assert {n: shared[n] for n in shared.keys() - SHARED_NAMES} == {}


def test_no_two_modules_have_one_name():
    names = [p.stem for p in OUTSIDE_CHECKS if p.stem not in SHARED_MODULES]
    assert sorted(set(names)) == sorted(names)


def test_rooms_import_one_way_only():
    order = [name.split(".")[0] for name in ORDER]
    assert order == sorted(order, key=order.index), "a room's files stand together"


@pytest.mark.parametrize("path", LISTS, ids=label)
def test_a_list_names_what_there_is(path):
    names = {row.name for row in listed(path)}
    there = {f"{found.parent.name}/" for found in path.parent.glob("*/__init__.py")}
    there |= {found.stem for found in path.parent.glob("*.py")} - {"__init__"}
    assert names == there


@pytest.mark.parametrize("row", [r for r in listed(LISTS[0]) if r.name[:-1] in ROOMS])
def test_a_room_asks_the_question_of_its_line(row):
    tree = ast.parse((LIBRARY / row.name / "__init__.py").read_text())
    question = (ast.get_docstring(tree) or "").splitlines()[0]
    assert question.lower() == row.question.lower()


@pytest.mark.parametrize("name", [n for n in ORDER if n.endswith("plots")])
def test_plots_take_results_by_attribute_and_import_no_topic(name):
    tree = ast.parse((LIBRARY / f"{name.replace('.', '/')}.py").read_text())
    assert {module for module, _ in imports(tree)} <= {"figures"}


@pytest.mark.parametrize("path", MODULES, ids=label)
def test_module_is_short_and_asks_its_question(path):
    text = path.read_text(encoding="utf-8")
    assert len(text.splitlines()) <= MOST_LINES
    assert ast.get_docstring(ast.parse(text)), "which question does it answer?"


def pulled_in(modules):
    """Return what a new Python has imported after each of `modules`, packages only."""
    code = (
        "import importlib, sys; before = set(sys.modules)\n"
        "for name in sys.argv[1:]:\n"
        "    importlib.import_module(name)\n"
        "    print(*{new.split('.')[0] for new in set(sys.modules) - before})"
    )
    command = [sys.executable, "-c", code, *modules]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    return [set(line.split()) for line in done.stdout.splitlines()]


def test_importing_the_library_imports_nothing():
    assert pulled_in(["lessonlib"]) == [{"lessonlib"}]


@pytest.mark.parametrize("heavy", HEAVY, ids=" ".join)
def test_modules_import_nothing_heavy(heavy):
    found = pulled_in(f"lessonlib.{name}" for name in heavy)
    for (name, unwanted), imported in zip(heavy.items(), found, strict=True):
        assert not imported & unwanted, f"lessonlib.{name}"


# -- what notebooks use of it


def trees(page):
    for cell in page.code:
        try:
            yield cell, parsed(cell.source)
        except SyntaxError:
            continue  # the rules of notebooks say so


def imported(page):
    """Return the names of a notebook that come from the library, and what they are."""
    found = {}
    for _, tree in trees(page):
        for module, name in imports(tree):
            if module == "checks":  # `from lessonlib.checks import ex05` names a module
                module, name = f"checks.{name}", None
            there = importlib.import_module(f"lessonlib.{module}")
            found[name or module.split(".")[-1]] = (
                getattr(there, name) if name else there
            )
    return found


@pytest.mark.parametrize("page", PAGES, ids=repr)
def test_notebook_uses_only_what_the_lesson_has_reached(page):
    used = {module for _, tree in trees(page) for module, _ in imports(tree)}
    reached = int(page.number) or ORDER["measure.loadtest"]
    authors = {module for module in used if module.split(".")[0] in AUTHORS}
    early = {m for m in used - authors if ORDER[place(m)] > reached} | authors
    assert not early, f"{early} belong to a later notebook"
    named = {
        name for _, tree in trees(page) for m, name in imports(tree) if m == "checks"
    }
    assert named <= {f"ex{page.number}"}, "a notebook has the checks of its own number"


@pytest.mark.parametrize("page", PAGES, ids=repr)
def test_names_that_a_notebook_takes_exist(page):
    names = imported(page)
    for cell, tree in trees(page):
        for node in ast.walk(tree):
            if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
                owner = names.get(node.value.id)
                if inspect.ismodule(owner):
                    assert hasattr(owner, node.attr), f"{cell.id}: {ast.unparse(node)}"


@pytest.mark.parametrize("page", PAGES, ids=repr)
def test_what_a_notebook_shows_fits_on_a_screen(page):
    names = imported(page)
    shown = {
        ast.unparse(node.args[0])
        for _, tree in trees(page)
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and ast.unparse(node.func) == "show"
    }
    for name in shown:
        thing = names[name.split(".")[0]]
        for attribute in name.split(".")[1:]:
            thing = getattr(thing, attribute)
        assert len(inspect.getsource(thing).splitlines()) <= MOST_LINES_SHOWN, name


# -- the tests themselves: each is seen to fail


@pytest.mark.parametrize(
    ("source", "seen"),
    [
        ("import lessonlib.serve.plots", [("serve.plots", None)]),
        ("from lessonlib import mail", [("mail", None)]),
        ("from lessonlib.checks import ex05", [("checks", "ex05")]),
        ("def f():\n    from lessonlib.mail import shift", [("mail", "shift")]),
        ("import lessons\nfrom . import x", []),
    ],
)
def test_every_way_to_import_is_seen(source, seen):
    assert list(imports(ast.parse(source))) == seen
