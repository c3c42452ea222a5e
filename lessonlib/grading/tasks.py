"""What does a worker do with one submission, whichever computer it is on?

The grader that it needs is started with the first one and kept for the next.
"""

import os
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


def grade_below(parent: int, *task: Any) -> Any:
    """Grade as `grade_one` does, in a worker that ends when process `parent` ends."""
    if os.getpid() != parent:
        kernel.die_with_parent()
        kernel.end_without(parent)
    return grade_one(*task)


def close_graders() -> None:
    """End the processes that this process keeps for the next submission."""
    while _graders:
        _graders.popitem()[1].close()
