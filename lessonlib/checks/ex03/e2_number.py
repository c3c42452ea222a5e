"""Is it a pixel? `is_pixel(value)` says whether it is a number from 0 to 16."""

import copy
import math
from typing import Any

from lessonlib.checks import Case, Check, Mistake, case
from lessonlib.checks.probes import call, outcomes, truth


def _values(*values: Any, gives: bool, hint: str) -> list[Case]:
    """Return a case for each value."""
    return [
        case(value, gives=gives, called=f"is_pixel({value!r})", hint=hint)
        for value in values
    ]


def _ask(is_pixel: Any, value: Any) -> Any:
    return truth(call(is_pixel, value))


PROMISES: tuple[tuple[Any, ...], ...] = (
    (
        "numbers from 0 to 16 are pixels, whole or not, both ends included",
        *_values(
            *(0, 16, 0.0, 16.0, 5, 7.5),
            gives=True,
            hint="json.loads makes an int of 5, a float of 5.0",
        ),
    ),
    (
        "true, false, null, strings, lists and objects are not",
        *_values(
            *(True, False, None, "5", "abc", [5], {"a": 5}),
            gives=False,
            hint="what is the exact type of the value?",
        ),
    ),
    (
        "NaN and infinity are not",
        *_values(
            *(math.nan, math.inf, -math.inf),
            gives=False,
            hint="which comparisons hold for a NaN?",
        ),
    ),
    (
        "numbers below 0 or above 16 are not",
        *_values(
            *(-0.5, -1, 16.01, 17, 1e9),
            gives=False,
            hint="is the value compared with both limits?",
        ),
    ),
)


def _probe(is_pixel: Any) -> list[Any]:
    """Return what it says of all values. No answer counts as no, to know a mistake."""
    values = [case.given for _, *cases in PROMISES for case in cases]
    return outcomes(lambda value: bool(is_pixel(value)), copy.deepcopy(values))


def _numeric(value):
    return type(value) in (int, float)


def _float_of(value):
    try:
        return 0 <= float(value) <= 16
    except (TypeError, ValueError):
        return False


MISTAKES = (
    Mistake(
        "a bool is an int",
        "true passes for 1: to isinstance a bool is an int. Step 3 of the lesson asks "
        "for something stricter",
        lambda value: isinstance(value, int | float) and 0 <= value <= 16,
    ),
    Mistake(
        "made into a number",
        "float(...) makes numbers of strings and of true. Look at what the client "
        "sent, before you change it",
        _float_of,
    ),
    Mistake(
        "NaN is not outside",
        "a NaN is neither below the low end nor above the high one, so it passes. Ask "
        "whether the value is inside",
        lambda value: _numeric(value) and not (value < 0 or value > 16),
    ),
    Mistake(
        "ends left out",
        "0 is white and 16 is black: both are pixels. Look at < and <=",
        lambda value: _numeric(value) and 0 < value < 16,
    ),
    Mistake(
        "floats alone",
        "5 is refused. In the lesson parse_int=float made a float of every number; "
        "here an int may come",
        lambda value: type(value) is float and 0 <= value <= 16,
    ),
    Mistake(
        "compares what isn't a number",
        "strings and None can't be compared with 0: Python raises a TypeError. Ask "
        "whether the value is inside only if it is a number",
        lambda value: [0 <= value <= 16, _numeric(value)] == [True, True],
    ),
)

number = Check.table(
    title="is it a pixel?",
    name="is_pixel",
    promises=PROMISES,
    ask=_ask,
    probe=_probe,
    mistakes=MISTAKES,
)
