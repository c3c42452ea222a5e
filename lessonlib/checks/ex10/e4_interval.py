"""How much better is the treatment? `difference_interval(control, treatment)`."""

import math
from typing import Any

from lessonlib.checks import Case, Check, Mistake, case
from lessonlib.checks.probes import call, to_digits
from lessonlib.choose.experiments import compare_proportions
from lessonlib.intervals import wilson_interval

PAPER = ((48, 80), (56, 70))
BETTER = ((412, 500), (438, 500))
WORSE = ((9, 10), (3, 10))
EQUAL = ((0, 20), (0, 30))


def _ask(answer: Any, control: Any, treatment: Any, digits: int = 4) -> Any:
    return to_digits(call(answer, control, treatment), digits)


def _ends(control: Any, treatment: Any, *, gives: list[float], hint: str) -> Case:
    called = f"difference_interval({control}, {treatment}), to 4 digits,"
    return case(control, treatment, gives=gives, called=called, hint=hint)


PROMISES = (
    (
        "56 of 70 against 48 of 80 has Newcombe's own published interval",
        _ends(
            *PAPER,
            gives=[0.0524, 0.3339],
            hint="which end of which arm makes the difference largest?",
        ),
    ),
    (
        "it is of treatment minus control, the lower end first",
        _ends(*WORSE, gives=[-0.809, -0.1705], hint="here the treatment is worse"),
        _ends(*BETTER, gives=[0.0077, 0.0963], hint="and here it is better"),
    ),
    (
        "arms without any difference have zero inside",
        _ends(*EQUAL, gives=[-0.1611, 0.1135], hint="what reaches up?"),
    ),
)


def _backwards(control, treatment):
    found = compare_proportions(treatment, control)
    return found.low, found.high


def _parts(control, treatment):
    p, q = control[0] / control[1], treatment[0] / treatment[1]
    return p, wilson_interval(*control), q, wilson_interval(*treatment)


def _extremes(control, treatment):
    _, (low_p, high_p), _, (low_q, high_q) = _parts(control, treatment)
    return low_q - high_p, high_q - low_p


def _same_sides(control, treatment):
    p, (low_p, high_p), q, (low_q, high_q) = _parts(control, treatment)
    down, up = math.hypot(q - low_q, p - low_p), math.hypot(high_q - q, high_p - p)
    return q - p - down, q - p + up


def _plain(control, treatment):
    p, _, q, _ = _parts(control, treatment)
    half = 1.959963984540054 * math.sqrt(
        p * (1 - p) / control[1] + q * (1 - q) / treatment[1]
    )
    return q - p - half, q - p + half


def _around_zero(control, treatment):
    found = compare_proportions(control, treatment)
    return found.low - found.difference, found.high - found.difference


def _upper_first(control, treatment):
    found = compare_proportions(control, treatment)
    return found.high, found.low


MISTAKES = (
    Mistake(
        "control minus treatment",
        "this is the interval of control minus treatment: a better treatment should "
        "have positive ends",
        _backwards,
    ),
    Mistake(
        "worst cases added",
        "this takes both arms at their worst at once, which is rarer than one in 20: "
        "the interval is too wide. Two ways that are independent are put together like "
        "the short sides of a right triangle",
        _extremes,
    ),
    Mistake(
        "same sides",
        "both arms were taken at their upper ends, or both at their lower ones. The "
        "difference is largest when the treatment is high and the control is low",
        _same_sides,
    ),
    Mistake(
        "the textbook's",
        "this is the plain interval with a normal curve. For 0 of 20 against 0 of 30 "
        "it is exactly zero wide, as if all were known: start from Wilson's",
        _plain,
    ),
    Mistake(
        "around zero",
        "these are the ways down and up, but from where? The middle is missing",
        _around_zero,
    ),
    Mistake(
        "upper end first",
        "the right two ends, but the upper one comes first",
        _upper_first,
    ),
)

interval = Check.table(
    title="how much better?",
    name="difference_interval",
    promises=PROMISES,
    ask=_ask,
    also=[(*arms, 6) for arms in (PAPER, BETTER, WORSE, EQUAL, ((20, 20), (18, 25)))],
    mistakes=MISTAKES,
)
