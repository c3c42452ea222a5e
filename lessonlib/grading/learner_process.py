"""The learner's process: it runs cells, and answers what the checker asks about them.

Everything here may be changed by the code that it runs. The checker relies on nothing
but the frames that come out of it.
"""

import contextlib
import functools
import operator
import os
import signal
import socket
import threading
import types
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from lessonlib.checks.raised import learners_line
from lessonlib.grading.channel import Channel, Closed
from lessonlib.grading.codec import Codec

_OPERATIONS: dict[str, Callable[..., Any]] = {
    "iter": list,
    "len": len,
    "str": str,
    "repr": repr,
    "bool": bool,
    "float": float,
    "int": int,
    "item": operator.getitem,
    "in": operator.contains,
    "attribute": getattr,
}


class LearnerProcess:
    """A shell with the learner's names, at the other end of a channel."""

    def __init__(self, connection: socket.socket, shell: Any):
        self._channel, self._names = Channel(connection), shell.user_ns
        self._run_cell, self._pid = shell.run_cell, os.getpid()
        self._codec = Codec(self._callback, trusting=True)
        self._reading = threading.Lock()  # held by whoever reads from the channel
        self._fixtures: dict[str, types.ModuleType] = {}

    def serve(self) -> None:
        """Answer until the checker hangs up."""
        signal.signal(signal.SIGINT, signal.default_int_handler)
        with contextlib.suppress(Closed), self._reading:
            while True:
                self._channel.send(self._answered(self._channel.receive()))

    def _answered(self, request: Mapping[str, Any]) -> dict[str, Any]:
        """Do what is asked, the channel free for callbacks, and return the reply."""
        self._reading.release()
        try:
            reply = {"ok": self._codec.encode(self._do(**request))}
        except BaseException as error:  # SystemExit too: the checker has to hear of it
            reply = {"error": self._codec.encode_error(error)}
            reply["error"]["line"] = learners_line(error)
        if os.getpid() != self._pid:
            os._exit(0)  # a fork is here as well: one answer is enough
        self._reading.acquire()
        return reply

    def _do(self, do: str, **given: Any) -> Any:
        given = {name: self._codec.decode(value) for name, value in given.items()}
        return getattr(self, f"do_{do}")(**given)

    def do_run(self, source: str) -> list[str] | None:
        """Run a cell. Return None, or the name and the text of its error."""
        result = self._run_cell(source, silent=True)
        error = result.error_before_exec or result.error_in_exec
        if error is None:
            return None
        return [type(error).__name__, str(error)[:500]]

    def do_get(self, name: str) -> Any:
        """Return what the learner's cells have left under `name`."""
        return self._names[name]

    def do_call(
        self,
        function: Callable[..., Any],
        args: Sequence[Any],
        options: Mapping[str, Any],
    ) -> Any:
        """Call a function of this side."""
        return function(*args, **options)

    def do_op(self, name: str, args: Sequence[Any]) -> Any:
        """Apply an operation by its name."""
        return _OPERATIONS[name](*args)

    def do_enter(self, thing: Any) -> Any:
        """Enter a `with`."""
        return type(thing).__enter__(thing)

    def do_leave(self, thing: Any, error: BaseException | None) -> Any:
        """Leave it, with an exception or None."""
        kind = None if error is None else type(error)
        return type(thing).__exit__(thing, kind, error, None)

    def do_colocate(self, module: str, source: str, name: str) -> Any:
        """Return `name` of a fixture, run from the checker's own copy of its source."""
        if module not in self._fixtures:
            self._fixtures[module] = fixture = types.ModuleType(module)
            exec(compile(source, module, "exec"), vars(fixture))
        return operator.attrgetter(name)(self._fixtures[module])

    # -- functions of the checker

    def _callback(self, number: int, names: list[str]) -> "_CheckerFunction":
        def call(*args: Any, **options: Any) -> Any:
            return self._call_back(number, args, options)

        return _CheckerFunction(call, number)

    def _call_back(
        self, number: int, args: Sequence[Any], options: Mapping[str, Any]
    ) -> Any:
        given = {"args": args, "options": options}
        message = {name: self._codec.encode(value) for name, value in given.items()}
        with self._reading:
            self._channel.send({"call": number, **message})
            while "do" in (reply := self._channel.receive()):
                self._channel.send(self._answered(reply))
        if "error" in reply:
            raise self._codec.decode_error(reply["error"])
        return self._codec.decode(reply["ok"])


class _CheckerFunction:
    """A function of the checker, to be called from here."""

    def __init__(self, call: Callable[..., Any], number: int):
        self._call, self._number = call, number
        functools.update_wrapper(self, call)

    def __call__(self, *args: Any, **options: Any) -> Any:
        return self._call(*args, **options)

    def proxy_number(self) -> int:
        return self._number
