"""Is this the table that a model knows? `compare_columns(names, learned)` says it."""

from typing import Any

from lessonlib.checks import Case, Check, Mistake, case
from lessonlib.checks.probes import Broken, call, truth

LEARNED = ["weight", "pieces", "drop point"]
KEYS = ("missing", "unknown", "moved")


def _ask(answer: Any, names: list[str], learned: list[str], *keys: str) -> list[Any]:
    """Return what the answer says under some keys; the order of names is free."""
    found = call(answer, names, learned)
    if not isinstance(found, dict) or not set(KEYS) <= set(found):
        seen = f"compare_columns({names}, {learned}) gave {found!r:.80}"
        raise Broken(seen, f"return a dictionary with the keys {', '.join(KEYS)}")
    return [_settled(found[key], key) for key in keys]


def _settled(value: Any, key: str) -> Any:
    if key == "moved":
        return truth(value)
    return sorted(map(str, value)) if type(value) in (list, tuple, set) else value


def _case(*names: str, hint: str, **gives: Any) -> Case:
    """Return the case of a table's names; `gives` says what is compared."""
    called = f"compare_columns({list(names)}, {LEARNED}): {', '.join(gives)}"
    expected = [*gives.values()]
    return case(list(names), LEARNED, *gives, gives=expected, called=called, hint=hint)


LACKS = "which of `learned` are not among `names`? All of them, please"
NEW = "which of `names` are not among `learned`? All of them, please"
ORDER = "leave out what only one side has: do the others come in the same order?"

PROMISES = (
    (
        "the very same columns: nothing is missing, unknown or moved",
        _case(*LEARNED, missing=[], unknown=[], moved=False, hint="all is well here"),
    ),
    (
        "every column that the table lacks is missing",
        _case("pieces", "drop point", missing=["weight"], hint=LACKS),
        _case("pieces", missing=["drop point", "weight"], hint=LACKS),
        _case(missing=sorted(LEARNED), unknown=[], moved=False, hint=LACKS),
    ),
    (
        "every column that the model never saw is unknown, a misspelt one, too",
        _case("id", *LEARNED, "hour", unknown=["hour", "id"], hint=NEW),
        _case(
            "Weight",
            "pieces",
            "drop_point",
            missing=["drop point", "weight"],
            unknown=["Weight", "drop_point"],
            hint="compare the names as they are, and guess nothing",
        ),
    ),
    (
        "the columns that both have are moved if their order differs",
        _case("pieces", "weight", "drop point", moved=True, hint=ORDER),
        _case("drop point", "id", "pieces", moved=True, hint=ORDER),
        _case("pieces", "drop point", moved=False, hint=ORDER),
        _case("id", *LEARNED, moved=False, hint=ORDER),
    ),
)


def _said(missing, unknown, moved):
    return {"missing": [*missing], "unknown": [*unknown], "moved": moved}


def _without(names, others):
    return [name for name in names if name not in others]


def _by_place(names, learned):
    pairs = [(a, b) for a, b in zip(names, learned, strict=False) if a != b]
    return _said([b for _, b in pairs], [a for a, _ in pairs], bool(pairs))


def _turned_round(names, learned):
    shared = _without(names, _without(names, learned))
    moved = shared != _without(learned, _without(learned, names))
    return _said(_without(names, learned), _without(learned, names), moved)


def _any_difference(names, learned):
    lists = _without(learned, names), _without(names, learned)
    return _said(*lists, list(names) != list(learned))


def _sets_alone(names, learned):
    return _said(_without(learned, names), _without(names, learned), False)


MISTAKES = (
    Mistake(
        "place by place",
        "the two lists were compared place by place, so one new column at the front "
        "makes all the others look wrong. Look for each name, wherever it stands",
        _by_place,
    ),
    Mistake(
        "the wrong way round",
        "missing and unknown are exchanged. What the model has learned and doesn't get "
        "is missing",
        _turned_round,
    ),
    Mistake(
        "any difference is a move",
        "a column that is missing or new makes the lists unequal, but moves nothing. "
        "Compare the order of the columns that both have",
        _any_difference,
    ),
    Mistake(
        "order forgotten",
        "the names are right, and their order was never compared. The lesson's `bare` "
        "shows what that costs",
        _sets_alone,
    ),
)

fits = Check.table(
    title="does this table fit the model?",
    name="compare_columns",
    promises=PROMISES,
    ask=_ask,
    mistakes=MISTAKES,
)
