"""In which order does a server live? The answer is a string of the lines' letters."""

from collections.abc import Callable
from typing import Any

from lessonlib.checks import Check, Mistake, case
from lessonlib.checks.puzzle import follows, letters


def _ask(order: Any, holds: Callable[..., bool], *lines: str) -> bool:
    return holds(order, *lines)


def _are(order: Any, *lines: str) -> bool:
    """Return whether `lines` are there, each once, and no other."""
    return sorted(letters(order)) == sorted(lines)


PROMISES = (
    (
        "the six lines that it takes are there, each once, and no other",
        case(
            _are,
            *"ABDEFG",
            gives=True,
            called="your lines",
            hint="two of the eight lines only look as if one needed them",
        ),
    ),
    (
        "the port is bound first, and the thread runs before anybody asks",
        case(
            follows,
            *"BFAD",
            gives=True,
            called="bind, make the thread, start it, ask",
            hint="what does each line need that a line before it has made?",
        ),
    ),
    (
        "the question comes before the end, and shutdown before join",
        case(
            follows,
            *"DEG",
            gives=True,
            called="ask, shut down, join",
            hint="what would join wait for, and what would the question meet?",
        ),
    ),
)

MISTAKES = (
    Mistake(
        "sleeps",
        "the two seconds of C buy nothing: from which line on does a caller wait "
        "rather than be refused? On a busy computer they may even be too few",
        "BFACDEG",
    ),
    Mistake(
        "called, not named",
        "in H, serve_forever() runs at once, on your own thread, and the line never "
        "ends. Compare the brackets of F and H",
        "BHADEG",
    ),
    Mistake(
        "asked before the start",
        "at D the port is bound but nobody serves: the question waits for an answer "
        "until its timeout, because the line that would serve it comes after",
        "BFDAEG",
    ),
    Mistake(
        "joined before shutdown",
        "G waits until the thread has ended, and the thread ends when E is called. In "
        "this order the notebook waits for ever",
        "BFADGE",
    ),
    Mistake(
        "stopped before it was asked",
        "a clean start and a clean stop, and then D asks a server that is gone: what "
        "would requests raise?",
        "BFAEGD",
    ),
    Mistake(
        "thread before the port",
        "F uses the name `server`. Which line makes it? Bind first: then a port that "
        "is taken is an error in your cell, and not on a thread",
        "FBADEG",
    ),
)

order = Check.table(
    title="the life of a server",
    name="order",
    promises=PROMISES,
    ask=_ask,
    probe=letters,
    mistakes=MISTAKES,
)
