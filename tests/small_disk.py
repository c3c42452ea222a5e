"""A disk that is soon full: a small file system in memory, where root may mount one."""

import os
import subprocess
from contextlib import contextmanager

import pytest


@contextmanager
def small_disk(folder, *, size_kb):
    """Mount a small file system in a folder, or skip the test."""
    command = ["mount", "-t", "tmpfs", "-o", f"size={size_kb}k", "tmpfs", str(folder)]
    try:
        subprocess.run(command, check=True, capture_output=True, timeout=20)
    except (OSError, subprocess.CalledProcessError):
        pytest.skip("only root mounts a small disk, and not everywhere")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "-l", str(folder)], check=True, timeout=20)


def fill(folder, *, leave_bytes=0):
    """Fill a disk but for some bytes; return the file that does."""
    path = folder / "ballast"
    with open(path, "wb", buffering=0) as file:
        try:
            while file.write(bytes(4096)):
                pass
        except OSError:
            pass
    os.truncate(path, max(0, path.stat().st_size - leave_bytes))
    return path


@contextmanager
def read_only(folder):
    """Let nobody write to a mounted disk for a while."""
    command = ["mount", "-o", "remount,ro", str(folder)]
    subprocess.run(command, check=True, capture_output=True, timeout=20)
    try:
        yield
    finally:
        command[2] = "remount,rw"
        subprocess.run(command, check=True, capture_output=True, timeout=20)
