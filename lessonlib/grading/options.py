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
and manual.csv: points for what a human reads. Fill them in, and grade with --resume,
which remembers --late, --due, --roster, --by and --zone. Of two copies of a notebook
the newer counts. intake.csv lists each file that came in, and what became of it.
"""
_RELEASE = """\
Copies the lesson without solutions and tests into a new folder: notebooks, exercises,
the set-up, and lessonlib without the grader and the authors' tools. Hand it out as it
is; learners start with python3 start.py.

  release for-learners
"""
_REPORT = """\
Makes class.html in a folder that `grade` wrote: how the scores are spread, how far each
question was done, which mistakes were made and how often, what was stopped, and what
was changed in cells that were not the learner's.

  report grades
"""


def parser() -> argparse.ArgumentParser:
    """Return the command line."""
    top = argparse.ArgumentParser(
        prog="python -m lessonlib.grading", description="From hand-out to grades."
    )
    commands = top.add_subparsers(dest="command", required=True)

    def command(name: str, does: str, description: str) -> argparse.ArgumentParser:
        raw = argparse.RawDescriptionHelpFormatter
        return commands.add_parser(
            name, help=does, description=description, formatter_class=raw
        )

    release = command("release", "make the copy that learners get", _RELEASE)
    release.add_argument("folder", type=Path, help="a new folder")
    report = command("report", "see the class at a glance", _REPORT)
    report.add_argument("out", type=Path, help="the folder that `grade` wrote")
    grade = command("grade", "grade a class", _GRADE)
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
    for one in (release, report, grade):
        one.add_argument("--json", action="store_true", help="say it in JSON")
    return top


_GROUPS: dict[str, dict[str, dict]] = {
    "what a submission may use": {
        "--cell-timeout": {
            "type": float,
            "default": 10,
            "metavar": "S",
            "help": "seconds for a cell, and for each call of a check; default: 10",
        },
        "--total-timeout": {
            "type": float,
            "default": 300,
            "metavar": "S",
            "help": "seconds for all of a submission, beyond what its notebook states "
            "for a cell of its own; default: 300",
        },
        "--memory": {
            "type": float,
            "default": 1,
            "metavar": "GB",
            "help": "memory beyond that of the libraries, for all processes of a "
            "submission together; default: 1",
        },
        "--isolation": {
            "choices": ("auto", "required", "off"),
            "default": "auto",
            "help": "auto: the best sandbox there is, named in each report; required: "
            "its lack is an error; off: for people whom you would lend your keys",
        },
    },
    "who handed in what, and when": {
        "--by": {
            "default": "",
            "metavar": "WHERE",
            "help": "where people's names are, if that cannot be told: the number of "
            "the folder in what you name, 1 for the outermost, 0 for its own name; or "
            "file, for the beginning of a file's name",
        },
        "--zone": {
            "metavar": "ZONE",
            "help": "of times that name none, as in many a zip and after --due: "
            "Europe/Berlin; default: UTC",
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
        "--backend": {
            "choices": ("loky", "dask"),
            "default": "loky",
            "help": "loky: the cores of this computer; dask: those of a cluster",
        },
        "--scheduler": {
            "default": "",
            "metavar": "ADDR",
            "help": "of a cluster, such as tcp://10.0.0.5:8786, with workers of one "
            "thread each; default: a cluster on this computer",
        },
    },
    "how the points become a grade": {
        "--late": {
            "metavar": "POLICY",
            "help": "none, zero, 10%%-a-day, or module:function of yours: it gets the "
            "seconds late and the score, and returns the penalty in points",
        },
        "--due": {
            "action": "append",
            "default": [],
            "metavar": "NOTEBOOK=TIME",
            "help": "when it was due: 05=2026-11-30T23:59Z, or 05=2026-11-30 for the "
            "end of that day in --zone; may be repeated",
        },
        "--roster": {
            "type": Path,
            "metavar": "CSV",
            "help": "a table student_id,last_name,first_name,email",
        },
        "--nbgrader-db": {
            "type": Path,
            "metavar": "FILE",
            "help": "also write the scores into this gradebook of nbgrader",
        },
    },
}
