"""Does a lesson run again after what happens to people, and in the places they have?

A cell is stopped by its button or fails in the middle, two kernels run one lesson, a
home cannot be written, a folder has spaces and letters that the system does not know, a
module is loaded again. After each the whole lesson runs from the top, and leaves no
thread, port, process or file. Kernels start here as in JupyterLab.
"""

import ast
import json
import os
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from subprocess import PIPE

import pytest
from jupyter_client import KernelManager
from jupyter_core.utils import ensure_event_loop
from nbval.kernel import CURRENT_ENV_KERNEL_NAME, NbvalKernelspecManager

import start
from lessonlib.authoring.page import read_page, stored_notebooks, tags
from lessonlib.authoring.second_turn import AFTER, BEFORE, NO_NETWORK

pytestmark = pytest.mark.soak
LIMIT_S = 120
PAGES = {
    page.number: page
    for page in map(read_page, stored_notebooks(folders=["notebooks"]))
}


class Kernel:
    """A kernel that runs the cells of a lesson as a person would."""

    def __init__(self, client):
        self._client = client
        self.complaints = ""  # what came on stderr

    def run(self, source):
        """Return the name and the words of the error that a cell ends with, if any."""
        reply = self._client.execute_interactive(
            source, timeout=LIMIT_S, allow_stdin=False, output_hook=self._listen
        )["content"]
        return (reply["ename"], reply["evalue"]) if "ename" in reply else ("", "")

    def run_all(self, cells):
        """Run cells one after the other; none may fail, unless it is tagged to."""
        for number, cell in enumerate(cells):
            failed = self.run(cell.source)
            fails = "raises-exception" in tags(cell)
            assert bool(failed[0]) == fails, (number, cell.source, failed)

    def _listen(self, message):
        if message["msg_type"] == "stream" and message["content"]["name"] == "stderr":
            self.complaints += message["content"]["text"]


@contextmanager
def kernel(folder, **options):
    """Start a kernel in a folder, and end it."""
    manager = KernelManager(
        kernel_name=CURRENT_ENV_KERNEL_NAME,
        kernel_spec_manager=NbvalKernelspecManager(),
    )
    history = ["--HistoryManager.hist_file=:memory:"]
    options |= {"extra_arguments": history, "stderr": subprocess.DEVNULL}
    manager.start_kernel(cwd=str(folder), **options)
    client = manager.client()
    client.start_channels()
    try:
        client.wait_for_ready(timeout=LIMIT_S)
        yield Kernel(client)
    finally:
        client.stop_channels()
        manager.shutdown_kernel(now=True)
        manager.cleanup_resources()


@contextmanager
def nothing_left(lesson, folder):
    """See that what runs within leaves nothing, and reaches no other computer."""
    with tempfile.TemporaryDirectory() as site:
        Path(site, "sitecustomize.py").write_text(NO_NETWORK)
        assert lesson.run(BEFORE.format(folder=str(folder), site=site)) == ("", "")
        yield
        assert lesson.run(AFTER) == ("", "")


def place_of(cells, words):
    return next(i for i, cell in enumerate(cells) if words in cell.source)


def needed(cells, last):
    """Return the places of the cells above `last` that it needs names of."""
    wanted, found = names(cells[last].source)[1], []
    for place in reversed(range(last)):
        given, used = names(cells[place].source)
        if given & wanted:
            found.insert(0, place)
            wanted |= used
    return found


def names(source):
    """Return which names a cell gives to those below, and which it uses."""
    tree = ast.parse(source)
    given, used = set(), set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Name):
            (given if isinstance(node.ctx, ast.Store) else used).add(node.id)
        elif isinstance(node, ast.FunctionDef | ast.ClassDef):
            given.add(node.name)
        elif isinstance(node, ast.Import | ast.ImportFrom):
            given |= {each.asname or each.name.split(".")[0] for each in node.names}
    return given, used - given


# ---- stopped, and failed


# As the button does it: the interrupt goes to the kernel and all it has started.
PRESS = """
import os as _os, signal as _signal, threading as _threading
_threading.Timer({after_s}, _os.killpg, [_os.getpgid(0), _signal.SIGINT]).start()
"""


def stopped(after_s):
    """A fault: the cell is stopped while it is at work."""
    return lambda source: (PRESS.format(after_s=after_s) + source, "KeyboardInterrupt")


def failing(source):
    """A fault: the cell fails after all that it did."""
    return f"{source}\n1 / 0", "ZeroDivisionError"


# Of each lesson: a cell, by what it has in it, and what happens to it.
FAULTS = {
    "04": [("server = serve(apps[", failing), ("with serve(app, name=", failing)],
    "05": [
        ("server = serve(app, name=", failing),
        ("belt_s = small_open_loop(", stopped(0.4)),
        ("belt = open_loop(", stopped(0.4)),
    ],
    "06": [
        ("serve_processes(folder, workers=2)", stopped(0.1)),
        ("serve_processes(folder, workers=2)", stopped(0.8)),
        ("serve_processes(folder, workers=2)", failing),
        ("throughput_curve(workers.url", stopped(0.2)),
        ("batcher = MicroBatcher(", stopped(0.3)),
        ("left, right = ", failing),
        ("run = open_loop(front.url", stopped(0.4)),
    ],
    "09": [
        ("small_log = PredictionLog(", failing),
        ("server = serve(prediction_app(registry", failing),
        ("audited_log = PredictionLog(", failing),
    ],
    "10": [("with Shadow(", stopped(0.1)), ("with Shadow(", failing)],
    "11": [
        ("first = serve(app", failing),
        ("unwatched = Office(", failing),
        ('watch_week("nobody watches"', stopped(1.0)),
        ("kept = Office(", failing),
        ("with Week(kept.url", stopped(0.4)),
    ],
}


