"""How do several processes answer at one address?

Threads of one Python take turns; processes do not. Each loads the saved model for
itself, and all of them take requests from one socket that the first process has opened.
One that dies is replaced. In a terminal:
python -m lessonlib.serve.workers FOLDER --workers 2
There a signal (kill -HUP) makes all of them load the folder again.
"""

import argparse
import math
import pkgutil
import signal
import sys
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import IO, Any

from lessonlib.errors import LessonError, ServerError
from lessonlib.serve.contract import MAX_BODY_BYTES
from lessonlib.serve.keys import Keys
from lessonlib.serve.pool import Workers
from lessonlib.serve.rates import RateLimit
from lessonlib.serve.server import HOST


def serve_processes(
    folder: str | Path,
    *,
    workers: int = 2,
    host: str = HOST,
    port: int = 0,
    log: Any = None,
    keys: Keys | None = None,
    access_log: IO[str] | None = None,
    max_body_bytes: int = MAX_BODY_BYTES,
    say: Callable[[str], object] | None = None,
) -> Workers:
    """Return processes that answer for the model of `folder`, at one free port.

    Only this computer can ask them, unless `host` names another of its addresses. They
    end with `stop()`, or when this process ends, however it ends. Each opens the `log`
    for itself, if one is given. With `keys` only their callers are answered, and a
    limit is shared by all processes. All write to the file `access_log`. Raises
    ServerError if the port cannot be had, or a process cannot load the model.
    """
    options: Any = {"log": log, "keys": keys, "max_body_bytes": max_body_bytes}
    beside: Any = {"say": say, "access_log": access_log}
    return Workers(folder, workers=workers, host=host, port=port, **beside, **options)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m lessonlib.serve.workers")
    add = parser.add_argument
    add("folder", help="where save_model has put the model")
    add("--workers", type=int, default=2, help="processes (2)")
    add("--host", default=HOST, help=f"an address of ours ({HOST})")
    add("--port", type=int, default=0, help="a free one, if left out")
    add("--log", help="a file to keep predictions and labels in")
    add("--keys", help="a file of lessonlib.serve.keys: nobody else is answered")
    add("--rate", type=float, help="requests a second of each key, in the long run")
    add("--burst", type=int, help="requests of each key at once (those of a second)")
    add(
        "--max-body-bytes",
        type=int,
        default=MAX_BODY_BYTES,
        help=f"a body has less ({MAX_BODY_BYTES:,})",
    )
    add("--access-log", action="store_true", help="a line of JSON a request to stdout")
    return parser


def _limit(rate_rps: float, burst: int | None) -> RateLimit:
    if burst is None:  # those of a second
        burst = max(1, math.ceil(rate_rps)) if math.isfinite(rate_rps) else 1
    return RateLimit(rate_rps, burst)


def _options(words: list[str] | None) -> dict[str, Any]:
    """Return what `serve_processes` takes, from the words of a command."""
    parser = _parser()
    options = vars(parser.parse_args(words))
    path, rate, burst = (options.pop(name) for name in ("keys", "rate", "burst"))
    if rate is None and burst is not None:
        parser.error("--burst goes with --rate")
    if rate is not None and path is None:
        parser.error("--rate counts by key: give --keys, too")
    try:
        limit = None if rate is None else _limit(rate, burst)
    except ValueError as error:
        parser.error(str(error))
    options["keys"] = None if path is None else Keys(path, limit=limit)
    options["access_log"] = sys.stdout if options["access_log"] else None
    if options["log"]:
        # by its name: this room comes before that of the log
        open_log = pkgutil.resolve_name("lessonlib.learn.log:PredictionLog")
        options["log"] = open_log(options["log"])
    return options


def main(words: list[str] | None = None) -> None:
    """Serve a saved model from several processes until Ctrl+C; SIGHUP: load again."""
    options = _options(words)
    orders: SimpleQueue[int] = SimpleQueue()  # a second one may come meanwhile
    for name in ("SIGTERM", "SIGHUP"):
        if hasattr(signal, name):
            signal.signal(getattr(signal, name), lambda number, _: orders.put(number))
    folder, tell = options.pop("folder"), _say
    if options["access_log"]:  # stdout is for its lines alone
        tell = _complain
    try:
        processes = serve_processes(folder, **options, say=_complain)
    except (LessonError, ValueError) as error:
        sys.exit(str(error))
    with processes:
        tell(f"{processes}; Ctrl+C ends them")
        with suppress(KeyboardInterrupt):
            _obey(processes, orders, tell)
    if processes.gave_up.is_set():
        sys.exit("no worker is left: see above")


def _obey(
    processes: Workers, orders: "SimpleQueue[int]", tell: Callable[[str], object]
) -> None:
    """Reload at SIGHUP, and come back at SIGTERM or when all workers are lost."""
    while not processes.gave_up.is_set():
        with suppress(Empty):
            if orders.get(timeout=0.5) == signal.SIGTERM:
                return
            try:
                tell(f"all workers answer with version {processes.reload()}")
            except ServerError as error:
                _complain(str(error))


def _say(line: str) -> None:
    print(line, flush=True)


def _complain(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


if __name__ == "__main__":
    main()
