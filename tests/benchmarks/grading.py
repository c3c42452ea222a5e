"""How fast is a class graded, beside nbgrader and otter on the same submissions?

python tests/benchmarks/grading.py [--submissions 30] [--rounds 3]
python tests/benchmarks/grading.py --scale 10 100 1000
python tests/benchmarks/grading.py --hostile

All tools are commands, timed whole, start included, in turn, in the same run. Ours has
its sandbox on. Memory is the peak of the whole tree of processes, in which what several
share counts once (PSS). otter is installed in a folder of its own under build/.
"""

import argparse
import csv
import importlib
import itertools
import json
import os
import signal
import statistics
import subprocess
import sys
import tempfile
import threading
import time
import uuid
import venv
import warnings
from collections.abc import Callable, Mapping
from pathlib import Path

ROOT = Path(__file__).parents[2]
NAME = "05_measure_response_time_honestly"
OTTER = ROOT / "build" / "otter-venv"
PACKAGES = (
    "otter-grader[grading]==7.0.0", "scikit-learn", "flask", "requests", "matplotlib",
    "joblib", "waitress",
)  # fmt: skip
WALL_S, MEMORY = 60, 8 * 2**30  # for one hostile submission under another tool
Scores = dict[str, float]


def notebook(folder: str = "solutions") -> dict:
    return json.loads((ROOT / folder / f"{NAME}.ipynb").read_text(encoding="utf-8"))


def ordinary(n: int) -> dict[str, dict]:
    """Return `n` submissions as they come in: right, partly right, wrong, untouched."""
    blank = {cell["id"]: cell["source"] for cell in notebook("exercises")["cells"]}
    answers = [key for key in blank if key.startswith("sol-")]
    found = {}
    for number in range(n):
        mine = notebook()
        left_out = answers[: number % (len(answers) + 1)]
        for cell in mine["cells"]:
            if cell["id"] in left_out:
                cell["source"] = blank[cell["id"]]
            if cell["id"] == "sol-rank" and number % 4 == 1:
                cell["source"] = "def ranked(times, p):\n    return sorted(times)[-1]"
        found[f"s{number:04}"] = mine
    return found


def hostile() -> tuple[dict[str, dict | bytes], Scores]:
    """Return the submissions of tests/grading/hostile, and what each should get."""
    sys.path[:0] = [str(ROOT / "tests" / "grading")]
    full = {
        cell["id"]: cell["metadata"]["nbgrader"]["points"]
        for cell in notebook()["cells"]
        if cell["metadata"].get("nbgrader", {}).get("grade")
    }
    given, expected = {}, {}
    for path in sorted((ROOT / "tests" / "grading" / "hostile").glob("[a-z]*.py")):
        module = importlib.import_module(f"hostile.{path.stem}")
        given[path.stem] = module.submit(notebook())
        expected[path.stem] = float(sum((full | module.SCORES).values()))
    return given, expected


def hand_in(submissions: Mapping[str, dict | bytes], folder: Path, inside: str) -> None:
    for student, content in submissions.items():
        path = folder / student / inside / f"{NAME}.ipynb"
        path.parent.mkdir(parents=True)
        if not isinstance(content, bytes):
            content = json.dumps(content).encode()
        path.write_bytes(content)


class Watch:
    """Runs commands side by side; has their seconds and their peak of memory."""

    def __init__(self, commands, folders, limit_s=None, **environment):
        self.peak_bytes, self._mark = 0, f"mark-{uuid.uuid4()}"
        path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
        mine = {"PATH": f"{path}{os.pathsep}/{self._mark}", "TMPDIR": str(folders[0])}
        started = time.perf_counter()
        running = [
            subprocess.Popen(
                command,
                cwd=folder,
                env=os.environ | mine | environment,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )  # fmt: skip
            for command, folder in zip(commands, folders, strict=True)
        ]
        ended = threading.Event()
        sampler = threading.Thread(target=self._sample, args=(ended,))
        sampler.start()
        self.said = []
        for process in running:
            try:
                self.said.append(process.communicate(timeout=limit_s)[0].decode())
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)
                process.communicate()
        self.seconds = time.perf_counter() - started
        ended.set()
        sampler.join()

    def _sample(self, ended):
        while not ended.wait(0.2):
            self.peak_bytes = max(self.peak_bytes, sum(map(self._pss, _processes())))

    def _pss(self, folder):
        try:
            if self._mark.encode() not in (folder / "environ").read_bytes():
                return 0
            lines = (folder / "smaps_rollup").read_text().splitlines()
            return next(int(li.split()[1]) for li in lines if li[:4] == "Pss:") * 1024
        except (OSError, StopIteration):
            return 0  # it has ended


