"""The workbook as a learner has it: a copy of the lesson, start.py, a real browser.

The copy is in build/browser/lesson, so that nobody's my-work is touched. Its .venv
stays there between two runs; all the rest is copied afresh, committed or not.
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

ROOT = Path(__file__).parents[2]
LESSON = ROOT / "build" / "browser" / "lesson"
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
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    log = LESSON.with_name("start.log")
    command = ["python3", "start.py", "--no-browser", f"--port={port}"]
    command += ["--LabApp.expose_app_in_browser=True"]  # tests look into its models
    env = without_settings_of_this_user(tmp_path_factory.mktemp("jupyter"))
    with log.open("w") as out:
        lab = subprocess.Popen(command, cwd=LESSON, env=env, stdout=out, stderr=out)
    try:
        yield printed_address(lab, log, limit_s=600)  # it may fetch all packages first
    finally:
        lab.terminate()
        try:
            lab.wait(15)
        except subprocess.TimeoutExpired:  # a kernel that is restarting can hold it up
            lab.kill()
            lab.wait()


def copy_lesson():
    """Make LESSON what a clone would be after all that lies here was committed."""
    LESSON.mkdir(parents=True, exist_ok=True)
    for old in LESSON.iterdir():
        if old.is_dir() and old.name != ".venv":
            shutil.rmtree(old)
        elif not old.is_dir():
            old.unlink()
    listing = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    for name in subprocess.check_output(listing, cwd=ROOT, text=True).split("\0"):
        if name and (ROOT / name).exists():  # a deleted file is listed until committed
            (LESSON / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, LESSON / name)


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
def page(address):
    """A browser window at the address that start.py printed, used by all tests."""
    chromium = shutil.which("chromium")
    if chromium is None:
        pytest.fail("There is no chromium; on Debian: apt-get install chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=FLAGS)
        window = browser.new_page(viewport={"width": 1280, "height": 900})
        window.set_default_timeout(60_000)
        window.goto(address)
        window.locator(".jp-NotebookPanel h1").first.wait_for()
        yield window
        browser.close()


@pytest.fixture(scope="session")
def screenshots():
    """An empty folder for pictures of every notebook, kept for people to look at."""
    shutil.rmtree(SCREENSHOTS, ignore_errors=True)
    SCREENSHOTS.mkdir(parents=True)
    return SCREENSHOTS


def pytest_terminal_summary(terminalreporter):
    count = len(list(SCREENSHOTS.glob("*.png")))
    terminalreporter.write_line(f"{count} screenshots in {SCREENSHOTS}")
