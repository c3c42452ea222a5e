"""Who answered while a new model was rolled out? Lines of a log, as dictionaries."""

from collections.abc import Iterable
from typing import Any

Line = tuple[int, int, str | None, int]
_FIELDS = ("at_s", "process", "version", "parcels")

ROLLOUT: tuple[Line, ...] = (
    (12, 1, "a1", 8),
    (15, 2, "a1", 6),
    (62, 1, "b2", 9),
    (78, 1, "b2", 7),
    (31, 3, "a1", 7),
    (64, 3, "a1", 5),
    (71, 2, "b2", 8),
    (66, 2, "a1", 4),
    (70, 4, None, 3),
    (73, 3, "a1", 6),
    (75, 4, "b2", 5),
)


def as_log(lines: Iterable[Line]) -> list[dict[str, Any]]:
    """Return lines as dictionaries: second, process, version and parcels."""
    return [dict(zip(_FIELDS, line, strict=True)) for line in lines]


def as_table(log: Iterable[dict[str, Any]]) -> str:
    """Return a log in columns; - where a reply has named no version."""
    rows = ["at_s  process  version  parcels"]
    rows += [
        f"{line['at_s']:4}  {line['process']:7}  {line['version'] or '-':>7}  "
        f"{line['parcels']:7}"
        for line in log
    ]
    return "\n".join(rows)
