"""Does every door lead to the same room: copies, no answers, notebook 00?"""

import json
import os
import re
import shutil
import socket
import subprocess
import sys
import time

import pytest
import requests
import yaml

import start

FIRST = "notebooks/00_deploy_a_model_in_ten_minutes.ipynb"
LIMIT_S = 60


def settings(name):
    return json.loads((start.ROOT / name).read_text(encoding="utf-8"))


@pytest.fixture
def copy(tmp_path):
    """A copy of the workbook, in a folder whose name is not plain."""
    root = tmp_path / "eigene Übung"
    root.mkdir()
    shutil.copy(start.ROOT / "start.py", root)
    for folder in ("notebooks", "exercises", "solutions", "setup"):
        shutil.copytree(start.ROOT / folder, root / folder)
    return root


@pytest.mark.long
def test_a_plain_jupyter_lab_opens_the_learners_copies(copy):
    conda = yaml.safe_load((start.ROOT / "environment.yml").read_text(encoding="utf-8"))
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    home = {"HOME": str(copy / "home"), "JUPYTER_TOKEN": "x"}
    process = subprocess.Popen(
        [sys.executable, "-m", "jupyterlab", "--no-browser", f"--port={port}",
         "--allow-root"],
        cwd=copy, env=os.environ | conda["variables"] | home,
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    try:
        deadline = time.monotonic() + LIMIT_S
        while not start.listening(port) and time.monotonic() < deadline:
            time.sleep(0.1)
        url, token = f"http://127.0.0.1:{port}", {"token": "x"}
        seen = requests.get(f"{url}/api/contents", token, timeout=LIMIT_S).json()
        assert {each["name"] for each in seen["content"]} == {"exercises", "notebooks"}
        page = requests.get(url, token, timeout=LIMIT_S)
        assert page.url.startswith(f"{url}/lab/tree/{FIRST}")
        cells = requests.get(f"{url}/api/contents/{FIRST}", token, timeout=LIMIT_S)
        outputs = [cell.get("outputs") for cell in cells.json()["content"]["cells"]]
        assert not any(outputs)
        news = f"{url}/lab/api/settings/@jupyterlab/apputils-extension:notification"
        seen = requests.get(news, token, timeout=LIMIT_S).json()["schema"]["properties"]
        assert seen["fetchNews"]["default"] == "false"
    finally:
        process.terminate()
        process.wait(LIMIT_S)


def test_a_container_is_made_by_a_command_that_copies_and_opens_a_copy(copy):
    container = settings(".devcontainer/devcontainer.json")
    assert container["postCreateCommand"] == "python3 start.py progress"
    assert "    python3 start.py progress " in start.__doc__
    assert start.copy_lessons(copy) == []
    (opened,) = container["customizations"]["codespaces"]["openFiles"]
    assert (copy / opened).exists()


def test_an_editor_shows_the_copies_and_not_the_answers(copy):
    editor = settings(".vscode/settings.json")
    assert set(editor["files.exclude"]) == {"notebooks", "exercises", "solutions"}
    python = editor["python.defaultInterpreterPath"]
    assert re.fullmatch(r"\$\{workspaceFolder\}/\.venv/bin/python", python)
