"""Does the second turn see what a lesson needs, or leaves behind?"""

import re
import subprocess
import sys

import nbformat
from nbformat.v4 import new_code_cell, new_notebook

from lessonlib.authoring.page import ROOT

HOLDS = "import socket\nheld = socket.create_server(('127.0.0.1', 0))"
CALLS = "import socket\nsocket.create_connection(('192.0.2.1', 80), timeout=9)"
FORGETS = """import threading
stop = threading.Event()
threading.Thread(target=stop.wait, name='forgotten', daemon=True).start()"""
ASKS_BY_A_CHILD = f"import subprocess, sys\ncode = {CALLS!r}\n" + (
    "subprocess.run([sys.executable, '-c', code], check=True)"
)
SERVES = """def serve():
    globals().setdefault('starts', []).append('again')
serve()
assert len(starts) < 3, 'the third start'"""
# of a notebook: its cells, and what is red
SAMPLES = {
    "good": (["n = 1", "n + 1"], None),
    "runs_once": (["if 'n' in globals():\n    1 / 0\nn = 1"], "Cell 0, second turn"),
    "needs_its_folder": (["open('needs_its_folder.ipynb')"], "Cell 0"),
    "needs_a_network": ([CALLS], "Cell 0"),
    "a_child_needs_a_network": ([ASKS_BY_A_CHILD], "Cell 0"),
    "leaves_a_thread": ([FORGETS], "nothing is left"),
    "leaves_a_port": ([HOLDS], "nothing is left"),
    "serves_twice": ([SERVES], "Cell 0, second turn"),
}


def first_red(report, name):
    """Return the first cell of a notebook that failed, or None."""
    red = re.findall(rf"^FAILED notebooks/{name}.ipynb::(.*?) - ", report, re.M)
    return red[0] if red else None


def test_it_sees_what_a_lesson_needs_or_leaves(tmp_path):
    folder = tmp_path / "notebooks"
    folder.mkdir()
    for name, (sources, _) in SAMPLES.items():
        cells = [
            new_code_cell(source, metadata={"tags": ["nbval-ignore-output"]})
            for source in sources
        ]
        nbformat.write(new_notebook(cells=cells), folder / f"{name}.ipynb")
    command = [sys.executable, "-m", "pytest", "-c", ROOT / "pyproject.toml"]
    command += ["-pno:cacheprovider", "-n0", f"--rootdir={tmp_path}", folder]
    run = subprocess.run(command, capture_output=True, text=True, cwd=tmp_path)
    red = {name: first_red(run.stdout, name) for name in SAMPLES}
    assert red == {name: cell for name, (_, cell) in SAMPLES.items()}, run.stdout
