"""Do records become rows? `to_rows(records, names)` goes by name, or refuses."""

from collections.abc import Sequence
from typing import Any

from lessonlib.checks import Case, Check, Mistake, case
from lessonlib.checks.probes import call, colocate

Records = list[dict[str, Any]]

NAMES = ("weight", "length", "drop point")
GOOD = {"weight": 20, "length": 0.5, "drop point": "hall 2"}
TURNED = {"drop point": "hall 1", "length": 1.5, "weight": 3}
GAP = {"length": 1.5, "drop point": None, "weight": 3}

# each the message of a mistake, and a hint for answers that are wrong in two ways
EXTRA = (
    "a column that the model doesn't have was dropped without a word. It may be a "
    "slip of the finger, or something the client thinks the model looks at"
)
CHANGED = (
    "the records are no longer what the caller handed you, and the log wants to keep "
    "them as they came. pop and del change a dictionary"
)

ORDER = "ask the record for each of `names` in turn"
REFUSE = "which kind of error does the exercise ask for, and what is in it?"
EACH = "each record may have a fault of its own; is the column's name in the message?"
NEARLY = "compare the names as they are: lower(), strip() and replace() are guesses"


ROWS, RECORDS = "", "the records after "  # what a case looks at, as a message says it


def _after_call(to_rows: Any, records: Records, names: list[str]) -> dict[str, Any]:
    """Return the rows, and the records as they are after the call."""
    return {ROWS: to_rows(records, names), RECORDS: records}


def _ask(answer: Any, records: Records, look: str, at_fault: Sequence[str]) -> Any:
    """Return what is looked at, or how the call ended that gave no rows."""
    try:
        seen = colocate(answer, _after_call)(answer, records, list(NAMES))
    except ValueError as error:
        if any(name in str(error) for name in at_fault):
            return _refusal(at_fault)
        return "a ValueError that names no column at fault"
    except LookupError as error:
        return f"a {type(error).__name__}"
    call(lambda: seen[ROWS])  # a stub returns nothing
    return seen[look]


def _refusal(at_fault: Sequence[str]) -> str:
    return f"a ValueError that names {' or '.join(map(repr, at_fault))}"


def _case(
    records: Records, look: str, at_fault: Sequence[str], *, gives: Any, hint: str
) -> Case:
    called = f"{look}to_rows({records}, {list(NAMES)})"
    return case(records, look, at_fault, gives=gives, called=called, hint=hint)


def _taken(*records: dict[str, Any], rows: list[list[Any]], hint: str) -> Case:
    return _case(list(records), ROWS, (), gives=rows, hint=hint)


def _left_alone(*records: dict[str, Any]) -> Case:
    return _case(list(records), RECORDS, (), gives=list(records), hint=CHANGED)


def _refused(*records: dict[str, Any], at_fault: Sequence[str], hint: str) -> Case:
    refusal = _refusal(at_fault)
    return _case(list(records), ROWS, at_fault, gives=refusal, hint=hint)


def _without(name: str) -> dict[str, Any]:
    return {key: value for key, value in GOOD.items() if key != name}


def _renamed(name: str, to: str) -> dict[str, Any]:
    return {to if key == name else key: value for key, value in GOOD.items()}


ROW, TURNED_ROW = [20, 0.5, "hall 2"], [3, 1.5, "hall 1"]
GAP_ROW = [3, 1.5, None]

PROMISES = (
    (
        "a row has the values in the order of `names`, whatever order the record has",
        _taken(GOOD, rows=[ROW], hint="one list for each record"),
        _taken(TURNED, GOOD, rows=[TURNED_ROW, ROW], hint=ORDER),
    ),
    (
        "None stays None, equal records stay apart, no records give no rows",
        _taken(GAP, rows=[GAP_ROW], hint="None is the value of a gap: keep it"),
        _taken(TURNED, TURNED, rows=[TURNED_ROW] * 2, hint="one row for each record"),
        _taken(rows=[], hint="what does your loop do with an empty list?"),
    ),
    (
        "a missing column is refused with a ValueError that names it, in any record",
        _refused(_without("length"), at_fault=["length"], hint=REFUSE),
        _refused(GOOD, _without("drop point"), at_fault=["drop point"], hint=EACH),
        _refused(GOOD, GOOD, {}, at_fault=NAMES, hint="an empty record misses all"),
    ),
    (
        "so is a column that is none of `names`, in any record",
        _refused(GOOD | {"id": 7}, at_fault=["id"], hint=EXTRA),
        _refused(GOOD, TURNED | {"colour": "red"}, at_fault=["colour"], hint=EACH),
        _refused(GOOD | {"id": None}, at_fault=["id"], hint="its name is there"),
    ),
    (
        "a name that is nearly right is not guessed",
        *(
            _refused(_renamed(name, to), at_fault=[name, to], hint=NEARLY)
            for name, to in (
                ("length", "lenght"),
                ("weight", "Weight"),
                ("drop point", "drop_point"),
                ("drop point", "drop point "),
            )
        ),
    ),
    (
        "the records are left as they were",
        _left_alone(GOOD),
        _left_alone(GAP, TURNED),
    ),
)


def _row_by_row(row_of):
    return lambda records, names: [row_of(record, names) for record in records]


def _by_get(record, names):
    return [record.get(name) for name in names]


def _refuse_missing(record, names):
    for name in names:
        if name not in record:
            raise ValueError(f"no column {name!r}")


def _known_alone(record, names):
    _refuse_missing(record, names)
    return [record[name] for name in names]


def _popped(record, names):
    _refuse_missing(record, names)
    row = [record.pop(name) for name in names]
    if record:
        raise ValueError(f"unknown: {', '.join(record)}")
    return row


def _first_alone(records, names):
    for record in records[:1]:
        _refuse_missing(record, names)
        if unknown := set(record) - set(names):
            raise ValueError(f"unknown: {unknown}")
    return [_by_get(record, names) for record in records]


MISTAKES = (
    Mistake(
        "the record's own order",
        "the values come in the order of the record, and that's whatever the author of "
        "the client happened to write. Ask the record for each of `names` in turn",
        _row_by_row(lambda record, names: list(record.values())),
    ),
    Mistake(
        "sorted names",
        "the names were sorted: a row then has the same order every time, but not the "
        "one that the model learned. `names` has it",
        _row_by_row(lambda record, names: [record[name] for name in sorted(record)]),
    ),
    Mistake(
        "missing becomes None",
        "a missing column became None, but nobody sent a gap. record.get(name) gives "
        "None for both: ask first whether the name is there",
        _row_by_row(_by_get),
    ),
    Mistake("extra columns dropped", EXTRA, _row_by_row(_known_alone)),
    Mistake("the record is emptied", CHANGED, _row_by_row(_popped)),
    Mistake(
        "only the first record",
        "only the first record's names are looked at. Each record was written by "
        "itself, so each may have a fault of its own",
        _first_alone,
    ),
)

names = Check.table(
    title="rows by name",
    name="to_rows",
    promises=PROMISES,
    ask=_ask,
    mistakes=MISTAKES,
)
