"""What did a check find, and how is the learner told?"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, ClassVar

from lessonlib.checks.probes import plain
from lessonlib.shown import CIRCLE, CROSS, TICK, bullets, look, paragraph, say

NOT_ATTEMPTED, NOT_YET, DONE = "not attempted", "not yet", "done"
NOT_IN_GENERAL = (
    "right for the examples of the check, and wrong for others that it does not show: "
    "does it follow the rule, or the examples?"
)
_SIGNS = {NOT_ATTEMPTED: CIRCLE, NOT_YET: CROSS, DONE: TICK, "no": CROSS, "ok": TICK}


@dataclass(frozen=True)
class Report:
    """What a check found. `lines` has a mark and a sentence for each promise."""

    title: str
    outcome: str  # "not attempted", "not yet" or "done"
    points: int
    out_of: int
    lines: tuple[str, ...] = ()
    message: str = ""
    hint: str = ""
    mistake: str = ""  # the name of the known mistake, if it is one
    code: tuple[str, ...] = ()  # the parts of the message that are code, in order

    kept: ClassVar[list["Report"] | None] = None  # a grader keeps what is shown

    def __repr__(self) -> str:
        parts = [f"{self.outcome}: {self._what()}", *(f"  {x}" for x in self.lines)]
        parts += [f"  {self.message}"] if self.message else []
        parts += [f"  hint: {self.hint}"] if self.hint else []
        return "\n".join(parts)

    def _repr_html_(self) -> str:
        sign, word = _SIGNS[self.outcome], f"{self.outcome}:"
        marked = [line.split(maxsplit=1) for line in self.lines]
        parts = [paragraph(self._what(), word=word, sign=sign)]
        items = [(_SIGNS[mark], mark, text) for mark, text in marked]
        parts += [bullets(items)] if items else []
        parts += [paragraph(self.message, code=self.code)] if self.message else []
        parts += [paragraph(self.hint, word="hint:")] if self.hint else []
        return look(*parts)

    def _what(self) -> str:
        return f"{self.title} ({self.points} of {self.out_of} points)"

    def show(self) -> int:
        """Show the report and return its points: the value of a graded cell."""
        if Report.kept is not None:
            Report.kept.append(self)
        say(self)
        return self.points

    def unseen(self, holds: Callable[[], Any]) -> "Report":
        """Return what is left if `holds()` is not true: half of the points.

        For a hidden test, and only for an answer that is right otherwise. Nothing of
        what `holds` does is told.
        """
        if self.outcome != DONE:
            return self
        try:
            if plain(holds()) is True:
                return self
        except Exception:
            pass  # its words might give the test away
        points = self.points // 2
        return replace(self, outcome=NOT_YET, points=points, message=NOT_IN_GENERAL)
