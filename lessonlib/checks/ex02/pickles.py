"""Was a file loaded, or refused? Pickles that are written by hand, to find out.

The worst that one of them does, if an answer loads it, is to make a folder named `ran`
inside a temporary folder of the check. So a check can tell whether it was loaded.
"""

import contextlib
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from lessonlib.checks.raised import ending

_START = b"\x80\x04"  # protocol 4


def names(module: str, name: str) -> bytes:
    """Return a pickle that imports one name and hands it out, without calling it."""
    return _START + imports(module, name) + b"."


def asks(module: str, name: str, *strings: str) -> bytes:
    """Return a pickle that calls a function with strings."""
    arguments = b"(" + b"".join(map(string, strings)) + b"t"
    return _START + imports(module, name) + arguments + b"R."


def imports(module: str, name: str, *, old: bool = False) -> bytes:
    """Return the instructions that import a function; `old` writes protocol 3."""
    if old:
        return f"c{module}\n{name}\n".encode()
    return string(module) + string(name) + b"\x93"


def string(text: str) -> bytes:
    """Return the instruction that pushes a string on the stack."""
    content = text.encode()
    return b"X" + len(content).to_bytes(4, "little") + content


@contextlib.contextmanager
def trap() -> Iterator[tuple[bytes, Path]]:
    """Yield a pickle and the folder that it makes when it is loaded."""
    with tempfile.TemporaryDirectory() as folder:
        ran = Path(folder) / "ran"
        yield asks("os", "mkdir", str(ran)), ran


def refused(answer: Callable[..., Any], *arguments: Any) -> bool:
    """Return whether the answer raised an exception."""
    try:
        answer(*arguments)
    except Exception:
        return True
    return False


def ended(answer: Callable[..., Any], *arguments: Any) -> str:
    """Return how a call ended. A crash is no refusal, though both are exceptions."""
    try:
        answer(*arguments)
    except (TypeError, NameError, AttributeError) as crash:
        return ending(crash)
    except Exception:
        return "refused"
    return "let in"
