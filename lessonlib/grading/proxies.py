"""The checker's side: a learner's things, as far away as they have to be.

A `Proxy` looks like the learner's function, class or object, and is none: whatever is
done with it is asked over the channel, and what comes back is plain data or a `Proxy`.
"""

import inspect
import socket
import sys
import time
from collections.abc import Mapping
from types import TracebackType
from typing import Any

from lessonlib.grading.channel import Channel, Closed, Malformed
from lessonlib.grading.codec import Codec

INTERRUPT_S = 1.0  # how long a learner's process may take to stop after an interrupt


class LearnerGone(BaseException):
    """The learner's process is gone, or must go. No check may catch this."""

    def __init__(self, status: str, why: str):
        super().__init__(why)
        self.status, self.why = status, why


class KeeperClient:
    """What the checker may ask of its keeper, who starts learner's processes."""

    def __init__(self, connection: socket.socket):
        self._channel = Channel(connection)

    def start(self) -> socket.socket:
        """Return a connection to a new learner's process; the one before ends."""
        self._channel.socket.sendall(b"s")
        _, sockets, _, _ = socket.recv_fds(self._channel.socket, 1, 1)
        return socket.socket(fileno=sockets[0])

    def interrupt(self) -> None:
        """Interrupt the learner's process, as Ctrl-C would."""
        self._channel.socket.sendall(b"i")

    def why(self) -> list[str]:
        """Return status and reason if the keeper ended the process, else []."""
        self._channel.socket.sendall(b"w")
        return self._channel.receive()


class LearnerClient:
    """A learner's process: it is asked, within a limit of time, and may call back."""

    def __init__(self, keeper: KeeperClient, *, limit_s: float):
        self._channel, self._keeper = Channel(keeper.start()), keeper
        self._codec = Codec(self._make_proxy, trusting=False)
        self.limit_s = limit_s
        self.until: float | None = None  # by time.monotonic: then nothing is asked

    def ask(self, do: str, **given: Any) -> Any:
        """Return the answer to a request; raise its error, or LearnerGone."""
        message = {name: self._codec.encode(value) for name, value in given.items()}
        if self.until is not None and time.monotonic() > self.until:
            raise LearnerGone("timeout", "the question as a whole took too long")
        until = time.monotonic() + self.limit_s
        try:
            self._send({"do": do, **message}, until)
            return self._receive(until)
        except Closed:
            ended = ["crashed", "the process of this submission ended"]
            raise LearnerGone(*(self._keeper.why() or ended)) from None
        except Malformed:
            raise LearnerGone("crashed", "the process sent what is no answer") from None

    def _send(self, message: Mapping[str, Any], until: float) -> None:
        self._channel.socket.settimeout(max(0.05, until - time.monotonic()))
        try:
            self._channel.send(message)
        except TimeoutError:
            raise LearnerGone("timeout", "the process no longer listens") from None

    def _receive(self, until: float) -> Any:
        """Return the answer, and serve callbacks meanwhile."""
        interrupted = False
        while True:
            try:
                reply = self._channel.receive(until)
            except TimeoutError:
                if interrupted:
                    why = f"no end after {self.limit_s:g} s, not even when interrupted"
                    raise LearnerGone("timeout", why) from None
                interrupted, until = True, time.monotonic() + INTERRUPT_S
                self._keeper.interrupt()
                continue
            if not isinstance(reply, dict):
                raise Malformed("no message")
            if "call" in reply:
                self._serve(reply, until)
            elif interrupted:
                raise TimeoutError(f"no answer within {self.limit_s:g} seconds")
            elif "error" in reply:
                raise self._error(reply["error"])
            elif "ok" in reply:
                return self._codec.decode(reply["ok"])
            else:
                raise Malformed("neither an answer nor a question")

    def _serve(self, request: Mapping[str, Any], until: float) -> None:
        """Call one of our functions for the learner. It gets data, and gives data."""
        function = self._codec.kept.get(request["call"])
        args = self._codec.decode(request.get("args"))
        options = self._codec.decode(request.get("options"))
        if function is None or type(args) is not tuple or type(options) is not dict:
            raise Malformed("no call of ours")
        try:
            reply = {"ok": self._codec.encode(function(*args, **options))}
        except Exception as error:
            reply = {"error": self._codec.encode_error(error)}
        self._send(reply, until)

    def _error(self, content: Any) -> Exception:
        if not isinstance(content, dict) or {"names", "args", "attributes"} - set(
            content
        ):
            raise Malformed("no error of ours")
        error = self._codec.decode_error(content)
        error.learners_line = str(content.get("line", ""))[:200]  # type: ignore[attr-defined]
        return error

    def _make_proxy(self, number: int, names: list[str]) -> "Proxy":
        return Proxy(self, number, names)


class Proxy:
    """Something of the learner's that does not cross. Equal to itself alone."""

    __slots__ = ("_learner", "_names", "_number")

    def __init__(self, learner: LearnerClient, number: int, names: list[str]):
        self._learner, self._number, self._names = learner, number, names

    def proxy_number(self) -> int:
        """Return what the learner's process calls it."""
        return self._number

    @property  # type: ignore[misc]
    def __class__(self) -> type:
        """Say that it is what its process says, if that class is known here."""
        for name in object.__getattribute__(self, "_names"):
            module, _, name = name.rpartition(".")
            known = getattr(sys.modules.get(module), name, None)
            if isinstance(known, type) and known is not object:
                return known
        return Proxy

    def _op(self, name: str, *args: Any) -> Any:
        return self._learner.ask("op", name=name, args=(self, *args))

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__") and name != "__name__":
            raise AttributeError(name)
        return self._op("attribute", name)

    def __call__(self, *args: Any, **options: Any) -> Any:
        return self._learner.ask("call", function=self, args=args, options=options)

    def __iter__(self) -> Any:
        return iter(_exactly(list, self._op("iter")))

    def __len__(self) -> int:
        return _exactly(int, self._op("len"))

    def __getitem__(self, item: Any) -> Any:
        return self._op("item", item)

    def __contains__(self, item: Any) -> bool:
        return _exactly(bool, self._op("in", item))

    def __bool__(self) -> bool:
        return _exactly(bool, self._op("bool"))

    def __float__(self) -> float:
        return _exactly(float, self._op("float"))

    def __int__(self) -> int:
        return _exactly(int, self._op("int"))

    def __str__(self) -> str:
        return _exactly(str, self._op("str"))

    def __repr__(self) -> str:
        return _exactly(str, self._op("repr"))

    def __enter__(self) -> Any:
        return self._learner.ask("enter", thing=self)

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> bool:
        return bool(self._learner.ask("leave", thing=self, error=error))

    def colocate_(self, thing: Any) -> Any:
        """Return `thing` of one of our modules as made in the learner's process."""
        module = inspect.getmodule(thing)
        assert module is not None
        return self._learner.ask(
            "colocate",
            module=module.__name__,
            source=inspect.getsource(module),
            name=thing.__qualname__,
        )


def _exactly(kind: type, value: Any) -> Any:
    if type(value) is not kind:
        raise TypeError(f"{kind.__name__} expected, and {type(value).__name__} came")
    return value
