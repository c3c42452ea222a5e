"""How much does a submission use in all, over all of its processes?

The kernel limits each process by itself. Here they are added up.
"""

import contextlib
import os
import re
from collections.abc import Iterable
from pathlib import Path

_PROCESSES = Path("/proc")


def processes_below(process: str = "self") -> list[str]:
    """Return the processes that descend from one, by their names in /proc."""
    found, to_ask = list[str](), [process]
    while to_ask:
        for children in _PROCESSES.glob(f"{to_ask.pop()}/task/*/children"):
            with contextlib.suppress(OSError):
                new = children.read_text().split()
                found += new
                to_ask += new
    return found


def memory_of(processes: Iterable[str]) -> int:
    """Return the bytes of memory that processes have; what they share, counts once."""
    return sum(map(_share, processes))


def resident_of(processes: Iterable[str]) -> int:
    """Return at most how many bytes processes have. This costs next to nothing."""
    return sum(map(_resident, processes))


def _share(process: str) -> int:
    try:
        text = (_PROCESSES / process / "smaps_rollup").read_text()
    except OSError:  # it hides, or has ended
        return _resident(process)
    found = re.search(r"^Pss: +(\d+) kB", text, re.MULTILINE)
    return int(found[1]) * 1024 if found else 0


def _resident(process: str) -> int:
    with contextlib.suppress(OSError):
        return int(
            (_PROCESSES / process / "statm").read_text().split()[1]
        ) * os.sysconf("SC_PAGE_SIZE")
    return 0
