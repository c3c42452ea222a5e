"""Which saved model has which role?

A registry is a folder. Each version has a folder of its own in it, named by its digits;
`current.json` points to the one that serves; `history.jsonl` tells how it came to that.
A version is never moved or copied, so promoting and rolling back are one small write.
Who adds, promotes or rolls back takes turns; any number may read meanwhile.
"""

import json
import os
import re
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, TypedDict

import msgspec

from lessonlib.errors import ArtifactError
from lessonlib.save.artifacts import Model, load_model, save_model
from lessonlib.save.columns import Column, Image
from lessonlib.save.disk import (
    changing,
    named_folder,
    read_json,
    read_whole,
    refuse_link,
)
from lessonlib.save.manifest import Manifest, read_manifest, write_whole
from lessonlib.save.turns import taking_turns

_HISTORY = "history.jsonl"


@dataclass(frozen=True)
class Event:
    """What was done to a registry."""

    at: float  # seconds since 1970
    action: str  # "add", "promote" or "rollback"
    version: str  # that was added, or is current since
    before: str | None  # that was current until then; of an "add", its parent
    why: str

    def __repr__(self) -> str:
        word = "from" if self.action == "add" else "in place of"
        before = f" {word} {self.before}" if self.before else ""
        why = f" ({self.why})" if self.why else ""
        return f"{self.action} {self.version}{before}{why}"


class _Pointer(TypedDict):
    version: str | None  # that serves
    before: list[str]  # those that served before it, the latest last


