"""Is a version current only if it loads? `promote` and `rollback` of a registry."""

import os
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from lessonlib.checks import Check, Mistake
from lessonlib.checks.probes import Broken, Untouched, expect, outcomes

# Versions as their folders are made: the youngest is neither first nor last by name.
VERSIONS = ("b2", "d4", "a1", "c3")
BROKEN = "e5"

Functions = Sequence[Callable[..., Any]]  # promote and rollback


def _load(path: Path) -> str:
    """Stand in for load_model: the version that is broken does not load."""
    if Path(path).name not in VERSIONS:
        raise RuntimeError(f"{path} does not load")
    return "a model"


class _Shelf:
    """A registry's folder in a temporary place, and the answer that works in it."""

    def __init__(self, answer: Functions, folder: str):
        self.promote_, self.rollback_ = answer
        self.folder = Path(folder) / "registry"
        self.pointer = self.folder / "current.txt"
        for age, version in enumerate((*VERSIONS, BROKEN), start=10**9):
            (self.folder / version).mkdir(parents=True)
            os.utime(self.folder / version, (age, age))

    def promote(self, *versions: str) -> str:
        for version in versions:
            self.promote_(self.folder, version, _load)
            if not self.pointer.exists():
                raise Untouched  # the stub: nothing was promoted
        return self.current()

    def rollback(self) -> str:
        self.rollback_(self.folder)
        return self.current()

    def refuses(self, version: str) -> bool:
        try:
            self.promote_(self.folder, version, _load)
        except Exception:
            return True
        return False

    def current(self) -> str:
        lines = self.pointer.read_text().split() if self.pointer.exists() else []
        return lines[-1] if lines else "nothing"


def _with_shelf(work: Callable[[_Shelf], Any]) -> Callable[[Functions], Any]:
    """Return `work` as a function of the answer, with a new shelf each time."""

    def on_new_shelf(answer: Functions) -> Any:
        with tempfile.TemporaryDirectory() as folder:
            return work(_Shelf(answer, folder))

    on_new_shelf.__doc__ = work.__doc__
    return on_new_shelf


@_with_shelf
def _checks(shelf: _Shelf) -> None:
    """a version that doesn't load is refused, and the one before stays current"""
    called = "promote a1, then b2: the last line of current.txt"
    hint = "in this pointer file the latest version stands last"
    expect(shelf.promote("a1", "b2"), "b2", called=called, hint=hint)
    refused = shelf.refuses(BROKEN)
    called = f"promote a1, b2 and {BROKEN}, which does not load: the current version"
    hint = "what should be known before the pointer is touched?"
    expect(shelf.current(), "b2", called=called, hint=hint)
    if not refused:
        message = f"promote of {BROKEN}, which does not load, raised no exception"
        raise Broken(message, "how does the caller learn that it was refused?")


@_with_shelf
def _whole(shelf: _Shelf) -> None:
    """the pointer is replaced in one step, never written in place"""
    shelf.promote("a1")
    for action, now in ((lambda: shelf.promote("b2"), "b2"), (shelf.rollback, "a1")):
        witness = shelf.folder.parent / f"before-{now}"
        try:
            os.link(shelf.pointer, witness)  # a second name of the old file itself
        except OSError:
            return  # a disk without links: nobody can tell
        before = witness.read_text()
        called = "promote a1, promote b2, roll back: the current version on the way"
        expect(action(), now, called=called, hint="which line is the current one?")
        if witness.read_text() != before:
            what = "promote" if now == "b2" else "rollback"
            message = f"{what} wrote into the old file: a crash there leaves half of it"
            raise Broken(message, "which call of the lesson swaps a file in one step?")


@_with_shelf
def _before(shelf: _Shelf) -> None:
    """rollback goes back to the version that was current before"""
    shelf.promote("d4", "a1", "b2")
    called = "promote d4, a1, b2, then roll back: the current version"
    hint = "neither the age of a folder nor its name says what was current"
    expect(shelf.rollback(), "a1", called=called, hint=hint)


