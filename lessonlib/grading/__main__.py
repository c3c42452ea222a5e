"""What can an instructor ask for?

python -m lessonlib.grading release DIR
python -m lessonlib.grading grade SUBMISSIONS... --out DIR
python -m lessonlib.grading report DIR
"""

import json
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from lessonlib.errors import LessonError
from lessonlib.grading.options import ROOT, parser


def main(arguments: Sequence[str] | None = None) -> int:
    """Do what is asked. Return 0; 1 for a fault of the grader; 2 if asked wrongly."""
    options = parser().parse_args(arguments)
    try:
        told, code = _COMMANDS[options.command](options)
    except LessonError as error:
        print(error, file=sys.stderr)
        return 2
    print(json.dumps(told) if options.json else told["said"])
    return code


def _release(options):
    from lessonlib.grading.release import release

    notebooks = release(ROOT, options.folder)
    said = (
        f"{options.folder} is ready to hand out: {len(notebooks)} notebooks and no "
        "answers. Learners start it with python3 start.py."
    )
    return {"folder": str(options.folder), "notebooks": len(notebooks), "said": said}, 0


def _report(options):
    from lessonlib.grading.overview import write_overview

    path = write_overview(options.out)
    return {"page": str(path), "said": f"Open {path} in a browser."}, 0


def _grade(options):
    from lessonlib.grading.batch import grade
    from lessonlib.grading.intake import find_submissions
    from lessonlib.grading.merge import read_source
    from lessonlib.grading.outputs import append_result, load_policy, mend, read_results
    from lessonlib.grading.runner import Limits

    sources = {s.name: s for s in map(read_source, _notebooks(options.sources))}
    due, late = _due(options.due, sources), load_policy(options.late)
    options.out.mkdir(parents=True, exist_ok=True)
    before = read_results(options.out)
    if before and not options.resume:
        raise LessonError(
            f"{options.out} has results of before: --resume keeps them and goes on, "
            "or choose another folder"
        )
    mend(options.out)
    hidden = [options.sources, options.out, *filter(Path.is_dir, options.submissions)]
    limits = Limits(
        options.cell_timeout, options.memory, options.isolation,
        tuple(str(path.resolve()) for path in hidden),
    )  # fmt: skip
    results = grade(
        find_submissions(options.submissions, tuple(sources)), sources,
        jobs=options.jobs, limits=limits,
        done=frozenset((r["student"], r["key"]) for r in before if r["key"]),
        backend=options.backend,
        scheduler=options.scheduler,
    )  # fmt: skip
    bar, faults = _Bar(), 0
    try:
        for result in results:
            append_result(options.out, result)
            faults += bool(result.get("fault"))
            bar.step(result)
    except KeyboardInterrupt:
        print(f"\nStopped after {bar.n}; --resume goes on from here.", file=sys.stderr)
        return {"graded": bar.n, "stopped": True, "said": ""}, 130
    bar.end()
    _write(options, sources, due, late)
    return _summary(options, bar, faults)


def _write(options, sources, due, late):
    from lessonlib.grading.outputs import write_outputs, write_pages

    write_outputs(options.out, late=late, due=due, roster=options.roster)
    write_pages(options.out)
    if options.nbgrader_db:
        from lessonlib.grading.gradebook import write_gradebook

        write_gradebook(options.nbgrader_db, options.out, sources)


def _summary(options, bar, faults):
    told = {
        "graded": bar.n,
        "seconds": bar.seconds,
        "unreadable": bar.problems,
        "faults": faults,
        "isolation": bar.isolation,
    }
    told["said"] = (
        f"{bar.n} graded in {bar.seconds:.0f} s; {bar.problems} could not be read. "
        f"Sandbox: {bar.isolation or 'not needed'}.\n"
        f"{options.out / 'grades.csv'} has the grades, "
        f"{options.out / 'reports'} a page for each; `report {options.out}` shows the "
        "class."
    )
    return told, int(faults > 0)


def _notebooks(folder):
    found = [folder] if folder.suffix == ".ipynb" else sorted(folder.glob("*.ipynb"))
    if not found:
        raise LessonError(
            f"{folder} has no notebooks: --sources is the folder of the solutions"
        )
    return found


def _due(words, sources):
    """Return the due time of each notebook that was named, by its name or number."""
    due = {}
    for word in words:
        name, _, time_ = word.partition("=")
        fitting = [source for source in sources if name and source.startswith(name)]
        if len(fitting) != 1 or not time_:
            raise LessonError(
                f"--due {word}: expected NOTEBOOK=TIME, such as 05=2026-11-30T23:59Z, "
                f"with one of {', '.join(sources)}"
            )
        due[fitting[0]] = time_
    return due


class _Bar:
    """A line that says how far the batch is, on the error stream of a terminal."""

    def __init__(self):
        self.n = self.problems = 0
        self.isolation, self._began = "", time.monotonic()

    @property
    def seconds(self):
        return round(time.monotonic() - self._began, 1)

    def step(self, result):
        self.n += 1
        self.problems += bool(result["problem"])
        self.isolation = result["limits"].get("isolation", self.isolation)
        if sys.stderr.isatty():
            pace = self.n / max(self.seconds, 0.1) * 60
            line = f"{self.n} graded, {pace:.0f} a minute; {result['student']:.40}"
            print(f"\r{line:<78}", end="", file=sys.stderr, flush=True)

    def end(self):
        if sys.stderr.isatty():
            print(file=sys.stderr)


_COMMANDS = {"release": _release, "grade": _grade, "report": _report}

if __name__ == "__main__":
    sys.exit(main())
