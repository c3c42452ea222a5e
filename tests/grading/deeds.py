"""What a submission may try outside of its folder: it says which of it succeeded.

Run in a cell, after `given` was set: "file" and "sibling" are of the user who grades,
"path" and "abstract" are sockets that somebody listens to, "victim" is a process of
that user, "key" is of a shared memory, "sources" are folders to hide. Nothing here
may harm a computer without a sandbox.
"""

import ctypes
import fcntl
import os
import resource
import socket
import struct

file, sibling, path, abstract, key, victim, sources = (
    given[name]  # noqa: F821
    for name in "file sibling path abstract key victim sources".split()
)
libc = ctypes.CDLL(None, use_errno=True)


def called(number):
    if number < 0:
        raise OSError(ctypes.get_errno(), "refused")


def connected(kind, address):
    with socket.socket(socket.AF_UNIX, kind) as out:
        out.settimeout(1)
        out.connect(address)


def connected_anew(address):
    one, _ = socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)
    one.connect(address)


def lo_is_set():
    """Set the loopback to up, which it is: to take it down needs the same right."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as any_socket:
        fcntl.ioctl(any_socket, 0x8914, struct.pack("16sH14x", b"lo", 0x41))


def has_capabilities():
    for line in open("/proc/self/status"):
        if line.startswith(("CapPrm", "CapEff", "CapBnd")) and int(line[7:], 16):
            return
    raise OSError("none")


def reads(folder):
    for name in os.listdir(folder):
        open(os.path.join(folder, name), "rb").read(1)
        return
    raise OSError("nothing there")


def leaves_memory():
    """Make shared memory that would outlive this process, and take it away again."""
    called(number := libc.shmget(key + 1, 4096, 0o1600))
    libc.shmctl(number, 0, None)


def leaves_a_file():
    with open(f"/dev/shm/{key}", "w"):
        os.remove(f"/dev/shm/{key}")


def in_a_child(deed):
    """Try it in a process that cannot harm this one."""
    child = os.fork()
    if child == 0:
        try:
            deed()
            os._exit(0)
        except BaseException:
            os._exit(1)
    if os.waitpid(child, 0)[1]:
        raise OSError("refused")


DEEDS = {
    "chmod": lambda: os.chmod(file, 0o4755),
    "fchmodat": lambda: os.chmod(
        os.path.basename(file), 0, dir_fd=os.open(os.path.dirname(file), os.O_PATH)
    ),
    "chmod of a folder": lambda: os.chmod(os.path.dirname(file), 0o777),
    "chown": lambda: os.chown(file, os.getuid(), os.getgid()),
    "utime": lambda: os.utime(file, (1, 1)),
    "setxattr": lambda: os.setxattr(file, "user.mark", b"x"),
    "removexattr": lambda: os.removexattr(file, "user.there"),
    "write": lambda: open(file, "w"),
    "truncate": lambda: os.truncate(file, 0),
    "read": lambda: open(file).read(),
    "hard link": lambda: os.link(file, "linked"),
    "rename": lambda: os.rename(sibling, sibling + "2"),
    "chmod of the folder around": lambda: os.chmod("..", 0o711),
    "mkdir beside": lambda: os.mkdir("../beside"),
    "socket by path": lambda: connected(socket.SOCK_STREAM, path),
    "socket by name": lambda: connected(socket.SOCK_STREAM, abstract),
    "pair turned to a path": lambda: connected_anew(path + "-datagrams"),
    "shared memory of others": lambda: called(libc.shmget(key, 0, 0)),
    "shared memory to leave": leaves_memory,
    "a file in /dev/shm": leaves_a_file,
    "queue": lambda: called(libc.msgget(0, 0o1600)),
    "kill": lambda: os.kill(victim, 0),
    "prlimit": lambda: resource.prlimit(victim, resource.RLIMIT_CORE, (0, 0)),
    "priority": lambda: os.setpriority(os.PRIO_PROCESS, victim, 5),
    "affinity": lambda: os.sched_setaffinity(victim, os.sched_getaffinity(0)),
    "ptrace": lambda: in_a_child(lambda: called(libc.ptrace(16, victim, 0, 0))),
    "environment of others": lambda: open(f"/proc/{victim}/environ", "rb").read(1),
    "memory without owner": lambda: os.memfd_create("x"),
    "user namespace": lambda: in_a_child(lambda: called(libc.unshare(0x10000000))),
    "keyring": lambda: called(libc.syscall(250, 0, -3, 1)),
    "capabilities": has_capabilities,
    **{f"source {n}": lambda s=s: reads(s) for n, s in enumerate(sources)},
    "lo": lo_is_set,
}
done = []
for name, deed in DEEDS.items():
    try:
        deed()
        done.append(name)
    except OSError:
        pass
raise ValueError(f"{len(done)} of {len(DEEDS)} done: {', '.join(done)}")
