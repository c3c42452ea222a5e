"""How do a checker and a learner's process talk? In frames of data, never of code.

A frame is a length and JSON. See codec.py for the values in it.
"""

import json
import socket
import struct
from typing import Any

LARGEST_FRAME = 64 * 2**20  # bytes
_LENGTH = struct.Struct(">I")


class Malformed(Exception):
    """A frame that is none of ours: its sender is not to be talked to again."""


class Closed(Exception):
    """The other side is gone."""


class Channel:
    """Frames over a connected socket."""

    def __init__(self, connection: socket.socket):
        self.socket = connection

    def send(self, message: Any) -> None:
        """Send a message, or raise Closed; ValueError if it is too long for a frame."""
        content = json.dumps(message).encode()
        if len(content) > LARGEST_FRAME:
            raise ValueError(f"a frame of {len(content)} bytes is too long")
        try:
            self.socket.sendall(_LENGTH.pack(len(content)) + content)
        except TimeoutError:
            raise
        except OSError as error:
            raise Closed from error

    def receive(self) -> Any:
        """Return the next message; raise Closed, Malformed, or TimeoutError."""
        (length,) = _LENGTH.unpack(self._exactly(_LENGTH.size))
        if length > LARGEST_FRAME:
            raise Malformed(f"a frame of {length} bytes")
        content = self._exactly(length)
        try:
            return json.loads(content)
        except (ValueError, RecursionError) as error:
            raise Malformed(str(error)) from None

    def _exactly(self, n: int) -> bytes:
        content = bytearray()
        while len(content) < n:
            try:
                part = self.socket.recv(min(n - len(content), 2**20))
            except TimeoutError:
                raise
            except OSError as error:
                raise Closed from error
            if not part:
                raise Closed
            content += part
        return bytes(content)
