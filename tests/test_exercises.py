"""Are the exercises fair? Five proofs for every solution.

An untouched exercise runs and says "not attempted"; it never scores; the solution has
every point; making the exercises again changes no byte; and each check knows its wrong
answers by name and takes its right ones, in however many ways they are written. Its
files are the learner's to read: no right answer is in them.
"""

import importlib
import inspect
import re
from dataclasses import replace
from functools import cache, cached_property
from itertools import permutations
from types import FunctionType, SimpleNamespace

import pytest
from sample_notebooks import solution as sample_solution

from lessonlib.authoring.exercises import check_exercises, make_exercise
from lessonlib.authoring.generated import check_pages
from lessonlib.authoring.page import ROOT, number_of, read_page, stored_notebooks
from lessonlib.authoring.rules_of_text import pictures_in_text_can_be_seen
from lessonlib.authoring.running import execute
from lessonlib.checks import Check
from lessonlib.checks.ex04 import watched_server

SOLUTIONS = stored_notebooks(folders=["solutions"])
NAMES = [path.name for path in SOLUTIONS]
CHECKS = ROOT / "lessonlib" / "checks"
NUMBERS = sorted(path.stem.removeprefix("ex") for path in CHECKS.glob("ex[0-9]*"))
BANK_FILES = [f"{p.parent.name}.{p.stem}" for p in CHECKS.glob("ex[0-9]*/[!_]*.py")]
FEWEST_EXERCISES, FEWEST_RIGHTS = 4, 2

each_solution = pytest.mark.parametrize("name", NAMES)


def checks_of(number):
    """Return the checks of a notebook by name."""
    module = importlib.import_module(f"lessonlib.checks.ex{number}")
    return {n: value for n, value in vars(module).items() if isinstance(value, Check)}


def rights_of(number):
    """Return the right answers of a notebook's checks, by the check's name."""
    if not (ROOT / "tests" / "rights" / f"ex{number}.py").exists():
        return {}  # one test says so, not every test of this file
    return importlib.import_module(f"rights.ex{number}").RIGHTS


BANKS = [
    pytest.param(check, rights_of(number).get(name, []), id=f"ex{number}.{name}")
    for number in NUMBERS
    for name, check in checks_of(number).items()
]
each_check = pytest.mark.parametrize(("check", "rights"), BANKS)


