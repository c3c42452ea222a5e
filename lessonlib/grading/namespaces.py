"""What does a submission see of the computer? A house of its own: what is in it, goes.

Its network leads nowhere, its queues are its own, all disks are read-only, and its
folder is a small disk in memory that is gone with its last process. Linux lends all
that to ordinary users, see https://man7.org/linux/man-pages/man7/namespaces.7.html.
"""

import os
import struct
from collections.abc import Iterable
from pathlib import Path

from lessonlib.grading.kernel import libc_call

NOBODY = 65534
DISK_BYTES = 256 * 2**20
MOST_FILES = 10_000
_NEW_MOUNTS, _NEW_IPC, _NEW_USER = 0x20000, 0x8000000, 0x10000000
_NEW_PID, _NEW_NET = 0x20000000, 0x40000000
_MOUNT_SETATTR, _HERE, _RECURSIVE, _READ_ONLY = 442, -100, 0x8000, 1
_NO_SETUID, _NO_DEVICES, _BIND, _WITH_ALL_BELOW, _PRIVATE = (
    2,
    4,
    0x1000,
    0x4000,
    1 << 18,
)


def enter_house(folder: Path, needed: Iterable[Path] = ()) -> None:
    """Go on in new namespaces, in which `folder` is the only place to write.

    It and what is in it are the user's that `house_user` tells. What is `needed` can be
    reached by that user. Raises OSError if this computer does not allow it: then end
    this process, which may be halfway in.
    """
    user, group = house_user()
    _unshare(_NEW_MOUNTS | _NEW_IPC | _NEW_NET, user, group)
    _mount(None, "/", flags=_WITH_ALL_BELOW | _PRIVATE)
    for closed, below in _behind_closed_doors([*needed, folder]).items():
        _open_a_way(closed, below)
    read_only = struct.pack("4Q", _READ_ONLY, 0, 0, 0)
    libc_call("syscall", _MOUNT_SETATTR, _HERE, b"/", _RECURSIVE, read_only, 32)
    size = f"size={DISK_BYTES},nr_inodes={MOST_FILES}"
    _mount("tmpfs", folder, f"{size},mode=700,uid={user},gid={group}")
    _bring_loopback_up()


def house_user() -> tuple[int, int]:
    """Return the user and the group that a submission has: never root."""
    user, group = os.geteuid(), os.getegid()
    return (user, group) if user else (NOBODY, NOBODY)


def divide_processes() -> None:
    """Let children from here on see, signal and limit none but each other.

    The first is process 1, and when it ends, all others end. Raises OSError.
    """
    libc_call("unshare", _NEW_PID)


def _unshare(flags: int, user: int, group: int) -> None:
    outside = os.geteuid(), os.getegid()
    if outside[0] == 0:
        try:
            libc_call("unshare", flags)
            return
        except PermissionError:
            pass  # root of a container: as an ordinary user, then
    libc_call("unshare", flags | _NEW_USER)
    Path("/proc/self/setgroups").write_text("deny")
    Path("/proc/self/uid_map").write_text(f"{user} {outside[0]} 1")
    Path("/proc/self/gid_map").write_text(f"{group} {outside[1]} 1")


def _mount(
    what: str | None, where: Path | str, options: str = "", *, flags: int = 0
) -> None:
    """Mount a file system of the kind `what`, or change what is mounted there."""
    kind = what.encode() if what else None
    place, flags = os.fsencode(where), flags or _NO_SETUID | _NO_DEVICES
    libc_call("mount", kind, place, kind, flags, options.encode() or None)


def _behind_closed_doors(paths: Iterable[Path]) -> dict[Path, list[Path]]:
    """Return the paths that only root reaches, below the folder that is closed."""
    found: dict[Path, list[Path]] = {}
    for path in paths if os.geteuid() == 0 else ():
        for folder in reversed(path.parents):
            if path.is_dir() and not folder.stat().st_mode & 0o001:
                found.setdefault(folder, []).append(path)
                break
    return found


def _open_a_way(closed: Path, below: Iterable[Path]) -> None:
    """Put a folder before `closed` that shows `below` of it to everybody, and no more.

    Whether somebody may read what lies there is what its own permissions say.
    """
    kept = [(os.open(path, os.O_PATH | os.O_CLOEXEC), path) for path in below]
    _mount("tmpfs", closed, "mode=755")
    for descriptor, path in kept:
        path.mkdir(parents=True, exist_ok=True)
        source = f"/proc/self/fd/{descriptor}".encode()
        flags = _BIND | _WITH_ALL_BELOW
        libc_call("mount", source, os.fsencode(path), None, flags, None)
        os.close(descriptor)


def _bring_loopback_up() -> None:
    import fcntl
    import socket

    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as any_socket:
        request = struct.pack("16sH14x", b"lo", 0x1 | 0x40)  # up and running
        fcntl.ioctl(any_socket, 0x8914, request)  # SIOCSIFFLAGS
