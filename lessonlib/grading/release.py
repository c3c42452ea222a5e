"""What do learners get? The lesson, its exercises and its set-up, and no answers."""

import shutil
from pathlib import Path

from lessonlib.errors import LessonError

HANDED_OUT = (
    "notebooks", "exercises", "lessonlib", "setup", "start.py", "requirements.lock",
    "environment.yml", "pyproject.toml", "README.md", "CHANGELOG.md", "LICENSE",
)  # fmt: skip
_MADE_BY_RUNNING = ("__pycache__", ".ipynb_checkpoints", "*.pyc")
_INSTRUCTORS = "## Instructors and contributors\n"
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
        _for_learners(folder / "README.md")
        notebooks = sorted(folder.glob("*/*.ipynb"))
        told = [path.name for path in notebooks if _has_answers(path)]
        if told:
            raise LessonError(
                f"{', '.join(told)}: still with answers. Run `python3 start.py refresh`"
            )
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise
    return notebooks


def _for_learners(path):
    """Cut what is for instructors out of the README: its links lead to no answers."""
    text = path.read_text(encoding="utf-8")
    first, _, rest = text.partition(_INSTRUCTORS)
    path.write_text(first + rest[rest.find("\n## ") + 1 :], encoding="utf-8")


def _copy(source, target):
    if source.is_dir():
        ignored = shutil.ignore_patterns(*_MADE_BY_RUNNING)
        shutil.copytree(source, target, ignore=ignored)
    else:
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(source, target)


def _has_answers(path):
    text = path.read_text(encoding="utf-8")
    return any(mark in text for mark in _SECRET)
