"""Is the load generator's stopwatch right? Beside wrk, and against what must be true.

python tests/benchmarks/load_generator.py [--rounds 5]

Four questions, each with a server in a process of its own: does it see the median that
wrk (Debian's) sees, on a server that answers a constant? Does it see a stall of 100 ms
in each second as it must be (p95 50 ms, p99 90 ms)? Is it on time at 2,000 requests/s,
and are the gaps even? And does a queue with Poisson arrivals and exponential work at
half its capacity wait as long as theory says? Medians of the rounds.
"""

import argparse
import asyncio
import re
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np

from lessonlib.loadtest import closed_loop, open_loop, poisson_arrivals
from lessonlib.scaling import mm1_percentile, mm1_response

ROWS = np.random.default_rng(0).integers(0, 17, (10, 64)).astype(float)
REPLY = (
    b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}"
)
WORK_S = 0.005  # the mean of the queue's exponential work


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


async def answer(kind: str) -> None:
    """Serve until killed: a constant, a stall in each second, or a queue."""
    work = asyncio.Queue() if kind == "queue" else None
    loop, rng = asyncio.get_running_loop(), np.random.default_rng(1)
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


def beside_wrk(rounds: int) -> list[str]:
    """Return a line for each number of connections: our median over wrk's."""
    lines = []
    with server("constant") as url:
        for n in (1, 8):
            ours, theirs = [], []
            for _ in range(rounds):
                run = closed_loop(url, ROWS, users=n, requests_each=4000 // n)
                ours.append(1e3 * run.percentile(50))
                theirs.append(wrk_p50_ms(url, connections=n))
            a, b = statistics.median(ours), statistics.median(theirs)
            label = f"median, constant answer, {n} connections"
            lines.append(f"| {label} | {a:.3f} ms | wrk: {b:.3f} ms | {a / b:.2f} |")
    return lines


def stalls(rounds: int) -> list[str]:
    """Return a line for each number of workers: p95 and p99 beside the truth."""
    lines = []
    with server("stall") as url:
        for workers in (2, 32, 128):
            options = {"rate": 200, "seconds": 10, "workers": workers}
            runs = [open_loop(url, ROWS, **options) for _ in range(rounds)]
            for p, truth in ((95, 50), (99, 90)):
                seen = statistics.median(1e3 * run.percentile(p) for run in runs)
                label = f"p{p}, 100 ms stall a second, {workers} workers"
                ratio = f"{seen - truth:+.1f} ms"
                lines.append(f"| {label} | {seen:.1f} ms | {truth} ms | {ratio} |")
    return lines


def pace(rounds: int) -> list[str]:
    """Return lines on late sends and even gaps at 2,000 requests a second."""
    with server("constant") as url:
        runs = [open_loop(url, ROWS, rate=2000, seconds=4) for _ in range(rounds)]
        calm = [open_loop(url, ROWS, rate=200, seconds=5) for _ in range(rounds)]
    late = statistics.median(run.late for run in runs)
    gaps = [np.diff(np.sort(run.sent_s)) for run in calm]
    cv = statistics.median(each.std() / each.mean() for each in gaps)
    return [
        f"| late sends at 2,000 requests/s | {late:.1%} | <= 5 % | |",
        f"| variation of the gaps at 200 requests/s | {cv:.2f} | < 0.3 | |",
    ]


def queue(rounds: int) -> list[str]:
    """Return lines on a real queue at half its capacity beside M/M/1."""
    rate, capacity = 0.5 / WORK_S, 1 / WORK_S
    with server("queue") as url:
        plans = [poisson_arrivals(rate=rate, seconds=30, seed=i) for i in range(rounds)]
        runs = [open_loop(url, ROWS, arrivals=due) for due in plans]
    times_ms = 1e3 * np.concatenate([run.response_s for run in runs])
    theory = {"rate_rps": rate, "capacity_rps": capacity}
    mean, p99 = mm1_response(**theory), mm1_percentile(99, **theory)
    pairs = {"mean": (times_ms.mean(), mean), "p99": (np.percentile(times_ms, 99), p99)}
    return [
        f"| {name}, queue at half its capacity | {seen:.1f} ms "
        f"| theory: {1e3 * truth:.1f} ms | {seen / (1e3 * truth):.2f} |"
        for name, (seen, truth) in pairs.items()
    ]


def main() -> None:
    """Print the table, line by line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--serve", choices=("constant", "stall", "queue"))
    options = parser.parse_args()
    if options.serve:
        asyncio.run(answer(options.serve))
    print("| what | ours | beside | ratio |\n|---|---|---|---|")
    for table in (beside_wrk, stalls, pace, queue):
        print(*table(options.rounds), sep="\n", flush=True)


if __name__ == "__main__":
    main()
