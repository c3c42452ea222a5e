"""Graders and submissions for all tests of the grader."""

import json

import pytest

from lessonlib.authoring.page import ROOT
from lessonlib.grading.grader import Grader
from lessonlib.grading.intake import Submission
from lessonlib.grading.merge import read_source
from lessonlib.grading.result import Limits


@pytest.fixture(scope="module", params=["auto", "off"])
def grade(request):
    """A function that grades bytes, or a notebook, as one of the lesson's.

    In the best sandbox that is here, and in none. A test file may set LIMIT_S, which is
    the limit of a cell.
    """
    limit_s = getattr(request.module, "LIMIT_S", 30)

    def graded(name, content):
        source = read_source(ROOT / "solutions" / f"{name}.ipynb")
        if isinstance(content, dict):
            content = json.dumps(content).encode()
        return grader.grade(source, Submission("ada", name, "ada.ipynb", "", content))

    with Grader(Limits(isolation=request.param, cell_timeout_s=limit_s)) as grader:
        yield graded


@pytest.fixture
def solved():
    """A function that returns a solved notebook, as a dictionary to spoil."""

    def notebook(name):
        path = ROOT / "solutions" / f"{name}.ipynb"
        return json.loads(path.read_text(encoding="utf-8"))

    return notebook
