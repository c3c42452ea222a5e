"""Is the load generator's stopwatch right? Beside other tools, and what must be true.

python tests/benchmarks/load_generator.py [TABLE ...] [--rounds 5]

Each server has a process of its own. Tables, all if none is named:
wrk     the median of answers, beside wrk's (Debian's): the lesson's server and its
        contract with a constant prediction, and a bare server, quick enough to show
        what each request costs the client itself
stall   a server that sleeps 100 ms in each second, at 200 requests/s: p95 must be 50 ms
        and p99 90 ms; beside it loadtest from npm, which sends at a constant rate too
pace    late sends at 2,000 requests/s, and whether gaps are even, or a Poisson process'
inside  client and server in one process, as in a notebook, beside a client of its own
queue   Poisson arrivals at half the capacity of a queue, beside M/M/1, and beside what
        the server's very draws of work add up to
Ours and the others take turns; medians of the rounds.
"""

import argparse
import asyncio
import json
import re
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np

from lessonlib.measure.latency import percentile
from lessonlib.measure.loadtest import closed_loop, open_loop, poisson_arrivals
from lessonlib.measure.scaling import mm1_percentile, mm1_response
from lessonlib.serve.flask_app import prediction_app
from lessonlib.serve.server import serve

ROWS = np.random.default_rng(0).integers(0, 17, (10, 64)).astype(float)
REPLY = (
    b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}"
)
LOADTEST = "loadtest@8.2.1"
SEED, WORK_S = 1, 0.010  # the mean of the queue's exponential work


class Answer(asyncio.Protocol):
    """Answers each request on a kept connection with the same few bytes."""

    def __init__(self, work: asyncio.Queue | None):
        self.work, self.read = work, b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = transport

    def data_received(self, data: bytes) -> None:
        self.read += data
        while (end := self.read.find(b"\r\n\r\n")) >= 0:
            found = re.search(rb"content-length: *(\d+)", self.read[:end].lower())
            end += 4 + int(found[1] if found else 0)
            if len(self.read) < end:
                return
            self.read = self.read[end:]
            if self.work is None:
                self.transport.write(REPLY)
            else:
                self.work.put_nowait(self.transport)


def answer_as_in_the_lesson() -> None:
    """Serve a constant prediction until killed, by the lesson's own server."""
    always = np.full((1, 10), 0.1)
    server = serve(prediction_app(lambda rows: always, columns=64), name="served")
    print(server.url.rsplit(":", 1)[1], flush=True)
    threading.Event().wait()


async def answer(kind: str) -> None:
    """Serve until killed: a constant, a stall in each second, or a queue."""
    work = asyncio.Queue() if kind == "queue" else None
    loop, rng = asyncio.get_running_loop(), np.random.default_rng(SEED)
    server = await loop.create_server(lambda: Answer(work), "127.0.0.1", backlog=1024)
    print(server.sockets[0].getsockname()[1], flush=True)
    due = time.perf_counter()
    while kind == "stall":
        due += 1
        await asyncio.sleep(max(0, due - time.perf_counter()))
        time.sleep(0.1)  # the whole server sleeps
    while work is not None:
        transport = await work.get()
        due = max(due, time.perf_counter()) + rng.exponential(WORK_S)
        while (left := due - time.perf_counter()) > 0:  # timers are a millisecond late
            await asyncio.sleep(left - 0.002 if left > 0.003 else 0)
        transport.write(REPLY)
    await asyncio.Event().wait()


@contextmanager
def server(kind: str) -> Iterator[str]:
    """Start one of the servers in a process; yield its address."""
    command = [sys.executable, __file__, "--serve", kind]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            yield f"http://127.0.0.1:{int(process.stdout.readline())}"
        finally:
            process.kill()


