"""Does a text give a secret away?"""

from typing import Any

_PIECE = 4  # characters of a secret in a row: a mask such as q3***Kd shows fewer


def leaks(text: Any, secret: str) -> bool:
    """Return whether a piece of `secret` stands in `text`."""
    pieces = (secret[i : i + _PIECE] for i in range(len(secret) - _PIECE + 1))
    return any(piece in str(text) for piece in pieces)
