"""Which files may a submission read? What Python needs, and no source at all."""

import os
import sys
from collections.abc import Iterable
from pathlib import Path

PACKAGE = Path(__file__).parents[1]
_OPEN = (  # what Python and its libraries read outside of their own folders
    "/usr", "/lib", "/lib64", "/bin", "/sbin", "/opt", "/sys/devices/system/cpu",
    "/sys/fs/cgroup", "/proc/self", "/proc/cpuinfo", "/proc/meminfo", "/proc/stat",
    "/proc/sys/kernel", "/etc/ld.so.cache", "/etc/hosts", "/etc/nsswitch.conf",
    "/etc/passwd", "/etc/group", "/etc/localtime", "/etc/mime.types", "/etc/fonts",
    "/etc/alternatives", "/etc/ssl/certs", "/etc/ssl/openssl.cnf", "/etc/host.conf",
    "/etc/resolv.conf",
)  # fmt: skip


def readable_paths(hidden: Iterable[str] = ()) -> list[str]:
    """Return what a submission may read, without what is `hidden` and the checkout.

    Of a folder in which something hidden lies, all the rest may be read.
    """
    secret = {Path(path).resolve() for path in hidden}
    if not PACKAGE.parent.name.endswith("-packages"):  # there others live, too
        secret.add(PACKAGE.parent)
    needed = [Path(path) for path in (*needed_folders(), *_OPEN)]
    return sorted({str(each) for path in needed for each in _around(path, secret)})


def needed_folders() -> list[str]:
    """Return the folders of Python, of its packages, and of this library."""
    places = {sys.prefix, sys.base_prefix, sys.exec_prefix, str(PACKAGE)}
    places |= {path for path in sys.path if path.endswith("-packages")}
    places |= set(filter(None, os.environ.get("PYTHONPATH", "").split(os.pathsep)))
    return sorted(places - {str(PACKAGE.parent)})


def _around(path: Path, secret: set[Path]) -> list[Path]:
    """Return `path`, or what it has around the secrets in it."""
    place = path.resolve() if not path.is_relative_to("/proc") else path
    if place in secret:
        return []
    if not any(each.is_relative_to(place) for each in secret):
        return [path]
    return [
        each
        for child in _children(path)
        if not any(child.resolve().is_relative_to(one) for one in secret)
        for each in _around(child, secret)
    ]


def _children(folder: Path) -> list[Path]:
    try:
        return sorted(folder.iterdir())
    except OSError:  # nothing to read for a submission, either
        return []
