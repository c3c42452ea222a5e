"""Who won? `verdict(requests, experiment=)` reads a log of units and their answers."""

from collections.abc import Sequence
from itertools import zip_longest
from typing import Any

from lessonlib.checks import Case, Check, Mistake, case
from lessonlib.checks.probes import call
from lessonlib.choose.experiments import compare_proportions
from lessonlib.choose.traffic import assign

NAME = "rival-1"
Answer = bool | None  # right or wrong; None if there was no answer
Requests = list[tuple[str, Answer]]


def _units(arm: str, n: int, *, experiment: str = NAME) -> list[str]:
    """Return n units of an arm, named as no other log names them."""
    units: list[str] = []
    i = 0
    while len(units) < n:
        unit = f"{experiment}-{i}"
        if assign(unit, experiment=experiment) == arm:
            units.append(unit)
        i += 1
    return units


def _log(
    control: Sequence[Answer], treatment: Sequence[Answer], *, experiment: str = NAME
) -> Requests:
    """Return requests of two arms, given as what came of each unit; in turn."""
    arms = [
        zip(_units(arm, len(answers), experiment=experiment), answers, strict=True)
        for arm, answers in (("control", control), ("treatment", treatment))
    ]
    return [request for turn in zip_longest(*arms) for request in turn if request]


def _shares(right: int, wrong: int, none: int = 0) -> list[Answer]:
    """Return what came of units, well mixed: the k-th of all is of each kind evenly."""
    kinds = ((wrong, False), (none, None), (right, True))
    order = [((i + 0.5) / n, k) for k, (n, _) in enumerate(kinds) for i in range(n)]
    return [kinds[k][1] for _, k in sorted(order)]


def _ask(answer: Any, requests: Requests, experiment: str) -> Any:
    return call(answer, requests, experiment=experiment)


def _of(
    what: str, requests: Requests, *, gives: str, hint: str, experiment: str = NAME
) -> Case:
    called = f"verdict of a log with {what}"
    return case(requests, experiment, gives=gives, called=called, hint=hint)


ARMS = "assign(unit, experiment=experiment) returns who answered"
COUNT = "how many parcels are there, and how many lines in the log?"
NO_ANSWER = "a parcel without an answer wasn't read right, in either arm"
FIRST = "which request of a parcel counts?"

PROMISES = (
    (
        "a parcel belongs to the arm that answered it",
        _of(
            "a treatment that reads all, a control that reads half",
            _log(_shares(100, 100), _shares(200, 0)),
            gives="treatment",
            hint=ARMS,
        ),
        _of(
            "the same in the experiment 'late'",
            _log(_shares(100, 100), _shares(200, 0), experiment="late"),
            experiment="late",
            gives="treatment",
            hint=ARMS,
        ),
    ),
    (
        "each parcel counts once, by its first request, answered or not",
        _of(
            "40 parcels an arm, each photographed 20 times",
            20 * _log(_shares(28, 12), _shares(32, 8)),
            gives="open",
            hint=COUNT,
        ),
        _of(
            "a third of the treatment's parcels without an answer",
            _log(_shares(120, 80), _shares(120, 10, 70)),
            gives="open",
            hint=NO_ANSWER,
        ),
        _of(
            "parcels wrong at first, and photographed again until right",
            _log(_shares(150, 50), _shares(150, 50))
            + [(unit, True) for unit in _units("treatment", 200)],
            gives="open",
            hint=FIRST,
        ),
        _of(
            "all no answers, in both arms",
            _log(_shares(160, 0, 40), _shares(190, 0, 10)),
            gives="treatment",
            hint=NO_ANSWER,
        ),
    ),
    (
        "it looks at p once, when all parcels are in",
        _of(
            "a lucky start of the treatment, then level",
            _log(
                [*[False] * 15, *[True] * 15, *_shares(150, 30)],
                [*[True] * 30, *_shares(135, 45)],
            ),
            gives="open",
            hint="how many times is p compared with 0.05 while the log is read?",
        ),
    ),
    (
        "arms that are not halves have no verdict",
        _of(
            "210 control parcels and 190 treatment parcels, as coins fall",
            _log(_shares(105, 105), _shares(171, 19)),
            gives="treatment",
            hint="coins don't fall evenly: how uneven may the arms be?",
        ),
        _of(
            "300 control parcels and 200 treatment parcels",
            _log(_shares(150, 150), _shares(180, 20)),
            gives="withheld",
            hint="which sizes were planned, and what does compare_proportions take?",
        ),
    ),
)


def _first(requests):
    first: dict[str, Answer] = {}
    for unit, right in requests:
        first.setdefault(unit, right)
    return first.items()


def _judged(answers, *, planned=None):
    arms: dict[str, list[bool]] = {"control": [], "treatment": []}
    for arm, right in answers:
        arms[arm].append(right is True)
    control, treatment = ((sum(rights), len(rights)) for rights in arms.values())
    return compare_proportions(control, treatment, planned=planned).verdict


def _by_hash(requests, *, experiment):
    arms = ("control", "treatment")
    return _judged((arms[hash(unit) % 2], right) for unit, right in _first(requests))


def _each_request(requests, *, experiment):
    return _judged(
        (assign(unit, experiment=experiment), right) for unit, right in requests
    )


def _one_arms_exclusions(requests, *, experiment):
    answers = [
        (assign(unit, experiment=experiment), right) for unit, right in _first(requests)
    ]
    return _judged(x for x in answers if x != ("treatment", None))


def _peeking(requests, *, experiment):
    answers: list[tuple[str, Answer]] = []
    for unit, right in _first(requests):
        answers.append((assign(unit, experiment=experiment), right))
        arms = {arm for arm, _ in answers}
        if len(answers) % 10 == 0 and len(arms) == 2 and _judged(answers) in arms:
            break
    return _judged(answers)


def _planned_as_seen(requests, *, experiment):
    answers = [
        (assign(unit, experiment=experiment), right) for unit, right in _first(requests)
    ]
    arms = [arm for arm, _ in answers]
    sizes = [arms.count(arm) for arm in ("control", "treatment")]
    return _judged(answers, planned=sizes)


def _last_request(requests, *, experiment):
    last = dict(requests).items()
    return _judged((assign(unit, experiment=experiment), right) for unit, right in last)


MISTAKES = (
    Mistake(
        "Python's hash",
        "one bug is left: hash() of a string differs from process to process, so these "
        "aren't the arms that answered. What tells you which did?",
        _by_hash,
    ),
    Mistake(
        "requests for units",
        "one bug is left: a parcel that was photographed 20 times counts 20 times. "
        "Its requests aren't independent witnesses",
        _each_request,
    ),
    Mistake(
        "one arm's exclusions",
        "one bug is left: parcels without an answer are dropped from the treatment "
        "only, and they were its hardest ones",
        _one_arms_exclusions,
    ),
    Mistake(
        "peeking",
        "one bug is left: it looks at p again and again, and the first small one ends "
        "the experiment",
        _peeking,
    ),
    Mistake(
        "planned as seen",
        "one bug is left: you pass the sizes that you saw as the sizes that were "
        "planned. Then no split is ever broken",
        _planned_as_seen,
    ),
    Mistake(
        "the last request",
        "each parcel counts once, but by its last request. A parcel is "
        "photographed again until it is read: the last one is nearly always right",
        _last_request,
    ),
)

hunt = Check.table(
    title="bug hunt: an experiment that always wins",
    name="verdict",
    promises=PROMISES,
    ask=_ask,
    mistakes=MISTAKES,
)