def wrk_p50_ms(url: str, *, connections: int, seconds: int = 2) -> float:
    """Return the median that wrk reports for the same request."""
    row = ", ".join(str(number) for number in ROWS[0])
    script = (
        'wrk.method = "POST"\nwrk.headers["Content-Type"] = "application/json"\n'
        f"wrk.body = '{{\"rows\": [[{row}]]}}'\n"
    )
    with tempfile.NamedTemporaryFile("w", suffix=".lua") as file:
        file.write(script)
        file.flush()
        options = ["-t1", f"-c{connections}", f"-d{seconds}s", "--latency"]
        command = ["wrk", *options, "-s", file.name, f"{url}/predict"]
        said = subprocess.run(command, capture_output=True, text=True, check=True)
    number, unit = re.search(r"50%\s+([\d.]+)(us|ms|s)", said.stdout).groups()  # type: ignore[union-attr]
    return float(number) * {"us": 0.001, "ms": 1, "s": 1000}[unit]


def loadtest_ms(url: str) -> tuple[float, float]:
    """Return p95 and p99 of npm's loadtest at 200 requests/s; install it if needed."""
    folder = Path(__file__).parents[2] / "build" / "peers" / "loadtest"
    program = folder / "node_modules" / ".bin" / "loadtest"
    if not program.exists():
        install = ["npm", "install", "--silent", "--ignore-scripts"]
        subprocess.run([*install, "--prefix", folder, LOADTEST], check=True)
    body = json.dumps({"rows": ROWS[:1].tolist()})
    options = ["--rps", "200", "-n", "2000", "-c", "32", "-k", "--cores", "1"]
    options += ["-m", "POST", "-T", "application/json", "--data", body]
    command = [str(program), *options, f"{url}/predict"]
    said = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    p95, p99 = (re.search(rf"{p}% +(\d+) ms", said).group(1) for p in (95, 99))  # type: ignore[union-attr]
    return float(p95), float(p99)


def rows_of(name: str, ours: list[float], theirs: list[float], other: str) -> str:
    """Return a line of the table: medians, and the ratio of the medians."""
    a, b = statistics.median(ours), statistics.median(theirs)
    spread = f"{min(ours):.3f} to {max(ours):.3f}"
    return f"| {name} | {a:.3f} ms ({spread}) | {other}: {b:.3f} ms | {a / b:.2f} |"


