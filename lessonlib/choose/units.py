"""What is a unit called, and which share of all units has an arm?"""

from collections.abc import Mapping
from typing import Any

from lessonlib.evidence import number, whole
from lessonlib.rows import is_number


def name_of(unit: Any) -> str:
    """Return the name of a unit: 17, 17.0 and "17" are one parcel.

    Raises ValueError for what names nobody, such as None or NaN.
    """
    if isinstance(unit, str):
        return unit
    if isinstance(unit, bool) or not is_number(unit):
        raise ValueError(f"a unit is a text or a whole number, got {unit!r:.40}")
    if isinstance(unit, int):
        return str(unit)
    sign = "-" if number(unit, "a unit") < 0 else ""
    return f"{sign}{whole(abs(unit), 'a unit')}"


def shares_of(weights: Mapping[str, float]) -> dict[str, float]:
    """Return each arm's share of the units, together 1, or raise ValueError."""
    try:
        each = {arm: number(weight, arm, low=0) for arm, weight in weights.items()}
    except (AttributeError, ValueError):
        each = {}
    if not (total := sum(each.values())):
        raise ValueError(f"weights must be >= 0, and not all 0, got {weights!r:.80}")
    return {arm: weight / total for arm, weight in each.items()}