@pytest.fixture(autouse=True, scope="module")
def patience_is_short():
    """Give up sooner what waits for ever; what is right takes milliseconds."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(watched_server, "WAIT_S", 0.5)
        patch.setattr(watched_server, "LIMIT_S", 0.7)
        yield


def graded(nb):
    """Return the cells that score by themselves; a written page is read by a human."""
    told = [(cell, cell.metadata.get("nbgrader", {})) for cell in nb.cells]
    return [cell for cell, of in told if of.get("grade") and not of.get("solution")]


def solution(name):
    return read_page(ROOT / "solutions" / name).nb


def exercise(name):
    return read_page(ROOT / "exercises" / name).nb


def check_in(cell):
    """Return the check that a cell calls, as `("05", "tail")`."""
    found = re.match(r"ex(\d\d)\.(\w+)\(.*\)\.show\(\)(\n|$)", cell.source)
    assert found, f"{cell.id} is not one line like `ex05.tail(mine).show()`"
    return found[1], found[2]


def grade(cell):
    """Return points and most points of a graded cell, as nbgrader finds them."""
    from nbgrader.utils import determine_grade  # a second, in one process of three

    return determine_grade(cell)


def said(cell):
    """Return the words that a cell shows."""
    values = [output.get("data", {}) for output in cell.outputs]
    printed = [output.get("text", "") for output in cell.outputs]
    pairs = zip(printed, values, strict=True)
    return "".join(text or data.get("text/plain", "") for text, data in pairs)


# -- the shape of a solution


def test_every_solution_has_its_checks_and_every_check_its_solution():
    assert NUMBERS == sorted(map(number_of, NAMES))


@each_solution
def test_cells_fit_nbgraders_schema(name):
    from nbgrader.nbgraderformat import MetadataValidator

    for nb in (solution(name), exercise(name)):
        MetadataValidator().validate_nb(nb)


@each_solution
def test_every_answer_has_a_check_right_after_it_and_there_are_enough(name):
    order = [c.id for c in solution(name).cells if re.match(r"(sol|test)-", c.id)]
    asked = order[::2]
    assert order == [
        f"{kind}-{one.removeprefix('sol-')}"
        for one in asked
        for kind in ("sol", "test")
    ]
    assert len(asked) >= FEWEST_EXERCISES


@each_solution
def test_every_check_is_asked_once_with_its_points(name):
    number = number_of(name)
    cells = {check_in(cell): cell for cell in graded(solution(name))}
    assert set(cells) == {(number, check) for check in checks_of(number)}
    for (_, check), cell in cells.items():
        assert cell.metadata.nbgrader.points == len(checks_of(number)[check].promises)


@each_solution
def test_a_check_stands_in_the_file_of_its_exercises_number(name):
    folder = CHECKS / f"ex{number_of(name)}"
    expected, heading = set(), ""
    for cell in solution(name).cells:
        if found := re.match(r"## (\d+)\. ", cell.source):
            heading = found[1]
        if cell.id.startswith("test-"):
            expected.add(f"e{heading}_{check_in(cell)[1]}")
    assert {path.stem for path in folder.glob("e[0-9]*.py")} == expected


# -- 1 and 2: an untouched exercise runs, says so, and scores nothing


@cache
def untouched(name, folder):
    """Return the exercise after a run in a folder where it can do no harm."""
    return execute(exercise(name), folder)


@pytest.fixture(scope="session")
def quiet_folder(tmp_path_factory):
    return tmp_path_factory.mktemp("untouched")


@pytest.mark.warm_kernel
@each_solution
def test_an_untouched_exercise_runs_and_says_not_attempted(name, quiet_folder):
    for cell in graded(untouched(name, quiet_folder)):
        assert said(cell).startswith("not attempted: "), cell.id


@pytest.mark.warm_kernel
@each_solution
def test_an_untouched_exercise_never_scores(name, quiet_folder):
    for cell in graded(untouched(name, quiet_folder)):
        assert grade(cell)[0] == 0, cell.id


# -- 3: the solution has every point; nbval runs it again


@each_solution
def test_the_stored_solution_is_done_with_every_point(name):
    for cell in graded(solution(name)):
        points = cell.metadata.nbgrader.points
        assert said(cell).startswith("done: "), cell.id
        assert f"({points} of {points} points)" in said(cell)
        assert grade(cell) == (points, points)


# -- 4: the exercises are what the solutions make


def test_making_the_exercises_again_changes_no_byte(capsys):
    assert check_exercises() == 0, capsys.readouterr().out


def test_the_glossary_and_the_list_of_mistakes_are_what_they_are_made_of(capsys):
    assert check_pages() == 0, capsys.readouterr().out


@each_solution
def test_an_exercise_gives_nothing_away(name):
    for cell, full in zip(exercise(name).cells, solution(name).cells, strict=True):
        assert "alt" not in cell.metadata
        assert not cell.get("outputs") and cell.get("execution_count") is None
        lines = [line.strip() for line in cell.source.splitlines()]
        assert not set(lines) & secrets(full.source), cell.id


def secrets(source):
    """Return the lines that only a region holds, which a learner may not see."""
    region = r"^\s*### BEGIN (SOLUTION|HIDDEN TESTS).*?^\s*### END \1"
    shown = re.sub(region, "", source, flags=re.DOTALL | re.MULTILINE)
    lines, open_lines = (
        {line.strip() for line in text.splitlines()} for text in (source, shown)
    )
    return lines - open_lines


@each_solution
def test_pictures_of_an_exercise_can_be_seen(name):
    page = read_page(ROOT / "exercises" / name)
    assert pictures_in_text_can_be_seen(page) == []


# -- 5: the bank of each check


@each_check
def test_a_check_knows_three_to_six_mistakes_each_by_its_own_words(check, rights):
    names = {mistake.name for mistake in check.mistakes}
    messages = {mistake.message for mistake in check.mistakes}
    assert 3 <= len(check.mistakes) <= 6
    assert len(names) == len(messages) == len(check.mistakes)
    assert all(names) and all(messages)


class Known:
    """A mistake that is asked once what it does, however often it is compared with."""

    def __init__(self, probe, answer):
        self.probe, self.answer = probe, answer

    @cached_property
    def behaviour(self):
        return self.probe(self.answer)


def asking_each_mistake_once(check):
    """Return the check, which compares an answer with what it knows of the mistakes."""

    def probe(answer):
        return answer.behaviour if isinstance(answer, Known) else check.probe(answer)

    known = [
        replace(one, answer=Known(check.probe, one.answer)) for one in check.mistakes
    ]
    return replace(check, probe=probe, mistakes=known)


@each_check
def test_every_known_mistake_is_refused_with_its_own_message(check, rights):
    quick = asking_each_mistake_once(check)
    for mistake in check.mistakes:
        report = quick(mistake.answer)
        assert (report.outcome, report.mistake) == ("not yet", mistake.name)
        assert report.message == mistake.message
        assert report.points < report.out_of


@each_check
def test_every_right_answer_is_accepted(check, rights):
    assert len(rights) >= FEWEST_RIGHTS, "write some in tests/rights"
    for answer in rights:
        report = check(answer)
        assert report.outcome == "done", report
        assert report.points == report.out_of > 0


@pytest.mark.parametrize("name", sorted(BANK_FILES))
def test_learners_who_read_a_bank_find_no_right_answer_in_it(name):
    module = importlib.import_module(f"lessonlib.checks.{name}")
    own = [value for value in vars(module).values() if isinstance(value, Check)]
    shared_by = checks_of(name[2:4]).values()  # a file without a check is for all
    for check in own or shared_by:
        for answer in answers_in(module, check):
            assert not passes(check, answer), answer


def defined_in(module):
    """Return the functions and classes that a module does not import."""
    return [
        value
        for value in vars(module).values()
        if isinstance(value, FunctionType | type)
        and value.__module__ == module.__name__
    ]


def answers_in(module, check):
    """Yield what a reader may take: texts, parts, what they make by default, pairs."""
    yield from (text for text in vars(module).values() if isinstance(text, str))
    parts = defined_in(module)
    yield from parts
    yield from (part() for part in parts if has_only_options(part))
    if isinstance(check.mistakes[0].answer, tuple):
        yield from permutations(parts, len(check.mistakes[0].answer))


def has_only_options(part):
    if not isinstance(part, FunctionType):
        return False
    given = inspect.signature(part).parameters.values()
    return bool(given) and all(one.default is not one.empty for one in given)


def passes(check, answer):
    """Return whether an answer keeps all promises; stop at the first that it breaks."""
    try:
        for promise in check.promises:
            promise(answer)
    except Exception:
        return False
    return True


@each_check
@pytest.mark.parametrize("stub", [None, ...])
def test_a_stub_is_not_attempted(check, rights, stub):
    report = check(stub)
    assert (report.outcome, report.points) == ("not attempted", 0)


def says_always(value):
    def answer(*args, **options):
        if isinstance(value, Exception):
            raise value
        return value

    return answer


CONSTANTS = [says_always(v) for v in (False, 1, "", [], {"a": 1}, ValueError("no"))]


@pytest.mark.long
@each_check
def test_an_answer_that_says_the_same_to_everything_earns_nothing(check, rights):
    right = check.mistakes[0].answer
    parts = len(right) if isinstance(right, tuple) else 0
    for constant in CONSTANTS:
        assert check((constant,) * parts if parts else constant).points == 0


@pytest.mark.parametrize("number", NUMBERS)
def test_right_answers_belong_to_a_check(number):
    assert set(rights_of(number)) == set(checks_of(number))


# -- the proofs themselves


def test_a_right_answer_would_be_found_in_a_bank():
    late = checks_of("05")["late"]
    assert passes(late, rights_of("05")["late"][0])
    assert not passes(late, late.mistakes[0].answer)


def test_the_two_halves_of_a_right_answer_would_be_found_too():
    travels, (keep, answer) = checks_of("01")["travels"], rights_of("01")["travels"][2]
    bank = SimpleNamespace(__name__=keep.__module__, answer=answer, keep=keep)
    assert any(passes(travels, pair) for pair in answers_in(bank, travels))


def test_a_right_answer_behind_options_would_be_found_too():
    late, right = checks_of("05")["late"], rights_of("05")["late"][0]

    def make(*, strict=True):
        return right if strict else len

    bank = SimpleNamespace(__name__=__name__, make=make)
    assert any(passes(late, made) for made in answers_in(bank, late))


def test_a_right_answer_that_is_a_text_would_be_found_too():
    formats, right = checks_of("01")["formats"], rights_of("01")["formats"][0]
    bank = SimpleNamespace(__name__=__name__, RIGHT=right)
    assert any(passes(formats, text) for text in answers_in(bank, formats))


def test_secrets_are_the_lines_of_both_kinds_of_region():
    cells = {cell.id: cell for cell in sample_solution().cells}
    assert "return max(times)" in secrets(cells["sol-tail"].source)
    assert "assert tail([9, 1]) == 9" in secrets(cells["test-tail"].source)
    assert secrets(make_exercise(sample_solution()).cells[3].source) == set()
