"""What happened to a model? `verdict(ours, theirs)` says it in a word."""

from typing import Any

import numpy as np

from lessonlib.checks import Case, Check, Mistake, case
from lessonlib.checks.probes import call

WORDS = SAME, SHUFFLED, NEARLY, OTHER = ("same", "shuffled", "nearly", "other")
CARDS = 300
TABLE = np.random.default_rng(1021).dirichlet(np.full(10, 0.5), size=CARDS)


def _ask(answer: Any, theirs: np.ndarray) -> Any:
    word = call(answer, TABLE.copy(), theirs.copy())
    plain = str(word).strip().lower()
    return plain if plain in WORDS else word


def _report(about: str, theirs: np.ndarray, word: str, *, hint: str) -> Case:
    """Return the case of another table of probabilities for the same cards."""
    called = f"verdict(ours, theirs), {about},"
    return case(theirs, gives=word, called=called, hint=hint)


def _changed(row: int | slice, change: float) -> np.ndarray:
    """Return TABLE with one score of a row, or of some rows, changed."""
    table = TABLE.copy()
    table[row, 3] += change
    return table


def _one_digit_swapped() -> np.ndarray:
    table = TABLE.copy()
    best = table[-1].argmax()
    table[-1, [best, best - 1]] = table[-1, [best - 1, best]]
    return table


MIXED = TABLE[np.random.default_rng(8).permutation(CARDS)]
PALER = 0.98 * TABLE + 0.002

LAST_DIGITS = "up to 0.000000001 counts as equal, above or below"
LINES = "a line stays together: are the same lines there, in whatever order?"
DIGITS = "which digit does each card get, here and there?"
EVERY = "are all cards compared? The ten numbers of a card stand along axis=1"

PROMISES = (
    (
        "tables whose numbers agree are the same, also if the last digits differ",
        _report("equal tables", TABLE, SAME, hint=LAST_DIGITS),
        _report(
            "one number higher by 0.000000000001",
            _changed(5, 1e-12),
            SAME,
            hint=LAST_DIGITS,
        ),
    ),
    (
        "the same lines in another order are shuffled",
        _report("the lines from last to first", TABLE[::-1], SHUFFLED, hint=LINES),
        _report("the lines mixed", MIXED, SHUFFLED, hint=LINES),
    ),
    (
        "other numbers that give every card the same digit are nearly the same",
        _report(
            "one number of one card higher by 0.000001",
            _changed(CARDS // 2, 1e-6),
            NEARLY,
            hint="how large a difference is let through, up or down?",
        ),
        _report(
            "one number of the last card lower by 0.000001",
            _changed(-1, -1e-6),
            NEARLY,
            hint="a difference below zero is a difference, too",
        ),
        _report("every number a little nearer to 0.1", PALER, NEARLY, hint=DIGITS),
    ),
    (
        "if only one card of all gets another digit, it is another model",
        _report(
            "another digit for the last card", _one_digit_swapped(), OTHER, hint=EVERY
        ),
        _report("another digit for every card", TABLE[:, ::-1], OTHER, hint=DIGITS),
        _report(
            "each of the ten columns sorted by itself",
            np.sort(TABLE, axis=0),
            OTHER,
            hint=LINES,
        ),
        _report(
            "the lines mixed, and one of them changed",
            np.vstack([MIXED[1:], MIXED[:1, ::-1]]),
            OTHER,
            hint=LINES,
        ),
    ),
)


def _close(a, b):
    return bool((np.abs(a - b) <= 1e-9).all())


def _lines(table):
    return np.array(sorted(table.tolist()))


def _decide(same, shuffled, ours, theirs):
    digits = (ours.argmax(axis=1) == theirs.argmax(axis=1)).all()
    return SAME if same else SHUFFLED if shuffled else NEARLY if digits else OTHER


def _with(close):
    """Return an answer that is right but for what it calls close."""
    return lambda ours, theirs: _decide(
        close(ours, theirs), close(_lines(ours), _lines(theirs)), ours, theirs
    )


def _first_card(ours, theirs):
    return _with(_close)(ours[:1], theirs[:1])


def _digits_alone(ours, theirs):
    same = (ours.argmax(axis=1) == theirs.argmax(axis=1)).all()
    return _decide(same, _close(_lines(ours), _lines(theirs)), ours, theirs)


def _order_forgotten(ours, theirs):
    return _decide(_close(ours, theirs), False, ours, theirs)


def _columns_alone(ours, theirs):
    by_column = _close(np.sort(ours, axis=0), np.sort(theirs, axis=0))
    return _decide(_close(ours, theirs), by_column, ours, theirs)


MISTAKES = (
    Mistake(
        "the first card only",
        "only the first cards are compared. The lonely classifier of the lesson would "
        "pass on seven cards in ten: compare them all",
        _first_card,
    ),
    Mistake(
        "digits alone",
        "this says same as soon as every card gets the same digit. The numbers behind "
        "the digits may be others, and then it's nearly: compare them first",
        _digits_alone,
    ),
    Mistake(
        "to the last bit",
        "not a digit may differ here. Another processor rounds the last ones "
        "otherwise, and the same model would be called another: leave room for 1e-9",
        _with(np.array_equal),
    ),
    Mistake(
        "the habits of allclose",
        "`np.allclose` (or `isclose`) also lets numbers differ by a part of their own "
        "size, unless you tell it not to: look up `rtol` and `atol`",
        _with(np.allclose),
    ),
    Mistake(
        "order forgotten",
        "lines in another order were taken for another model. Nothing is wrong with "
        "that model: compare the lines once more, both tables sorted",
        _order_forgotten,
    ),
    Mistake(
        "each column by itself",
        "np.sort sorts each column (or each line) by itself and tears the lines apart. "
        "The ten numbers of a card belong together, and sorted(table.tolist()) keeps "
        "them so",
        _columns_alone,
    ),
)

verdict = Check.table(
    title="what happened to this model?",
    name="verdict",
    promises=PROMISES,
    ask=_ask,
    mistakes=MISTAKES,
)
