"""What does an engine cost, beside our own workers on the same folder?

PYTHONPATH=build/engine python tests/benchmarks/engine.py [--rounds 3]

Needs Ray, from tests/engine/requirements.lock. Both serve one forest from two
processes, at 127.0.0.1, and are asked in turn, one row a request. While one is asked,
the other is up and idle; the client shares the processors with both.
"""

import argparse
import os
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import psutil
from sklearn.ensemble import RandomForestClassifier

from lessonlib.mail import arriving_bags, training_bags
from lessonlib.measure.loadtest import closed_loop
from lessonlib.save.artifacts import save_model

ROOT = Path(__file__).parents[2]
SIDES = {
    "engine": [ROOT / "notebooks" / "appendix" / "engine.py"],
    "workers": ["-m", "lessonlib.serve.workers"],
}


def start(side: str, folder: str) -> tuple[subprocess.Popen[str], str, float]:
    """Return the process of one side, its address, and the seconds until it answers."""
    began = time.perf_counter()
    command = [sys.executable, *SIDES[side], folder]
    process = subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    )
    for line in process.stdout or ():
        if "answering at " in line:
            url = line.split("answering at ")[1].split(";")[0]
            return process, url, time.perf_counter() - began
    sys.exit(f"{side} did not start: run {' '.join(map(str, command))} and see why")


def memory_mb(process: subprocess.Popen[str]) -> float:
    """Return the memory that a process and its children share with nobody."""
    first = psutil.Process(process.pid)
    family = [first, *first.children(recursive=True)]
    return sum(each.memory_full_info().uss for each in family) / 1e6


def main() -> None:
    """Print starts and memory, then medians for one client and for eight."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--rounds", type=int, default=3)
    rounds = parser.parse_args().rounds
    past, bag, running = training_bags(), arriving_bags()[7], {}
    forest = RandomForestClassifier(100, min_samples_leaf=2, random_state=6)
    with tempfile.TemporaryDirectory() as place:
        folder = os.path.join(place, "forest")
        save_model(forest.fit(past.X, past.y), folder, example=past.X[:20])
        try:
            for side in SIDES:
                process, url, seconds = start(side, folder)
                running[side] = process, url
                said = f"{seconds:.1f} s to start, {memory_mb(process):,.0f} MB"
                print(f"{side}: {said}", flush=True)
            for users in (1, 8):
                compare(running, bag.X, users=users, rounds=rounds)
        finally:
            for process, _ in running.values():
                process.send_signal(signal.SIGINT)
                process.wait(60)


def compare(running, rows, *, users, rounds):
    """Ask both sides in turn; print the medians of the rounds, and their ratio."""
    p50_ms, rps = ({side: [] for side in running} for _ in "12")
    for _ in range(rounds):
        for side, (_, url) in running.items():
            run = closed_loop(url, rows, users=users, requests_each=400 // users)
            if run.errors:
                sys.exit(f"{side}: {run.errors} requests failed")
            p50_ms[side].append(1000 * run.percentile(50))
            rps[side].append(len(run.status) / run.answered_s.max())
    for name, found in {"ms at p50": p50_ms, "answers/s": rps}.items():
        middle = {side: statistics.median(values) for side, values in found.items()}
        ratio = middle["engine"] / middle["workers"]
        told = ", ".join(f"{side} {value:.1f}" for side, value in middle.items())
        print(f"{users} client(s), {name}: {told}, ratio {ratio:.2f}", flush=True)


if __name__ == "__main__":
    main()
