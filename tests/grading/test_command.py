"""Does the command lose or leave anything when it is stopped?"""

import json
import os
import signal
import sys
import time

import pytest
from command import POINTS, QUICKEST, Command
from hostile import before

from lessonlib.authoring.page import ROOT

SOLVED = ROOT / "solutions" / f"{QUICKEST}.ipynb"
REST = "import time; time.sleep(0.2)"  # so that some are left when it is stopped


@pytest.mark.long
def test_ctrl_c_loses_nothing(tmp_path):
    command = Command(tmp_path)
    slow = before(json.loads(SOLVED.read_bytes()), "sol-number", REST)
    for number in range(12):
        command.hand_in(f"s{number:02}", slow, QUICKEST)
    batch, results = command.start(), command.out / "results.jsonl"
    while not (results.exists() and len(results.read_bytes().splitlines()) >= 3):
        assert batch.poll() is None, batch.communicate()
        time.sleep(0.01)
    os.killpg(batch.pid, signal.SIGINT)
    out, err = batch.communicate(timeout=60)
    assert (batch.returncode, json.loads(out)["stopped"]) == (130, True)
    assert "--resume goes on from here" in err
    assert command.left() == []
    written = len(results.read_bytes().splitlines())
    assert 3 <= written < 12
    told = json.loads(out)["graded"]
    assert told in (written, written - 1)  # the last is written, not yet counted
    batch = command.start("--resume")
    out, err = batch.communicate(timeout=600)
    assert json.loads(out)["graded"] == 12 - written
    assert set(command.scores().values()) == {POINTS}
    assert len(command.scores()) == 12


@pytest.mark.skipif(
    sys.platform != "linux", reason="other systems tell no parent's end"
)
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL])
def test_it_leaves_nothing_when_it_is_killed(tmp_path, number):
    command = Command(tmp_path)
    rest = "import time; time.sleep(60)"
    slow = before(json.loads(SOLVED.read_bytes()), "sol-number", rest)
    for student in ("ada", "bob", "eve"):
        command.hand_in(student, slow, QUICKEST)
    batch = command.start("--cell-timeout", "100")
    while not any(path.name.startswith("tmp") for path in command.temporary.rglob("*")):
        assert batch.poll() is None, batch.communicate()
        time.sleep(0.01)
    os.kill(batch.pid, number)
    out, err = batch.communicate(timeout=60)
    if number == signal.SIGTERM:
        assert (batch.returncode, json.loads(out)["stopped"]) == (130, True)
        assert "--resume goes on from here" in err
    assert command.left() == []


@pytest.mark.long
@pytest.mark.skipif(
    sys.platform != "linux", reason="other systems tell no parent's end"
)
@pytest.mark.parametrize("rest_s", [0.0, 0.2, 0.4, 0.6, 0.8, 1.0])
def test_it_leaves_nothing_when_it_is_killed_while_its_workers_start(tmp_path, rest_s):
    command = Command(tmp_path)
    for student in ("ada", "bob", "eve"):
        command.hand_in(student, SOLVED.read_bytes(), QUICKEST)
    batch = command.start()
    while not any("loky" in words for words in command.processes()):
        assert batch.poll() is None, batch.communicate()
        time.sleep(0.01)
    time.sleep(rest_s)
    batch.kill()
    batch.communicate(timeout=30)  # nobody has its output any more
    assert command.left() == []