class Registry:
    """A folder of saved models, one of which is current."""

    def __init__(self, folder: str | Path):
        self.folder = named_folder(folder)  # made when the first model is added

    def __repr__(self) -> str:
        found, now = len(self._found()), self.current_version or "none"
        versions = "version" if found == 1 else "versions"
        return f"{self.folder.name}: {found} {versions}, current: {now}"

    def add(
        self,
        model: Any,
        *,
        example: Any,
        columns: Sequence[Column] | None = None,
        image: Image | None = None,
        data: tuple[Any, Any] | None = None,
        metrics: dict[str, float] | None = None,
        parent: str | Manifest | None = None,
    ) -> Manifest:
        """Save a model as a version of its own and return its manifest.

        The arguments are those of `save_model`; `parent` is the version that this one
        was made from. The same bytes are the same version: to add them again is fine,
        and only renews the manifest.
        """
        kept: dict[str, Any] = {"columns": columns, "image": image, "data": data}
        kept["metrics"] = metrics
        before = None if parent is None else str(_version(parent))
        with changing(self.folder), self._desk() as new:
            manifest = save_model(model, new, example=example, **kept)
            with taking_turns(self.folder):
                with self._noted("add", manifest.version, before, ""):
                    self._take_in(new, manifest.version)
        return manifest

    def promote(self, version: str | Manifest, *, why: str = "") -> None:
        """Load a version with all its checks, then make it current.

        Raises ArtifactError if it does not load; then the current one keeps its place.
        Promoting the current version again changes nothing.
        """
        chosen = _version(version)
        self.load(chosen)
        with changing(self.folder), taking_turns(self.folder):
            pointer = self._pointer()
            now, older = pointer["version"], pointer["before"]
            if chosen != now:
                with self._noted("promote", chosen, now, why):
                    self._point(chosen, [*older, now] if now else older)

    def rollback(self, *, why: str = "") -> str:
        """Make the version before this one current again, and return it.

        Each call goes back one more. Raises ArtifactError, and changes nothing, if
        there is none before, or if it does not load.
        """
        self._pointed_back()  # or there is nothing to do, and no folder to do it in
        with changing(self.folder), taking_turns(self.folder):
            now, version, older = self._pointed_back()
            self.load(version)
            with self._noted("rollback", version, now, why):
                self._point(version, older)
        return version

    @property
    def current_version(self) -> str | None:
        """The version that serves, or None if none was promoted yet."""
        return self._pointer()["version"]

    def current(self) -> Model:
        """Return the model that serves, loaded and checked as by `load_model`."""
        if (version := self.current_version) is None:
            message = f"no version in {self.folder} has been promoted yet"
            raise ArtifactError(f"{message}; it has {self._names()}")
        return self.load(version)

    def load(self, version: str | Manifest) -> Model:
        """Return a version's model. Raises ArtifactError if it fails a check."""
        wanted = _version(version)
        if not isinstance(wanted, str) or wanted not in self._found():
            message = f"no version {wanted!r} in {self.folder}"
            raise ArtifactError(f"{message}; it has {self._names()}")
        if not read_manifest(self.folder / wanted).sha256.startswith(wanted):
            message = f"the folder {wanted} in {self.folder} holds another version"
            raise ArtifactError(f"{message}; add the model again from its source")
        return load_model(self.folder / wanted)

    def versions(self) -> tuple[Manifest, ...]:
        """Return the manifests of all versions, in the order of their first `add`."""
        versions = [event.version for event in self.history() if event.action == "add"]
        names = self._found()
        order = dict.fromkeys([*versions, *sorted(names)])
        return tuple(
            read_manifest(self.folder / version)
            for version in order
            if version in names
        )

    def history(self) -> tuple[Event, ...]:
        """Return what was done, the oldest first. A line cut short is left out."""
        path, events = self.folder / _HISTORY, []
        for line in read_whole(path).split(b"\n") if path.exists() else []:
            # a crash cut a line that cannot be read; the pointer is right
            with suppress(ValueError, RecursionError, msgspec.ValidationError):
                events.append(msgspec.convert(json.loads(line), Event))
        return tuple(events)

    def _take_in(self, new: Path, version: str) -> None:
        """Move a saved model to its place, the manifest last: now it is there."""
        refuse_link(place := self.folder / version)
        place.mkdir(exist_ok=True)
        for path in sorted(new.iterdir(), key=lambda p: p.name == "manifest.json"):
            os.replace(path, place / path.name)

    def _pointed_back(self) -> tuple[str | None, str, list[str]]:
        """Return the current version, the one before it, and those before that."""
        pointer = self._pointer()
        if not pointer["before"]:
            message = f"no version was current before {pointer['version'] or 'this'}"
            raise ArtifactError(f"{message} in {self.folder}; promote one instead")
        *older, version = pointer["before"]
        return pointer["version"], version, older

    def _pointer(self) -> _Pointer:
        path = self.folder / "current.json"
        if not os.path.lexists(path):
            return {"version": None, "before": []}
        try:
            fields = read_json(path, _Pointer)
            return {"version": fields["version"], "before": fields["before"]}
        except (ValueError, RecursionError) as error:
            message = f"{path} is no pointer of a registry ({error})"
            raise ArtifactError(f"{message}; remove it and promote a version") from None

    def _point(self, version: str, before: list[str]) -> None:
        text = json.dumps({"version": version, "before": before})
        write_whole(self.folder / "current.json", text.encode())

    @contextmanager
    def _noted(
        self, action: str, version: str, before: str | None, why: str
    ) -> Iterator[None]:
        """Write down what is done in the `with`; if that fails, take it back."""
        refuse_link(path := self.folder / _HISTORY)
        size = path.stat().st_size if path.exists() else 0
        event = Event(time.time(), action, version, before, str(why))
        try:
            with open(path, "a", encoding="utf-8") as file:
                # a new line first: whatever a crash left of the last one ends here
                file.write(f"\n{json.dumps(asdict(event))}")
            yield
        except BaseException:
            with suppress(OSError):  # there may not even be a file
                os.truncate(path, size)
            raise

    @contextmanager
    def _desk(self) -> Iterator[Path]:
        """Make a folder for a while, called as the registry: so is the model in it."""
        self.folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=self.folder, prefix=".new-") as desk:
            yield Path(desk) / self.folder.name

    def _found(self) -> set[str]:
        paths = self.folder.glob("*/manifest.json")
        names = (path.parent.name for path in paths)
        return {name for name in names if re.fullmatch("[0-9a-f]{8}", name)}

    def _names(self) -> str:
        return ", ".join(sorted(self._found())) or "none"


def _version(version: str | Manifest) -> str:
    return version.version if isinstance(version, Manifest) else version
