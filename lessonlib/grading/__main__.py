"""What can an instructor ask for?

python -m lessonlib.grading release DIR
python -m lessonlib.grading grade SUBMISSIONS... --out DIR
python -m lessonlib.grading report DIR
"""

import argparse
import contextlib
import json
import signal
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lessonlib.errors import LessonError
from lessonlib.grading.intake import OLDER
from lessonlib.grading.options import ROOT, parser

if TYPE_CHECKING:  # a command imports what it needs: the grader alone takes a second
    from lessonlib.grading.intake import Intake
    from lessonlib.grading.merge import Source

MOST_LINES = 10  # of one kind in the summary: the pages have all
Answer = tuple[dict[str, Any], int]  # what --json prints, and the exit code


def main(arguments: Sequence[str] | None = None) -> int:
    """Do what is asked. Return 0; 1 for a fault of the grader; 2 if asked wrongly."""
    options = parser().parse_args(arguments)
    try:
        with _stopped_as_by_ctrl_c():
            answer, code = _COMMANDS[options.command](options)
    except LessonError as error:
        print(error, file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("Stopped.", file=sys.stderr)
        return 130
    print(json.dumps(answer) if options.json else answer["said"])
    return code


@contextlib.contextmanager
def _stopped_as_by_ctrl_c() -> Iterator[None]:
    """Take SIGTERM for a Ctrl-C: what is written stays, and nothing else does."""
    before = signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def _release(options: argparse.Namespace) -> Answer:
    from lessonlib.grading.release import release

    notebooks = release(ROOT, options.folder)
    sentence = (
        f"{options.folder} is ready to hand out: {len(notebooks)} notebooks and no "
        "answers. Learners start it with python3 start.py."
    )
    answer = {"folder": str(options.folder), "notebooks": len(notebooks)}
    return answer | {"said": sentence}, 0


def _report(options: argparse.Namespace) -> Answer:
    from lessonlib.grading.overview import write_overview

    path = write_overview(options.out)
    return {"page": str(path), "said": f"Open {path} in a browser."}, 0


def _grade(options: argparse.Namespace) -> Answer:
    from lessonlib.grading.batch import grade
    from lessonlib.grading.intake import Intake
    from lessonlib.grading.late import load_zone
    from lessonlib.grading.merge import read_source
    from lessonlib.grading.outputs import append_result, mend, read_graded
    from lessonlib.grading.policy import read_policy
    from lessonlib.grading.result import Limits

    sources = {s.name: s for s in map(read_source, _notebooks(options.sources))}
    before = read_graded(options.out)
    if before and not options.resume:
        raise LessonError(
            f"{options.out} has results of before: --resume keeps them and goes on, "
            "or choose another folder"
        )
    policy = read_policy(options, sources)
    intake = Intake(
        options.submissions, tuple(sources),
        zone=load_zone(policy["zone"] or "UTC"), by=policy["by"],
    )  # fmt: skip
    options.out.mkdir(parents=True, exist_ok=True)
    mend(options.out)
    hidden = [options.sources, options.out, *options.submissions]
    limits = Limits(
        options.cell_timeout, options.memory, options.isolation,
        tuple(str(path.resolve()) for path in hidden), options.total_timeout,
    )  # fmt: skip
    results = grade(
        intake.submissions(), sources,
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
    warnings = [*_account(options, intake, bar), *_write(options, sources, policy)]
    if intake.unzoned:
        warnings.append(_zone_said(intake.unzoned, policy["zone"]))
    return _summary(options, bar, faults, warnings)


def _account(options: argparse.Namespace, intake: "Intake", bar: "_Bar") -> list[str]:
    """Write down what became of each file, and return it in a line or some."""
    from lessonlib.grading.intake import count_states
    from lessonlib.grading.outputs import correct_times, write_intake

    correct_times(options.out, intake.times)
    accounts = intake.accounts(bar.problems)
    write_intake(options.out, accounts)
    others = [each for each in accounts if each.state == "not ours"]
    return [
        f"{count_states(accounts)} (all in {options.out / 'intake.csv'}).",
        *(f"Not ours: {a.file}: {a.reason}" for a in others[:MOST_LINES]),
    ]


def _zone_said(archives: Sequence[str], zone: str) -> str:
    said = f"The times in {', '.join(archives)} name no zone"
    if zone:
        return f"{said}: they were read as {zone}."
    return f"{said}: they were read as UTC. --zone Europe/Berlin says another."


def _write(
    options: argparse.Namespace,
    sources: Mapping[str, "Source"],
    policy: Mapping[str, Any],
) -> list[str]:
    from lessonlib.grading.late import load_policy
    from lessonlib.grading.outputs import write_outputs

    roster = Path(policy["roster"]) if policy["roster"] else None
    warnings = write_outputs(
        options.out, late=load_policy(policy["late"]), due=policy["due"], roster=roster
    )
    (options.out / "policy.json").write_text(json.dumps(policy), encoding="utf-8")
    if options.nbgrader_db:
        from lessonlib.grading.gradebook import write_gradebook

        write_gradebook(options.nbgrader_db, options.out, sources)
    return warnings


def _summary(
    options: argparse.Namespace, bar: "_Bar", faults: int, warnings: list[str]
) -> Answer:
    answer = {
        "graded": bar.n - len(bar.problems),
        "seconds": bar.seconds,
        "unreadable": len(bar.problems),
        "faults": faults,
        "isolation": bar.isolation,
        "warnings": warnings,
    }
    lines = [
        f"{answer['graded']} graded in {bar.seconds:.0f} s. "
        f"Sandbox: {bar.isolation or 'not needed'}.",
        *(
            f"Could not be read: {line}"
            for line in [*map(": ".join, bar.problems.items())][:MOST_LINES]
        ),
        *(f"Older copies, not graded: {line}" for line in bar.older[:MOST_LINES]),
        *warnings,
    ]
    answer["said"] = "\n".join(lines) + (
        f"\n{options.out / 'grades.csv'} has the grades, "
        f"{options.out / 'reports'} a page for each; `report {options.out}` shows the "
        "class."
    )
    return answer, int(faults > 0)


def _notebooks(folder: Path) -> list[Path]:
    found = [folder] if folder.suffix == ".ipynb" else sorted(folder.glob("*.ipynb"))
    if not found:
        raise LessonError(
            f"{folder} has no notebooks: --sources is the folder of the solutions"
        )
    return found


class _Bar:
    """A line that says how far the batch is, on the error stream of a terminal."""

    def __init__(self) -> None:
        self.n, self.isolation, self._began = 0, "", time.monotonic()
        self.problems: dict[str, str] = {}  # by file
        self.older: list[str] = []

    @property
    def seconds(self) -> float:
        return round(time.monotonic() - self._began, 1)

    def step(self, result: Mapping[str, Any]) -> None:
        self.n += 1
        if result["problem"]:
            self.problems[result["file"]] = result["problem"]
        self.older += [n for n in result["notes"] if n.startswith(OLDER)]
        self.isolation = result["limits"].get("isolation", self.isolation)
        if sys.stderr.isatty():
            pace = self.n / max(self.seconds, 0.1) * 60
            line = f"{self.n} graded, {pace:.0f} a minute; {result['student']:.40}"
            print(f"\r{line:<78}", end="", file=sys.stderr, flush=True)

    def end(self) -> None:
        if sys.stderr.isatty():
            print(file=sys.stderr)


_COMMANDS = {"release": _release, "grade": _grade, "report": _report}

if __name__ == "__main__":
    sys.exit(main())
