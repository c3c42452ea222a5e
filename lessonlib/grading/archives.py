"""What is in a zip, and in a zip within it?

Nothing is unpacked to disk, and nothing is read beyond its limit: neither a bomb nor a
zip that holds itself costs more than that.
"""

import contextlib
import datetime
import functools
import io
import re
import stat
import struct
import zipfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from pathlib import PurePosixPath as PurePath

from lessonlib.errors import LessonError
from lessonlib.grading.arrivals import (
    LARGEST_FILE,
    TOO_LARGE,
    Arrival,
    Refused,
    ignored,
)

MOST_ENTRIES = 100_000  # of a zip
MOST_NESTED = 5_000  # entries of all zips in one that was handed in
MOST_NESTED_BYTES = 200 * 2**20  # of the zips themselves
DEEPEST = 3
_1601_TO_1970_S = 11_644_473_600
Opener = Callable[[], zipfile.ZipFile]


@dataclass
class _Budget:
    """What the zips within one that was handed in may still cost."""

    entries: int = MOST_NESTED
    size_bytes: int = MOST_NESTED_BYTES

    def spend(self, *, entries: int = 0, size_bytes: int = 0) -> bool:
        """Return whether there is as much left."""
        self.entries -= entries
        self.size_bytes -= size_bytes
        return self.entries >= 0 and self.size_bytes >= 0


def in_class_zip(path: Path, zone: datetime.tzinfo) -> Iterator[Arrival]:
    """Yield what is in a zip that was named. It stays open, for it may be large.

    Times that name no zone are in `zone`. Raises LessonError if it is no zip.
    """
    try:
        archive = zipfile.ZipFile(path)
    except OSError as error:
        raise LessonError(f"{path} cannot be read: {error.strerror}") from None
    except Exception:  # a damaged list of entries has many kinds of errors
        raise LessonError(f"{path} is no zip, or only a part of one") from None
    if len(archive.infolist()) > MOST_ENTRIES:
        raise LessonError(f"{path} has more than {MOST_ENTRIES:,} entries")
    yield from _members(lambda: archive, Arrival((), path.name), zone, None)


def in_found_zip(found: Arrival, zone: datetime.tzinfo) -> Iterator[Arrival]:
    """Yield a zip that somebody handed in, and what is in it."""
    yield from _nested(found, zone, _Budget())


def _nested(
    found: Arrival, zone: datetime.tzinfo, budget: _Budget
) -> Iterator[Arrival]:
    try:
        count = _afford(found, budget)
    except Refused as refused:
        yield found.refused(str(refused))
        return
    yield found.opened(count)
    yield from _members(lambda: _open(found), found, zone, budget)


def _open(found: Arrival) -> zipfile.ZipFile:
    if found.read is None:
        raise Refused(found.problem)
    content = found.read()
    try:
        return zipfile.ZipFile(io.BytesIO(content))
    except Exception:  # as above
        raise Refused("it is no zip, or only a part of one") from None


def _afford(found: Arrival, budget: _Budget) -> int:
    """Return how many entries a zip has; Refused if it is none, or beyond a limit."""
    if sum(part.lower().endswith(".zip") for part in found.parts) > DEEPEST:
        raise Refused(f"it lies more than {DEEPEST} zips deep")
    if not budget.spend(size_bytes=found.size_bytes):
        raise Refused(f"zips within zips hold more than {MOST_NESTED_BYTES >> 20} MB")
    count = len(_open(found).infolist())
    if not budget.spend(entries=count):
        raise Refused(f"zips within zips have more than {MOST_NESTED:,} entries")
    return count


def _members(
    opener: Opener, outer: Arrival, zone: datetime.tzinfo, budget: _Budget | None
) -> Iterator[Arrival]:
    entries = [(_name_of(entry), entry) for entry in opener().infolist()]
    filled = {str(folder) for name, _ in entries for folder in PurePath(name).parents}
    for name, entry in sorted(entries, key=lambda pair: pair[0]):
        if entry.is_dir() and str(PurePath(name)) in filled:
            continue  # what is in it is told
        member = _member(opener, entry, name, outer, zone)
        if member.is_zip:
            yield from _nested(member, zone, budget or _Budget())
        else:
            yield member


