"""How fast is a model served, beside the servers that people use, in the same run?

python tests/benchmarks/serving.py by_hand     what a good engineer builds by hand
python tests/benchmarks/serving.py records     a table of words and gaps, by name
python tests/benchmarks/serving.py crowd       1,000 connections
python tests/benchmarks/serving.py forest      a forest of 100 trees, one row a request
python tests/benchmarks/serving.py fair        our FastPredictor for two peers, too
python tests/benchmarks/serving.py batching    nobody has it: batches alone
python tests/benchmarks/serving.py linear      a scaler and a logistic regression
python tests/benchmarks/serving.py tails       at a constant rate, nobody waits
python tests/benchmarks/serving.py limit       beside the same server with a constant
python tests/benchmarks/serving.py memory      200,000 requests
python tests/benchmarks/serving.py tune        all settings of each peer

wrk (Debian's) asks, with the digits of a week in turn; for the tails, our open loop.
All servers of a table are up at once, but all save the one that is asked are stopped
(SIGSTOP). They take turns, round by round. A ratio is that of the first server to this
one: the median of the rounds, in brackets their range. Each peer runs in an environment
of its own under build/, with the settings that did best in `tune`: see peers.py.
Needs Linux, wrk and some 2 GB of packages.
"""

import argparse
import json
import os
import platform
import re
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import joblib
import numpy as np
import pandas
import requests
from peers import (
    BY_HAND,
    FASTAPI_BY_NAME,
    SETTINGS,
    Peer,
    by_name,
    fastapi,
    install,
    litserve,
    ours,
    own_app,
)
from sklearn.compose import make_column_transformer
from sklearn.ensemble import RandomForestClassifier
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import MinMaxScaler, OneHotEncoder, StandardScaler
from unknown import Unknown

from lessonlib.mail import arriving_bags, training_bags
from lessonlib.measure.loadtest import open_loop
from lessonlib.save.artifacts import save_model

PAST, BAG = training_bags(), arriving_bags()[7]
WRK_REPORT = """
done = function(summary, latency, requests)
    local e = summary.errors
    print(string.format("found: %d %d %d %d %d", summary.requests, summary.duration,
        e.connect + e.read + e.write + e.timeout + e.status,
        latency:percentile(50), latency:percentile(99)))
end
"""


@dataclass(frozen=True)
class Seen:
    """What wrk saw of one server in one round."""

    n: int
    rps: float
    p50_ms: float
    p99_ms: float
    cpu_us: float  # of all the server's processes, for one request


