"""How does a notebook talk with its reader? It asks, claims, shows and looks around."""

import importlib.metadata
import inspect
import math
import os
import platform
import socket
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lessonlib.errors import ClaimError, LessonError
from lessonlib.shown import CROSS, TICK, Sentence, bullets, look, paragraph, say


def guess(question: str, value: float | None) -> float | None:
    """Show the question with the learner's guess, and return the guess.

    Figures that take `guess=` draw it. None stands for "no guess", and is fine.
    """
    if value is None:
        say(Sentence(f"{question}\nNo guess yet: write a number in place of None."))
    elif isinstance(value, bool) or not isinstance(value, int | float):
        raise TypeError(f"a guess is a number or None, got {value!r}")
    else:
        say(Sentence(f"{question}\nYour guess: {value:g}."))
    return value


def how_near(value: float | None, measured: float, *, unit: str = "") -> None:
    """Show how far the guess `value` was from what was measured; None is no guess.

    A factor of two or more is told as a factor, less as a percentage of `measured`.
    """
    if value is None:
        say(Sentence("No guess to compare with: write one above, and run on."))
        return
    guessed, found = (f"{_plain(each)} {unit}".rstrip() for each in (value, measured))
    distance = _distance(value, measured)
    say(Sentence(f"You guessed {guessed}; it was {found}: {distance}."))


def _plain(number: float) -> str:
    """Return the number with three digits or all those before the point."""
    return f"{number:,.0f}" if abs(number) >= 1000 else f"{number:.3g}"


def _distance(value: float, measured: float) -> str:
    if _plain(value) == _plain(measured):
        return "spot on"
    if not math.isfinite(value) or not math.isfinite(measured):
        return "there is no number for how far off that is"
    if value * measured <= 0:
        return f"off by {_plain(abs(value - measured))}"
    ratio = measured / value
    if ratio >= 2:
        return f"{_plain(_round(ratio))} times as much"
    if ratio <= 0.5:
        return f"your guess was {_plain(_round(1 / ratio))} times as much"
    return f"{max(1, round(100 * abs(1 / ratio - 1)))} % off"


def _round(factor: float) -> float:
    return round(factor, 0 if factor >= 10 else 1)


def claim(sentence: str, holds: bool) -> None:
    """Show the sentence if it holds, else raise ClaimError.

    A claim is what a lesson says about a measurement: true on every computer,
    although the digits of the measurement differ.
    """
    if not holds:
        raise ClaimError(
            f"does not hold here: {sentence}. If this computer was busy, run the "
            "measuring cell above once more, then this one"
        )
    say(Sentence(sentence, word="holds:", sign=TICK))


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

    @property
    def _verdict(self) -> str:
        return f"This computer is {'ready' if self.ready else 'not ready'}."

    def __repr__(self) -> str:
        marks = [f"  ok       {line}" for line in self.found]
        marks += [f"  problem  {line}" for line in self.problems]
        return "\n".join([self._verdict, *marks])

    def _repr_html_(self) -> str:
        items = [(TICK, "ok", " ".join(line.split())) for line in self.found]
        items += [(CROSS, "problem", line) for line in self.problems]
        sign = TICK if self.ready else CROSS
        return look(paragraph(self._verdict, sign=sign), bullets(items))


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
