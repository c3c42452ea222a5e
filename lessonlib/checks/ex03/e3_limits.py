"""What does a server take? `limits(ask)` finds out, and may not ask for ever."""

from collections.abc import Callable
from typing import Any

from lessonlib.checks import Case, Check, Mistake, case
from lessonlib.checks.probes import Broken, call
from lessonlib.checks.replies import with_keys

COLUMNS, MOST_ROWS = KEYS = ("columns", "most_rows")
MAY_ASK, ENDLESS = 60, 5000
MIDDLE = "after each reply, which numbers are still possible? Ask in their middle"
Ask = Callable[[int, int], int]


class _Server:
    """A server that says only statuses, and counts how often it is asked."""

    def __init__(self, columns: int, most_rows: int):
        self.columns, self.most_rows, self.asked = columns, most_rows, 0

    def status(self, rows: int, columns: int) -> int:
        """Return the status for so many rows of so many numbers each."""
        self.asked += 1
        if self.asked > ENDLESS:
            raise RuntimeError(f"asked {ENDLESS:,} times, and still going on")
        if self.asked > MAY_ASK:
            return 429
        if rows < 1:
            return 422
        if rows > self.most_rows:
            return 413
        return 200 if columns == self.columns else 422


def _ask(answer: Any, columns: int, most_rows: int) -> dict[str, Any]:
    server = _Server(columns, most_rows)
    try:
        found = call(answer, lambda rows, columns: server.status(rows, columns))
    finally:
        if server.asked > MAY_ASK:
            seen = f"limits(ask) asked a server more than {MAY_ASK} times"
            raise Broken(f"{seen} (its most_rows: {most_rows:,})", MIDDLE)
    found = with_keys(found, KEYS, called="limits(ask)")
    return {key: found[key] for key in KEYS}


def _server(columns: int, most_rows: int, *, hint: str) -> Case:
    gives = {COLUMNS: columns, MOST_ROWS: most_rows}
    return case(columns, most_rows, gives=gives, called="limits(ask)", hint=hint)


ONE_ROW = "send a single row, which is never too many, and change its length alone"
LAST = "most_rows is the last number that gets a 200, not the first that gets a 413"
BETWEEN = "once you know a number that is fine and one that is too large, go on between"

PROMISES = (
    (
        "the number of columns, whatever it is",
        _server(7, 100, hint=ONE_ROW),
        _server(1, 100, hint=ONE_ROW),
        _server(30, 3, hint=ONE_ROW),
    ),
    (
        "the most rows, where they are few",
        _server(7, 1, hint=LAST),
        _server(2, 2, hint=LAST),
        _server(5, 9, hint=LAST),
    ),
    (
        "the most rows, where they are many, and without asking more than 60 times",
        _server(7, 777, hint=BETWEEN),
        _server(12, 4096, hint=BETWEEN),
        _server(30, 9999, hint=BETWEEN),
        _server(3, 10_000, hint=BETWEEN),
    ),
)


def _columns(ask: Ask) -> int:
    return next((k for k in range(1, 31) if ask(1, k) == 200), 0)


def _bisected(fits: Callable[[int], bool]) -> int:
    low, high = 1, 10_000
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if fits(middle) else (low, middle - 1)
    return low


def _first_refused(ask):
    k = _columns(ask)
    return {COLUMNS: k, MOST_ROWS: _bisected(lambda n: ask(n, k) == 200) + 1}


def _counted_up(ask):
    k, n = _columns(ask), 1
    while ask(n + 1, k) == 200:
        n += 1
    return {COLUMNS: k, MOST_ROWS: n}


def _doubled(ask):
    k, n = _columns(ask), 1
    while ask(2 * n, k) == 200:
        n *= 2
    return {COLUMNS: k, MOST_ROWS: n}


def _rows_of_one(ask):
    return {COLUMNS: _columns(ask), MOST_ROWS: _bisected(lambda n: ask(n, 1) == 200)}


def _swapped(ask):
    k = next((k for k in range(1, 31) if ask(k, 1) == 200), 0)
    return {COLUMNS: k, MOST_ROWS: _bisected(lambda n: ask(k, n) == 200)}


def _from_above(ask):
    k, n = _columns(ask), 10_000
    while ask(n, k) == 413:
        n //= 2
    return {COLUMNS: k, MOST_ROWS: n}


MISTAKES = (
    Mistake(
        "the first refusal",
        "most_rows is one too large: it is the smallest number that was refused. "
        "Which is the largest that was answered?",
        _first_refused,
    ),
    Mistake(
        "one row more each time",
        "the rows were counted up one by one. With 10,000 of them the owner of that "
        "server has blocked you long before. Ask in the middle of what is possible, "
        "and each reply rules out half of it",
        _counted_up,
    ),
    Mistake(
        "doubled, and no further",
        "doubling finds the right size quickly, and then the limit lies somewhere "
        "between the last 200 and the first 413. Go on between those two",
        _doubled,
    ),
    Mistake(
        "halved, and no further",
        "halving stops at the first number that is answered, and the limit may be "
        "almost twice as large. Go on between the last 413 and the first 200",
        _from_above,
    ),
    Mistake(
        "422 taken for too many",
        "the rows were counted with rows of the wrong length, so the server said 422 "
        "all the time. Find the columns first, and use them for the second question",
        _rows_of_one,
    ),
    Mistake(
        "rows and columns exchanged",
        "ask(n, k) sends n rows of k numbers, and here n and k are the other way "
        "round. Which of the two gives 413 when it is too large?",
        _swapped,
    ),
)

limits = Check.table(
    title="what does this server take?",
    name="limits",
    promises=PROMISES,
    ask=_ask,
    mistakes=MISTAKES,
)
