"""How do several programs change one folder, one after the other?"""

import hashlib
import os
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path


@contextmanager
def taking_turns(folder: str | Path) -> Iterator[None]:
    """Let one thread of one program at a time do what is in the `with`.

    The folder is made if there is none. The others wait. The system takes the turn back
    from a program that dies. Where a file system knows no locks, nobody waits: one
    saver at a time, then, is your care.
    """
    folder = Path(folder).resolve()
    folder.mkdir(parents=True, exist_ok=True)
    handle = _opened(folder)
    try:
        with suppress(OSError):
            _lock(handle)
        yield
    finally:
        os.close(handle)


def _opened(folder: Path) -> int:
    if sys.platform != "win32":
        return os.open(folder, os.O_RDONLY)  # no file more: the folder itself is locked
    name = hashlib.sha256(os.fsencode(folder)).hexdigest()[:16]
    return os.open(Path(tempfile.gettempdir(), f"{name}.lock"), os.O_RDWR | os.O_CREAT)


def _lock(handle: int) -> None:
    if sys.platform != "win32":
        import fcntl

        fcntl.flock(handle, fcntl.LOCK_EX)
        return
    import msvcrt

    while True:
        try:
            return msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)
        except PermissionError:  # another has it
            time.sleep(0.05)
