"""The workbook as a learner has it: a copy of the lesson, start.py, a real browser.

The copy is in build/browser, so that nobody's my-work is touched. It is made afresh,
committed or not. Two processes share the notebooks, each with a copy of its own.
"""

import os
import re
import shutil
import socket
import subprocess
import time
from pathlib import Path

import pytest
from playwright.sync_api import sync_playwright
from xdist import is_xdist_worker
from xdist.scheduler import LoadScopeScheduling

ROOT = Path(__file__).parents[2]
WORKER = os.environ.get("PYTEST_XDIST_WORKER", "alone")
LESSON = ROOT / "build" / "browser" / WORKER / "lesson"
SCREENSHOTS = ROOT / "build" / "screenshots"
FLAGS = (
    *("--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run"),
    # A browser under test has nothing to ask the world.
    *("--disable-background-networking", "--disable-component-update"),
    *("--disable-sync", "--disable-quic"),
)


@pytest.fixture(scope="session")
def address(tmp_path_factory):
    """Run the README's first command to the end; give the address that it prints."""
    copy_lesson()
    set_up_lesson()
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    log = LESSON.with_name("start.log")
    command = ["python3", "start.py", "--no-browser", f"--port={port}"]
    command += ["--LabApp.expose_app_in_browser=True"]  # tests look into its models
    env = without_settings_of_this_user(tmp_path_factory.mktemp("jupyter"))
    with log.open("w") as out:
        lab = subprocess.Popen(command, cwd=LESSON, env=env, stdout=out, stderr=out)
    try:
        yield printed_address(lab, log, limit_s=120)
    finally:
        lab.terminate()
        try:
            lab.wait(15)
        except subprocess.TimeoutExpired:  # a kernel that is restarting can hold it up
            lab.kill()
            lab.wait()


def copy_lesson():
    """Make LESSON what a clone would be after all that lies here was committed."""
    shutil.rmtree(LESSON, ignore_errors=True)
    listing = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    for name in subprocess.check_output(listing, cwd=ROOT, text=True).split("\0"):
        if name and (ROOT / name).exists():  # a deleted file is listed until committed
            (LESSON / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, LESSON / name)


# Our own .venv has shown that the packages can be installed: once is enough.
SET_UP = """
import os, shutil, sys, start

def link(ours, its):
    os.path.exists(its) or os.link(ours, its)  # a Python of its own is there

def link_packages(lock):
    for name in ("bin", "etc", "lib", "share"):
        ours, its = os.path.join(sys.argv[1], name), start.VENV / name
        own = shutil.ignore_patterns("lesson8.pth")  # each has its own, it says where
        shutil.copytree(ours, its, ignore=own, copy_function=link, dirs_exist_ok=True)

start.install = link_packages
start.set_up()
"""


def set_up_lesson():
    """Let start.py make the copy's .venv, of links to the packages of ours."""
    command = ["python3", "-c", SET_UP, ROOT / ".venv"]
    subprocess.run(command, cwd=LESSON, check=True)


def without_settings_of_this_user(folder):
    env = {k: v for k, v in os.environ.items() if not k.startswith("JUPYTER")}
    for name in ("CONFIG", "DATA", "RUNTIME"):
        env[f"JUPYTER_{name}_DIR"] = str(folder / name)
    for name in ("SETTINGS", "WORKSPACES"):
        env[f"JUPYTERLAB_{name}_DIR"] = str(folder / name)
    return env | {"IPYTHONDIR": str(folder / "ipython")}


def printed_address(lab, log, *, limit_s):
    deadline = time.monotonic() + limit_s
    while lab.poll() is None and time.monotonic() < deadline:
        found = re.search(r"http://127\S+token=\w+", log.read_text())
        if found:
            return found[0]
        time.sleep(0.1)
    pytest.fail(f"start.py printed no address:\n{log.read_text()}")


@pytest.fixture(scope="session")
def browser():
    """Chromium, for all tests of a process."""
    chromium = shutil.which("chromium")
    if chromium is None:
        pytest.fail("There is no chromium; on Debian: apt-get install chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def page(browser, address):
    """A browser window at the address that start.py printed, used by all tests."""
    window = browser.new_page(viewport={"width": 1280, "height": 900})
    window.set_default_timeout(60_000)
    window.goto(address)
    window.locator(".jp-NotebookPanel h1").first.wait_for()
    return window


class ByNotebook(LoadScopeScheduling):
    """Keep all tests of a notebook in one process."""

    def _split_scope(self, nodeid):
        return nodeid.partition("[")[2]  # as in test_it[notebooks/05.ipynb]


def pytest_xdist_make_scheduler(config, log):
    return ByNotebook(config, log)


def pytest_sessionstart(session):
    """Empty the folder for pictures of every notebook, kept for people to look at."""
    if not is_xdist_worker(session):
        shutil.rmtree(SCREENSHOTS, ignore_errors=True)
        SCREENSHOTS.mkdir(parents=True)


def pytest_terminal_summary(terminalreporter):
    count = len(list(SCREENSHOTS.glob("*.png")))
    terminalreporter.write_line(f"{count} screenshots in {SCREENSHOTS}")
