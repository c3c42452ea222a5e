"""What tests of start.py need: a workbook of their own, and somebody who starts it."""

import os
import re
import shutil
import socket
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

import start

ROOT = Path(start.__file__).parent

needs_a_shell = pytest.mark.skipif(os.name == "nt", reason="uv is a shell script here")


def make_clone(folder):
    """Return a workbook of one tiny package, without .venv, in a hard-named folder."""
    root = folder / "my lesson ü"
    shutil.copytree(ROOT / "setup", root / "setup")
    shutil.copy(ROOT / "start.py", root)
    package = "iniconfig==2.3.1 --hash=sha256:" + 64 * "0"
    (root / "requirements.lock").write_text(package)
    write(root / "notebooks/00_first.md", "lesson one")
    write(root / "notebooks/figures/belt.svg", "<svg/>")
    write(root / "exercises/03_serve.md", "exercise")
    return root


def write(path, text):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


def run(root, *words, python=sys.executable, **env):
    """Run start.py as a person would, with no uv on the PATH and no network."""
    return run_command([python, root / "start.py", *words], root.parent, **env)


def run_command(command, folder, **env):
    offline = {"PIP_INDEX_URL": f"http://127.0.0.1:{closed_port()}", "PIP_RETRIES": "1"}
    offline |= {"PIP_CONFIG_FILE": os.devnull, "PATH": os.defpath}
    kept = {k: v for k, v in os.environ.items() if not k.startswith("PIP_")}
    return subprocess.run(
        command,
        env={**kept, **offline, **env},
        cwd=folder,
        capture_output=True,
        encoding="utf-8",
        timeout=60,
    )


def closed_port():
    with socket.create_server(("127.0.0.1", 0)) as server:
        return server.getsockname()[1]


def says_one_sentence(result, what):
    assert result.returncode == 1
    assert re.search(what, result.stderr)
    assert "Traceback" not in result.stderr
    assert len(result.stderr.strip().splitlines()) == 1


def wheel(folder, name, version, *, requires=None):
    """Write a wheel with one empty module."""
    info = f"{name}-{version}.dist-info"
    needs = f"Requires-Dist: {requires}\n" if requires else ""
    files = {
        f"{name}.py": "",
        f"{info}/METADATA": "Metadata-Version: 2.1\n"
        f"Name: {name}\nVersion: {version}\n{needs}",
        f"{info}/WHEEL": "Wheel-Version: 1.0\nRoot-Is-Purelib: true\n"
        "Tag: py3-none-any\n",
        f"{info}/RECORD": "",
    }
    path = folder / f"{name}-{version}-py3-none-any.whl"
    with zipfile.ZipFile(path, "w") as archive:
        for inside, text in files.items():
            archive.writestr(inside, text)


def fake_uv(folder, script):
    """Return the variables with which `script` does an installer's work."""
    write(folder / "uv", f"#!/bin/sh\n{script}\n")
    (folder / "uv").chmod(0o755)
    return {"PATH": f"{folder}{os.pathsep}{os.defpath}"}
