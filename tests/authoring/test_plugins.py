"""Do both plugins for notebooks do in a run of pytest what they are for?"""

import os
import re
import subprocess
import sys
from types import SimpleNamespace

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_notebook, new_output

from lessonlib.authoring import kernel_forkserver
from lessonlib.authoring.page import ROOT
from lessonlib.authoring.warm_kernels import FORKS, runs_notebooks

HOLDS = "import socket\nheld = socket.create_server(('127.0.0.1', 0))"
CALLS = "import socket\nsocket.create_connection(('192.0.2.1', 80), timeout=9)"
FORGETS = """import threading
stop = threading.Event()
threading.Thread(target=stop.wait, name='forgotten', daemon=True).start()"""
ASKS_BY_A_CHILD = f"import subprocess, sys\ncode = {CALLS!r}\n" + (
    "subprocess.run([sys.executable, '-c', code], check=True)"
)
LEAVES = """import subprocess, sys
left = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)"""
SERVES = """def serve():
    globals().setdefault('starts', []).append('again')
serve()
assert len(starts) < 3, 'the third start'"""
MEASURES = """def open_loop():
    globals().setdefault('runs', []).append('again')
open_loop()
assert len(runs) < 3, 'the third run'"""
# of a lesson: its cells, and what is red
LESSONS = {
    "good": (["n = 1", "n + 1"], None),
    "runs_once": (["if 'n' in globals():\n    1 / 0\nn = 1"], "Cell 0, second turn"),
    "needs_its_folder": (["open('needs_its_folder.ipynb')"], "Cell 0"),
    "needs_a_network": ([CALLS], "Cell 0"),
    "a_child_needs_a_network": ([ASKS_BY_A_CHILD], "Cell 0"),
    "leaves_a_thread": ([FORGETS], "nothing is left"),
    "leaves_a_port": ([HOLDS], "nothing is left"),
    "leaves_a_process": ([LEAVES], "nothing is left"),
    "serves_twice": ([SERVES], "Cell 0, second turn"),
    "measures_twice": ([MEASURES], "Cell 0, second turn, once more"),
}

ASKS_FOR_ITS_PARENT = "import psutil\nprint(psutil.Process().parent().cmdline()[1])"
THEIRS = "get_config().InteractiveShell.ast_node_interactivity = 'all'"
ASKS_FOR_SETTINGS = "print(get_ipython().ast_node_interactivity)"
# of any other notebook: its cell, its stored output, and what becomes of it
CELLS = {
    "right": ("print(6 * 7)", "42\n", "PASSED"),
    "other output": ("print(6 * 8)", "42\n", "FAILED"),
    "a warning": ("import warnings\nwarnings.warn('old')\nprint(42)", "42\n", "FAILED"),
    "an error": ("1 / 0", "42\n", "FAILED"),
    "nobody's settings": (ASKS_FOR_SETTINGS, "last_expr\n", "PASSED"),
    "forked": (ASKS_FOR_ITS_PARENT, f"{kernel_forkserver.__file__}\n", "PASSED"),
}
USUAL = """
import os
from nbformat.v4 import new_code_cell, new_notebook
from lessonlib.authoring.running import execute

def test_other_kernels_start_as_usual(tmp_path):
    nb = new_notebook(cells=[new_code_cell("import os; print(os.getppid())")])
    execute(nb, tmp_path)
    assert int(nb.cells[0].outputs[0].text) == os.getpid()
"""


def write_lessons(folder):
    folder.mkdir()
    for name, (sources, _) in LESSONS.items():
        cells = [
            new_code_cell(source, metadata={"tags": ["nbval-ignore-output"]})
            for source in sources
        ]
        nbformat.write(new_notebook(cells=cells), folder / f"{name}.ipynb")


def write_others(folder):
    (folder / "test_usual.py").write_text(USUAL)
    for name, (source, output, _) in CELLS.items():
        cell = new_code_cell(source, execution_count=1)
        cell.outputs = [new_output("stream", text=output)]
        nbformat.write(new_notebook(cells=[cell]), folder / f"{name}.ipynb")


def outcomes(run):
    """Return what became of each cell and test, those that failed in their order."""
    found = re.findall(r"^(PASSED|FAILED|ERROR) (.*?)(?: - .*)?$", run.stdout, re.M)
    return {name: word for word, name in found}


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    """What pytest says of all these, without xdist: with it, all tests are a sample."""
    folder = tmp_path_factory.mktemp("samples")
    profile = folder / "theirs" / "profile_default"
    profile.mkdir(parents=True)
    (profile / "ipython_config.py").write_text(THEIRS)
    env = os.environ | {"IPYTHONDIR": str(profile.parent)}
    write_lessons(folder / "notebooks")
    write_others(folder)
    command = [sys.executable, "-m", "pytest", "-c", ROOT / "pyproject.toml", "-rA"]
    command += ["-pno:cacheprovider", "-n0", "--long", f"--rootdir={folder}", folder]
    return subprocess.run(command, capture_output=True, text=True, cwd=folder, env=env)


# -- the second turn


@pytest.mark.long
def test_it_sees_what_a_lesson_needs_or_leaves(run):
    red = [name for name, word in outcomes(run).items() if word == "FAILED"]
    for lesson, (_, expected) in LESSONS.items():
        cells = [name for name in red if name.startswith(f"notebooks/{lesson}.ipynb::")]
        first_red = cells[0].split("::")[1] if cells else None
        assert (lesson, first_red) == (lesson, expected), run.stdout


# -- warm kernels


@pytest.mark.long
@pytest.mark.skipif(not FORKS, reason="no safe fork on this system")
def test_only_notebooks_get_forked_kernels_and_broken_ones_are_red(run):
    expected = {f"{name}.ipynb::Cell 0": word for name, (*_, word) in CELLS.items()}
    expected["test_usual.py::test_other_kernels_start_as_usual"] = "PASSED"
    assert outcomes(run).items() >= expected.items(), run.stdout
    assert "notebook kernels: forked from a warm process\n" in run.stdout
    assert run.stderr == "", "the process that is forked has imported without a word"


@pytest.mark.parametrize(
    ("places", "answer"),
    [
        (["notebooks/05_x.ipynb::Cell 3"], True),
        (["tests", "solutions"], True),
        (["."], True),
        (["tests", "tests/measure/test_latency.py::test_one"], False),
    ],
)
def test_a_process_warms_up_only_for_notebooks(places, answer, monkeypatch):
    monkeypatch.chdir(ROOT)
    config = SimpleNamespace(args=places, getoption=lambda name, default: True)
    assert bool(runs_notebooks(config)) is answer
    config.getoption = lambda name, default: default
    assert not runs_notebooks(config)