class Running:
    """A server in processes of its own, at a port of this computer."""

    def __init__(self, peer: Peer, folder: Path):
        self.peer, self.port = peer, _free_port()
        self.url = f"http://127.0.0.1:{self.port}{peer.client.path}"
        self.log = (
            folder / f"{re.sub('[^a-z0-9]+', '-', peer.label.lower())}.log"
        ).open("w+")
        self.process = subprocess.Popen(
            peer.command(self.port, folder),
            cwd=folder,
            env=os.environ | peer.environment(self.port, folder),
            stdout=self.log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )

    def wait_until_right(
        self, row: Any, expected: np.ndarray, *, limit_s: float = 90
    ) -> None:
        """Wait for the first answer, and see that it is the model's own."""
        body, deadline = self.peer.client.body(row), time.monotonic() + limit_s
        while True:
            try:
                reply = requests.post(self.url, json=body, timeout=5)
                if reply.status_code == 200:
                    break
                seen = f"status {reply.status_code}: {reply.text[:300]}"
            except requests.RequestException as error:
                seen = str(error)
            if time.monotonic() > deadline or self.process.poll() is not None:
                self.log.seek(0)
                end = self.log.read()[-3000:]
                sys.exit(f"{self.peer.label} does not answer: {seen}\n{end}")
            time.sleep(0.2)
        answer = self.peer.client.probabilities(reply.json())
        # ONNX Runtime computes in 32 bits; all others give the model's own bits
        digits = {"atol": 1e-6 if self.peer.kind == "onnx" else 0, "rtol": 0}
        assert np.allclose(np.ravel(answer), expected, **digits), (
            f"{self.peer.label}: {answer}"
        )

    def ask(self, script: Path, *, connections: int, seconds: float) -> Seen:
        """Let wrk ask, while all other servers are stopped."""
        self.signal(signal.SIGCONT)
        wrk = ["wrk", "-t1", f"-c{connections}", "-s", script, "--timeout", "10s"]
        subprocess.run([*wrk, "-d1s", self.url], capture_output=True, check=True)
        before_s = self.cpu_s()
        command = [*wrk, f"-d{seconds:g}s", self.url]
        said = subprocess.run(
            command, capture_output=True, text=True, check=True
        ).stdout
        spent_s = self.cpu_s() - before_s
        self.signal(signal.SIGSTOP)
        n, took_us, errors, p50_us, p99_us = map(int, said.split("found:")[1].split())
        if errors:  # some shed what is too much: only good answers count
            print(f"{self.peer.label}: {errors} of {n} failed", file=sys.stderr)
        n = max(n - errors, 1)
        return Seen(n, 1e6 * n / took_us, p50_us / 1e3, p99_us / 1e3, 1e6 * spent_s / n)

    def belt(self, *, rate: float, seconds: float) -> Seen:
        """Ask at a constant rate, while all other servers are stopped."""
        self.signal(signal.SIGCONT)
        url, before_s = f"http://127.0.0.1:{self.port}", self.cpu_s()
        run = open_loop(url, BAG.X, rate=rate, seconds=seconds)
        spent_s, n = self.cpu_s() - before_s, len(run.status)
        self.signal(signal.SIGSTOP)
        if run.errors or run.late > 0.05:
            sys.exit(f"{self.peer.label}: {run}")
        p50_ms, p99_ms = (1e3 * run.percentile(p) for p in (50, 99))
        return Seen(n, n / run.answered_s.max(), p50_ms, p99_ms, 1e6 * spent_s / n)

    def family(self) -> list[Path]:
        """Return the folders in /proc of all the server's processes."""
        parents = {}
        for path in Path("/proc").glob("[0-9]*"):
            with suppress(OSError):
                stat = (path / "stat").read_text().rpartition(")")[2].split()
                parents[int(path.name)] = int(stat[1])
        found = [self.process.pid]
        for pid in found:  # it grows: children are found behind their parents
            found += [child for child, parent in parents.items() if parent == pid]
        return [Path("/proc", str(pid)) for pid in found]

    def signal(self, number: int) -> None:
        """Send a signal to all of them."""
        for path in self.family():
            with suppress(ProcessLookupError):
                os.kill(int(path.name), number)

    def cpu_s(self) -> float:
        """Return the seconds of processors that all its processes have had."""
        ticks = 0
        for path in self.family():
            with suppress(OSError):
                stat = (path / "stat").read_text().rpartition(")")[2].split()
                ticks += int(stat[11]) + int(stat[12])
        return ticks / os.sysconf("SC_CLK_TCK")

    def memory_mb(self) -> float:
        """Return the memory that its processes hold (PSS: what they share, once)."""
        total_kb = 0
        for path in self.family():
            with suppress(OSError):
                rollup = (path / "smaps_rollup").read_text()
                total_kb += int(re.findall(r"^Pss: +(\d+)", rollup, re.M)[0])
        return total_kb / 1024

    def close(self) -> None:
        """End all its processes."""
        family = self.family()
        self.signal(signal.SIGCONT)
        self.signal(signal.SIGTERM)
        with suppress(subprocess.TimeoutExpired):
            self.process.wait(10)
        for path in family:  # who did not go
            with suppress(ProcessLookupError):
                os.kill(int(path.name), signal.SIGKILL)
        self.process.wait()
        self.log.close()

    def __enter__(self):
        return self

    def __exit__(self, *error):
        self.close()


def _free_port():
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return probe.getsockname()[1]


def digits(model: Any) -> tuple[Any, Any, Sequence[Any]]:
    """Return a model of the digits, an example for it, and rows to ask it."""
    return model.fit(PAST.X, PAST.y), PAST.X[:20], BAG.X


