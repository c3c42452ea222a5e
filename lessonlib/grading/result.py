"""What decides about the result of a submission, and what is in one?"""

from dataclasses import asdict, dataclass
from hashlib import sha256
from typing import Any

from lessonlib.grading.intake import Submission
from lessonlib.grading.merge import Source


@dataclass(frozen=True)
class Limits:
    """What a submission may use. `isolation` is "auto", "required" or "off"."""

    cell_timeout_s: float = 10
    memory_gb: float = 1
    isolation: str = "auto"
    hidden: tuple[str, ...] = ()  # never to be read, wherever they lie
    total_s: float = 300  # for all cells and questions of a submission

    def text(self) -> str:
        """Return the limits that change a grade, for the key of a result."""
        return f"{self.cell_timeout_s} {self.memory_gb} {self.total_s} {self.isolation}"


def key_of(source: Source, content: bytes | None, limits: Limits) -> str:
    """Return the hash of all that decides about a result; "" if there is no content."""
    if content is None:
        return ""
    parts = (source.digest.encode(), sha256(content).digest(), limits.text().encode())
    return sha256(b"\n".join(parts)).hexdigest()


def blank_result(
    submission: Submission, assignment: str, max_score: float = 0
) -> dict[str, Any]:
    """Return a result of nothing yet: all questions of the source, and no points."""
    about = asdict(submission)
    return {
        "key": "", "assignment": assignment,
        **{name: about[name] for name in ("student", "file", "timestamp", "problem")},
        "raw_score": 0, "max_score": max_score, "seconds": 0.0,
        "questions": [], "notes": list(about.get("notes", ())), "manual": [],
        "limits": {},
    }  # fmt: skip
