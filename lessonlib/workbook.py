"""How does a notebook talk with its reader? It asks, claims, shows and looks around."""

import importlib.metadata
import inspect
import os
import platform
import socket
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lessonlib.errors import ClaimError, LessonError


def guess(question: str, value: float | None) -> float | None:
    """Print the question with the learner's guess, and return the guess.

    Figures that take `guess=` draw it. None stands for "no guess", and is fine.
    """
    if value is None:
        print(f"{question}\nNo guess yet: write a number in place of None.")
    elif isinstance(value, bool) or not isinstance(value, int | float):
        raise TypeError(f"a guess is a number or None, got {value!r}")
    else:
        print(f"{question}\nYour guess: {value:g}.")
    return value


def claim(sentence: str, holds: bool) -> None:
    """Print the sentence if it holds, else raise ClaimError.

    A claim is what a lesson says about a measurement: true on every computer,
    although the digits of the measurement differ.
    """
    if not holds:
        raise ClaimError(
            f"does not hold here: {sentence}. If this computer was busy, run the "
            "measuring cell above once more, then this one"
        )
    print(f"holds: {sentence}")


def show(thing: Any) -> None:
    """Print the source of a function, class or module of this library."""
    file = Path(inspect.getfile(thing)).relative_to(Path(__file__).parents[1])
    print(f"# {file.as_posix()}\n{inspect.getsource(thing).rstrip()}")


def terminal(*words: str) -> None:
    """Run a command as a terminal would, and print what it prints.

    Raises LessonError if there is no such program, or if it fails or takes a minute.
    """
    try:
        done = subprocess.run(words, capture_output=True, encoding="utf-8", timeout=60)
    except FileNotFoundError:
        message = f"no program {words[0]!r} on this computer: install it, or read on"
        raise LessonError(message) from None
    except subprocess.TimeoutExpired:
        raise LessonError(f"{words[0]} did not end within a minute") from None
    if done.returncode:
        raise LessonError(f"{words[0]} failed ({done.returncode}): {done.stderr}")
    print(done.stdout.rstrip())


@dataclass(frozen=True)
class Health:
    """What `doctor` found: lines to read, and the problems among them."""

    found: tuple[str, ...]
    problems: tuple[str, ...]

    @property
    def ready(self) -> bool:
        """True if nothing stands in the way of the lesson."""
        return not self.problems

    def __repr__(self) -> str:
        verdict = "ready" if self.ready else "not ready"
        marks = [f"  ok       {line}" for line in self.found]
        marks += [f"  problem  {line}" for line in self.problems]
        return "\n".join([f"This computer is {verdict}.", *marks])


def doctor() -> Health:
    """Return whether this computer can run the lesson: packages, a port, a folder."""
    checks = (_packages, _port, _folder)
    results = [check() for check in checks]
    return Health(
        found=tuple(text for good, text in results if good),
        problems=tuple(text for good, text in results if not good),
    )


def _packages() -> tuple[bool, str]:
    wanted = ("scikit-learn", "joblib", "numpy", "flask", "requests", "matplotlib")
    versions = [f"Python {platform.python_version()}"]
    for name in wanted:
        try:
            versions.append(f"{name} {importlib.metadata.version(name)}")
        except importlib.metadata.PackageNotFoundError:
            return False, f"{name} is missing: close JupyterLab and run start.py again"
    half = len(versions) // 2  # a line of both would be too long for a narrow window
    first, second = ", ".join(versions[:half]), ", ".join(versions[half:])
    return True, f"{first},\n           {second}"


def _port() -> tuple[bool, str]:
    try:
        with socket.create_server(("127.0.0.1", 0)) as listener:
            port = listener.getsockname()[1]
            with socket.create_connection(("127.0.0.1", port), timeout=5):
                return True, "a server on 127.0.0.1 can be reached"
    except OSError as error:
        return False, f"no server on 127.0.0.1 can be reached ({error}): a firewall?"


def _folder() -> tuple[bool, str]:
    try:
        with tempfile.TemporaryFile(dir=os.curdir):
            return True, f"{Path.cwd().name}{os.sep} can be written"
    except OSError as error:
        return False, f"this folder cannot be written ({error}): open one of yours"