@_with_shelf
def _again(shelf: _Shelf) -> None:
    """a second rollback goes one further back, and never forward"""
    shelf.promote("d4", "a1", "b2")
    shelf.rollback()
    called = "promote d4, a1, b2, then roll back twice: the current version"
    hint = "what should the pointer file say after the first rollback?"
    expect(shelf.rollback(), "d4", called=called, hint=hint)


@_with_shelf
def _story(shelf: _Shelf) -> list[Any]:
    found = [shelf.promote("d4", "a1", "b2"), shelf.refuses(BROKEN), shelf.current()]
    return [*found, *outcomes(shelf.rollback, [(), ()])]


@_with_shelf
def _old_file(shelf: _Shelf) -> list[str]:
    """Return what the old pointer file says after it was replaced, or written over."""
    shelf.promote("a1")
    witness = shelf.folder.parent / "before"
    os.link(shelf.pointer, witness)
    shelf.promote("b2")
    return witness.read_text().split()


# wrong repairs: the first is the colleague's own


def _past(folder):
    pointer = folder / "current.txt"
    return pointer.read_text().split() if pointer.exists() else []


def _write(folder, versions):
    (folder / "current.txt").write_text("\n".join(versions))


def _replace(folder, versions):
    (folder / "current.partial").write_text("\n".join(versions))
    os.replace(folder / "current.partial", folder / "current.txt")


def _youngest_other(folder):
    now = _past(folder)[-1]
    others = [path for path in folder.iterdir() if path.is_dir() and path.name != now]
    return max(others, key=lambda path: path.stat().st_mtime).name


def _hasty_promote(folder, version, load):
    _write(folder, [*_past(folder), version])
    load(folder / version)


def _hasty_rollback(folder):
    _write(folder, [*_past(folder), _youngest_other(folder)])


def _promote_before_the_load(folder, version, load):
    _replace(folder, [*_past(folder), version])
    load(folder / version)


def _promote_in_silence(folder, version, load):
    try:
        load(folder / version)
    except Exception:
        return
    _replace(folder, [*_past(folder), version])


def _back_by_one(folder):
    _replace(folder, _past(folder)[:-1])


def _promote_in_place(folder, version, load):
    load(folder / version)
    _write(folder, [*_past(folder), version])


def _forget_the_past(folder, version, load):
    load(folder / version)
    _replace(folder, [version])


def _keep_last_two(folder, version, load):
    load(folder / version)
    _replace(folder, [*_past(folder)[-1:], version])


MISTAKES = (
    Mistake(
        "as it was",
        "this is still the colleague's registry, or behaves like it. Take one promise "
        "after the other: the first is about the order of two lines in promote",
        (_hasty_promote, _hasty_rollback),
    ),
    Mistake(
        "pointed first",
        "the pointer still moves before the model was loaded: it is refused, and it is "
        "current all the same. In the lesson, which came first and which last?",
        (_promote_before_the_load, _back_by_one),
    ),
    Mistake(
        "refused in silence",
        "a model that doesn't load is kept out, but nobody hears of it, and you go "
        "home believing that it serves. What happens to an exception if nobody "
        "catches it?",
        (_promote_in_silence, _back_by_one),
    ),
    Mistake(
        "written in place",
        "the pointer file itself is written, and writing empties it first: a reader in "
        "that moment, or a crash, finds nothing. How did notebook 01 replace a file?",
        (_promote_in_place, lambda folder: _write(folder, _past(folder)[:-1])),
    ),
    Mistake(
        "the youngest folder",
        "rollback goes to the folder that was made last. That one may never have been "
        "promoted, or may be broken: which file knows what was current?",
        (_forget_the_past, lambda folder: _replace(folder, [_youngest_other(folder)])),
    ),
    Mistake(
        "back and forth",
        "the first rollback is right and the second goes forward again, to the version "
        "that you got rid of: what should happen to its line in the pointer file?",
        (_keep_last_two, lambda folder: _replace(folder, _past(folder)[::-1])),
    ),
)

hunt = Check(
    title="bug hunt: a hasty registry",
    promises=(_checks, _whole, _before, _again),
    probe=lambda answer: [_story(answer), outcomes(_old_file, [(answer,)])],
    mistakes=MISTAKES,
)
