"""What does a learner get of a solution?

nbgrader's own steps, used as a library, so that its users get the same notebooks.
"""

from pathlib import Path
from typing import Any

from nbformat import NotebookNode

from lessonlib.authoring.normal_form import dump
from lessonlib.authoring.page import ROOT, read_page
from lessonlib.authoring.refresh import write

CONFIG = ROOT / "solutions" / "nbgrader_config.py"


def make_exercise(solution: NotebookNode) -> NotebookNode:
    """Return the learner's version: no solution, no hidden test, no output.

    `solution` is changed too. Raises RuntimeError or nbgrader's ValidationError for a
    region without an end, or cells whose nbgrader metadata do not fit together.
    """
    for step in _steps():
        solution, _ = step.preprocess(solution, {})
    return solution


def build_exercises(root: Path = ROOT) -> int:
    """Write exercises/ from solutions/, print what changed, and count strays."""
    for path, text in _wanted(root).items():
        path.parent.mkdir(exist_ok=True)
        print(
            f"exercises/{path.name}: {'written' if write(path, text) else 'unchanged'}"
        )
    return _say(_strays(root))


def check_exercises(root: Path = ROOT) -> int:
    """Print which exercises a build would change, and count them. Writes nothing."""
    stale = [
        f"exercises/{path.name} is not what solutions/{path.name} makes: run "
        "`python -m lessonlib.authoring exercises`"
        for path, text in _wanted(root).items()
        if not path.exists() or path.read_bytes() != text.encode("utf-8")
    ]
    return _say(stale + _strays(root))


def _wanted(root: Path) -> dict[Path, str]:
    return {
        root / "exercises" / path.name: dump(make_exercise(read_page(path).nb))
        for path in sorted((root / "solutions").glob("*.ipynb"))
    }


def _strays(root: Path) -> list[str]:
    return [
        f"exercises/{path.name} has no solution: delete it, or write the solution"
        for path in sorted((root / "exercises").glob("*.ipynb"))
        if not (root / "solutions" / path.name).exists()
    ]


def _say(sentences: list[str]) -> int:
    for sentence in sentences:
        print(sentence)
    return len(sentences)


def _steps() -> list[Any]:
    # here, not at the top: nbgrader takes seconds to import, and only authors have it
    from nbgrader import preprocessors as nbgrader
    from traitlets.config.loader import PyFileConfigLoader

    config = PyFileConfigLoader(CONFIG.name, path=str(CONFIG.parent)).load_config()
    order = (
        nbgrader.LockCells,
        nbgrader.ClearSolutions,
        nbgrader.ClearOutput,
        nbgrader.CheckCellMetadata,
        nbgrader.ComputeChecksums,
        nbgrader.ClearHiddenTests,
        nbgrader.ClearMarkScheme,
        nbgrader.ComputeChecksums,  # once more: the hidden tests are gone
        nbgrader.CheckCellMetadata,
    )
    return [step(config=config) for step in order]
