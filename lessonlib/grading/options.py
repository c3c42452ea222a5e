"""The command line of the grader. Its help is meant to be read."""

import argparse
import os
from pathlib import Path

ROOT = Path(__file__).parents[2]
_GRADE = """\
Submissions may be notebooks, a folder for each student, nbgrader's submitted/ tree, or
the zip that a learning platform gives you. Nothing in them can stop the batch, reach
another submission, or see the hidden tests. A few examples:

  grade class.zip --out grades              a class, on all cores
  grade class.zip --out grades --resume     go on after Ctrl-C; grade what has changed
  grade class.zip --out grades --late 10%-a-day --due 03=2026-11-30T23:59Z
  grade ada/05_measure_response_time_honestly.ipynb --out try --isolation required

In the folder of --out: grades.csv, questions.csv, a page for each student in reports/,
and manual.csv: points for what a human reads. Fill them in, and grade with --resume.
"""


def parser() -> argparse.ArgumentParser:
    """Return the command line."""
    top = argparse.ArgumentParser(
        prog="python -m lessonlib.grading", description="From hand-out to grades."
    )
    commands = top.add_subparsers(dest="command", required=True)
    raw = argparse.RawDescriptionHelpFormatter
    grade = commands.add_parser(
        "grade", help="grade a class", description=_GRADE, formatter_class=raw
    )
    grade.add_argument("submissions", nargs="+", type=Path, help="what was handed in")
    grade.add_argument("--out", type=Path, required=True, help="where the grades go")
    grade.add_argument(
        "--sources",
        type=Path,
        default=ROOT / "solutions",
        help="the solved notebooks that are graded by; default: solutions/",
    )
    for title, options in _GROUPS.items():
        group = grade.add_argument_group(title)
        for name, settings in options.items():
            group.add_argument(name, **settings)

    grade.add_argument("--json", action="store_true", help="say what was done in JSON")
    return top


_GROUPS: dict[str, dict[str, dict]] = {
    "what a submission may use": {
        "--cell-timeout": {
            "type": float,
            "default": 10,
            "metavar": "S",
            "help": "seconds for a cell, and for each call of a check; default: 10",
        },
        "--memory": {
            "type": float,
            "default": 1,
            "metavar": "GB",
            "help": "memory beyond that of the libraries; default: 1",
        },
        "--isolation": {
            "choices": ("auto", "required", "off"),
            "default": "auto",
            "help": "auto: the best sandbox there is, named in each report; required: "
            "its lack is an error; off: for people whom you would lend your keys",
        },
    },
    "how the work is done": {
        "--jobs": {
            "type": int,
            "default": os.cpu_count() or 1,
            "metavar": "N",
            "help": "submissions at a time; default: one a core",
        },
        "--resume": {
            "action": "store_true",
            "help": "keep the results that --out has; grade what is new or changed",
        },
    },
    "how the points become a grade": {
        "--late": {
            "default": "none",
            "metavar": "POLICY",
            "help": "none, zero, 10%%-a-day, or module:function of yours: it gets the "
            "seconds late and the score, and returns the penalty in points",
        },
        "--due": {
            "action": "append",
            "default": [],
            "metavar": "NOTEBOOK=TIME",
            "help": "when it was due: 05=2026-11-30T23:59Z; may be repeated",
        },
        "--roster": {
            "type": Path,
            "metavar": "CSV",
            "help": "student_id,last_name,first_name,email",
        },
    },
}
