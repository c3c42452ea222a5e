"""Does the reference get every point, and an untouched exercise none?

All of them in the best sandbox that is here; in none, where less can go wrong, the one
that is graded soonest.
"""

import pytest
from command import QUICKEST

from lessonlib.authoring.page import ROOT, stored_notebooks

NAMES = [path.stem for path in stored_notebooks(folders=["solutions"])]


def waits(name):
    """Let all but one wait: nbval has run the same solutions, without a sandbox."""
    return [pytest.mark.long] if name != QUICKEST else []


each_notebook = pytest.mark.parametrize(
    ("grade", "name"),
    [
        *(pytest.param("auto", name, marks=waits(name)) for name in NAMES),
        ("off", QUICKEST),
    ],
    indirect=["grade"],
)


@each_notebook
def test_the_solutions_have_every_point(grade, name):
    result = grade(name, (ROOT / "solutions" / f"{name}.ipynb").read_bytes())
    assert {q["id"]: q["message"] for q in result["questions"] if q["message"]} == {}
    by_hand = sum(each["points"] for each in result["manual"])
    assert result["raw_score"] == result["max_score"] - by_hand > 0
    assert result["notes"] == []


@pytest.mark.long
@each_notebook
def test_an_untouched_exercise_has_none(grade, name):
    result = grade(name, (ROOT / "exercises" / f"{name}.ipynb").read_bytes())
    assert {q["status"] for q in result["questions"]} == {"not attempted"}
    assert (result["raw_score"], result["notes"]) == (0, [])
