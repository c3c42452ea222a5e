"""What does a run leave on the disk? Nothing, however it ends.

Run as a program, it is the janitor: it deletes a folder as soon as nobody holds the
other end of its standard input any more.
"""

import contextlib
import itertools
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

MOST_TRIES = 50
TRY_AGAIN_S = 0.1  # what was killed takes a moment to go,
GONE_TRIES = 15  # and may have made the folder again until then


@contextlib.contextmanager
def scratch_folder(inside: str = "") -> Iterator[str]:
    """Give a folder; delete it in the end, even if this process is killed.

    One that lies `inside` another goes with it. Others may pass through, and see what
    is in it only where they know its name.
    """
    folder = tempfile.mkdtemp(prefix="grading-", dir=inside or None)
    os.chmod(folder, 0o711)
    janitor = None if inside else _janitor(folder)
    try:
        yield folder
    finally:
        remove_tree(Path(folder))
        if janitor:
            janitor.communicate()


def _janitor(folder: str) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-I", "-S", __file__, folder],
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,  # a Ctrl-C is not for it
        cwd="/" if os.name == "posix" else None,
    )


def remove_tree(folder: Path) -> None:
    """Delete a folder, however deep, and whatever rights were taken from it.

    What lies too deep for a path or for recursion is moved up, one floor at a time.
    """
    numbers, before = itertools.count(), None
    while (names := _names(folder)) and names != before:
        for name in names:
            _remove_floor(folder, folder / name, numbers)
        before = names
    with contextlib.suppress(OSError):
        folder.rmdir()


def _names(folder: Path) -> list[str]:
    with contextlib.suppress(OSError):
        return sorted(os.listdir(folder))
    return []


def _remove_floor(top: Path, path: Path, numbers: Iterator[int]) -> None:
    """Delete what `path` is; the folders in it go to `top`."""
    with contextlib.suppress(OSError):
        if path.is_symlink() or not path.is_dir():
            path.unlink()
            return
        path.chmod(0o700)
        for inside in path.iterdir():
            if inside.is_symlink() or not inside.is_dir():
                inside.unlink()
            else:
                inside.chmod(0o700)  # its own `..` changes, too
                inside.rename(top / f".floor-{next(numbers)}")
        path.rmdir()


def main() -> None:
    """Wait until the one who started this is gone; then delete the folder for good."""
    sys.stdin.buffer.read()
    folder, gone = Path(sys.argv[1]), 0
    if not folder.exists():
        return  # as it should be: it was not killed
    for _ in range(MOST_TRIES):
        remove_tree(folder)
        gone = 0 if folder.exists() else gone + 1
        if gone == GONE_TRIES:
            return
        time.sleep(TRY_AGAIN_S)


if __name__ == "__main__":
    main()
