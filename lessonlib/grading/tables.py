"""CSV files that spreadsheets write, and that spreadsheets will open."""

import csv
import io
import os
import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from lessonlib.errors import LessonError

_RUN = tuple("=+-@\t\n\uff1d\uff0b\uff0d\uff20")  # spreadsheets run such a text


def read_table(path: Path, columns: Iterable[str]) -> list[dict[str, str]]:
    """Return the rows of a CSV file, with commas, semicolons or tabs between.

    Raises LessonError, and says where, if it lacks one of `columns`, if a line does not
    fit its head, or if it is not in UTF-8: to guess would lose what somebody typed.
    """
    try:
        text = path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError:
        raise LessonError(f"{path} is not in UTF-8: save it as CSV UTF-8") from None
    except OSError as error:
        raise LessonError(f"{path} cannot be read: {error.strerror}") from None
    head = text.partition("\n")[0]
    table = csv.reader(io.StringIO(text, newline=""), delimiter=_separator(head))
    names = [name.strip() for name in next(table, [])]
    for column in columns:
        if column not in names:
            raise LessonError(f"{path} has no column {column}; its first line: {head}")
    rows = []
    for cells in table:
        if len(cells) > len(names) and any(cells[len(names) :]):
            raise LessonError(
                f"{path}, line {table.line_num}: {len(cells)} fields where the first "
                f"line has {len(names)}. A text with {_separator(head)!r} needs quotes"
            )
        if any(cell.strip() for cell in cells):
            row = dict.fromkeys(names, "") | dict(zip(names, cells, strict=False))
            rows.append({name: _uncell(cell) for name, cell in row.items()})
    return rows


def write_table(
    path: Path, columns: Iterable[str], rows: Iterable[Mapping[str, Any]]
) -> None:
    """Write a table in one step. A text that a spreadsheet would run is quoted."""
    text, names = io.StringIO(), list(columns)
    table = csv.writer(text, lineterminator="\n")
    table.writerow(names)
    table.writerows([_cell(row.get(name, "")) for name in names] for row in rows)
    beside = path.with_suffix(".partial")
    beside.write_text(text.getvalue(), "utf-8", "backslashreplace")
    os.replace(beside, path)


def _separator(head: str) -> str:
    return max(",;\t", key=head.count)


def _cell(value: Any) -> Any:
    if isinstance(value, float):
        return f"{value:g}"
    if not isinstance(value, str):
        return value
    text = re.sub(r"\r\n?", "\n", value)  # csv quotes a \n, and not a lone \r
    return f"'{text}" if text.lstrip("'").startswith(_RUN) else text


def _uncell(text: str) -> str:
    """Return a text as it was before `_cell`, which quotes what is quoted, too."""
    is_quoted = text[:1] == "'" and text.lstrip("'").startswith(_RUN)
    return text[1:] if is_quoted else text
