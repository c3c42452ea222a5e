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


def names(module: str, name: str, *, old: bool = False) -> bytes:
    """Return a pickle that imports one name and hands it out, without calling it."""
    return _head(old) + _import(module, name, old) + b"."


def asks(module: str, name: str, *texts: str, old: bool = False) -> bytes:
    """Return a pickle that calls a function with texts; `old` writes protocol 3."""
    arguments = b"(" + b"".join(map(_text, texts)) + b"t"
    return _head(old) + _import(module, name, old) + arguments + b"R."


@contextlib.contextmanager
def trap(*, old: bool = False) -> Iterator[tuple[bytes, Path]]:
    """Yield a pickle and the folder that it makes when it is loaded."""
    with tempfile.TemporaryDirectory() as folder:
        ran = Path(folder) / "ran"
        yield asks("os", "mkdir", str(ran), old=old), ran


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


def _head(old: bool) -> bytes:
    return b"\x80\x03" if old else b"\x80\x04"


def _import(module: str, name: str, old: bool) -> bytes:
    if old:
        return f"c{module}\n{name}\n".encode()
    return _text(module) + _text(name) + b"\x93"


def _text(text: str) -> bytes:
    content = text.encode()
    return b"X" + len(content).to_bytes(4, "little") + content
