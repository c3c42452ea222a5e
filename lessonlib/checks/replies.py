"""Is it None because there is no answer yet? And has a dictionary all of its keys?"""

from collections.abc import Sequence
from typing import Any

from lessonlib.checks.probes import Broken, Untouched, call, shortened


def reply_to(answer: Any, *given: Any, others: Any) -> Any:
    """Return what an answer gives back, and None where it gives nothing back.

    Raises Untouched if it gives nothing for all of the `others`, tuples of arguments,
    either. One that is silent only here has been written, and has a hole.
    """
    try:
        return call(answer, *given)
    except Untouched:
        silent = (answer(*other) for other in others)
        if all(reply is None or reply is ... for reply in silent):
            raise
        return None


def with_keys(reply: Any, keys: Sequence[str], *, called: str) -> dict[str, Any]:
    """Return a reply that is a dictionary with these keys. Raises Broken if not."""
    if not isinstance(reply, dict) or not {*keys} <= {*reply}:
        hint = f"return a dictionary with the keys {', '.join(keys)}"
        raise Broken(f"{called} gave {shortened(reply)}", hint)
    return reply