def wrk(rounds: int) -> Iterator[str]:
    """Yield a line for each server and number of connections."""
    for kind, label in (("served", "the lesson's server"), ("constant", "bare server")):
        with server(kind) as url:
            for n in (1, 8):
                ours, theirs = [], []
                for _ in range(rounds):
                    run = closed_loop(url, ROWS, users=n, requests_each=4000 // n)
                    ours.append(1e3 * run.percentile(50))
                    theirs.append(wrk_p50_ms(url, connections=n))
                yield rows_of(f"p50, {label}, {n} at a time", ours, theirs, "wrk")


def stall(rounds: int) -> Iterator[str]:
    """Yield lines for each number of workers, and for the peer, beside the truth."""
    truth_ms = {95: 50, 99: 90}
    seen_ms: dict[str, list[list[float]]] = {}
    with server("stall") as url:
        for _ in range(rounds):
            for workers in (2, 32, 128):
                run = open_loop(url, ROWS, rate=200, seconds=10, workers=workers)
                times_ms = [1e3 * run.percentile(p) for p in truth_ms]
                seen_ms.setdefault(f"{workers} workers", []).append(times_ms)
            seen_ms.setdefault(LOADTEST, []).append([*loadtest_ms(url)])
    for who, rounds_ms in seen_ms.items():
        for p, each_ms in zip(truth_ms, zip(*rounds_ms, strict=True), strict=True):
            seen, truth = statistics.median(each_ms), truth_ms[p]
            spread = f"{min(each_ms):.1f} to {max(each_ms):.1f}"
            what = f"p{p}, 100 ms stall a second, {who}"
            off = f"{truth} ms | {seen - truth:+.1f} ms |"
            yield f"| {what} | {seen:.1f} ms ({spread}) | {off}"


def pace(rounds: int) -> Iterator[str]:
    """Yield lines on late sends, and on the gaps between sends."""
    late: list[float] = []
    even: list[float] = []
    by_chance: list[float] = []
    with server("constant") as url:
        for i in range(rounds):
            late.append(open_loop(url, ROWS, rate=2000, seconds=4).late)
            poisson = poisson_arrivals(rate=200, seconds=5, seed=i)
            runs = (
                (open_loop(url, ROWS, rate=200, seconds=5), even),
                (open_loop(url, ROWS, arrivals=poisson), by_chance),
            )
            for run, found in runs:
                gaps = np.diff(np.sort(run.sent_s))
                found.append(gaps.std() / gaps.mean())
    worst = f"worst {max(late):.1%}"
    yield f"| late at 2,000/s | {statistics.median(late):.1%} ({worst}) | <= 5 % | |"
    what = "variation of the gaps"
    yield f"| {what}, constant | {statistics.median(even):.2f} | < 0.3 | |"
    yield f"| {what}, Poisson | {statistics.median(by_chance):.2f} | 0.9 to 1.1 | |"


def inside(rounds: int) -> Iterator[str]:
    """Yield lines on a client in the server's own process, beside one of its own."""
    always = np.full((1, 10), 0.1)
    app = prediction_app(lambda rows: always, columns=64)
    with serve(app, name="inside") as here:
        for rate in (100, 300):
            ours, theirs = [], []
            for _ in range(rounds):
                run = open_loop(here.url, ROWS, rate=rate, seconds=4)
                ours.append([1e3 * run.percentile(p) for p in (50, 99)])
                ask = [sys.executable, __file__, "--ask", here.url, "--rate", str(rate)]
                said = subprocess.run(ask, capture_output=True, text=True, check=True)
                theirs.append([float(word) for word in said.stdout.split()])
            for i, p in enumerate((50, 99)):
                a, b = ([each[i] for each in seen] for seen in (ours, theirs))
                yield rows_of(f"p{p}, one process, {rate}/s", a, b, "a child")


def queue(rounds: int) -> Iterator[str]:
    """Yield lines on a real queue at half its capacity beside M/M/1."""
    rate, capacity = 0.5 / WORK_S, 1 / WORK_S
    with server("queue") as url:
        plans = [poisson_arrivals(rate=rate, seconds=30, seed=i) for i in range(rounds)]
        runs = [open_loop(url, ROWS, arrivals=due) for due in plans]
    times_ms = 1e3 * np.concatenate([run.response_s for run in runs])
    work, reckoned_ms = np.random.default_rng(SEED), []
    for due_s in plans:  # the server's own draws, without a client or a network
        free_s = 0.0
        for at_s in due_s:
            free_s = max(free_s, at_s) + work.exponential(WORK_S)
            reckoned_ms.append(1e3 * (free_s - at_s))
    theory = {"rate_rps": rate, "capacity_rps": capacity}
    mean, p99 = mm1_response(**theory), mm1_percentile(99, **theory)
    measures = {"mean": (np.mean, mean), "p99": (lambda ms: percentile(ms, 99), p99)}
    for name, (measure, truth) in measures.items():
        seen, exact = measure(times_ms), measure(reckoned_ms)
        beside = f"theory: {1e3 * truth:.1f} ms, this very work: {exact:.1f} ms"
        ratio = f"{seen / (1e3 * truth):.2f}, {seen / exact:.2f}"
        what = f"{name}, queue at half its capacity"
        yield f"| {what} | {seen:.1f} ms | {beside} | {ratio} |"


TABLES = {each.__name__: each for each in (wrk, stall, pace, inside, queue)}


def main() -> None:
    """Print the table, line by line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("tables", nargs="*", choices=[*TABLES, []], metavar="TABLE")
    parser.add_argument("--rounds", type=int, default=5)
    for hidden in ("--serve", "--ask", "--rate"):  # for processes of its own
        parser.add_argument(hidden, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.serve == "served":
        answer_as_in_the_lesson()
    elif options.serve:
        asyncio.run(answer(options.serve))
    elif options.ask:
        run = open_loop(options.ask, ROWS, rate=float(options.rate), seconds=4)
        print(*(1e3 * run.percentile(p) for p in (50, 99)))
        return
    print("| what | ours | beside | ratio |\n|---|---|---|---|")
    for name in options.tables or TABLES:
        for line in TABLES[name](options.rounds):
            print(line, flush=True)


if __name__ == "__main__":
    main()
