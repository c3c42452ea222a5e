"""How much may a service be trusted? As much as its weakest group."""

import pytest

from lessonlib.watch.ml_test_score import ML_TESTS, Readiness, ml_test_score

NAMES = [name for tests in ML_TESTS.values() for name in tests]


def test_there_are_four_groups_of_seven_different_tests():
    assert [len(tests) for tests in ML_TESTS.values()] == [7, 7, 7, 7]
    assert len(set(NAMES)) == 28


def test_the_score_is_the_smallest_of_the_four_sums():
    answers = dict.fromkeys(NAMES, 1) | dict.fromkeys(ML_TESTS["monitoring"], 0.5)
    result = ml_test_score(answers)
    assert result.points == {
        "data": 7,
        "model": 7,
        "infrastructure": 7,
        "monitoring": 3.5,
    }
    assert result.score == 3.5


def test_what_is_not_answered_counts_nothing():
    assert ml_test_score({}).score == 0
    assert "research project" in repr(ml_test_score({}))


def test_full_marks():
    assert repr(ml_test_score(dict.fromkeys(NAMES, 1))).startswith("score 7 of 7")


@pytest.mark.parametrize(
    ("each", "words"),
    [  # the paper: 0, up to 1, up to 2, up to 3, up to 5, above
        ((0.5,), "not totally untested"),
        ((1,), "not totally untested"),
        ((1, 0.5), "first pass"),
        ((1, 1), "first pass"),
        ((1, 1, 1), "reasonably"),
        ((1, 1, 1, 0.5), "strong"),
        ((1, 1, 1, 1, 1), "strong"),
        ((1, 1, 1, 1, 1, 0.5), "exceptional"),
    ],
)
def test_the_verdict_is_the_papers(each, words):
    answers = {
        name: points
        for tests in ML_TESTS.values()
        for name, points in zip(tests, each, strict=False)
    }
    assert words in ml_test_score(answers).verdict


@pytest.mark.parametrize("points", [2, 0.7, "yes"])
def test_other_points_are_refused(points):
    with pytest.raises(ValueError, match=f"got {points!r}"):
        ml_test_score({NAMES[0]: points})


def test_a_name_that_is_none_of_the_28_is_refused():
    with pytest.raises(ValueError, match="no test is called 'monitoring'"):
        ml_test_score({"monitoring": 1})


@pytest.mark.parametrize("points", [float("nan"), None, "1", [1], -1])
def test_points_that_are_none_are_refused(points):
    name = "training is reproducible"
    with pytest.raises(ValueError, match=f"{name}.* can have 0, 0.5 or 1 points"):
        ml_test_score({name: points})


@pytest.mark.parametrize("points", [{}, {"data": float("nan")}, {"data": 8}])
def test_a_score_needs_points_in_every_group(points):
    with pytest.raises(ValueError, match="each group has 0 to 7 points"):
        Readiness(points)


def test_answers_have_names():
    with pytest.raises(ValueError, match="answers map names to points"):
        ml_test_score(["training is reproducible"])
