"""What may a submission touch? Its own folder, some memory, and nothing else.

Linux has the means without any privilege. Landlock governs the files, see
https://docs.kernel.org/userspace-api/landlock.html. What a computer lacks is left out,
and `isolation` says what was there.
"""

import contextlib
import os
import struct
from collections.abc import Iterable
from pathlib import Path

from lessonlib.grading import kernel
from lessonlib.grading.kernel import libc_call
from lessonlib.grading.namespaces import NOBODY
from lessonlib.grading.syscalls import can_refuse_calls, refuse_calls

try:
    import resource
except ImportError:  # Windows
    resource = None  # type: ignore[assignment]

MOST_PROCESSES = 256  # threads and processes of a submission, beside those there are
LARGEST_FILE = 256 * 2**20  # bytes
HOMES = ("HOME", "TMPDIR", "TEMP", "TMP", "IPYTHONDIR", "MPLCONFIGDIR")
_CREATE_RULESET, _ADD_RULE, _RESTRICT_SELF = 444, 445, 446  # on every architecture
_READ = 0b1101  # execute and read a file, list a folder
_WRITE_FILES = 0b0110  # write and read a file
_FILE_RIGHTS = 0b0111 | 1 << 14 | 1 << 15  # those that make sense for a file
_DEVICES = [Path("/dev", name) for name in ("null", "zero", "random", "urandom")]


def landlock_version() -> int:
    """Return the version of Landlock that the kernel offers, 0 for none."""
    with contextlib.suppress(OSError):
        return libc_call("syscall", _CREATE_RULESET, None, 0, 1)
    return 0


def limit(memory_bytes: int, cpu_s: int) -> None:
    """Limit what this process and each of its children may use."""
    if resource is None:
        return
    limits = {
        "RLIMIT_AS": _address_space() + memory_bytes,
        "RLIMIT_CPU": cpu_s,
        "RLIMIT_FSIZE": LARGEST_FILE,
        "RLIMIT_NOFILE": 1024,
        "RLIMIT_CORE": 0,
        "RLIMIT_NPROC": _tasks() + MOST_PROCESSES,
    }
    for name, most in limits.items():
        _, hard = resource.getrlimit(getattr(resource, name))
        most = most if hard == resource.RLIM_INFINITY else min(most, hard)
        with contextlib.suppress(ValueError, OSError):  # macOS knows not all of them
            resource.setrlimit(getattr(resource, name), (most, most))


def _address_space() -> int:
    if not kernel.LINUX:
        return 0
    pages = int(Path("/proc/self/statm").read_text().split()[0])
    return pages * resource.getpagesize()


def _tasks() -> int:
    """Count the threads of this computer: the kernel counts a user's, not a child's."""
    if not kernel.LINUX:
        return 1024
    with contextlib.suppress(OSError, IndexError, ValueError):
        return int(Path("/proc/loadavg").read_text().split()[3].split("/")[1])
    return 1024


def confine(
    folder: Path, readable: Iterable[Path], needed: Iterable[Path], *, landlock: bool
) -> None:
    """Take all rights from this process but to use `folder` and read `readable`.

    What of that is `needed` has to be read, whatever file permissions say.
    """
    renounce_rights(needed)
    if landlock:
        _landlock(folder, readable)
    if can_refuse_calls():
        refuse_calls()


def renounce_rights(needed: Iterable[Path]) -> None:
    """Go on as an ordinary user without any right of root's, for good.

    If root alone can read what is `needed`, that right is kept.
    """
    if not kernel.LINUX:
        return
    kernel.gain_nothing()
    kept = None
    if os.geteuid() == 0:
        if not _open_to_all(needed):
            kept = kernel.DAC_READ_SEARCH
            kernel.keep_capabilities()
        with contextlib.suppress(PermissionError):  # bubblewrap's root is no other user
            os.setgroups([])
            os.setresgid(NOBODY, NOBODY, NOBODY)
            os.setresuid(NOBODY, NOBODY, NOBODY)
    kernel.drop_capabilities(but=kept)
    kernel.die_with_parent()  # a change of user takes it back


def _open_to_all(paths: Iterable[Path]) -> bool:
    """Return whether every user may read these paths, those that there are."""
    for path in filter(Path.exists, paths):
        if not path.stat().st_mode & 0o004:
            return False
        if not all(folder.stat().st_mode & 0o001 for folder in path.parents):
            return False
    return True


def _landlock(folder: Path, readable: Iterable[Path]) -> None:
    version = landlock_version()
    handled = (1 << {1: 13, 2: 14, 3: 15, 4: 15}.get(version, 16)) - 1
    scopes = 0b11 if version >= 6 else 0  # abstract sockets, signals
    attributes = struct.pack("QQQ", handled, 0, scopes)
    size = 24 if version >= 6 else 8
    rules = libc_call("syscall", _CREATE_RULESET, attributes[:size], size, 0)
    for path in readable:
        _allow(rules, path, handled & _READ)
    for path in _DEVICES:
        _allow(rules, path, handled & _WRITE_FILES)
    _allow(rules, folder, handled)
    libc_call("syscall", _RESTRICT_SELF, rules, 0)
    os.close(rules)


def _allow(rules: int, path: Path, rights: int) -> None:
    with contextlib.suppress(FileNotFoundError, PermissionError):
        here = os.open(path, os.O_PATH | os.O_CLOEXEC)
        try:
            if not path.is_dir():
                rights &= _FILE_RIGHTS
            rule = struct.pack("=Qi", rights, here)
            libc_call("syscall", _ADD_RULE, rules, 1, rule, 0)
        finally:
            os.close(here)
