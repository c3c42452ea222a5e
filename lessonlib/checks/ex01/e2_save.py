"""Does a crash leave the old file? `save_safely(write, path)` saves a model."""

import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO

from lessonlib.checks import Check, Mistake
from lessonlib.checks.probes import Untouched, colocate, expect

OLD, NEW = b"the old model", b"the new model, a little longer"


class _Folder:
    """A folder with an old model, and what a save into it does to it."""

    def __init__(self, folder: str):
        self.path = Path(folder) / "model.joblib"
        self.path.write_bytes(OLD)
        self.before = self.path.stat().st_ino
        self.called = False
        self.others_read: bytes | str | None = None
        self.wrote_in: Path | None = None
        self.renames: list[tuple[bytes, bool]] = []

    def save(self, answer: Callable[..., Any], *, disk_is_full: bool) -> bool:
        """Let `answer` save, and return whether the error of a full disk came back."""

        def write(file: BinaryIO) -> None:
            self.called, self.others_read = True, self.content()
            name = getattr(file, "name", None)  # a buffer has none, a descriptor is int
            self.wrote_in = Path(name).resolve() if isinstance(name, str) else None
            file.write(NEW[: len(NEW) // 2])
            if disk_is_full:
                file.flush()
                raise OSError("no space left on device")
            file.write(NEW[len(NEW) // 2 :])

        try:
            with colocate(answer, Renames)(str(self.path)) as renames:
                answer(write, str(self.path))
            self.renames = [*renames.seen]
        except OSError as error:
            if "no space" not in str(error):
                raise
            return True
        if not self.called:
            raise Untouched
        return False

    def content(self) -> bytes | str:
        """Return what somebody who loads the model would read."""
        return self.path.read_bytes() if self.path.exists() else "no file"

    def is_another_file(self) -> bool:
        """Return whether a new file has the name, not the old one written over."""
        return self.path.exists() and self.path.stat().st_ino != self.before

    def stayed_here(self) -> bool:
        """Return whether the bytes went to this folder, as far as that can be seen."""
        here = self.path.parent.resolve()
        return self.wrote_in is None or self.wrote_in.parent == here


class Renames:
    """What lies where when a file is given the name `path`, by whichever call."""

    def __init__(self, path: str):
        self.path = path
        self.seen: list[tuple[bytes, bool]] = []

    def __enter__(self) -> "Renames":
        self._calls = {name: getattr(os, name) for name in ("replace", "rename")}
        for name, rename in self._calls.items():
            setattr(os, name, self._watched(rename))
        return self

    def __exit__(self, *error: object) -> None:
        for name, rename in self._calls.items():
            setattr(os, name, rename)

    def _watched(self, rename: Callable[..., None]) -> Callable[..., None]:
        def watched(source: Any, target: Any, **options: Any) -> None:
            if os.path.basename(target) == os.path.basename(self.path):
                content = Path(source).read_bytes()
                self.seen.append((content, os.path.exists(self.path)))
            rename(source, target, **options)

        return watched


@contextmanager
def _saved(
    answer: Callable[..., Any], *, disk_is_full: bool = False
) -> Iterator[tuple[_Folder, bool]]:
    """Yield a folder after `answer` saved into it, and whether its error came back."""
    with tempfile.TemporaryDirectory() as name:
        folder = _Folder(name)
        yield folder, folder.save(answer, disk_is_full=disk_is_full)


def _arrives(answer: Any) -> None:
    """after a save, the file has the new content, and no other file lies beside it"""
    with _saved(answer) as (folder, _):
        hint = "which name do people load, and who gives it to the new file?"
        called = "the file after save_safely(write, path)"
        expect(folder.content(), NEW, called=called, hint=hint)
        called = "the folder after save_safely(write, path)"
        expect(os.listdir(folder.path.parent), ["model.joblib"], called=called)


def _survives(answer: Any) -> None:
    """if the disk is full halfway, the old file is whole and the error is passed on"""
    with _saved(answer, disk_is_full=True) as (folder, raised):
        hint = "which file is open when the disk is full?"
        called = "the file after a full disk"
        expect(folder.content(), OLD, called=called, hint=hint)
        called = "does the caller hear of the full disk? save_safely"
        expect(raised, True, called=called, hint="let the error through")


def _is_whole(answer: Any) -> None:
    """others read the old file until the new one, complete, takes its place"""
    with _saved(answer) as (folder, _):
        called = "reading the file while save_safely was writing"
        expect(folder.others_read, OLD, called=called)
        called = "is the file another one now, written in the same folder? save_safely"
        hint = "a new file takes a name by a rename, which copies nothing"
        replaced = folder.is_another_file() and folder.stayed_here()
        expect(replaced, True, called=called, hint=hint)
        for content, old_is_there in folder.renames:
            called = "the new file at the moment when it got its name"
            expect(content, NEW, called=called, hint="was it closed by then?")
            called = "is the old file there until the rename? save_safely"
            expect(old_is_there, True, called=called, hint="what does replace replace?")


def _probe(answer: Any) -> list[Any]:
    with _saved(answer) as (folder, _):
        facts: list[Any] = [folder.content(), folder.others_read]
        facts += [folder.stayed_here(), folder.is_another_file()]
        facts.append(len(os.listdir(folder.path.parent)))
        facts.append(folder.renames)
    with _saved(answer, disk_is_full=True) as (folder, raised):
        return [*facts, raised, folder.content()]


def _straight(write, path):
    with open(path, "wb") as file:
        write(file)


def _beside(write, path):
    with open(f"{path}.partial", "wb") as file:
        write(file)


def _removed_late(write, path):
    _beside(write, path)
    os.remove(path)
    os.rename(f"{path}.partial", path)


def _while_open(write, path):
    with open(f"{path}.partial", "wb") as file:
        write(file)
        os.replace(f"{path}.partial", path)


def _copied(write, path):
    _beside(write, path)
    shutil.copyfile(f"{path}.partial", path)


def _renamed_anyway(write, path):
    try:
        _beside(write, path)
    finally:
        os.replace(f"{path}.partial", path)


def _elsewhere(write, path):
    with tempfile.TemporaryDirectory() as folder:
        beside = str(Path(folder) / "model")
        with open(beside, "wb") as file:
            write(file)
        shutil.move(beside, path)


MISTAKES = (
    Mistake(
        "straight to the file",
        "the old file itself is opened for writing, and that empties it at once. Where "
        "else could the new bytes go until they are complete?",
        _straight,
    ),
    Mistake(
        "old one removed first",
        "between os.remove and the rename nobody finds a file: a crash there leaves "
        "none. os.replace needs no room: what does it do with a file of that name?",
        _removed_late,
    ),
    Mistake(
        "renamed while open",
        "the rename comes inside the `with`, while part of the new file may still wait "
        "in memory. When is all of it in the file? Compare how far you indented",
        _while_open,
    ),
    Mistake(
        "copied",
        "a copy is a write like any other: it empties the old file and can be cut "
        "short. Which call changes the name only, and moves no bytes?",
        _copied,
    ),
    Mistake(
        "renamed after a failure",
        "the rename comes although the write has failed, so half a file takes the good "
        "one's place. Look at when `finally` (or the line after an `except`) runs",
        _renamed_anyway,
    ),
    Mistake(
        "another folder",
        "the new file is written in another folder. That may be another disk, and "
        "between disks a rename becomes a copy. Which folder is surely on the same?",
        _elsewhere,
    ),
)

save = Check(
    title="save so that a crash leaves the old file",
    promises=(_arrives, _survives, _is_whole),
    probe=_probe,
    mistakes=MISTAKES,
)
