"""Does the command lose or leave anything when it is stopped?"""

import json
import os
import signal
import time

from command import Command
from hostile import NAME

from lessonlib.authoring.page import ROOT

SOLVED = ROOT / "solutions" / f"{NAME}.ipynb"


def test_ctrl_c_loses_nothing(tmp_path):
    command = Command(tmp_path)
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
