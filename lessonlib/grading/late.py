"""When was it due, when did it come, and what does that cost?"""

import datetime
import importlib
import zoneinfo
from collections.abc import Callable

from lessonlib.errors import LessonError

Policy = Callable[[float, float], float]
_DAY_S = 86_400


def no_penalty(seconds_late: float, score: float) -> float:
    """Return 0: late is as good as in time."""
    return 0.0


def nothing_after_due(seconds_late: float, score: float) -> float:
    """Return the whole score: what is late counts for nothing."""
    return score if seconds_late > 0 else 0.0


def per_day(share: float) -> Policy:
    """Return a policy that takes `share` of the score for each day that has begun."""

    def policy(seconds_late: float, score: float) -> float:
        days = -(-max(0.0, seconds_late) // _DAY_S)
        return min(score, score * share * days)

    return policy


def load_policy(text: str) -> Policy:
    """Return the policy of "none", "zero", "10%-a-day" or "module:function"."""
    if text in ("none", "zero"):
        return no_penalty if text == "none" else nothing_after_due
    number, _, rest = text.partition("%")
    if rest == "-a-day" and number.replace(".", "", 1).isdigit():
        return per_day(float(number) / 100)
    module, colon, name = text.partition(":")
    why = ""
    try:
        if colon:
            return getattr(importlib.import_module(module), name)
    except (ImportError, AttributeError, ValueError) as error:
        why = f" ({error})"
    raise LessonError(
        f"--late {text} is no policy{why}: say none, zero, 10%-a-day, or "
        "module:function"
    )


def parse_time(text: str, zone: datetime.tzinfo = datetime.UTC) -> datetime.datetime:
    """Return a time in ISO 8601, of `zone` if it names none; a date is its end.

    A zone may also follow by its name, as in "2026-11-30 23:59 Europe/Berlin".
    """
    written, _, name = text.strip().rpartition(" ")
    if not written or name[:1].isdigit():
        written = text.strip()
    else:
        zone = load_zone(name)
    try:
        time = datetime.datetime.fromisoformat(written)
    except ValueError:
        raise LessonError(
            f"{text!r} is no time: write it as 2026-11-30T23:59Z"
        ) from None
    if len(written) == len("2026-11-30"):
        time += datetime.timedelta(seconds=_DAY_S - 1)
    return time if time.tzinfo else time.replace(tzinfo=zone)


def load_zone(name: str) -> datetime.tzinfo:
    """Return the time zone of a name such as Europe/Berlin or UTC."""
    if name == "UTC":
        return datetime.UTC
    try:
        return zoneinfo.ZoneInfo(name)
    except (ValueError, OSError, zoneinfo.ZoneInfoNotFoundError):
        raise LessonError(
            f"{name!r} is no time zone that this computer knows: say it as "
            "Europe/Berlin, or UTC"
        ) from None


def seconds_late(due: str, timestamp: str) -> float:
    """Return how long after `due` a submission came; 0 if either is not known."""
    if not due or not timestamp:
        return 0.0
    late = parse_time(timestamp) - parse_time(due)
    return max(0.0, late.total_seconds())
