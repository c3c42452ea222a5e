"""What do learners get? The lesson, its exercises and its set-up, and no answers."""

import re
import shutil
from pathlib import Path

from lessonlib.errors import LessonError

HANDED_OUT = (
    "notebooks", "exercises", "lessonlib", "setup", "start.py", "requirements.lock",
    "environment.yml", "pyproject.toml", "README.md", "CHANGELOG.md",
    "SECURITY.md", "LICENSE",
)  # fmt: skip
_TOOLS = ("authoring", "grading")  # rooms of the library that no lesson imports
_MADE_BY_RUNNING = ("__pycache__", ".ipynb_checkpoints", "*.pyc")
_NOT_FOR_LEARNERS = {  # what is cut out of a file: it would lead to what is not there
    "README.md": r"(?ms)^## Instructors and contributors\n.*?(?=^## |\Z)",
    "pyproject.toml": r"(?ms)^ *# BEGIN AUTHORS\b.*?# END AUTHORS\n",
    "lessonlib/__init__.py": rf"(?m)^ +({'|'.join(_TOOLS)})/ .*\n",
}
_SECRET = ("### BEGIN SOLUTION", "### BEGIN HIDDEN TESTS", "### BEGIN MARK SCHEME")


def release(root: Path, folder: Path) -> list[Path]:
    """Copy from `root` to the new `folder` what learners get, and return its notebooks.

    Raises LessonError if `folder` has something in it, if a part is missing, or if a
    notebook still has an answer; then nothing is left of the copy.
    """
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise LessonError(f"{folder} is not empty: name a new folder")
    missing = [name for name in HANDED_OUT if not (root / name).exists()]
    if missing:
        raise LessonError(
            f"{root} has no {', '.join(missing)}: is it the whole lesson?"
        )
    try:
        for name in HANDED_OUT:
            _copy(root / name, folder / name)
        for name, pattern in _NOT_FOR_LEARNERS.items():
            text = (folder / name).read_text(encoding="utf-8")
            (folder / name).write_text(re.sub(pattern, "", text), encoding="utf-8")
        notebooks = sorted(folder.glob("*/*.ipynb"))
        solved = [path.name for path in notebooks if _has_answers(path)]
        if solved:
            names = ", ".join(solved)
            raise LessonError(
                f"{names}: still with answers. Run `python3 start.py refresh`"
            )
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise
    return notebooks


def _copy(source: Path, target: Path) -> None:
    if source.is_dir():
        shutil.copytree(source, target, ignore=_left_out)
    else:
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(source, target)


def _left_out(folder: str, names: list[str]) -> set[str]:
    """Return which names in a folder learners do not get."""
    tools = _TOOLS if Path(folder).name == "lessonlib" else ()
    return shutil.ignore_patterns(*_MADE_BY_RUNNING, *tools)(folder, names)


def _has_answers(path: Path) -> bool:
    text = path.read_text(encoding="utf-8")
    return any(mark in text for mark in _SECRET)
