"""Are newcomers let in as they come: a few a turn, and all after a long one?"""

import asyncio
import socket
from contextlib import ExitStack

import pytest

from lessonlib.serve.door import ALL, FEW, LONG_TURN_S, Door


class Guest(asyncio.Protocol):
    """A connection that is remembered, and closed in the end."""

    def __init__(self, guests):
        self.guests = guests

    def connection_made(self, transport):
        self.guests.append(transport)


async def let_in(n, *, turn_s, doors=1):
    """Return how many of n who wait outside have been let in after each turn."""
    listener = socket.create_server(("127.0.0.1", 0), backlog=1024)
    guests, seen = [], []
    with listener, ExitStack() as stack:
        for _ in range(n):
            caller = socket.create_connection(listener.getsockname())
            stack.enter_context(caller)
        loop = asyncio.get_running_loop()
        behind = [socket.socket(fileno=listener.dup().detach()) for _ in range(doors)]
        open_doors = [
            Door(each, lambda: Guest(guests), lambda: turn_s) for each in behind
        ]
        until = loop.time() + 20
        while len(guests) < n and loop.time() < until:
            await asyncio.sleep(0)
            seen.append(len(guests))
        for door, each in zip(open_doors, behind, strict=True):
            door.close()
            await door.wait_closed()
            each.close()
        for guest in guests:
            guest.close()
        await asyncio.sleep(0)
    return seen


def steps(seen):
    return [b - a for a, b in zip([0, *seen], seen, strict=False) if b > a]


def test_a_few_come_in_a_turn_until_all_are_in():
    seen = asyncio.run(let_in(100, turn_s=0.0))
    assert seen[-1] == 100
    assert max(steps(seen)) <= FEW


def test_after_a_long_turn_all_come_in_at_once_to_be_told_what_there_is():
    seen = asyncio.run(let_in(100, turn_s=2 * LONG_TURN_S))
    assert steps(seen) == [100]
    assert ALL > 1000  # as many as knock in the worst burst


@pytest.mark.parametrize("doors", [2, 3])
def test_who_stands_at_one_door_of_several_comes_in_once(doors):
    seen = asyncio.run(let_in(100, turn_s=0.0, doors=doors))
    assert seen[-1] == 100