@pytest.mark.parametrize("number", FAULTS)
def test_a_lesson_runs_after_its_cells_were_stopped_or_failed(number, tmp_path):
    cells, done = PAGES[number].code, set()
    with kernel(tmp_path) as lesson, nothing_left(lesson, tmp_path):
        for words, fault in FAULTS[number]:
            place = place_of(cells, words)
            # 04 makes servers by hand, and stops each some cells later
            above = range(place) if number == "04" else needed(cells, place)
            above = [each for each in above if each not in done]
            lesson.run_all([cells[each] for each in above])
            source, expected = fault(cells[place].source)
            assert (words, lesson.run(source)[0]) == (words, expected)
            done.update(above, [place] if fault is failing else [])
        lesson.run_all(cells)


# ---- elsewhere


def test_two_kernels_run_one_lesson_in_one_folder_at_once(tmp_path):
    cells = PAGES["09"].code

    def run(_):
        try:
            with kernel(tmp_path) as lesson, nothing_left(lesson, tmp_path):
                lesson.run_all(cells)
            return lesson.complaints
        finally:
            ensure_event_loop().close()  # the client has opened one for this thread

    with ThreadPoolExecutor(2) as pool:
        assert list(pool.map(run, range(2))) == ["", ""]


# Python then knows the letters of ASCII alone, in names of files, too.
ASCII_ONLY = {
    "LANG": "C", "LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"
}  # fmt: skip


AS_START_PY_HAS_IT = """
import json, pathlib, sys, start
start.VENV = pathlib.Path(sys.argv[1])
print(json.dumps(start.inside()))
"""


@pytest.fixture
def odd_place(tmp_path):
    """A folder with spaces and letters beyond ASCII, and what start.py makes of it.

    The home cannot be written, and the language is C.
    """
    folder = tmp_path / "Übung 8" / "mit Leerzeichen"
    (folder / "tmp").mkdir(parents=True)
    own = ("IPYTHONDIR", "JUPYTER_CONFIG_DIR", "MATPLOTLIBRC", *start.AT_HOME)
    env = {name: value for name, value in os.environ.items() if name not in own}
    env |= {"HOME": "/dev/null/home", "TMPDIR": str(folder / "tmp")}
    env |= ASCII_ONLY | {"PYTHONUTF8": "1"}  # so does start.py start itself again
    command = [sys.executable, "-c", AS_START_PY_HAS_IT, tmp_path]
    made = subprocess.run(command, env=env, cwd=start.ROOT, stdout=PIPE, check=True)
    return folder, json.loads(made.stdout)


def test_lessons_run_in_a_folder_of_any_name_without_a_home(odd_place):
    folder, env = odd_place
    for number in ("01", "03", "07"):
        with kernel(folder, env=env) as lesson:
            lesson.run_all(PAGES[number].code)
            assert (number, lesson.complaints) == (number, "")
    assert [path.name for path in folder.iterdir()] == ["tmp"]


def test_workers_start_where_python_knows_the_letters_of_ascii_alone(odd_place):
    folder, env = odd_place
    cells = PAGES["06"].code
    place = place_of(cells, "left, right = ")
    with kernel(folder, env=env | ASCII_ONLY) as lesson:
        asks = "import sys; assert sys.getfilesystemencoding() == 'ascii'"
        assert lesson.run(asks) == ("", "")
        lesson.run_all(cells[i] for i in [*needed(cells, place), place])
        assert lesson.run("[each.stop() for each in (workers, left, right)]")[0] == ""


# ---- loaded again


LOAD_AGAIN = """
import importlib as _importlib, sys as _sys
from lessonlib.authoring.library_map import reading_order as _reading_order
for _row in _reading_order():
    if _module := _sys.modules.get(f"lessonlib.{_row.name}"):
        _importlib.reload(_module)
"""


@pytest.mark.parametrize("number", ["06", "09"])
def test_a_lesson_runs_after_the_library_was_loaded_again(number, tmp_path):
    cells = PAGES[number].code
    starts = {"06": "serve_processes(folder, w", "09": "server = serve("}
    place = place_of(cells, starts[number])
    with kernel(tmp_path) as lesson, nothing_left(lesson, tmp_path):
        lesson.run_all(cells[i] for i in [*needed(cells, place), place])
        assert lesson.run(LOAD_AGAIN) == ("", "")
        lesson.run_all(cells[i] for i in [*needed(cells, place), place])
        lesson.run("small_log.close(), log.close()" if number == "09" else "")