def _member(
    opener: Opener,
    entry: zipfile.ZipInfo,
    name: str,
    outer: Arrival,
    zone: datetime.tzinfo,
) -> Arrival:
    parts = tuple(re.split(r"[/\\]", name))
    time, zoned = _written(entry, zone)
    read = functools.partial(_unpack, opener, entry)
    separator = "/" if outer.parts else ": "
    member = Arrival(
        (*outer.parts, *parts), f"{outer.file}{separator}{name}",
        time, zoned, read, entry.file_size,
    )  # fmt: skip
    if why := ignored(parts):
        return member.not_ours(why)
    if problem := _problem(entry, parts):
        return member.refused(problem)
    return member.not_ours("an empty folder") if entry.is_dir() else member


def _problem(entry: zipfile.ZipInfo, parts: Sequence[str]) -> str:
    """Return why a member cannot be taken, or ""."""
    if ".." in parts or not parts[0] or ":" in parts[0]:
        return "its path leads out of the zip: refused"
    if stat.S_ISLNK(entry.external_attr >> 16):
        return "it is a symbolic link: not followed"
    if entry.flag_bits & 1:
        return "it is encrypted"
    return TOO_LARGE if entry.file_size > LARGEST_FILE else ""


def _name_of(entry: zipfile.ZipInfo) -> str:
    """Return a name as it was meant: many programs write UTF-8 and do not say so."""
    if entry.flag_bits & 0x800:
        return entry.filename
    try:
        return entry.filename.encode("cp437").decode("utf-8")
    except UnicodeError:
        return entry.filename


def _unpack(opener: Opener, entry: zipfile.ZipInfo) -> bytes:
    try:
        with opener().open(entry) as file:
            content = file.read(LARGEST_FILE + 1)  # its header may lie
    except Refused:
        raise
    except Exception as error:  # each way to pack has errors of its own
        why = str(error) or "its data is damaged"
        raise Refused(f"it cannot be unpacked: {why}") from None
    if len(content) > LARGEST_FILE:
        raise Refused(TOO_LARGE)
    return content


def _written(entry: zipfile.ZipInfo, zone: datetime.tzinfo) -> tuple[str, bool]:
    """Return when a member was written, in UTC, and whether the zip says its zone.

    The date of an entry is the local time of whoever packed it. Most programs add the
    seconds of Unix, or Windows' own count, in a field beside it.
    """
    with contextlib.suppress(ValueError, OverflowError, OSError):
        if (seconds := _unix_time(entry.extra)) is not None:
            time = datetime.datetime.fromtimestamp(seconds, datetime.UTC)
            return time.isoformat(timespec="seconds"), True
    with contextlib.suppress(ValueError, OverflowError):  # its header may lie
        local = datetime.datetime(*entry.date_time, tzinfo=zone)
        return local.astimezone(datetime.UTC).isoformat(), False
    return "", True


def _unix_time(extra: bytes) -> float | None:
    """Return the time of change in the extra fields of an entry; None: not there."""
    while len(extra) >= 4:
        kind, length = struct.unpack_from("<HH", extra)
        data, extra = extra[4 : 4 + length], extra[4 + length :]
        if kind == 0x5455 and len(data) >= 5 and data[0] & 1:
            return struct.unpack_from("<i", data, 1)[0]
        if kind == 0x5855 and len(data) >= 8:
            return struct.unpack_from("<i", data, 4)[0]
        if kind == 0x000A and len(data) >= 16 and data[4:6] == b"\1\0":
            return struct.unpack_from("<Q", data, 8)[0] / 1e7 - _1601_TO_1970_S
    return None
