"""Which label counts? `latest_labels(predictions, messages)` returns one an id."""

from typing import Any

from lessonlib.checks import Case, Check, Mistake, case
from lessonlib.checks.probes import call

PREDICTIONS = {"p1": 3, "p2": 5, "p3": 0, "p4": 8}


def _ask(answer: Any, messages: list[Any]) -> Any:
    return call(answer, dict(PREDICTIONS), messages)


def _join(*messages: tuple[int, str, int], gives: dict[str, Any], hint: str) -> Case:
    """Return the case of messages: each has its day, an id and a label."""
    called = f"latest_labels(p1 to p4, {list(messages)})"
    return case(list(messages), gives=gives, called=called, hint=hint)


PROMISES = (
    (
        "a correction counts, and a repeated message changes nothing",
        _join(
            *((1, "p1", 3), (2, "p3", 6), (4, "p3", 0), (5, "p1", 3)),
            gives={"p1": 3, "p2": None, "p3": 0, "p4": None},
            hint="is there an entry for each prediction? And of two messages, which "
            "counts?",
        ),
    ),
    (
        "the latest message counts, in whatever order they lie in the list",
        _join(
            *((9, "p4", 3), (2, "p4", 8), (7, "p1", 3), (8, "p2", 6), (3, "p2", 5)),
            gives={"p1": 3, "p2": 6, "p3": None, "p4": 3},
            hint="each message says on which day it came",
        ),
    ),
    (
        "as many come out as were predicted: None without a label, and no stranger",
        _join(
            *((1, "p9", 2), (2, "p1", 3), (3, "x1", 3)),
            gives={"p1": 3, "p2": None, "p3": None, "p4": None},
            hint="which ids belong into the answer?",
        ),
        _join(gives=dict.fromkeys(PREDICTIONS), hint="and if no message came at all?"),
    ),
)


def _read(predictions, messages):
    known = {name: label for _, name, label in messages}
    return {name: known[name] for name in predictions if name in known}


MISTAKES = (
    Mistake(
        "all that is known",
        "these are the labels that are known, of whomever. The ids of `predictions` "
        "have to come out, each of them: with None where no label came, and no others",
        lambda p, m: {name: label for _, name, label in sorted(m)},
    ),
    Mistake(
        "list order",
        "the last message of the *list* counts here, but messages may lie in any "
        "order. Each says on which day it came",
        lambda p, m: dict.fromkeys(p) | _read(p, m),
    ),
    Mistake(
        "first counts",
        "the first message counts here, so a clerk can never correct a slip. Which one "
        "should win if there are two?",
        lambda p, m: dict.fromkeys(p) | _read(p, sorted(m, reverse=True)),
    ),
    Mistake(
        "strangers let in",
        "there are ids in the answer that nobody predicted. What came for another "
        "office is to be reported, but it is no row of this join",
        lambda p, m: dict.fromkeys(p) | {name: label for _, name, label in sorted(m)},
    ),
    Mistake(
        "unlabelled dropped",
        "predictions without a label are gone. As many have to come out as went in: "
        "else nobody sees how many are not known yet",
        lambda p, m: _read(p, sorted(m)),
    ),
    Mistake(
        "unlabelled taken as right",
        "where no label came, the prediction itself was put in. Then the model is "
        "right wherever nobody looked. What stands for 'not known'?",
        lambda p, m: p | _read(p, sorted(m)),
    ),
)

latest = Check.table(
    title="the latest label of each prediction",
    name="latest_labels",
    promises=PROMISES,
    ask=_ask,
    mistakes=MISTAKES,
)
