"""Does the workbook work with the oldest and the newest packages that it allows?

    python3 start.py shell python tests/versions.py oldest
    python3 start.py shell python tests/versions.py newest tests/serve -k worker

The lock holds one version of each package; pyproject.toml allows more. This makes an
environment in build/, of the lowest versions that pyproject.toml names or of the newest
that PyPI has, with uv, which is fetched where there is none. In it all tests run, and
all notebooks: no cell may fail, but other versions print other words, so their outputs
are compared with the lock's packages only. `--python` names another Python. The exit
code is that of pytest.
"""

import argparse
import shutil
import subprocess
import sys
import tomllib

import start

RESOLUTIONS = {"oldest": "lowest-direct", "newest": "highest"}
BUILD = start.ROOT / "build"
FINDS_US = """
import pathlib, sys, start
start.VENV = pathlib.Path(sys.prefix)
start.prepare_imports()
"""
LISTS_VERSIONS = """
import sys
from importlib.metadata import version
print("Python", sys.version.split()[0])
for name in sys.argv[1:]:
    print(name, version(name))
"""


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("which", choices=RESOLUTIONS)
    parser.add_argument("--python", default=sys.executable)
    options, words = parser.parse_known_args()
    # from here on, what start.py does it does for this environment
    start.VENV = BUILD / options.which
    start.PYTHON = start.VENV / start.PYTHON.relative_to(start.ROOT / ".venv")
    make_environment(options.which, options.python)
    described = said(start.PYTHON, "-c", LISTS_VERSIONS, *core_packages())
    command = [start.PYTHON, "-m", "pytest", "--nbval-lax", "-pno:cacheprovider"]
    command += words or ["-n2"]
    env = start.with_our_settings() | {"OMP_NUM_THREADS": "1"}
    code = subprocess.run(command, cwd=start.ROOT, env=env).returncode
    verdict = "red" if code else "green"
    print(f"\n{options.which} versions, {verdict}: pytest {' '.join(words)}".rstrip())
    print(", ".join(described.splitlines()))
    sys.exit(code)


def make_environment(which, python):
    """Make the environment anew, with the packages that a resolution chooses."""
    uv = find_uv()
    run(uv, "venv", "--clear", "--python", python, start.VENV)
    packages = ["-r", "pyproject.toml", "--extra", "author", "--only-binary", ":all:"]
    resolution = ["--resolution", RESOLUTIONS[which]]
    run(uv, "pip", "install", "--python", start.PYTHON, *packages, *resolution)
    run(start.PYTHON, "-c", FINDS_US)


def find_uv():
    """Return uv's program; if there is none, fetch it into build/uv."""
    if found := shutil.which("uv"):
        return found
    program = BUILD / "uv" / "bin" / ("uv.exe" if start.WINDOWS else "uv")
    if not program.exists():
        pip = [sys.executable, start.PIP / "pip", "install", "--upgrade"]
        run(*pip, "--target", BUILD / "uv", "uv")
    return program


def core_packages():
    """Return the names of what pyproject.toml asks for, authors' tools left out."""
    text = (start.ROOT / "pyproject.toml").read_text(encoding="utf-8")
    lines = tomllib.loads(text)["project"]["dependencies"]
    ours = (line for line in lines if "win32" not in line)
    return [line.split("<")[0].split(">")[0].split("=")[0] for line in ours]


def run(*command):
    subprocess.run([str(word) for word in command], cwd=start.ROOT, check=True)


def said(*command):
    """Return what a command prints."""
    words = [str(word) for word in command]
    return subprocess.check_output(words, encoding="utf-8")


if __name__ == "__main__":
    main()
