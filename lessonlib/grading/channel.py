"""How do a checker and a learner's process talk? In frames of data, never of code.

A frame is a length and JSON. See codec.py for the values in it.
"""

import json
import socket
import struct
import time
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
        self._came = bytearray()  # of the frame that is on its way

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

    def receive(self, until: float | None = None) -> Any:
        """Return the next message; raise Closed, Malformed, or TimeoutError.

        The whole of it has to be there by `until`, of time.monotonic. What came of it
        in time is kept for the next call.
        """
        self._await(_LENGTH.size, until)
        (length,) = _LENGTH.unpack_from(self._came)
        if length > LARGEST_FRAME:
            raise Malformed(f"a frame of {length} bytes")
        self._await(_LENGTH.size + length, until)
        content, self._came = bytes(self._came[_LENGTH.size :]), bytearray()
        try:
            return json.loads(content)
        except (ValueError, RecursionError) as error:
            raise Malformed(str(error)) from None

    def _await(self, n: int, until: float | None) -> None:
        while len(self._came) < n:
            if until is not None:
                left_s = until - time.monotonic()
                if left_s <= 0:
                    raise TimeoutError
                self.socket.settimeout(left_s)
            try:
                part = self.socket.recv(min(n - len(self._came), 2**20))
            except TimeoutError:
                raise
            except OSError as error:
                raise Closed from error
            if not part:
                raise Closed
            self._came += part