def people() -> tuple[Any, Any, Sequence[Any]]:
    """Return a model of a table of words, numbers and gaps, and records to ask it."""
    rng, n = np.random.default_rng(0), 400
    table = pandas.DataFrame(
        {
            "age": np.where(rng.random(n) < 0.1, np.nan, rng.integers(18, 80, n)),
            "income": rng.lognormal(10, 0.5, n).round(),
            "town": rng.choice(["Leeds", "York", "Hull"], n),
            "member": rng.random(n) < 0.4,
        }
    )
    columns = make_column_transformer(
        (make_pipeline(SimpleImputer(), StandardScaler()), ["age", "income"]),
        (OneHotEncoder(handle_unknown="ignore"), ["town", "member"]),
    )
    wealthy = table["income"] > table["income"].median()
    model = make_pipeline(columns, LogisticRegression()).fit(table, wealthy)
    records = table.astype(object).where(table.notna(), None).to_dict("records")
    return model, table, records


MODELS = {
    "forest": lambda: digits(RandomForestClassifier(100, random_state=0)),
    "unknown": lambda: digits(Unknown(100, random_state=0)),
    "linear": lambda: digits(
        make_pipeline(MinMaxScaler(), LogisticRegression(max_iter=2000))
    ),
    "people": people,
}


def prepare(folder: Path, name: str) -> tuple[Sequence[Any], np.ndarray]:
    """Save a model as each server wants it; return rows, the answer to the first."""
    model, example, asked = MODELS[name]()
    joblib.dump(model, folder / "model.joblib")
    np.save(folder / "golden.npy", np.asarray(example), allow_pickle=name == "people")
    save_model(model, folder / "model", example=example)
    first = example[:1] if name == "people" else asked[:1]
    return asked, model.predict_proba(first)[0]


def script_of(peer: Peer, folder: Path, asked: Sequence[Any]) -> Path:
    """Write a script for wrk that sends all rows in turn."""
    path = folder / f"{peer.client.path.replace('/', '-')}-{peer.kind}.lua"
    bodies = [json.dumps(peer.client.body(row)) for row in asked]
    lines = [
        'wrk.method = "POST"',
        'wrk.headers["Content-Type"] = "application/json"',
        "local bodies, ready, turn = {}, {}, 0",
        *(f"bodies[{i}] = [==[{body}]==]" for i, body in enumerate(bodies, 1)),
        "init = function() for i, body in ipairs(bodies) do",
        "ready[i] = wrk.format(nil, nil, nil, body) end end",
        "request = function() turn = turn % #ready + 1; return ready[turn] end",
        WRK_REPORT,
    ]
    path.write_text("\n".join(lines))
    return path


def measure(
    peers: Sequence[Peer], model: str, connections: Sequence[int], options
) -> dict[str, dict[int, list[Seen]]]:
    """Return what wrk saw of each peer, by its label and the number of connections."""
    install({peer.kind for peer in peers})
    found: dict[str, dict[int, list[Seen]]] = {}
    with tempfile.TemporaryDirectory() as place, ExitStack() as stack:
        folder = Path(place)
        asked, expected = prepare(folder, model)
        if any(peer.kind == "mlflow" for peer in peers):
            save_for_mlflow(folder)
        running = []
        for peer in peers:
            server = stack.enter_context(Running(peer, folder))
            server.wait_until_right(asked[0], expected)
            server.signal(signal.SIGSTOP)
            running.append(server)
        for turn in range(options.rounds):
            order = running if turn % 2 == 0 else running[::-1]
            for server in order:
                script = script_of(server.peer, folder, asked)
                for n in connections:
                    if options.table == "tails":
                        seen = server.belt(rate=n, seconds=options.seconds)
                    else:
                        seen = server.ask(
                            script, connections=n, seconds=options.seconds
                        )
                    by_n = found.setdefault(server.peer.label, {})
                    by_n.setdefault(n, []).append(seen)
                    print(f"{server.peer.label}, {n}: {seen}", file=sys.stderr)
    return found


def save_for_mlflow(folder: Path) -> None:
    """Save the model in MLflow's own format, by MLflow."""
    (mlflow,) = SETTINGS["mlflow"][:1]
    environment = os.environ | mlflow.environment(0, folder)
    command = [mlflow.python, "-m", "mlflow_save", "mlflow"]
    subprocess.run(command, cwd=folder, env=environment, check=True)


def memory(peer: Peer) -> None:
    """Print what the server holds after every 20,000 requests, up to 200,000."""
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        asked, expected = prepare(folder, "forest")
        with Running(peer, folder) as server:
            server.wait_until_right(asked[0], expected)
            script, n = script_of(peer, folder, asked), 0
            print(f"| requests | MB |\n|---|---|\n| {n} | {server.memory_mb():.1f} |")
            for goal in range(20_000, 200_001, 20_000):
                while n < goal:
                    n += server.ask(script, connections=32, seconds=2).n
                print(f"| {n:,} | {server.memory_mb():.1f} |", flush=True)


