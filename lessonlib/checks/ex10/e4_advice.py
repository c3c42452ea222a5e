"""Is the rival worth its price? `advise(control, treatment, least)` says what to do."""

from typing import Any

from lessonlib.checks import Case, Check, Mistake, case
from lessonlib.checks.probes import call
from lessonlib.choose.experiments import compare_proportions

Arm = tuple[int, int]


def _ask(answer: Any, control: Arm, treatment: Arm, least: float) -> Any:
    reply = call(answer, control, treatment, least)
    return reply.strip().lower() if isinstance(reply, str) else reply


def _arms(control: Arm, treatment: Arm, least: float, *, gives: str, hint: str) -> Case:
    return case(control, treatment, least, gives=gives, hint=hint)


PRICE = "compare the ends of the interval with the price, not with zero"
DOUBT = "does the whole interval lie on one side of the price?"
UNITS = "`least` is in parcels of 100; what are the ends of the interval in?"
CHEAPER = "this rival saves money: it may read up to two parcels of 100 fewer"
SIZES = "the arms were to be halves: how large are they?"

PROMISES = (
    (
        "it advises a switch if even the lower end is worth the price",
        _arms((9200, 10_000), (9560, 10_000), 2, gives="switch", hint=UNITS),
        _arms((4000, 5000), (4400, 5000), 5, gives="switch", hint=PRICE),
        _arms((9300, 10_000), (9290, 10_000), -2, gives="switch", hint=CHEAPER),
    ),
    (
        "it advises to stay if even the upper end is below the price",
        _arms((9200, 10_000), (9350, 10_000), 4, gives="stay", hint=PRICE),
        _arms((930, 1000), (880, 1000), 1, gives="stay", hint=DOUBT),
    ),
    (
        "in between it asks for more parcels",
        _arms((1860, 2000), (1920, 2000), 2.5, gives="more parcels", hint=DOUBT),
        _arms((93, 100), (96, 100), 2, gives="more parcels", hint=DOUBT),
        _arms((1860, 2000), (1920, 2000), 4, gives="more parcels", hint=DOUBT),
        _arms((465, 500), (463, 500), -1, gives="more parcels", hint=DOUBT),
    ),
    (
        "arms that are not halves get no advice, however clear they look",
        _arms((9300, 10_000), (8300, 8500), 1, gives="withheld", hint=SIZES),
        _arms((930, 1000), (740, 840), 1, gives="withheld", hint=SIZES),
    ),
)


def _by_ends(low, high, least):
    if low >= least:
        return "switch"
    return "stay" if high < least else "more parcels"


def _zero(control, treatment, least):
    words = {"treatment": "switch", "control": "stay", "open": "more parcels"}
    verdict = compare_proportions(control, treatment).verdict
    return words.get(verdict, verdict)


def _middle(control, treatment, least):
    found = compare_proportions(control, treatment)
    if not found.ratio.fair:
        return "withheld"
    return "switch" if 100 * found.difference >= least else "stay"


def _shares(control, treatment, least):
    found = compare_proportions(control, treatment)
    fair = found.ratio.fair
    return _by_ends(found.low, found.high, least) if fair else "withheld"


def _open_is_no(control, treatment, least):
    found = compare_proportions(control, treatment)
    if not found.ratio.fair:
        return "withheld"
    return "switch" if 100 * found.low >= least else "stay"


def _uneven(control, treatment, least):
    found = compare_proportions(control, treatment)
    return _by_ends(100 * found.low, 100 * found.high, least)


def _clear_and_enough(control, treatment, least):
    found = compare_proportions(control, treatment)
    if found.verdict in ("withheld", "open"):
        return {"open": "more parcels"}.get(found.verdict, found.verdict)
    return "switch" if 100 * found.difference >= least else "stay"


MISTAKES = (
    Mistake(
        "better than nothing",
        "this asks whether the rival is better at all. It has a price, so being better "
        "by a hair is not enough: which number has to be beaten?",
        _zero,
    ),
    Mistake(
        "the middle",
        "this takes the difference that was seen for the true one, and so it is never "
        "in doubt. How far might chance have moved it?",
        _middle,
    ),
    Mistake(
        "shares for parcels",
        "the interval's ends are shares, as 0.02, and `least` is in parcels of 100, "
        "as 2. Bring them to the same unit",
        _shares,
    ),
    Mistake(
        "can't tell is no",
        "an interval that reaches from below the price to above it doesn't say that "
        "the rival isn't worth it. It says that nobody can tell yet",
        _open_is_no,
    ),
    Mistake(
        "uneven arms",
        "the advice is right for arms that are halves. Where they aren't, parcels are "
        "missing, perhaps the hardest ones, and no interval knows about that",
        _uneven,
    ),
    Mistake(
        "significant and large enough",
        "this asks two questions: is p small, and is the difference that was seen "
        "large enough? Neither says that the true difference is. Where is the whole "
        "interval?",
        _clear_and_enough,
    ),
)

advice = Check.table(
    title="is it worth its price?",
    name="advise",
    promises=PROMISES,
    ask=_ask,
    mistakes=MISTAKES,
)
