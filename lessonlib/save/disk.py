"""What is in a file, and what if the disk refuses?

A file that is missing, closed, or holds something else, and a disk that is full: each
is said in one sentence, with what to do.
"""

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import msgspec

from lessonlib.errors import ArtifactError


def named_folder(folder: str | Path) -> Path:
    """Return a folder's whole path. Raises ValueError if it has no name for a model."""
    name = os.fsdecode(folder)
    try:
        path = Path(name and os.path.realpath(name))
        if path.name.encode():  # what cannot be written as UTF-8 cannot be sent
            return path
    except ValueError:
        pass
    message = f"a folder's name becomes its model's, and {name!r:.80} has none"
    raise ValueError(f"{message} that can be sent: give another")


def read_whole(path: Path) -> bytes:
    """Return what is in a file. Raises ArtifactError if it is missing or closed."""
    try:
        return path.read_bytes()
    except FileNotFoundError:
        message = f"no {path.name} in {path.parent}. Was it saved with save_model?"
        raise ArtifactError(message) from None
    except OSError as error:
        message = f"{path} cannot be read ({error.strerror})"
        raise ArtifactError(f"{message}; see who may read it") from None


def read_json(path: Path, kind: Any) -> dict[str, Any]:
    """Return the fields of a file that holds a `kind` as JSON, as they are written.

    Raises ValueError if one has another type, or is there twice.
    """
    fields = json.loads(read_whole(path), object_pairs_hook=_each_once)
    try:
        msgspec.convert(fields, kind)  # looked at only: a 1 is to stay a 1, not 1.0
    except msgspec.MsgspecError as error:
        raise ValueError(str(error)) from None
    return fields


@contextmanager
def changing(folder: str | Path) -> Iterator[None]:
    """Raise ArtifactError if the disk refuses what is done to a folder in the `with`.

    Only for what leaves the old files in place until the new ones are whole.
    """
    try:
        yield
    except OSError as error:
        message = f"{folder} cannot be changed ({error.strerror or error}), and is as"
        hint = "it was: is there room, and may this program write there?"
        raise ArtifactError(f"{message} {hint}") from error


def refuse_link(path: Path) -> None:
    """Raise ArtifactError for a link: what is written there may land anywhere."""
    if path.is_symlink():
        message = f"{path} is a link, and what is written there lands elsewhere"
        raise ArtifactError(f"{message}: put what it leads to in its place")


def _each_once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    fields = dict(pairs)
    if len(fields) < len(pairs):  # another reader would take the first
        names = [name for name, _ in pairs]
        raise ValueError(f"{max(names, key=names.count)!r:.40} is there twice")
    return fields
