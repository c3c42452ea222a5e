"""What did a morning's log say? A dictionary for each request, in no order."""

import random
from collections.abc import Mapping
from typing import Any

Statuses = Mapping[str, Mapping[int, int]]  # how often each client got each status

MORNING = {
    "belt": {200: 912, 422: 61},
    "kiosk": {200: 118, 500: 7, 503: 2},
    "phone app": {200: 43, 400: 2, 422: 14},
    "customs": {200: 57, 415: 3},
}


def shuffled(statuses: Statuses) -> list[dict[str, Any]]:
    """Return a log of these requests, each as its client and its status."""
    log = [
        {"client": client, "status": status}
        for client, counts in statuses.items()
        for status, count in counts.items()
        for _ in range(count)
    ]
    random.Random(len(log)).shuffle(log)
    return log


def in_words(statuses: Statuses) -> str:
    """Return a log in short, such as "belt 90 x 200, 10 x 422"."""
    return "; ".join(
        " ".join([client, ", ".join(f"{n} x {status}" for status, n in counts.items())])
        for client, counts in statuses.items()
    )
