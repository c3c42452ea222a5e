"""Is the best sandbox that a computer has taken, and does each of them hold?"""

import csv
import json
import shutil
from pathlib import Path

import pytest
from hostile import NAME, instead

from lessonlib.authoring.page import ROOT
from lessonlib.errors import LessonError
from lessonlib.grading import sandbox
from lessonlib.grading.grader import Grader
from lessonlib.grading.intake import Submission
from lessonlib.grading.isolation import Isolation, choose_isolation
from lessonlib.grading.merge import read_source
from lessonlib.grading.readable import readable_paths
from lessonlib.grading.result import Limits

SECRETS = ROOT / "solutions"
LOOK = f"""
import pathlib
try:
    seen = [path.name for path in pathlib.Path({str(SECRETS)!r}).iterdir()]
except OSError:
    seen = []
raise ValueError(f"seen: {{seen}}")
"""


@pytest.fixture
def no_landlock(monkeypatch):
    """A Linux older than 5.13, or without Landlock."""
    monkeypatch.setattr(sandbox, "landlock_version", lambda: 0)


def no_bubblewrap(monkeypatch):
    monkeypatch.setattr(shutil, "which", lambda name: None)


def test_without_any_sandbox_auto_says_so_and_required_refuses(
    no_landlock, monkeypatch
):
    no_bubblewrap(monkeypatch)
    assert "files not isolated" in choose_isolation("auto").text
    with pytest.raises(LessonError, match="neither Landlock .* nor bubblewrap"):
        choose_isolation("required")


def test_without_a_network_namespace_required_refuses():
    with pytest.raises(LessonError, match="network not isolated.*no network namespace"):
        Isolation("Landlock", calls_refused=True).with_namespaces(False, "required")
    assert "modes of files" in Isolation("Landlock", calls_refused=True).text


def test_without_a_filter_of_system_calls_required_refuses():
    with pytest.raises(LessonError, match="sockets of others not protected"):
        Isolation("Landlock").with_namespaces(True, "required")


def test_a_strange_isolation_is_refused():
    with pytest.raises(LessonError, match="auto, required or off, not 'on'"):
        choose_isolation("on")


def test_what_is_hidden_is_never_readable_even_among_what_python_needs(tmp_path):
    secret = Path(json.__file__).parent
    link = tmp_path / "link"
    link.symlink_to(secret)
    for hidden in (secret, link):
        paths = [Path(path).resolve() for path in readable_paths([str(hidden)])]
        assert not [path for path in paths if secret.is_relative_to(path)]
        assert Path(csv.__file__).resolve() in paths
    assert not [path for path in paths if SECRETS.is_relative_to(path)]
    assert ROOT / "lessonlib" in paths


def hides_the_solutions():
    """Grade in the best sandbox there is; return its name."""
    source = read_source(SECRETS / f"{NAME}.ipynb")
    with Grader(Limits(hidden=(str(SECRETS),))) as grader:
        honest = Submission("ada", NAME, "ada.ipynb", "", source.content)
        result = grader.grade(source, honest)
        assert result["raw_score"] == result["max_score"]
        curious = instead(json.loads(source.content), "sol-rank", LOOK)
        content = json.dumps(curious).encode()
        result = grader.grade(source, Submission("eve", NAME, "eve", "", content))
    messages = [each["message"] for each in result["questions"] if each["message"]]
    assert messages == ["your cell sol-rank ended with ValueError: seen: []"]
    return result["limits"]["isolation"]


@pytest.mark.skipif(not sandbox.landlock_version(), reason="needs Linux 5.13")
def test_landlock_hides_the_solutions():
    assert "Landlock" in hides_the_solutions()


@pytest.mark.skipif(not shutil.which("bwrap"), reason="needs bubblewrap")
def test_bubblewrap_hides_the_solutions(no_landlock):
    assert "bubblewrap" in hides_the_solutions()
