"""What may a submission touch? Its own folder, some memory, and nothing else.

Linux has the means without any privilege: namespaces and Landlock, see
https://docs.kernel.org/userspace-api/landlock.html. What a computer lacks is left out,
and `isolation` says what was there.
"""

import contextlib
import ctypes
import os
import struct
import sys
from collections.abc import Iterable
from pathlib import Path

try:
    import resource
except ImportError:  # Windows
    resource = None  # type: ignore[assignment]

LINUX = sys.platform == "linux"
MOST_PROCESSES = 256  # threads and processes of a submission, beside those there are
LARGEST_FILE = 256 * 2**20  # bytes
NOBODY = 65534
_NEW_IPC, _NEW_USER, _NEW_PID, _NEW_NET = 0x8000000, 0x10000000, 0x20000000, 0x40000000
_SET_PDEATHSIG, _SET_DUMPABLE, _SET_KEEPCAPS, _CAPBSET_DROP = 1, 4, 8, 24
_SET_NO_NEW_PRIVS, _SET_CHILD_SUBREAPER = 38, 36
_CREATE_RULESET, _ADD_RULE, _RESTRICT_SELF = 444, 445, 446  # on every architecture
_READ_FILES, _READ = 0b0101, 0b1101  # execute and read a file; list a folder too
_WRITE_FILES = 0b0110  # write and read a file
_FILE_RIGHTS = 0b0111 | 1 << 14 | 1 << 15  # those that make sense for a file
_OPEN = (  # what Python and its libraries read outside of their own folders
    "/usr", "/lib", "/lib64", "/bin", "/sbin", "/opt", "/sys/devices/system/cpu",
    "/sys/fs/cgroup", "/proc/self", "/proc/cpuinfo", "/proc/meminfo", "/proc/stat",
    "/proc/sys/kernel", "/etc/ld.so.cache", "/etc/hosts", "/etc/nsswitch.conf",
    "/etc/passwd", "/etc/group", "/etc/localtime", "/etc/mime.types", "/etc/fonts",
    "/etc/alternatives", "/etc/ssl", "/etc/host.conf", "/etc/resolv.conf",
)  # fmt: skip
_DEVICES = ("/dev/null", "/dev/zero", "/dev/random", "/dev/urandom")
_libc = ctypes.CDLL(None, use_errno=True) if LINUX else None


def landlock_version() -> int:
    """Return the version of Landlock that the kernel offers, 0 for none."""
    if _libc is None:
        return 0
    return max(0, _libc.syscall(_CREATE_RULESET, None, 0, 1))


def enter_own_namespaces() -> bool:
    """Try to go on as the first process in namespaces of its own; return success.

    They have their own processes, network and queues. When the first process ends, all
    others end. The network has a loopback interface and leads nowhere. The caller
    itself is left behind: it waits for that process's end, and exits.
    """
    try:
        _unshare()
    except OSError:
        return False
    pid = os.fork()
    if pid:
        die_with_parent()
        _, status = os.waitpid(pid, 0)
        os._exit(os.waitstatus_to_exitcode(status) & 0x7F)
    die_with_parent()
    _bring_loopback_up()
    return True


def _unshare() -> None:
    if _libc is None:
        raise OSError("only Linux has namespaces")
    mine = _NEW_IPC | _NEW_PID | _NEW_NET
    user, group = os.getuid(), os.getgid()
    if user == 0 and _libc.unshare(mine) == 0:
        return
    if _libc.unshare(_NEW_USER | mine):
        raise OSError(ctypes.get_errno(), "unshare")
    Path("/proc/self/setgroups").write_text("deny")
    Path("/proc/self/uid_map").write_text(f"{user} {user} 1")
    Path("/proc/self/gid_map").write_text(f"{group} {group} 1")


def _bring_loopback_up() -> None:
    import fcntl
    import socket

    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as any_socket:
        request = struct.pack("16sH14x", b"lo", 0x1 | 0x40)  # up and running
        fcntl.ioctl(any_socket, 0x8914, request)  # SIOCSIFFLAGS


