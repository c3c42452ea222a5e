"""Which mistakes do the checks know, and what does a learner read?

The list is for instructors. It is compared, so no message changes by accident.
"""

import importlib

from lessonlib.authoring.pages import ROOT
from lessonlib.authoring.refresh import write
from lessonlib.checks import Check

LIST = ROOT / "solutions" / "MISTAKES.md"
_HEAD = """# What the checks say

Each check knows some wrong answers by what they do. This is what a learner reads then.
Written by `python -m lessonlib.authoring exercises`; change it in `lessonlib/checks/`.
"""


def build_list() -> int:
    """Write the list and say if it changed; return 0, as nothing can be wrong."""
    changed = write(LIST, known_mistakes())
    print(f"solutions/{LIST.name}: {'written' if changed else 'unchanged'}")
    return 0


def check_list() -> int:
    """Say if the list is not what the checks know; return how many faults there are."""
    if LIST.exists() and LIST.read_bytes() == known_mistakes().encode("utf-8"):
        return 0
    print(
        f"solutions/{LIST.name} is not what the checks say: run "
        "`python -m lessonlib.authoring exercises`, and read the difference"
    )
    return 1


def known_mistakes() -> str:
    """Return the list: a section a notebook, a table a check, a row a mistake."""
    text = _HEAD
    for path in sorted((ROOT / "lessonlib" / "checks").glob("ex*.py")):
        module = importlib.import_module(f"lessonlib.checks.{path.stem}")
        text += f"\n## {path.stem}\n"
        for name, check in vars(module).items():
            if isinstance(check, Check):
                text += f"\n### {path.stem}.{name}: {check.title}\n\n{_table(check)}"
    return text


def _table(check):
    rows = [("the mistake", "what the learner reads"), ("---", "---")]
    rows += [(mistake.name, mistake.message) for mistake in check.mistakes]
    return "".join(f"| {_cell(name)} | {_cell(said)} |\n" for name, said in rows)


def _cell(text):
    return " ".join(text.replace("|", "\\|").split())
