"""How is Linux asked for what Python has no function for?

Elsewhere, what only makes a process safer does nothing, and the rest raises OSError.
"""

import contextlib
import ctypes
import errno
import os
import struct
import sys

LINUX = sys.platform == "linux"
DAC_READ_SEARCH = 2  # the capability to read whatever file permissions say
_SET_PDEATHSIG, _SET_DUMPABLE, _SET_KEEPCAPS, _SET_SECCOMP = 1, 4, 8, 22
_CAPBSET_DROP, _SET_CHILD_SUBREAPER, _SET_NO_NEW_PRIVS = 24, 36, 38
_FILTER = 2  # a mode of seccomp
_libc = ctypes.CDLL(None, use_errno=True) if LINUX else None


def libc_call(name: str, *arguments: int | bytes | None) -> int:
    """Return what a function of the C library returns; raise OSError where it fails."""
    if _libc is None:
        raise OSError(errno.ENOSYS, f"only Linux has {name}")
    given = [ctypes.c_long(a) if isinstance(a, int) else a for a in arguments]
    done = getattr(_libc, name)(*given)
    if done < 0:
        code = ctypes.get_errno()
        raise OSError(code, f"{name}: {os.strerror(code)}")
    return done


def _prctl(option: int, value: int, *more: int) -> None:
    if LINUX:
        libc_call("prctl", option, value, *(*more, 0, 0, 0)[:3])


def die_with_parent() -> None:
    """Let the kernel end this process when the one that started it ends.

    The kernel forgets this when a process changes its user or its namespaces.
    """
    _prctl(_SET_PDEATHSIG, 9)


def end_without(parent: int) -> None:
    """End this process if the one that started it has ended: the kernel tells no more.

    The first of a new namespace of processes sees 0 there, and cannot know.
    """
    if os.getppid() not in (0, parent):
        os._exit(1)


def adopt_orphans() -> None:
    """Become the parent of all grandchildren whose parent ends."""
    _prctl(_SET_CHILD_SUBREAPER, 1)


def hide_memory() -> None:
    """Let no process of the same user read this one's memory."""
    _prctl(_SET_DUMPABLE, 0)


def gain_nothing() -> None:
    """Let no program that is started from here have more rights than this process."""
    _prctl(_SET_NO_NEW_PRIVS, 1)
    with contextlib.suppress(OSError):  # there are fewer, or there is no right to
        for capability in range(64):
            _prctl(_CAPBSET_DROP, capability)


def keep_capabilities() -> None:
    """Let the next change of the user take no capability."""
    _prctl(_SET_KEEPCAPS, 1)


def drop_capabilities(*, but: int | None = None) -> None:
    """Give up every capability, except `but`."""
    kept = 0 if but is None else 1 << but
    header = struct.pack("Ii", 0x20080522, 0)
    libc_call("capset", header, struct.pack("6I", kept, kept, 0, 0, 0, 0))


def filter_calls(program: bytes) -> None:
    """Have each system call from here on judged by a program of seccomp."""
    code = ctypes.create_string_buffer(program)
    about = struct.pack("HxxxxxxP", len(program) // 8, ctypes.addressof(code))
    libc_call("prctl", _SET_SECCOMP, _FILTER, about)