def table(found: dict[str, dict[int, list[Seen]]]) -> None:
    """Print medians, and each figure beside ours: the first row."""
    head = ["server", "connections", "requests/s", "the first is", "p50 ms", "p99 ms"]
    head += ["the first is", "CPU us a request"]
    print("| " + " | ".join(head) + " |", "|---" * len(head) + "|", sep="\n")
    first = next(iter(found.values()))
    for label, by_n in found.items():
        for n, seen in by_n.items():
            cells = [label, f"{n}", f"{middle(seen, 'rps'):.0f}"]
            cells.append(
                beside(first[n], seen, "rps") + " x" if seen is not first[n] else ""
            )
            cells += [f"{middle(seen, key):.1f}" for key in ("p50_ms", "p99_ms")]
            cells.append(
                beside(first[n], seen, "p99_ms") + " x" if seen is not first[n] else ""
            )
            cells.append(f"{middle(seen, 'cpu_us'):.0f}")
            print("| " + " | ".join(cells) + " |", flush=True)


def machine() -> str:
    """Return in a line on what this ran, and when."""
    (name,) = set(re.findall(r"model name\s*: (.*)", Path("/proc/cpuinfo").read_text()))
    cores, load = os.cpu_count(), os.getloadavg()[1]
    when = time.strftime("%Y-%m-%d %H:%M")
    python = platform.python_version()
    return f"{when}: {name}, {cores} processors, load {load:.1f}, Python {python}"


def middle(seen: Sequence[Seen], key: str) -> float:
    return statistics.median(getattr(each, key) for each in seen)


def beside(mine: Sequence[Seen], theirs: Sequence[Seen], key: str) -> str:
    """Return the median ratio of the rounds, and their range."""
    pairs = zip(mine, theirs, strict=True)
    ratios = [getattr(a, key) / getattr(b, key) for a, b in pairs]
    return f"{statistics.median(ratios):.2f} ({min(ratios):.2f}-{max(ratios):.2f})"


BEST = {kind: settings[0] for kind, settings in SETTINGS.items()}
TABLES = {
    "by_hand": ("forest", [ours(2), *BY_HAND], (1, 32, 128)),
    "records": ("people", [by_name(ours(2)), FASTAPI_BY_NAME], (1, 32)),
    "crowd": ("forest", [ours(2)], (1000,)),
    "forest": ("forest", [ours(1), ours(2), *BEST.values()], (1, 32)),
    "fair": (
        "forest",
        [
            ours(1),
            ours(2),
            fastapi("async, 1 process", fast=True),
            fastapi("async, 2 processes", "--workers", "2", fast=True),
            litserve(64, 0.005, doors=2, fast=True),
            litserve(1, 0, doors=2, fast=True),
            litserve(1, 0, fast=True),
        ],
        (32,),
    ),
    "batching": (
        "unknown",
        [
            ours(2),
            own_app("batched"),
            own_app("unbatched"),
            *(BEST[kind] for kind in ("litserve", "mlserver", "bentoml")),
        ],
        (1, 64),
    ),
    "linear": ("linear", [ours(1), ours(2), *BEST.values()], (8,)),
    "tails": (
        "forest",
        [ours(1), *(BEST[kind] for kind in ("litserve", "bentoml", "fastapi"))],
        (50, 100),  # requests a second
    ),
    "limit": ("forest", [ours(1), own_app("constant")], (32,)),
    "tune": ("forest", [each for some in SETTINGS.values() for each in some], (32,)),
    "memory": ("forest", [ours(1)], (32,)),
}


def main() -> None:
    """Print one table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("table", choices=TABLES)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=3)
    parser.add_argument("--model", choices=MODELS, help="another than the table's")
    parser.add_argument("--only", default="", help="servers with this in their name")
    options = parser.parse_args()
    print(f"{machine()}\n")
    model, peers, connections = TABLES[options.table]
    peers = [peer for peer in peers if options.only in peer.label]
    if options.table == "memory":
        return memory(peers[0])
    return table(measure(peers, options.model or model, connections, options))


if __name__ == "__main__":
    main()
