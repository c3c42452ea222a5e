"""Is None a wrong answer, or is there no answer yet?"""

from typing import Any

from lessonlib.checks.probes import Untouched, call


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
