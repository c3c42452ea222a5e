"""Which mistakes do the checks know, and what does a learner read?

The list is for instructors. It is compared, so no message changes by accident.
"""

import importlib

from lessonlib.authoring.page import ROOT
from lessonlib.checks import Check

_HEAD = """# What the checks say

Each check knows some wrong answers by what they do. This is what a learner reads then.
Written by `python -m lessonlib.authoring exercises`; change it in `lessonlib/checks/`.
"""


def known_mistakes() -> str:
    """Return the list: a section a notebook, a table a check, a row a mistake."""
    text = _HEAD
    for path in sorted((ROOT / "lessonlib" / "checks").glob("ex[0-9]*")):
        module = importlib.import_module(f"lessonlib.checks.{path.stem}")
        text += f"\n## {path.stem}\n"
        for name, check in vars(module).items():
            if isinstance(check, Check):
                text += f"\n### {path.stem}.{name}: {check.title}\n\n{_table(check)}"
    return text


def _table(check: Check) -> str:
    rows = [("the mistake", "what the learner reads"), ("---", "---")]
    rows += [(mistake.name, mistake.message) for mistake in check.mistakes]
    return "".join(f"| {_cell(name)} | {_cell(message)} |\n" for name, message in rows)


def _cell(text: str) -> str:
    return " ".join(text.replace("|", "\\|").split())
