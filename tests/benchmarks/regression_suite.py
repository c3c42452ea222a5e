"""How long does the regression suite take, beside nbmake on the same notebooks?

python tests/benchmarks/regression_suite.py [--rounds 3]

Both run the notebooks and solutions with two processes, in turn, in the same run.
nbval runs with this project's settings, as `start.py test` does, and compares every
output. nbmake has its own defaults, and compares none. It is installed in a folder of
its own under build/, over the packages of this environment.
"""

import argparse
import os
import statistics
import subprocess
import sys
import time
from pathlib import Path

from apart import ROOT, python_with

NOTEBOOKS = ["notebooks", "solutions"]
AS_NBMAKE = ["-o", "addopts=", "--dist=loadfile", "--nbmake", "-p", "no:nbval"]


def timed(python: Path | str, *options: str) -> float:
    """Return the seconds of one pytest run over all notebooks, start included."""
    base = [python, "-m", "pytest", "-q", "-n", "2", "-p", "no:cacheprovider"]
    threads = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
    start = time.perf_counter()
    done = subprocess.run(
        [*base, *options, *NOTEBOOKS],
        cwd=ROOT,
        env=os.environ | threads,
        capture_output=True,
        text=True,
    )
    if done.returncode:
        sys.exit(f"the notebooks fail with {options}:\n{done.stdout[-3000:]}")
    return time.perf_counter() - start


def main() -> None:
    """Print one line a round, then both medians and their ratio."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=3)
    rounds = parser.parse_args().rounds
    nbmake = python_with(["nbmake==1.5.5"], "nbmake", ours_too=True)
    ours, peers = [], []
    for i in range(rounds):
        ours.append(timed(sys.executable))
        peers.append(timed(nbmake, *AS_NBMAKE))
        print(f"round {i + 1}: nbval {ours[-1]:.1f} s, nbmake {peers[-1]:.1f} s")
    a, b = statistics.median(ours), statistics.median(peers)
    print(f"medians: nbval {a:.1f} s, nbmake {b:.1f} s, ratio {a / b:.2f}")


if __name__ == "__main__":
    main()
