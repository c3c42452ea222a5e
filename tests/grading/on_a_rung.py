"""Grade one submission on a rung of the ladder, and print its result.

A program of its own, so that it can run as another user: see `test_escapes`.
"""

import json
import sys
from pathlib import Path

from lessonlib.grading import sandbox
from lessonlib.grading.grader import Grader
from lessonlib.grading.intake import Submission
from lessonlib.grading.merge import read_source
from lessonlib.grading.result import Limits


def main():
    source, rung, *hidden = sys.argv[1:]
    if rung == "bubblewrap":  # a Linux without Landlock
        sandbox.landlock_version = lambda: 0
    isolation = "off" if rung == "off" else "required"
    limits = Limits(isolation=isolation, hidden=tuple(hidden))
    handed_in = sys.stdin.buffer.read()
    submission = Submission("eve", Path(source).stem, "eve.ipynb", "", handed_in)
    with Grader(limits) as grader:
        print(json.dumps(grader.grade(read_source(Path(source)), submission)))


if __name__ == "__main__":
    main()