def _processes():
    return Path("/proc").glob("[0-9]*")


# -- the three tools: each returns what was measured, and the scores


def ours(submissions, folder: Path, jobs: int) -> tuple[Watch, Scores]:
    hand_in(submissions, folder / "class", "")
    watch = Watch(
        [[sys.executable, "-m", "lessonlib.grading", "grade", folder / "class",
          "--out", folder / "grades", "--jobs", str(jobs), "--isolation", "required"]],
        [folder],
    )  # fmt: skip
    with (folder / "grades" / "grades.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    return watch, {row["student_id"]: float(row["raw_score"]) for row in rows}


def nbgrader(submissions, folder: Path, side_by_side: int) -> tuple[Watch, Scores]:
    parts = [
        dict(list(submissions.items())[n::side_by_side]) for n in range(side_by_side)
    ]
    courses = [folder / f"course{n}" for n in range(side_by_side)]
    for course, part in zip(courses, parts, strict=True):
        new_course(course)
        hand_in(part, course / "submitted", "lab")
    command = [sys.executable, "-m", "nbgrader", "autograde", "lab"]
    watch = Watch([command] * side_by_side, courses)
    return watch, {k: v for course in courses for k, v in gradebook(course).items()}


def new_course(course: Path) -> None:
    """Make a folder of nbgrader's with the source in it, released."""
    source = course / "source" / "lab" / f"{NAME}.ipynb"
    source.parent.mkdir(parents=True)
    source.write_text(json.dumps(notebook()), encoding="utf-8")
    settings = (ROOT / "solutions" / "nbgrader_config.py").read_text(encoding="utf-8")
    limit = "\nc.ExecutePreprocessor.timeout = c.Execute.timeout = 10\n"
    (course / "nbgrader_config.py").write_text(settings + limit, encoding="utf-8")
    command = [sys.executable, "-m", "nbgrader", "generate_assignment", "lab"]
    Watch([command], [course])


def gradebook(course: Path) -> Scores:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from nbgrader.api import Gradebook

        with Gradebook(f"sqlite:///{course / 'gradebook.db'}") as book:
            found = book.assignment_submissions("lab")
            return {each.student.id: float(each.score) for each in found}


def otter(submissions, folder: Path, side_by_side: int) -> tuple[Watch, Scores]:
    hand_in(submissions, folder / "class", "")
    autograder = otter_tests(folder)
    commands = [otter_command(folder, autograder, student) for student in submissions]
    lines = "\n".join(" ".join(map(str, command)) for command in commands)
    (folder / "commands").write_text(lines)
    xargs = f"xargs -P{side_by_side} -I% sh -c '% >/dev/null 2>&1' < commands"
    watch = Watch([["sh", "-c", xargs]], [folder], PYTHONPATH=str(ROOT))
    return watch, {s: otter_score(folder, s) for s in submissions}


def otter_command(folder, autograder, student):
    (folder / "out" / student).mkdir(parents=True)
    return [OTTER / "bin" / "otter", "run", f"class/{student}/{NAME}.ipynb",
            "-a", autograder, "-o", f"out/{student}", "--no-logo"]  # fmt: skip


def otter_score(folder, student):
    path = folder / "out" / student / "results.json"
    if not path.exists():
        return float("nan")
    tests = json.loads(path.read_text()).get("tests", [])
    return float(sum(test.get("score", 0) for test in tests))  # 0 if it failed


def otter_tests(folder: Path) -> Path:
    """Make otter's zip: for each of our checks a test, a case for each point."""
    if not OTTER.exists():
        venv.EnvBuilder(with_pip=True).create(OTTER)
        install = [OTTER / "bin" / "python", "-m", "pip", "install", "-q", *PACKAGES]
        subprocess.run(install, check=True)
    (folder / "tests").mkdir()
    for cell in notebook()["cells"]:
        if cell["metadata"].get("nbgrader", {}).get("grade"):
            shown = "".join(cell["source"]).splitlines()[0].removesuffix(".show()")
            points = cell["metadata"]["nbgrader"]["points"]
            cases = [
                {"points": 1, "code": f">>> from lessonlib.checks import ex05\n"
                 f">>> {shown}.points >= {n + 1}\nTrue"}
                for n in range(points)
            ]  # fmt: skip
            name = cell["id"].replace("-", "_")
            test = {"name": name, "points": None, "suites": [{"cases": cases}]}
            (folder / "tests" / f"{name}.py").write_text(
                f"OK_FORMAT = True\ntest = {test!r}\n"
            )
    made = [OTTER / "bin" / "otter", "generate", "-t", "tests", "-o", "tests.zip"]
    subprocess.run([*made, "--no-environment", "--no-requirements"], cwd=folder,
                   check=True, capture_output=True)  # fmt: skip
    return folder / "tests.zip"


# -- the tables


def tools() -> dict[str, Callable]:
    return {
        "ours, 2 jobs": lambda given, folder: ours(given, folder, 2),
        "ours, 1 job": lambda given, folder: ours(given, folder, 1),
        "nbgrader autograde": lambda given, folder: nbgrader(given, folder, 1),
        "nbgrader, two side by side": lambda given, folder: nbgrader(given, folder, 2),
        "otter run": lambda given, folder: otter(given, folder, 1),
        "otter run, two at a time": lambda given, folder: otter(given, folder, 2),
    }


def compare(n: int, rounds: int) -> None:
    given, seconds, peaks, scores = ordinary(n), {}, {}, {}
    for round_, (name, tool) in itertools.product(range(rounds), tools().items()):
        if round_ and "ours" not in name and "autograde" not in name:
            continue  # the slow ones run once
        with tempfile.TemporaryDirectory() as folder:
            watch, scores[name] = tool(given, Path(folder))
        seconds.setdefault(name, []).append(watch.seconds)
        peaks[name] = max(peaks.get(name, 0), watch.peak_bytes)
    base = statistics.median(seconds["nbgrader autograde"])
    print("| tool | submissions a minute | of nbgrader | peak memory | same scores |")
    print("|---|---|---|---|---|")
    for name, all_s in seconds.items():
        s = statistics.median(all_s)
        same = sum(scores[name].get(k) == v for k, v in scores["ours, 1 job"].items())
        print(f"| {name} | {60 * n / s:.0f} | {base / s:.1f} x | "
              f"{peaks[name] / 1e6:.0f} MB | {same} of {n} |", flush=True)  # fmt: skip


def scale(sizes: list[int]) -> None:
    print("| submissions | seconds | seconds each | peak memory |\n|---|---|---|---|")
    for n in sizes:
        with tempfile.TemporaryDirectory() as folder:
            watch, _ = ours(ordinary(n), Path(folder), 2)
        print(f"| {n} | {watch.seconds:.0f} | {watch.seconds / n:.3f} | "
              f"{watch.peak_bytes / 1e6:.0f} MB |", flush=True)  # fmt: skip


def compare_hostile() -> None:
    """Grade each hostile one; the other tools one by one, fenced, with a limit."""
    given, expected = hostile()
    with tempfile.TemporaryDirectory() as folder:
        _, seen = ours(given, Path(folder), 2)
    _say_right("ours", expected, seen)
    fence = ["unshare", "--pid", "--fork", "--kill-child", "--mount-proc"]
    fence += ["prlimit", f"--as={MEMORY}"]
    with tempfile.TemporaryDirectory() as folder:
        course = Path(folder) / "course"
        new_course(course)
        hand_in(given, course / "submitted", "lab")
        for student in given:
            command = [sys.executable, "-m", "nbgrader", "autograde", "lab"]
            Watch([[*fence, *command, "--student", student]], [course], WALL_S)
        _say_right("nbgrader", expected, gradebook(course))
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        hand_in(given, folder / "class", "")
        autograder = otter_tests(folder)
        for student in given:
            command = [*fence, *otter_command(folder, autograder, student)]
            Watch([command], [folder], WALL_S, PYTHONPATH=str(ROOT))
        seen = {student: otter_score(folder, student) for student in given}
    _say_right("otter", expected, seen)


def _say_right(tool, expected, seen):
    """Print how many are right; for what nobody can read, no grade is right, too."""
    wrong = [
        f"{name} {seen.get(name, 'no grade')} for {points:g}"
        for name, points in expected.items()
        if seen.get(name, 0) != points and (points or seen.get(name, 0) > 0)
    ]
    print(
        f"{tool}: {len(expected) - len(wrong)} of {len(expected)} scored right; wrong:"
    )
    print("  " + "; ".join(wrong), flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--submissions", type=int, default=30)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--scale", type=int, nargs="+")
    parser.add_argument("--hostile", action="store_true")
    asked = parser.parse_args()
    if asked.scale:
        scale(asked.scale)
    elif asked.hostile:
        compare_hostile()
    else:
        compare(asked.submissions, asked.rounds)


if __name__ == "__main__":
    main()
