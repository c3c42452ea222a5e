"""How does a worker let newcomers in?

uvloop takes one new connection in each turn of its loop, however long a turn is: in a
crowd newcomers would wait for seconds, and nobody could be refused in time.
"""

import asyncio
import socket
from collections.abc import Callable

FEW, ALL = 16, 1024  # connections a turn
LONG_TURN_S = 0.02


class Door:
    """Takes connections of a listening socket; it has an asyncio server's methods.

    A burst is shared with the other workers, who stand at the same door: each takes a
    `FEW` a turn. After a long turn it takes all that wait, so that they can be told to
    come back. `turn_s` returns how long the last turn was.
    """

    def __init__(
        self,
        listener: socket.socket,
        protocol: Callable[[], asyncio.Protocol],
        turn_s: Callable[[], float],
    ):
        self._listener, self._protocol, self._turn_s = listener, protocol, turn_s
        self._loop = asyncio.get_running_loop()
        self._coming: set[asyncio.Task[object]] = set()
        listener.setblocking(False)
        self._loop.add_reader(listener.fileno(), self._accept)

    def close(self) -> None:
        """Let nobody in any more."""
        self._loop.remove_reader(self._listener.fileno())

    async def wait_closed(self) -> None:
        """Wait for those who are just coming in."""
        await asyncio.gather(*self._coming, return_exceptions=True)

    def _accept(self) -> None:
        for _ in range(ALL if self._turn_s() > LONG_TURN_S else FEW):
            try:
                connection, _ = self._listener.accept()
            except OSError:  # nobody waits, or another worker was quicker
                return
            connection.setblocking(False)
            coming = self._loop.connect_accepted_socket(self._protocol, connection)
            task = self._loop.create_task(coming)
            self._coming.add(task)
            task.add_done_callback(self._coming.discard)
