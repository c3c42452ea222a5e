"""Which values break the contract? `faults(rows, columns)` lists row and column."""

import math
from collections.abc import Sequence
from typing import Any

from lessonlib.checks import Check, Mistake
from lessonlib.checks.ex03.number_texts import BOOL, MADE, NAN, WHOLE
from lessonlib.checks.probes import Broken, call, expect, outcomes
from lessonlib.save.columns import Column

# each the message of a mistake, and a hint for answers that are wrong in two ways
NAME = "the column is given by its name: column.name"
FIRST = (
    "only the first fault is reported, so the client asks again for each of them. "
    "Collect them, return at the end"
)

Rows = list[list[Any]]
Place = tuple[int, str, str]  # the row, the column and the code of a fault

COLUMNS = (
    Column("weight", low=0, high=30),
    Column("length", low=1, high=2),
    Column("width", low=-1, high=1),
)
KEYS = ("row", "column", "code")


def _found(faults: Any, rows: Rows) -> list[dict[str, Any]]:
    """Return the faults without further keys, such as a message, in a fixed order."""
    found = call(faults, [list(row) for row in rows], list(COLUMNS))
    called = f"faults({rows}, columns) gave {found!r:.80}, expected"
    if not isinstance(found, list | tuple):
        raise Broken(f"{called} a list", "collect the faults, and return them all")
    for fault in found:
        if not isinstance(fault, dict) or not set(KEYS) <= set(fault):
            keys = "a fault is a dictionary with the keys row, column and code"
            raise Broken(f"{called} a list of dictionaries", keys)
    kept = [{key: fault[key] for key in KEYS} for fault in found]
    return sorted(kept, key=lambda fault: repr([*fault.values()]))


def _expect(
    faults: Any,
    rows: Rows,
    places: Sequence[Place],
    hint: str,
    keys: Sequence[str] = KEYS,
) -> None:
    """Compare what the faults say under `keys`; what is shown is all of it."""
    found = _found(faults, rows)
    expected = [dict(zip(KEYS, place, strict=True)) for place in places]
    try:
        expect(_under(keys, found), _under(keys, expected), called="")
    except Broken:
        seen = f"faults({rows}, columns) gave {found!r:.250}, expected {expected}"
        raise Broken(seen, _aim(found, expected, hint)) from None


def _under(keys: Sequence[str], faults: list[dict[str, Any]]) -> list[list[Any]]:
    return [[fault[key] for key in keys] for fault in faults]


def _aim(found: list[dict[str, Any]], expected: list[dict[str, Any]], hint: str) -> str:
    """Return the hint, or a better one if what was found gives the reason away."""
    for fault in found:
        if isinstance(fault["column"], Column):
            return NAME
        if isinstance(fault["column"], int):
            return f"{NAME}, not by its position"
    if found and [fault["row"] for fault in found] == [
        fault["row"] + 1 for fault in expected
    ]:
        return "the first row, in JSON and in Python, is row 0"
    return hint


FINE: tuple[tuple[Rows, str], ...] = (  # rows, and the hint if they are refused
    ([[7.5, 1.5, 0.5], [2.5, 1.25, -0.5]], "what is in your list if nothing is wrong?"),
    ([[5, 1.5, 0.5]], WHOLE),
    ([[0.0, 1.0, -1.0]], "is the low end within the limits?"),
    ([[30.0, 2.0, 1.0]], "is the high end within the limits?"),
)


def _none(faults: Any) -> None:
    """rows that keep the limits have no faults: an empty list"""
    for rows, hint in FINE:
        _expect(faults, rows, [], hint)


