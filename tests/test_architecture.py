"""Does the library still read from top to bottom, module by module, in lesson order?"""

import ast
import importlib
import inspect
import subprocess
import sys

import pytest

import lessonlib
from lessonlib.authoring.pages import ROOT, read_page, stored_notebooks
from lessonlib.authoring.rules_of_code import parsed

# Each module, and the first notebook that may import it. A module imports only modules
# above it. Notebook 00 is a tour, and may use them all.
ORDER = {
    "errors": 0,
    "workbook": 0,
    "mail": 0,
    "intervals": 0,
    "artifacts": 0,
    "registry": 2,
    "validation": 0,
    "openapi": 0,
    "contract": 0,
    "dispatch": 0,
    "serving": 0,
    "latency": 5,
    "connection": 5,
    "loadtest": 5,
    "figures": 0,
    "plots": 0,
    "latency_plots": 5,
    "registry_plots": 1,
    "predictors": 6,
    "batching": 6,
    "scaling": 6,
    "scaling_plots": 6,
    "monitor": 7,
    "monitoring": 7,
    "worker": 6,
    "workers": 6,
    "balancer": 6,
    "alerts": 7,
    "monitoring_plots": 7,
    "rubric": 7,
    "drift": 8,
    "decline": 8,
    "drift_plots": 8,
    "logstore": 9,
    "audit": 9,
    "outcomes": 9,
    "feedback": 9,
    "gate": 9,
    "feedback_plots": 9,
    "assignment": 10,
    "experiments": 10,
    "sequential": 10,
    "bandits": 10,
    "experiment_plots": 10,
    "office": 11,
    "week_script": 11,
    "week": 11,
    "week_plots": 11,
    "checks": 0,
    "authoring": 99,
    "grading": 99,
}
LESSON = [name for name in ORDER if name not in ("checks", "authoring", "grading")]
PICTURES = [name for name in LESSON if name.endswith(("plots", "figures"))]
TOPICS = [name for name in LESSON if name not in PICTURES]
LIBRARY = ROOT / "lessonlib"
MODULES = sorted(LIBRARY.rglob("*.py"))
PAGES = [read_page(path) for path in stored_notebooks()]
MOST_LINES, MOST_LINES_SHOWN = 250, 25
MOST_LINES_OF_TOPICS, MOST_LINES_OF_PICTURES = 4500, 1200

# What a module may not pull in: a lesson that needs only it should start at once.
HEAVY = {
    "errors": {"numpy", "flask", "sklearn", "matplotlib", "requests"},
    "workbook": {"flask", "sklearn", "matplotlib", "requests"},
    "latency": {"flask", "sklearn", "matplotlib", "requests"},
    "loadtest": {"flask", "sklearn", "matplotlib"},
    "contract": {"matplotlib"},
    "serving": {"sklearn", "matplotlib"},
    "artifacts": {"flask", "matplotlib"},
    "plots": {"flask", "sklearn", "requests"},
    "checks": {"flask", "sklearn", "matplotlib", "requests"},
}


def module_name(path):
    return path.relative_to(LIBRARY).with_suffix("").parts[0]  # of checks/ex05: checks


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


def label(path):
    return path.relative_to(LIBRARY).as_posix()


# -- the library


@pytest.mark.parametrize("path", MODULES, ids=label)
def test_module_imports_only_modules_above_it(path):
    name = module_name(path)
    used = {module.split(".")[0] for module, _ in imports(ast.parse(path.read_text()))}
    if name == "__init__":
        assert used == set(), "lessonlib itself exports nothing again"
        return
    order = list(ORDER)
    assert name in order, "add it to ORDER, where the lesson first needs it"
    allowed = set(order[: order.index(name)])
    if path.parent != LIBRARY:
        allowed.add(name)  # a package's own modules
    assert used <= allowed


def test_plots_take_results_by_attribute_and_import_no_topic():
    tree = ast.parse((LIBRARY / "plots.py").read_text())
    assert {module for module, _ in imports(tree)} == {"figures"}


def test_the_library_lists_its_modules_in_order():
    rows = lessonlib.__doc__.split("----\n", 1)[1].splitlines()
    assert [row.split()[0].strip("/") for row in rows if row.strip()] == list(ORDER)


@pytest.mark.parametrize("path", MODULES, ids=label)
def test_module_is_short_and_asks_its_question(path):
    text = path.read_text(encoding="utf-8")
    assert len(text.splitlines()) <= MOST_LINES
    assert ast.get_docstring(ast.parse(text)), "which question does it answer?"


@pytest.mark.parametrize(
    ("names", "most"),
    [(TOPICS, MOST_LINES_OF_TOPICS), (PICTURES, MOST_LINES_OF_PICTURES)],
    ids=["topics", "pictures"],
)
def test_the_library_can_be_read_in_an_afternoon(names, most):
    lines = [
        line
        for path in MODULES
        if module_name(path) in names
        for line in path.read_text(encoding="utf-8").splitlines()
        if line.strip()
    ]
    assert len(lines) <= most


def new_modules(statement):
    """Return the packages that `statement` imports in a new Python."""
    code = (
        f"import sys; before = set(sys.modules); {statement}; "
        "print(*sorted({n.split('.')[0] for n in set(sys.modules) - before}))"
    )
    command = [sys.executable, "-c", code]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    return set(done.stdout.split())


def test_importing_the_library_imports_nothing():
    assert new_modules("import lessonlib") == {"lessonlib"}


@pytest.mark.parametrize("name", HEAVY)
def test_module_imports_nothing_heavy(name):
    assert not new_modules(f"import lessonlib.{name}") & HEAVY[name]


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
    reached = int(page.number) or max(ORDER["plots"], ORDER["loadtest"])
    early = {m for m in used if ORDER[m.split(".")[0]] > reached}
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
        ("import lessonlib.plots", [("plots", None)]),
        ("from lessonlib import plots", [("plots", None)]),
        ("from lessonlib.checks import ex05", [("checks", "ex05")]),
        ("def f():\n    from lessonlib.mail import shift", [("mail", "shift")]),
        ("import lessons\nfrom . import x", []),
    ],
)
def test_every_way_to_import_is_seen(source, seen):
    assert list(imports(ast.parse(source))) == seen
