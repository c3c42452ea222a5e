"""What went wrong inside the learner's code, in words?"""

import json
import linecache
import traceback
from pathlib import Path

import numpy as np

_NOT_THE_LEARNERS = (  # the standard library, installed packages, and ours
    str(Path(json.__file__).parents[1]),
    str(Path(np.__file__).parents[1]),
    str(Path(__file__).parents[1]),
)


def ending(error: Exception) -> str:
    """Return what two answers have in common that fail in the same way."""
    kind = type(error).__name__  # the words of an OSError have a path in them
    return kind if isinstance(error, OSError) else f"{kind}: {error}"


def in_words(error: BaseException) -> str:
    """Return an exception in words, with the learner's line that led to it."""
    line = learners_line(error)
    return f"{type(error).__name__}: {error}" + (f" (in: {line})" if line else "")


def learners_line(error: BaseException) -> str:
    """Return the last line of the learner's own code that led to an error, or ""."""
    if hasattr(error, "learners_line"):  # it was found where the answer is
        return str(error.learners_line)
    line = ""
    for frame, number in traceback.walk_tb(error.__traceback__):
        file = frame.f_code.co_filename
        if not file.startswith(_NOT_THE_LEARNERS):
            line = linecache.getline(file, number).strip() or line
    return line[:200]