GOOD = [5.5, 1.5, 0.5]
SPOILT: tuple[tuple[Rows, Place, str], ...] = (  # rows, their fault, and the hint
    ([GOOD, [5.5, "1", 0.5]], (1, "length", "not_a_number"), MADE),
    ([[True, 1.5, 0.5], GOOD], (0, "weight", "not_a_number"), BOOL),
    ([GOOD, GOOD, [5.5, 1.5, None]], (2, "width", "not_a_number"), ""),
    ([[5.5, 2.5, 0.5]], (0, "length", "out_of_range"), "compare with the high end"),
    ([GOOD, [-1.5, 1.5, 0.5]], (1, "weight", "out_of_range"), "compare with low"),
    ([[5.5, 1.5, math.nan]], (0, "width", "out_of_range"), NAN),
)


def _where(faults: Any) -> None:
    """a fault has its row, counted from 0, and its column, by name"""
    for rows, place, hint in SPOILT:
        _expect(faults, rows, [place], hint, KEYS[:2])


MANY: Rows = [[-5.5, 1.5, 0.5], GOOD, [5.5, "2", 7.5]]
MANY_FAULTS = (
    (0, "weight", "out_of_range"),
    (2, "length", "not_a_number"),
    (2, "width", "out_of_range"),
)


def _all(faults: Any) -> None:
    """every fault of every row is listed"""
    hint = "when does your function return?"
    found = _found(faults, MANY)
    if len(found) < len(MANY_FAULTS):
        hint = FIRST if len(found) == 1 else "may a row have two faults?"
    _expect(faults, MANY, MANY_FAULTS, hint, KEYS[:2])


def _code(faults: Any) -> None:
    """its code is not_a_number or out_of_range"""
    for rows, place, _ in SPOILT:
        number = place[2] == "out_of_range"
        hint = "it is a number, but not within its limits" if number else "is it one?"
        _expect(faults, rows, [place], hint)


def _probe(faults: Any) -> list[Any]:
    batches = [*(rows for rows, *_ in (*FINE, *SPOILT)), MANY]
    return outcomes(_found, [(faults, rows) for rows in batches])


def _number_by(is_number):
    """Return faults that take for a number what `is_number` takes for one."""

    def faults(rows, columns):
        found = []
        for i, row in enumerate(rows):
            for column, value in zip(columns, row, strict=True):
                fault = {"row": i, "column": column.name}
                if not is_number(value):
                    found.append(fault | {"code": "not_a_number"})
                elif not column.low <= float(value) <= column.high:
                    found.append(fault | {"code": "out_of_range"})
        return found

    return faults


def _made(value):
    try:
        float(value)
    except (TypeError, ValueError):
        return False
    return True


def _not_outside(rows, columns):
    found = []
    for i, row in enumerate(rows):
        for column, value in zip(columns, row, strict=True):
            fault = {"row": i, "column": column.name}
            if type(value) not in (int, float):
                found.append(fault | {"code": "not_a_number"})
            elif value < column.low or value > column.high:
                found.append(fault | {"code": "out_of_range"})
    return found


def _code_of(column, value):
    if type(value) not in (int, float):
        return "not_a_number"
    return None if column.low <= value <= column.high else "out_of_range"


def _by_column(rows, columns):
    return [
        {"row": i, "column": column, "code": _code_of(column, value)}
        for i, row in enumerate(rows)
        for column, value in zip(columns, row, strict=True)
        if _code_of(column, value)
    ]


def _first(rows, columns):
    for i, row in enumerate(rows):
        for column, value in zip(columns, row, strict=True):
            if code := _code_of(column, value):
                return [{"row": i, "column": column.name, "code": code}]
    return []


MISTAKES = (
    Mistake("floats alone", WHOLE, _number_by(lambda value: type(value) is float)),
    Mistake(
        "a bool is a number",
        BOOL,
        _number_by(lambda value: isinstance(value, int | float)),
    ),
    Mistake("made into a number", MADE, _number_by(_made)),
    Mistake("NaN is not outside", NAN, _not_outside),
    Mistake("a column for its name", NAME, _by_column),
    Mistake("stops at the first", FIRST, _first),
)

faults = Check(
    title="name row and column",
    promises=(_none, _where, _all, _code),
    probe=_probe,
    mistakes=MISTAKES,
)