def die_with_parent() -> None:
    """Let the kernel end this process when the one that started it ends."""
    if _libc is not None:
        _libc.prctl(_SET_PDEATHSIG, 9)


def adopt_orphans() -> None:
    """Become the parent of all grandchildren whose parent ends."""
    if _libc is not None:
        _libc.prctl(_SET_CHILD_SUBREAPER, 1)


def hide_memory() -> None:
    """Let no process of the same user read this one's memory."""
    if _libc is not None:
        _libc.prctl(_SET_DUMPABLE, 0)


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
    if not LINUX:
        return 0
    pages = int(Path("/proc/self/statm").read_text().split()[0])
    return pages * resource.getpagesize()


def _tasks() -> int:
    """Count the threads of this computer: the kernel counts a user's, not a child's."""
    if not LINUX:
        return 1024
    with contextlib.suppress(OSError, IndexError, ValueError):
        return int(Path("/proc/loadavg").read_text().split()[3].split("/")[1])
    return 1024


def confine(folder: Path, readable: Iterable[Path], *, landlock: bool) -> None:
    """Take all rights from this process but to read `readable` and use `folder`."""
    if _libc is None:
        return
    _libc.prctl(_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
    if os.geteuid() == 0:
        _be_nobody(keep_reading=landlock)
    if landlock:
        _landlock(folder, [*map(str, readable), *_OPEN])


def _be_nobody(*, keep_reading: bool) -> None:
    """Drop root's rights. With Landlock outside, file permissions need not stop us."""
    assert _libc is not None
    for capability in range(64):
        _libc.prctl(_CAPBSET_DROP, capability, 0, 0, 0)
    if keep_reading:  # without it the library may lie in a folder of root alone
        os.setgroups([])
        _libc.prctl(_SET_KEEPCAPS, 1, 0, 0, 0)
        os.setresgid(NOBODY, NOBODY, NOBODY)
        os.setresuid(NOBODY, NOBODY, NOBODY)
    kept = 0b111110 & ~0b110000 if keep_reading else 0  # DAC_OVERRIDE to FOWNER
    header = struct.pack("Ii", 0x20080522, 0)
    data = struct.pack("6I", kept, kept, 0, 0, 0, 0)
    if _libc.capset(header, data):
        raise OSError(ctypes.get_errno(), "capset")


def _landlock(folder: Path, readable: Iterable[str]) -> None:
    assert _libc is not None
    version = landlock_version()
    handled = (1 << {1: 13, 2: 14, 3: 15, 4: 15}.get(version, 16)) - 1
    scopes = 0b11 if version >= 6 else 0  # abstract sockets, signals
    attributes = struct.pack("QQQ", handled, 0, scopes)
    size = 24 if version >= 6 else 8
    rules = _libc.syscall(_CREATE_RULESET, attributes[:size], size, 0)
    if rules < 0:
        raise OSError(ctypes.get_errno(), "landlock_create_ruleset")
    for path in readable:
        _allow(rules, path, handled & _READ)
    for path in _DEVICES:
        _allow(rules, path, handled & _WRITE_FILES)
    _allow(rules, str(folder), handled)
    if _libc.syscall(_RESTRICT_SELF, rules, 0):
        raise OSError(ctypes.get_errno(), "landlock_restrict_self")
    os.close(rules)


def _allow(rules: int, path: str, rights: int) -> None:
    assert _libc is not None
    with contextlib.suppress(FileNotFoundError, PermissionError):
        here = os.open(path, os.O_PATH | os.O_CLOEXEC)
        try:
            if not os.path.isdir(path):
                rights &= _FILE_RIGHTS
            rule = struct.pack("=Qi", rights, here)
            if _libc.syscall(_ADD_RULE, rules, 1, rule, 0):
                raise OSError(ctypes.get_errno(), f"landlock_add_rule {path}")
        finally:
            os.close(here)


def is_first_process() -> bool:
    """Return whether this process is the first of its namespace."""
    return os.getpid() == 1
