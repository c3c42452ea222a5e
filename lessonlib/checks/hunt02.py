"""Bug hunt of notebook 02: a registry that points first and thinks later."""

import os
import tempfile
from pathlib import Path

from lessonlib.checks import Check, Mistake
from lessonlib.checks.probes import Broken, Untouched, expect

# Versions as their folders are made: the youngest is neither first nor last by name.
_VERSIONS = ("b2", "d4", "a1", "c3")
_BROKEN = "e5"


def _load(path):
    """Stand in for load_model: the version that is broken does not load."""
    if Path(path).name not in _VERSIONS:
        raise RuntimeError(f"{path} does not load")
    return "a model"


class _Shelf:
    """A registry's folder in a temporary place, and the answer that works in it."""

    def __init__(self, answer, folder):
        self.promote_, self.rollback_ = answer
        self.folder = Path(folder) / "registry"
        self.pointer = self.folder / "current.txt"
        for age, version in enumerate((*_VERSIONS, _BROKEN), start=10**9):
            (self.folder / version).mkdir(parents=True)
            os.utime(self.folder / version, (age, age))

    def promote(self, *versions):
        for version in versions:
            self.promote_(self.folder, version, _load)
            if not self.pointer.exists():
                raise Untouched  # the stub: nothing was promoted
        return self.current()

    def rollback(self):
        self.rollback_(self.folder)
        return self.current()

    def refuses(self, version):
        try:
            self.promote_(self.folder, version, _load)
        except Exception:
            return True
        return False

    def current(self):
        lines = self.pointer.read_text().split() if self.pointer.exists() else []
        return lines[-1] if lines else "nothing"


def _with_shelf(work):
    """Return `work` as a function of the answer, with a new shelf each time."""

    def on_new_shelf(answer):
        with tempfile.TemporaryDirectory() as folder:
            return work(_Shelf(answer, folder))

    on_new_shelf.__doc__ = work.__doc__
    return on_new_shelf


@_with_shelf
def _hunt_checks(shelf):
    """a version that does not load is refused, and the one before stays current"""
    called = "promote a1, then b2: the last line of current.txt"
    hint = "in this pointer file the latest version stands last"
    expect(shelf.promote("a1", "b2"), "b2", called=called, hint=hint)
    refused = shelf.refuses(_BROKEN)
    called = f"promote a1, b2 and {_BROKEN}, which does not load: the current version"
    hint = "what should be known before the pointer is touched?"
    expect(shelf.current(), "b2", called=called, hint=hint)
    if not refused:
        message = f"promote of {_BROKEN}, which does not load, raised no exception"
        raise Broken(message, "who has to hear that it was refused?")


@_with_shelf
def _hunt_whole(shelf):
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
def _hunt_before(shelf):
    """rollback makes the version current that was so before"""
    shelf.promote("d4", "a1", "b2")
    called = "promote d4, a1, b2, then roll back: the current version"
    hint = "neither the age of a folder nor its name says what was current"
    expect(shelf.rollback(), "a1", called=called, hint=hint)


@_with_shelf
def _hunt_again(shelf):
    """a second rollback goes back one more, and never forward"""
    shelf.promote("d4", "a1", "b2")
    shelf.rollback()
    called = "promote d4, a1, b2, then roll back twice: the current version"
    hint = "what should the pointer file say after the first rollback?"
    expect(shelf.rollback(), "d4", called=called, hint=hint)


def _linked(shelf):
    try:
        return _hunt_whole_seen(shelf)
    except Exception as error:
        return type(error).__name__


def _hunt_whole_seen(shelf):
    shelf.promote("a1")
    witness = shelf.folder.parent / "before"
    os.link(shelf.pointer, witness)
    shelf.promote("b2")
    return witness.read_text().split()


def _story(shelf):
    told = [shelf.promote("d4", "a1", "b2"), shelf.refuses(_BROKEN), shelf.current()]
    for _ in range(2):
        try:
            told.append(shelf.rollback())
        except Exception as error:
            told.append(type(error).__name__)
    return told


# -- wrong repairs: the first is the colleague's own


def _past(folder):
    pointer = folder / "current.txt"
    return pointer.read_text().split() if pointer.exists() else []


def _point(folder, versions, *, in_place=False):
    beside = folder / ("current.txt" if in_place else "current.partial")
    beside.write_text("\n".join(versions))
    os.replace(beside, folder / "current.txt")


def _youngest_other(folder, now):
    others = [path for path in folder.iterdir() if path.is_dir() and path.name != now]
    return max(others, key=lambda path: path.stat().st_mtime).name


def _registry(*, check="before", in_place=False, back="before", forget=True):
    """Return promote and rollback, right but for what is asked for."""

    def promote(folder, version, load):
        if check == "before":
            load(folder / version)
        elif check == "quiet":
            try:
                load(folder / version)
            except Exception:
                return
        _point(folder, [*_past(folder), version], in_place=in_place)
        if check == "after":
            load(folder / version)

    def rollback(folder):
        past = _past(folder)
        if back == "youngest":
            _point(
                folder, [*past, _youngest_other(folder, past[-1])], in_place=in_place
            )
        elif forget:
            _point(folder, past[:-1], in_place=in_place)
        else:
            _point(folder, [*past, past[-2]], in_place=in_place)

    return promote, rollback


_MISTAKES = (
    Mistake(
        "as it was",
        "this is still the colleague's registry, or behaves like it. Take one promise "
        "after the other: the first is about the order of two lines in promote",
        _registry(check="after", in_place=True, back="youngest"),
    ),
    Mistake(
        "pointed first",
        "the pointer still moves before the model was loaded: it is refused, and it is "
        "current all the same. In the lesson, which came first and which last?",
        _registry(check="after"),
    ),
    Mistake(
        "refused in silence",
        "a model that does not load is kept out, but nobody hears of it: who promotes "
        "believes that it serves. What happens to an exception that nobody catches?",
        _registry(check="quiet"),
    ),
    Mistake(
        "written in place",
        "the pointer file itself is written, and writing empties it first: a reader in "
        "that moment, or a crash, finds nothing. How did notebook 01 replace a file?",
        _registry(in_place=True),
    ),
    Mistake(
        "the youngest folder",
        "rollback goes to the folder that was made last. That one may never have been "
        "promoted, or may be broken: which file knows what was current?",
        _registry(back="youngest"),
    ),
    Mistake(
        "back and forth",
        "the first rollback is right and the second goes forward again, to the version "
        "that had to leave: what should happen to its line in the pointer file?",
        _registry(forget=False),
    ),
)

hunt = Check(
    title="bug hunt: a hasty registry",
    promises=(_hunt_checks, _hunt_whole, _hunt_before, _hunt_again),
    probe=lambda answer: [_with_shelf(_story)(answer), _with_shelf(_linked)(answer)],
    mistakes=_MISTAKES,
)
