"""The command of the grader, watched from outside."""

import csv
import json
import os
import signal
import subprocess
import sys
import time
import uuid
from pathlib import Path

from hostile import NAME

from lessonlib.authoring.page import ROOT

# The lesson that is graded soonest, for its imports.
QUICKEST = "03_write_the_api_contract_with_flask"
_CELLS = json.loads((ROOT / "solutions" / f"{QUICKEST}.ipynb").read_bytes())["cells"]
POINTS = float(
    sum(cell["metadata"].get("nbgrader", {}).get("points", 0) for cell in _CELLS)
)


class Command:
    """The grader as it is started in a shell, and all that it leaves behind."""

    limit_s = 1.5  # loops end here, and what is honest takes milliseconds

    def __init__(self, folder):
        self.submissions, self.out = folder / "class", folder / "grades"
        self.temporary = folder / "tmp"
        self.submissions.mkdir()
        self.temporary.mkdir()
        self.mark = f"mark-{uuid.uuid4()}"  # every process below inherits it

    def hand_in(self, student, content, name=NAME):
        folder = self.submissions / student
        folder.mkdir()
        if isinstance(content, dict):
            content = json.dumps(content).encode()
        (folder / f"{name}.ipynb").write_bytes(content)

    def start(self, *options):
        path = f"{os.environ['PATH']}{os.pathsep}/{self.mark}"
        return subprocess.Popen(
            [sys.executable, "-m", "lessonlib.grading", "grade"]
            + [str(self.submissions), "--out", str(self.out), "--jobs", "2", "--json"]
            + ["--cell-timeout", str(self.limit_s), *options],
            env=os.environ | {"PATH": path, "TMPDIR": str(self.temporary)},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
            preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
        )

    def scores(self):
        with (self.out / "grades.csv").open(newline="") as file:
            rows = list(csv.DictReader(file))
        return {row["student_id"]: float(row["raw_score"]) for row in rows}

    def left(self, files=True):
        """Return what is still there of it: processes, and temporary files.

        A port and memory are a process's; without a sandbox, files may be anywhere.
        """
        until = time.monotonic() + 10  # a killed process takes a moment to go
        while (found := self._found(files)) and time.monotonic() < until:
            time.sleep(0.1)
        return found

    def _found(self, files):
        there = [str(path) for path in self.temporary.rglob("*") if files]
        return self.processes() + there

    def processes(self):
        """Return the command line of each process of it."""
        found = []
        for folder in Path("/proc").glob("[0-9]*"):
            try:
                if self.mark.encode() in (folder / "environ").read_bytes():
                    found.append((folder / "cmdline").read_bytes().decode())
            except OSError:
                pass  # it has ended
        return found
