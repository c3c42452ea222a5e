"""Which system calls are a submission refused? Those that lead out of its house.

Landlock governs files and nothing else. The rest is a list that the kernel goes through
before each call, see https://docs.kernel.org/userspace-api/seccomp_filter.html.
"""

import errno
import platform
import socket
import struct

from lessonlib.grading import kernel

_MACHINES = {"x86_64": (0, 0xC000003E), "aarch64": (1, 0xC00000B7)}
_REFUSED = {  # the numbers on x86_64 and on aarch64
    # other namespaces and mounts
    "unshare": (272, 97), "setns": (308, 268), "chroot": (161, 51),
    "mount": (165, 40), "umount2": (166, 39), "pivot_root": (155, 41),
    "open_tree": (428, 428), "move_mount": (429, 429), "fsopen": (430, 430),
    "fsconfig": (431, 431), "fsmount": (432, 432), "fspick": (433, 433),
    "mount_setattr": (442, 442), "open_by_handle_at": (304, 265),
    # other processes
    "ptrace": (101, 117), "process_vm_readv": (310, 270), "kcmp": (312, 272),
    "process_vm_writev": (311, 271), "pidfd_getfd": (438, 438),
    # memory that belongs to no process, or outlives it
    "shmget": (29, 194), "shmat": (30, 196), "semget": (64, 190),
    "msgget": (68, 186), "mq_open": (240, 180), "memfd_create": (319, 279),
    "memfd_secret": (447, 447), "add_key": (248, 217), "request_key": (249, 218),
    "keyctl": (250, 219),
    # wide doors of the kernel; what io_uring does, no filter sees
    "io_uring_setup": (425, 425), "bpf": (321, 280), "userfaultfd": (323, 282),
    "perf_event_open": (298, 241),
}  # fmt: skip
_CLONE, _CLONE3, _PRLIMIT = (56, 220), (435, 435), (302, 261)
_SOCKET, _SOCKETPAIR = (41, 198), (53, 199)
_NEW_NAMESPACES = 0x7E020000  # the flags of clone that make one
_X32 = 0x40000000  # a second set of numbers on x86_64

_LOAD, _AND, _RETURN = 0x20, 0x54, 0x06
_EQUAL, _AT_LEAST, _ANY_BIT = 0x15, 0x35, 0x45
_NUMBER, _ARCHITECTURE, _FIRST, _SECOND = 0, 4, 16, 24  # places in the call
_ALLOW, _ERROR = 0x7FFF0000, 0x00050000
Code = list[bytes]


def can_refuse_calls() -> bool:
    """Return whether this kernel and this machine have the filter."""
    return kernel.LINUX and platform.machine() in _MACHINES


def refuse_calls() -> None:
    """Refuse this process, and all that it starts, the calls that lead elsewhere."""
    which, architecture = _MACHINES[platform.machine()]
    kernel.filter_calls(b"".join(_program(which, architecture)))


def _program(which: int, architecture: int) -> Code:
    """Return the filter of a machine, for which `which` picks the numbers."""
    refuse, allow = _answer(errno.EPERM), [_step(_RETURN, _ALLOW)]
    families = [*_if(socket.AF_INET, allow), *_if(socket.AF_INET6, allow)]
    return [
        _step(_LOAD, _ARCHITECTURE),
        _step(_EQUAL, architecture, yes=len(refuse)),
        *refuse,
        _step(_LOAD, _NUMBER),
        *_if(_X32, refuse, test=_AT_LEAST),
        *(step for call in _REFUSED.values() for step in _if(call[which], refuse)),
        *_if(_CLONE3[which], _answer(errno.ENOSYS)),  # then clone is taken
        *_if(_CLONE[which], [
            _step(_LOAD, _FIRST), *_if(_NEW_NAMESPACES, refuse, test=_ANY_BIT), *allow,
        ]),
        # of another process; 0 is one's own
        *_if(_PRLIMIT[which], [_step(_LOAD, _FIRST), *_if(0, allow), *refuse]),
        # what others listen to has a path, and a network of one's own hides no path
        *_if(_SOCKET[which], [_step(_LOAD, _FIRST), *families, *refuse]),
        *_if(_SOCKETPAIR[which], [
            _step(_LOAD, _SECOND), _step(_AND, 0xF),
            *_if(socket.SOCK_STREAM, allow), *refuse,  # it cannot be connected anew
        ]),
        *allow,
    ]  # fmt: skip


def _step(code: int, value: int, yes: int = 0, no: int = 0) -> bytes:
    return struct.pack("HBBI", code, yes, no, value)


def _answer(error: int) -> Code:
    return [_step(_RETURN, _ERROR | error)]


def _if(value: int, then: Code, *, test: int = _EQUAL) -> Code:
    """Return a test of what was loaded. `then` ends with an answer."""
    return [_step(test, value, no=len(then)), *then]
