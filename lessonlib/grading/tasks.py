"""What does a worker do with one submission, whichever computer it is on?

The grader that it needs is started with the first one and kept for the next.
"""

from typing import Any

from lessonlib.grading import kernel
from lessonlib.grading.grader import Grader
from lessonlib.grading.intake import Submission
from lessonlib.grading.merge import Source
from lessonlib.grading.result import Limits

Job = tuple[Source, Submission]
_graders: dict[tuple[Limits, str], Grader] = {}


def grade_one(
    source: Source, submission: Submission, limits: Limits, folder: str
) -> Any:
    """Grade in this process, with the grader that it keeps: a worker's task."""
    grader = _graders.get((limits, folder))
    if grader is None:
        grader = _graders[limits, folder] = Grader(limits, folder)
    return grader.grade(source, submission)


def begin_below(parent: int) -> None:
    """Begin a worker's life, which ends when process `parent` ends.

    Before its first task: one that was cut off by that end would never arrive whole.
    """
    kernel.die_with_parent()
    kernel.end_without(parent)


def close_graders() -> None:
    """End the processes that this process keeps for the next submission."""
    while _graders:
        _graders.popitem()[1].close()
