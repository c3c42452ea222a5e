"""Does a submission as a whole stay within its limits, and lose its own points only?

What a single process may use, the hostile submissions try.
"""

import json
import os
import socket
import subprocess
import sys
import time

import pytest
from hostile import NAME, memory_in_forks

from lessonlib.authoring.page import ROOT
from lessonlib.grading import scratch
from lessonlib.grading.channel import Channel
from lessonlib.grading.grader import Grader
from lessonlib.grading.intake import Submission
from lessonlib.grading.merge import read_source
from lessonlib.grading.result import Limits
from lessonlib.grading.scratch import remove_tree, scratch_folder

SOURCE = read_source(ROOT / "solutions" / f"{NAME}.ipynb")
linux = pytest.mark.skipif(sys.platform != "linux", reason="Linux says what is used")


def graded(grader, notebook):
    content = json.dumps(notebook).encode()
    return grader.grade(SOURCE, Submission("ada", NAME, "ada", "", content))


@pytest.mark.long
def test_a_thousand_slow_cells_cost_the_questions_after_them():
    notebook = json.loads(SOURCE.content)
    at = [cell["id"] for cell in notebook["cells"]].index("sol-dots")
    slow = {"cell_type": "code", "metadata": {}, "outputs": [], "execution_count": None}
    slow |= {"source": "import time\ntime.sleep(0.5)"}
    notebook["cells"][at:at] = [slow | {"id": f"slow-{n}"} for n in range(1000)]
    with Grader() as grader:
        honest = graded(grader, json.loads(SOURCE.content))
    with Grader(Limits(total_s=2 + honest["seconds"])) as grader:
        result = graded(grader, notebook)
        again = graded(grader, json.loads(SOURCE.content))
    lost = [q for q in result["questions"] if q["points"] < q["out_of"]]
    assert [q["status"] for q in lost] == ["not reached"]
    assert "s in all" in lost[0]["message"]
    assert again["raw_score"] == again["max_score"]


@linux
def test_processes_that_take_too_much_together_are_ended():
    notebook = memory_in_forks.submit(json.loads(SOURCE.content))
    with Grader(Limits(memory_gb=0.9, cell_timeout_s=60)) as grader:
        result = graded(grader, notebook)
    wrong = [q for q in result["questions"] if q["status"] != "passed"]
    assert [q["id"] for q in wrong] == ["test-rank"]
    assert "its processes took more than 0.9 GB together" in wrong[0]["message"]


def test_an_answer_counts_from_its_first_byte_to_its_last():
    ours, theirs = socket.socketpair()
    channel = Channel(ours)
    with ours, theirs:
        theirs.sendall(bytes([0, 0, 0, 2]) + b"4")
        with pytest.raises(TimeoutError):
            channel.receive(until=time.monotonic() + 0.05)
        theirs.sendall(b"2")
        assert channel.receive(until=time.monotonic() + 10) == 42  # nothing is lost
        with pytest.raises(TimeoutError):
            channel.receive(until=time.monotonic() - 1)


FAMILY = """
import os, time
from lessonlib.grading.usage import memory_of, processes_below, resident_of

block = b"x" * (50 * 2**20)
children = []
for _ in range(2):
    children.append(str(os.fork()))
    if children[-1] == "0":
        own = block + b"x"  # beside what it shares with its parent
        time.sleep(60)
        os._exit(len(own))
family = ["self", *children]
while memory_of(family) < 3 * len(block):
    time.sleep(0.01)
print(memory_of(family) // len(block), resident_of(family) // len(block))
print({*children} <= {*processes_below()})
for child in children:
    os.kill(int(child), 9)
"""


@linux
def test_memory_is_added_up_over_all_processes():
    run = subprocess.run(
        [sys.executable, "-c", FAMILY], capture_output=True, text=True, timeout=60
    )
    # one block of all three, and one of each child; residents count it three times
    assert run.stdout.split() == ["3", "5", "True"], run.stderr


def test_a_folder_is_deleted_however_deep_it_is_and_whoever_locked_it(tmp_path):
    kept = tmp_path / "kept"
    kept.write_text("mine")
    with scratch_folder(str(tmp_path)) as folder:
        here = os.open(folder, os.O_RDONLY)
        for _ in range(1200):
            os.mkdir("d", dir_fd=here)
            os.symlink(kept, "link", dir_fd=here)
            below = os.open("d", os.O_RDONLY, dir_fd=here)
            os.fchmod(here, 0)
            os.close(here)
            here = below
        os.close(here)
        os.chmod(folder, 0o700)
    assert os.listdir(tmp_path) == ["kept"]
    assert kept.read_text() == "mine"


def test_what_a_killed_run_makes_once_more_is_deleted_too(tmp_path):
    folder = tmp_path / "grading"
    folder.mkdir()
    janitor = subprocess.Popen(
        [sys.executable, "-I", "-S", scratch.__file__, folder], stdin=subprocess.PIPE
    )
    janitor.stdin.close()
    until = time.monotonic() + 10
    while folder.exists() and time.monotonic() < until:
        time.sleep(0.01)
    (folder / "late").mkdir(parents=True)  # by a process that had not ended yet
    assert janitor.wait(10) == 0
    assert not folder.exists()


def test_to_delete_what_is_not_there_is_fine(tmp_path):
    remove_tree(tmp_path / "none")
