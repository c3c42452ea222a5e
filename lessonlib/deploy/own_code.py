"""Which code of one's own does a model need on a host?

A model's file has only the names of functions and classes. What no package brings, a
module of one's own, is copied beside `app.py`, and that is tried.
"""

import subprocess
import sys
from importlib.metadata import packages_distributions
from pathlib import Path
from typing import Any

from lessonlib.errors import LessonError
from lessonlib.save.imports import imports_of

_TRY = """
import importlib, sys
sys.path.insert(0, sys.argv[1])
for name in sys.argv[2:]:
    importlib.import_module(name)
"""


def own_code(model: Any) -> dict[str, bytes]:
    """Return the modules that a loaded model needs and no package brings.

    By their paths beside `app.py`: a file, or a folder with all its Python files.
    """
    from_elsewhere = {*sys.stdlib_module_names, *packages_distributions(), "lessonlib"}
    found = {}
    for name in {module.partition(".")[0] for module in imports_of(model)}:
        if name not in from_elsewhere and (place := sys.modules[name].__file__):
            path = Path(place)
            package = path.parent if path.name == "__init__.py" else None
            for file in package.rglob("*.py") if package else [path]:
                beside = file.relative_to((package or path).parent)
                found[beside.as_posix()] = file.read_bytes()
    return dict(sorted(found.items()))


def try_alone(to: Path, model: Any) -> None:
    """Import the model's own code from a written folder, in a process of its own.

    Raises LessonError if that code imports what was not copied.
    """
    beside = {path.name.removesuffix(".py") for path in to.iterdir()}
    names = [name for name in imports_of(model) if name.partition(".")[0] in beside]
    command = [sys.executable, "-IB", "-c", _TRY, str(to), *names]
    done = subprocess.run(command, capture_output=True, encoding="utf-8", check=False)
    if done.returncode:
        why = done.stderr.strip().rpartition("\n")[2]
        message = f"{to} has not all that the model's code needs ({why})"
        raise LessonError(f"{message}: put it into one folder with that, a package")
