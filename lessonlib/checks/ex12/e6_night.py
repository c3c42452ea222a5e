"""What happens at 3 a.m.? A sheet with a word for each of nine events."""

from collections.abc import Callable
from typing import Any

from lessonlib.checks import Check, Mistake
from lessonlib.checks.probes import Broken
from lessonlib.checks.sheet import Question, entry, first_wrong

UP, DOWN, OLD = WORDS = ("up again", "down", "old model")
EVENTS = (
    Question(1, DOWN, "which line of unit A says what to do when its process dies?"),
    Question(2, UP, "a process that the kernel kills: did it succeed, or fail?"),
    Question(3, DOWN, "an exit status of 0 means that all went well"),
    Question(4, UP, "compare Restart= in B and C"),
    Question(5, DOWN, "which part of a unit says that a starting computer needs it?"),
    Question(6, UP, "unit B has a part that unit A lacks"),
    Question(7, OLD, "does a reload end the process?"),
    Question(
        8, DOWN, "what is left of the old process, and what does the new one find?"
    ),
    Question(9, DOWN, "who ended it, and may a unit overrule them?"),
)


def _word(sheet: Any, event: Question) -> str:
    written = entry(sheet, event, [one.key for one in EVENTS])
    word = " ".join(str(written).lower().split())
    if word not in WORDS:
        seen = f"event {event.key}: {word!r} is none of the three"
        raise Broken(seen, f"write {', '.join(map(repr, WORDS))}")
    return word


def _promise(text: str, *numbers: int) -> Callable[[Any], None]:
    """Return the promise of some events. Its message does not say what happens."""

    def promise(sheet: Any) -> None:
        for event in EVENTS:
            if event.key in numbers and (word := _word(sheet, event)) != event.right:
                message = f"event {event.key}: {word!r} is not what happens"
                raise Broken(message, event.hint)

    promise.__doc__ = text
    return promise


PROMISES = (
    _promise("events 1 and 2: the kernel kills a process", 1, 2),
    _promise("events 3 and 4: a process is asked to end, and does", 3, 4),
    _promise("events 5 and 6: the computer starts again", 5, 6),
    _promise("events 7 to 9: systemd is given an order", 7, 8, 9),
)

MISTAKES = (
    Mistake(
        "a unit restarts by itself",
        "event 1: unit A says how to start the service, and nothing about starting it "
        "again. Without a line Restart=, systemd notes the failure and does no more",
        {1: UP},
    ),
    Mistake(
        "any end is a failure",
        "event 3: on-failure looks at how a process ended. This one was asked to, "
        "finished its work and left with status 0: for systemd that is a success",
        {3: UP},
    ),
    Mistake(
        "started once, started for ever",
        "event 5: nothing in unit A says that a starting computer needs it, so it "
        "could not be enabled. It only ran because somebody had started it by hand",
        {5: UP},
    ),
    Mistake(
        "a reload is a restart",
        "event 7: a reload does not end the process. The service is told to load the "
        "folder again, checks what it finds, and goes on as before if it is damaged",
        {7: DOWN},
    ),
    Mistake(
        "a restart is a reload",
        "event 8: a restart ends the old process first, and its model goes with it. "
        "The new one finds a damaged folder and gives up, however often it is tried",
        {8: OLD},
    ),
    Mistake(
        "always, whatever was asked",
        "event 9: Restart=always is about ends that nobody ordered. What systemctl has "
        "stopped stays stopped until somebody starts it",
        {9: UP},
    ),
)

night = Check(
    title="what happens at 3 a.m.?",
    promises=PROMISES,
    probe=lambda sheet: first_wrong(sheet, EVENTS, _word),
    mistakes=MISTAKES,
)
