"""pyproject.toml, environment.yml, requirements.lock and start.py tell one story."""

import os
import re
import sys
import sysconfig
import tomllib
from importlib.metadata import distributions
from pathlib import Path

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name

import start

ROOT = Path(__file__).parents[1]
PYPROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
PROJECT = PYPROJECT["project"]
PYTHON_OF_CONDA = "python=3.13"  # one version, and in conda's own words, for Binder
LOCKS = ["requirements.lock"]
LOCKS += [
    f"tests/{path.parent.name}/{path.name}" for path in ROOT.glob("tests/*/*.lock")
]


def asked_for():
    """Return the requirements of pyproject.toml, those of the authors included."""
    lines = PROJECT["dependencies"] + PROJECT["optional-dependencies"]["author"]
    return [Requirement(line) for line in lines]


def conda_packages():
    """Return {name: specifiers} from environment.yml, and what it leaves to pip."""
    text = (ROOT / "environment.yml").read_text(encoding="utf-8")
    lines = yaml.safe_load(text)["dependencies"]
    lines = [line for line in lines if line != PYTHON_OF_CONDA]
    specs = [Requirement(line) for line in lines if isinstance(line, str)]
    named = {canonicalize_name(r.name): r.specifier for r in specs}  # conda has its own
    return named, lines[-1]["pip"]


def locked(name="requirements.lock"):
    """Return (requirement, its hashes) for each entry of a lock."""
    text = (ROOT / name).read_text(encoding="utf-8").replace("\\\n", " ")
    entries = [line.split("--hash=") for line in text.splitlines()]
    return [(Requirement(first), hashes) for first, *hashes in entries]


def version(requirement):
    return re.fullmatch(r"==([^,*]+)", str(requirement.specifier))[1]


def test_conda_gets_what_pyproject_asks_for():
    packages, pip = conda_packages()
    del packages["pip"]
    # conda's file cannot say "not on Windows": what only some systems have is left out
    assert packages == {r.name: r.specifier for r in asked_for() if not r.marker}
    assert pip == ["-e ."]  # lessonlib itself


def test_one_range_of_pythons():
    every = SpecifierSet(PROJECT["requires-python"])
    for minor in range(9, 20):
        ours = start.OLDEST <= (3, minor) <= start.NEWEST
        assert every.contains(f"3.{minor}") or not ours
    assert not every.contains("3.10")


def test_the_lock_satisfies_pyproject():
    pins = {r.name: version(r) for r, _ in locked()}
    for requirement in asked_for():
        assert requirement.specifier.contains(pins[canonicalize_name(requirement.name)])


@pytest.mark.parametrize("name", LOCKS)
def test_a_lock_names_no_place_to_fetch_from(name):
    text = (ROOT / name).read_text(encoding="utf-8")
    assert "://" not in text
    line = r"[a-z0-9-]+==\S+( ; .+)?|    --hash=sha256:[0-9a-f]{64}"
    for number, written in enumerate(text.splitlines(), start=1):
        assert re.fullmatch(line, written.removesuffix(" \\")), f"line {number}"


@pytest.mark.parametrize("name", LOCKS)
def test_a_lock_pins_each_package_once_and_by_hash(name):
    entries = locked(name)
    assert all(hashes for _, hashes in entries)
    names = [requirement.name for requirement, _ in entries]
    assert sorted(set(names)) == sorted(names)


@pytest.mark.skipif(
    Path(sys.prefix) != start.VENV, reason="only start.py's .venv is made from the lock"
)
def test_what_is_installed_is_the_lock():
    here = [r for r, _ in locked() if not r.marker or r.marker.evaluate()]
    pins = {r.name: version(r) for r in here}
    packages = distributions(path=[sysconfig.get_path("purelib")])
    installed = {canonicalize_name(d.name): d.version for d in packages}
    # a learner may have added more (start.py add)
    assert installed.items() >= pins.items()
    assert "CI" not in os.environ or installed == pins
