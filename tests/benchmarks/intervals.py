"""How often does a 95 % interval for a p99 hold, and does it say when it will not?

python tests/benchmarks/intervals.py [--runs 100]

Simulated queues with one server (M/M/1), 5,000 requests a run, whose true p99 theory
knows. Two intervals from the same runs: of independent times, and of blocks.
"""

import argparse

from lessonlib.measure.latency import percentile_interval
from lessonlib.measure.scaling import mm1_percentile, mm1_run


def main() -> None:
    """Print one line for each utilisation."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--runs", type=int, default=100)
    runs = parser.parse_args().runs
    print("| busy | independent holds | blocks hold | trusted | those hold |")
    print("|---|---|---|---|---|")
    for busy in (0.01, 0.3, 0.5, 0.7, 0.8, 0.9):
        truth = mm1_percentile(99, rate_rps=busy, capacity_rps=1)
        plain, blocks = [], []
        for seed in range(runs):
            run = mm1_run(rate_rps=busy, capacity_rps=1, n=5000, seed=seed)
            low, high = percentile_interval(run.response_s, 99)
            plain.append(low <= truth <= high)
            found = run.interval(99)
            blocks.append((found.low_s <= truth <= found.high_s, found.trusted))
        holds = sum(hold for hold, _ in blocks) / runs
        trusted = [hold for hold, trust in blocks if trust]
        kept = f"{sum(trusted) / len(trusted):.0%}" if trusted else "-"
        shares = f"{sum(plain) / runs:.0%} | {holds:.0%} | {len(trusted) / runs:.0%}"
        print(f"| {busy:g} | {shares} | {kept} |", flush=True)


if __name__ == "__main__":
    main()
