"""How many parcels does it take? `parcels_an_arm(base, better)`, by the rule of 16."""

import math

from lessonlib.checks import Check, Mistake, case
from lessonlib.choose.experiments import sample_size

RULE = "take p * (1 - p) at the mean of the two; and what is squared?"
WHOLE = "with fewer parcels than the rule says, the power is too low"

PROMISES = (
    (
        "sixteen variances by the square of the difference",
        case(0.25, 0.75, gives=16, hint=RULE),
        case(0.375, 0.625, gives=64, hint=RULE),
    ),
    (
        "a part of a parcel counts as a whole parcel",
        case(0.9, 0.96, gives=290, hint=WHOLE),  # 289.3
        case(0.6, 0.9, gives=34, hint=WHOLE),  # 33.3
    ),
    (
        "it doesn't matter which of the two is better",
        case(0.75, 0.25, gives=16, hint="the square takes care of a sign"),
        case(0.96, 0.9, gives=290, hint="is the mean of both still the same?"),
    ),
)


def _sixteen(p, d):
    return 16 * p * (1 - p) / d**2


MISTAKES = (
    Mistake(
        "rounded",
        "rounded to the nearest, or down: with a part of a parcel fewer, the power is "
        "just missed. Which way must a size be rounded?",
        lambda base, better: int(_sixteen((base + better) / 2, better - base)),
    ),
    Mistake(
        "variance of the base",
        "this is the variance of the first rate alone, so the answer depends on which "
        "rate comes first. The rule takes the variance at their mean",
        lambda base, better: math.ceil(_sixteen(base, better - base)),
    ),
    Mistake(
        "not squared",
        "the difference isn't squared. Half the difference takes four times the "
        "parcels, not twice as many",
        lambda base, better: math.ceil(
            16 * ((base + better) / 2) * (1 - (base + better) / 2) / abs(better - base)
        ),
    ),
    Mistake(
        "both arms",
        "this is the number for both arms together: the exercise asks for one arm",
        lambda base, better: math.ceil(
            2 * _sixteen((base + better) / 2, better - base)
        ),
    ),
    Mistake(
        "relative difference",
        "the difference was divided by the base first. Three points of 93 are three "
        "points: the rule takes the plain difference of the two rates",
        lambda base, better: math.ceil(
            _sixteen((base + better) / 2, (better - base) / base)
        ),
    ),
    Mistake(
        "exact",
        "this is the library's exact number. It's right, and a little smaller; the "
        "exercise asks for the rule on the envelope, which you can do by hand",
        sample_size,
    ),
)

size = Check.table(
    title="plan the size",
    name="parcels_an_arm",
    promises=PROMISES,
    also=((0.5, 0.625),),
    mistakes=MISTAKES,
)
