"""Does the command leave anything behind, whatever it grades and however it ends?"""

import csv
import importlib
import json
import os
import signal
import subprocess
import sys
import time
import uuid
from pathlib import Path

import pytest
from hostile import NAME
from test_hostile import FILES, LIMIT_S

from lessonlib.authoring.page import ROOT

SOLVED = ROOT / "solutions" / f"{NAME}.ipynb"


class Command:
    """The grader as it is started in a shell, and all that it leaves behind."""

    def __init__(self, folder):
        self.submissions, self.out = folder / "class", folder / "grades"
        self.temporary = folder / "tmp"
        for each in (self.submissions, self.temporary):
            each.mkdir()
        self.mark = f"mark-{uuid.uuid4()}"  # every process below inherits it

    def hand_in(self, student, content):
        folder = self.submissions / student
        folder.mkdir()
        (folder / f"{NAME}.ipynb").write_bytes(content)

    def start(self, *options):
        path = f"{os.environ['PATH']}{os.pathsep}/{self.mark}"
        return subprocess.Popen(
            [sys.executable, "-m", "lessonlib.grading", "grade"]
            + [str(self.submissions), "--out", str(self.out), "--jobs", "2", "--json"]
            + ["--cell-timeout", str(LIMIT_S), *options],
            env=os.environ | {"PATH": path, "TMPDIR": str(self.temporary)},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
            preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
        )

    def scores(self):
        with (self.out / "grades.csv").open(newline="") as file:
            return {
                r["student_id"]: float(r["raw_score"]) for r in csv.DictReader(file)
            }

    def left(self, files=True):
        """Return what is still there of it: processes, and temporary files.

        A port and memory are a process's; without a sandbox, files may be anywhere.
        """
        until = time.monotonic() + 10  # a killed process takes a moment to go
        while (found := self._processes()) and time.monotonic() < until:
            time.sleep(0.1)
        return found + [str(path) for path in self.temporary.rglob("*") if files]

    def _processes(self):
        found = []
        for folder in Path("/proc").glob("[0-9]*"):
            try:
                if self.mark.encode() in (folder / "environ").read_bytes():
                    found.append((folder / "cmdline").read_bytes().decode())
            except OSError:
                pass  # it has ended
        return found


@pytest.fixture
def command(tmp_path):
    return Command(tmp_path)


def hostile_class(command):
    """Hand in every hostile submission. Return the score that each should get."""
    solved, expected = SOLVED.read_text(encoding="utf-8"), {}
    for name in FILES:
        hostile = importlib.import_module(f"hostile.{name}")
        content = hostile.submit(json.loads(solved))
        if isinstance(content, dict):
            content = json.dumps(content).encode()
        command.hand_in(name, content)
        full = {
            cell["id"]: cell["metadata"]["nbgrader"]["points"]
            for cell in json.loads(solved)["cells"]
            if cell["metadata"].get("nbgrader", {}).get("grade")
        }
        expected[name] = sum((full | hostile.SCORES).values())
    return expected


def written(out):
    """Return the files that the grader has written, which are many."""
    paths = [path for path in out.rglob("*") if path.is_file()]
    assert len(paths) > len(FILES)
    return paths


def tells_hidden(path):
    """Say if a file has a line of a hidden test, or what the test asks for."""
    text, cells = path.read_text(), json.loads(SOLVED.read_text())["cells"]
    regions = [
        source.split("### BEGIN HIDDEN TESTS")[1]
        for cell in cells
        if "### BEGIN HIDDEN TESTS" in (source := "".join(cell["source"]))
    ]
    lines = [line.strip() for region in regions for line in region.splitlines()]
    assert any(".unseen(" in line for line in lines)
    return any(line in text for line in [*filter(None, lines), "31, 17, 23, 47"])


@pytest.mark.parametrize("isolation", ["auto", "off"])
def test_a_class_of_rogues_is_graded_and_nothing_is_left(command, isolation):
    expected = hostile_class(command)
    batch = command.start("--isolation", isolation)
    out, err = batch.communicate(timeout=600)
    assert batch.returncode == 0, err
    told = json.loads(out)
    assert told["graded"] + told["unreadable"] == len(expected)
    seen = command.scores()
    unreadable = {
        each["student"]
        for each in map(json.loads, (command.out / "results.jsonl").open())
        if each["problem"]
    }
    assert seen == expected | dict.fromkeys(unreadable, 0.0)
    assert not [path for path in written(command.out) if tells_hidden(path)]
    assert command.left(files=isolation != "off") == []


def test_ctrl_c_loses_nothing(command):
    for number in range(40):
        command.hand_in(f"s{number:02}", SOLVED.read_bytes())
    batch, results = command.start(), command.out / "results.jsonl"
    while not (results.exists() and len(results.read_bytes().splitlines()) >= 3):
        assert batch.poll() is None, batch.communicate()
        time.sleep(0.01)
    os.killpg(batch.pid, signal.SIGINT)
    out, err = batch.communicate(timeout=60)
    assert (batch.returncode, json.loads(out)["stopped"]) == (130, True)
    assert "--resume goes on from here" in err
    assert command.left() == []
    before = len(results.read_bytes().splitlines())
    assert 3 <= before < 40
    assert json.loads(out)["graded"] in (before, before - 1)  # written, not yet counted
    batch = command.start("--resume")
    out, err = batch.communicate(timeout=600)
    assert json.loads(out)["graded"] == 40 - before
    assert set(command.scores().values()) == {20.0}
    assert len(command.scores()) == 40
