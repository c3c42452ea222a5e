"""Writes to a log until it is killed: what `test_store` and the benchmark start.

Prints an id only after `record` and `label` have come back: these rows are promised.
"""

import sys
import threading
import time

import numpy as np

from lessonlib.learn.log import PredictionLog

ROW = np.zeros((1, 64))


def write(log, name, n):
    """Record and label `n` requests, and promise each on standard output."""
    for i in range(n):
        request_id = f"{name}-{i}"
        log.record(request_id, "model", "v1", ROW, [i % 10], latency_s=0.001)
        log.label(request_id, i % 10)
        sys.stdout.write(f"{request_id}\n")  # one write: whole, or not there
        sys.stdout.flush()


def main(path, n, threads, name="t"):
    """Let several threads share the log, `n` requests in all; then wait for the end."""
    log = PredictionLog(path)
    each = [
        threading.Thread(target=write, args=(log, f"{name}{k}", n // threads))
        for k in range(threads)
    ]
    print("ready", flush=True)
    for thread in each:
        thread.start()
    for thread in each:
        thread.join()
    print("written", flush=True)
    time.sleep(600)


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), *sys.argv[4:])
