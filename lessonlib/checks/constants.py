"""Does an answer say the same to everything? Then what fits, fits by chance."""

import contextlib
from collections.abc import Callable, Iterable
from typing import Any

from lessonlib.checks.probes import plain


def is_constant(answer: Any, ways_to_ask: Iterable[Callable[[Any], Any]]) -> bool:
    """Return whether a function gives one value, or one error, to whatever it is given.

    It is called in all `ways_to_ask`. A function that was asked only one thing has not
    shown that it is a constant, and neither has anything that is not a function.
    """
    asked: set[str] = set()
    replies: list[Any] = []

    def watched(*args: Any, **options: Any) -> Any:
        asked.add(repr((args, options)))
        try:
            reply = answer(*args, **options)
        except Exception as error:
            replies.append(type(error))
            raise
        replies.append(plain(reply))
        return reply

    if not callable(answer) or isinstance(answer, type):
        return False
    for ask in ways_to_ask:
        with contextlib.suppress(Exception):  # a broken promise, or one of the answer
            ask(watched)
    return len(asked) > 1 and all(reply == replies[0] for reply in replies)
