"""Does a service get what it needs, with hashes, and nothing more?"""

import re
import subprocess
import sys
from dataclasses import replace

import pytest

from lessonlib.deploy.packages import service_requirements


def names(requirements):
    return re.findall(r"^([a-z0-9-]+)==", requirements, re.M)


def test_every_line_is_of_the_lock_with_its_hashes(bare, locked):
    text = service_requirements(bare)
    with open("requirements.lock") as file:
        lock = file.read()
    assert text.count("==") == len(
        re.findall(r"^\S+==\S+.* \\\n(?:    --hash=sha256:.*\n)+", text, re.M)
    )
    assert all(line in lock for line in text.splitlines())


def test_jupyterlab_stays_at_home(bare):
    found = {*names(service_requirements(bare))}
    assert {"uvicorn", "h11", "werkzeug", "threadpoolctl", "scikit-learn"} <= found
    assert not {"jupyterlab", "notebook", "matplotlib", "pytest", "nbgrader"} & found
    assert len(found) < 30
    framed = {*names(service_requirements(replace(bare, form="frame")))}
    assert framed - found >= {"pandas", "python-dateutil"}


@pytest.mark.parametrize("other", [{"lightgbm": "4.6.0"}, {"numpy": "1.0"}])
def test_other_packages_than_the_locks_are_named_without_hashes(bare, other):
    lines = service_requirements(replace(bare, libraries=bare.libraries | other))
    first, *pinned = lines.splitlines()
    assert first.startswith("# other versions than those of requirements.lock")
    assert all(re.fullmatch(r"[a-z0-9-]+==[0-9a-z.]+", line) for line in pinned)
    (name, version), *_ = other.items()
    assert f"{name}=={version}" in pinned
    assert {"uvicorn", "h11", "werkzeug", "scikit-learn"} <= {*names(lines)}


SERVE = """
import sys
from importlib.metadata import packages_distributions
allowed, known = set(sys.argv[1].split()), packages_distributions()

class OnlyAllowed:
    def find_spec(self, name, path=None, target=None):
        found = known.get(name.split(".")[0], ())
        of = {each.lower().replace("_", "-") for each in found}
        if of and not of & allowed:
            raise ImportError(f"{name} is not among the requirements")

sys.meta_path.insert(0, OnlyAllowed())
import lessonlib.serve.workers
from lessonlib.learn.log import PredictionLog
from lessonlib.save.artifacts import load_model
from lessonlib.serve.worker import Worker
Worker(sys.argv[2])
"""


LONG = [pytest.param(form, marks=pytest.mark.long) for form in ("frame", "texts")]


@pytest.mark.parametrize("form", ["array", *LONG])
def test_a_worker_imports_nothing_else(form, folder_of):
    folder, manifest = folder_of(form)
    allowed = " ".join(names(service_requirements(manifest)))
    command = [sys.executable, "-c", SERVE, allowed, str(folder)]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
