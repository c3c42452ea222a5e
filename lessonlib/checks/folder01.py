"""A folder in which an answer saves, on a disk that may be full halfway."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from lessonlib.checks.probes import Untouched

OLD, NEW = b"the old model", b"the new model, a little longer"


class Folder:
    """A folder with an old model, and what a save into it does to it."""

    def __init__(self, folder):
        self.path = Path(folder) / "model.joblib"
        self.path.write_bytes(OLD)
        self.before = self.path.stat().st_ino
        self.called, self.others_read, self.wrote_in = False, None, None

    def save(self, answer, *, disk_is_full):
        """Let `answer` save, and return whether the error of a full disk came back."""

        def write(file):
            self.called, self.others_read = True, self.content()
            name = getattr(file, "name", None)  # a buffer has none, a descriptor is int
            self.wrote_in = Path(name).resolve() if isinstance(name, str) else None
            file.write(NEW[: len(NEW) // 2])
            if disk_is_full:
                file.flush()
                raise OSError("no space left on device")
            file.write(NEW[len(NEW) // 2 :])

        try:
            answer(write, str(self.path))
        except OSError as error:
            if "no space" not in str(error):
                raise
            return True
        if not self.called:
            raise Untouched
        return False

    def content(self):
        """Return what somebody who loads the model would read."""
        return self.path.read_bytes() if self.path.exists() else "no file"

    def is_another_file(self):
        """Return whether a new file has the name, not the old one written over."""
        return self.path.exists() and self.path.stat().st_ino != self.before

    def stayed_here(self):
        """Return whether the bytes went to this folder, as far as that can be seen."""
        here = self.path.parent.resolve()
        return self.wrote_in is None or self.wrote_in.parent == here


@contextmanager
def saved_into_folder(answer, *, disk_is_full=False) -> Iterator[tuple[Folder, bool]]:
    """Yield a folder after `answer` saved into it, and whether its error came back."""
    with tempfile.TemporaryDirectory() as name:
        folder = Folder(name)
        yield folder, folder.save(answer, disk_is_full=disk_is_full)
