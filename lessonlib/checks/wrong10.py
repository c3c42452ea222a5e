"""Wrong answers to the exercises of notebook 10, and what to tell who gives them."""

import hashlib
import math
import random

from lessonlib.checks import Mistake
from lessonlib.choose.experiments import sample_size
from lessonlib.intervals import wilson_interval

# -- split


def place(text):
    """Return the place of a text between 0 and 1, by the first 12 digits of SHA-256."""
    return int(hashlib.sha256(text.encode()).hexdigest()[:12], 16) / 16**12


def _arm(is_treated):
    return "treatment" if is_treated else "control"


SPLIT = (
    Mistake(
        "a coin",
        "asked twice, the same unit has two arms: this is a coin. Let the unit itself "
        "decide, by a number that is always the same for it",
        lambda unit, experiment, share: _arm(random.random() < share),
    ),
    Mistake(
        "Python's hash",
        "hash() of a text is salted anew in every process: after a restart all units "
        "change sides. Here it cannot be seen, and on the belt nobody notices",
        lambda unit, experiment, share: _arm(
            hash(f"{experiment}:{unit}") % 1000 / 1000 < share
        ),
    ),
    Mistake(
        "no salt",
        "the name of the experiment is not used, so every experiment treats the same "
        "units, and inherits what the last one did to them",
        lambda unit, experiment, share: _arm(place(f"{unit}") < share),
    ),
    Mistake(
        "the other way round",
        "the text is 'unit:experiment' here. It splits as well as any other, but not "
        "as the running services do, and then a unit has two arms",
        lambda unit, experiment, share: _arm(place(f"{unit}:{experiment}") < share),
    ),
    Mistake(
        "swapped arms",
        "the arms are swapped: with a share of 0 everybody is treated",
        lambda unit, experiment, share: _arm(not place(f"{experiment}:{unit}") < share),
    ),
    Mistake(
        "always halves",
        "this is always half and half: where does share come in?",
        lambda unit, experiment, share: _arm(place(f"{experiment}:{unit}") < 0.5),
    ),
)


# -- size


def _sixteen(p, d):
    return 16 * p * (1 - p) / d**2


SIZE = (
    Mistake(
        "rounded",
        "rounded to the nearest, or down: with a part of a parcel fewer, the power is "
        "just missed. Which way must a size be rounded?",
        lambda base, better: int(_sixteen((base + better) / 2, better - base)),
    ),
    Mistake(
        "variance of the base",
        "the variance is that of the first rate alone, so the answer depends on which "
        "rate comes first. The rule takes it in the middle of both",
        lambda base, better: math.ceil(_sixteen(base, better - base)),
    ),
    Mistake(
        "not squared",
        "the difference is not squared. Half the difference takes four times the "
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
        "this is the exact number of the library. It is right, and a little smaller; "
        "the exercise asks for the rule on the envelope, which needs no library",
        sample_size,
    ),
)


# -- interval


def _parts(control, treatment):
    p, q = control[0] / control[1], treatment[0] / treatment[1]
    return p, wilson_interval(*control), q, wilson_interval(*treatment)


def _newcombe(control, treatment):
    p, (low_p, high_p), q, (low_q, high_q) = _parts(control, treatment)
    down, up = math.hypot(q - low_q, high_p - p), math.hypot(high_q - q, p - low_p)
    return q - p - down, q - p + up


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


def _ends_at_zero(control, treatment):
    p, _, q, _ = _parts(control, treatment)
    low, high = _newcombe(control, treatment)
    return low - (q - p), high - (q - p)


INTERVAL = (
    Mistake(
        "control minus treatment",
        "this is the interval of control minus treatment: a better treatment should "
        "have positive ends",
        lambda control, treatment: _newcombe(treatment, control),
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
        _ends_at_zero,
    ),
    Mistake(
        "upper end first",
        "the right two ends, but the upper one comes first",
        lambda control, treatment: _newcombe(control, treatment)[::-1],
    ),
)
