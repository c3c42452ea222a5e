"""What is a saved model, so that nobody has to guess?

A folder: the model's own file, golden rows with the answers that it gave to them, and a
manifest that names its columns, its classes and the packages that made it. The hash of
all that decides an answer is the model's version; the manifest as a whole has a seal.
"""

import hashlib
import json
import os
import re
import sys
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import numpy as np

from lessonlib.errors import ArtifactError
from lessonlib.save.answers import CLASSES, OUTLIERS, Answers, plain_classes
from lessonlib.save.columns import ARRAY, Column, Image, Values, check_image
from lessonlib.save.disk import read_json, read_whole
from lessonlib.save.examples import values_of

_DECIDES = (
    "columns",
    "classes",
    "form",
    "answers",
)  # an answer; the rest is told of it
_LIBRARIES = ("scikit-learn", "numpy", "joblib")


@dataclass(frozen=True)
class Manifest:
    """What a saved model is, so that nobody has to guess."""

    name: str
    version: str  # the first 8 digits of `sha256`: the same answers, the same version
    columns: tuple[Column, ...]
    classes: tuple[Any, ...] | None  # None for a model that predicts numbers
    sha256: str  # of both files and of what else decides an answer: see `stamped`
    size_bytes: int  # of the model file
    libraries: dict[str, str]  # exact versions, Python's among them
    data: dict[str, Any]  # the training data's rows and SHA-256; empty if not given
    metrics: dict[str, float]
    form: str = ARRAY  # what the model takes: an "array", a "frame", or "texts"
    answers: str = CLASSES  # or "numbers", "outliers", "values"
    examples: tuple[tuple[Any, ...], ...] = ()  # some golden rows, as JSON has them
    image: Image | None = None  # what a row shows, if it is a picture

    @property
    def example(self) -> tuple[Any, ...]:
        """A golden row, as JSON has it; empty if there is none."""
        return self.examples[0] if self.examples else ()

    @property
    def expected_answers(self) -> tuple[Any, ...] | None:
        """The classes, or what says whether a row is an outlier; None for others."""
        return (-1, 1) if self.answers == OUTLIERS else self.classes

    def __repr__(self) -> str:
        return (
            f"{self.name} {self.version}: {len(self.columns)} columns, "
            f"{self.size_bytes:,} bytes, scikit-learn {self.libraries['scikit-learn']}"
        )


@dataclass(frozen=True, eq=False)
class Golden:
    """Rows that were kept with a model, and what it said of them when it was saved."""

    values: Values
    answers: Answers


def stamped(manifest: Manifest, model_bytes: bytes, golden_bytes: bytes) -> Manifest:
    """Return a manifest with the hash and the version that belong to these files.

    Hashed is what decides an answer: both files, and what the manifest says of columns,
    classes and kinds. Its name, metrics or data may change within one version.
    """
    fields = asdict(manifest)
    decides = _canonical({name: fields[name] for name in _DECIDES})
    parts = [hashlib.sha256(x).digest() for x in (model_bytes, golden_bytes, decides)]
    digest = hashlib.sha256(b"".join(parts)).hexdigest()
    return replace(manifest, sha256=digest, version=digest[:8])


def read_manifest(folder: str | Path) -> Manifest:
    """Return the manifest of a saved model. The model itself is not loaded.

    Raises ArtifactError if there is none, or if any field is not as it was written.
    """
    path = Path(folder) / "manifest.json"
    try:
        fields = read_json(path, Manifest)
        seal = fields.pop("seal", None)
        expected, manifest = _seal(fields), _manifest_of(fields)
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
        message = f"{path} is no manifest of save_model ({error})"
        raise ArtifactError(f"{message}; save the model again") from None
    if seal is None:
        message = f"{path} has no seal: it was saved by an older lessonlib"
        raise ArtifactError(f"{message}; train and save again")
    if seal != expected:
        message = f"{path} has changed since it was saved; take the folder from its"
        raise ArtifactError(f"{message} source again, or save the model again")
    return manifest


def write_manifest(folder: str | Path, manifest: Manifest) -> None:
    """Write what `read_manifest` reads: every field, and the seal over all of them."""
    fields = asdict(manifest)
    text = json.dumps(fields | {"seal": _seal(fields)}, indent=1)
    write_whole(Path(folder) / "manifest.json", text.encode())


def read_files(folder: str | Path) -> tuple[Manifest, bytes, bytes]:
    """Return the manifest, and the bytes of the model and of the golden rows."""
    manifest = read_manifest(folder)
    try:
        model, golden = file_paths(folder, manifest.version)
        return manifest, read_whole(model), read_whole(golden)
    except ArtifactError:
        if read_manifest(folder) == manifest:
            raise
        return read_files(folder)  # another model was saved in this moment


def write_files(
    folder: str | Path, manifest: Manifest, model_bytes: bytes, golden_bytes: bytes
) -> None:
    """Write what `read_files` reads, the manifest last."""
    model, golden = file_paths(folder, manifest.version)
    write_whole(model, model_bytes)
    write_whole(golden, golden_bytes)
    write_manifest(folder, manifest)


def read_golden(golden_bytes: bytes) -> Golden:
    """Return the golden rows of a file, and the answers that belong to them."""
    fields = json.loads(golden_bytes)
    values = fields.pop("rows")
    return Golden(values, Answers(**{k: _array_of(v) for k, v in fields.items()}))


def file_paths(folder: str | Path, version: str) -> tuple[Path, Path]:
    """Return where a version's model and its golden rows are."""
    folder = Path(folder)
    return folder / f"model-{version}.joblib", folder / f"golden-{version}.json"


def libraries(names: Iterable[str] = ()) -> dict[str, str]:
    """Return the versions of Python, of what every model needs, and of `names`."""
    found = {"python": "{}.{}".format(*sys.version_info)}
    for name in dict.fromkeys((*_LIBRARIES, *names)):
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            found[name] = "missing"
    return found


def check_versions(manifest: Manifest) -> None:
    """Raise ArtifactError unless what made the model is here, in the same versions."""
    for name, here in libraries(set(manifest.libraries) - {"python"}).items():
        if (then := manifest.libraries.get(name)) != here:
            message = f"saved with {name} {then}, but this is {here}; install the saved"
            raise ArtifactError(f"{message} version, or train and save again")


def write_whole(path: str | Path, content: bytes) -> None:
    """Write `content` to `path`, so that others find the old file or the new one.

    A crash leaves the old one, and at most an unfinished `.partial` file beside it.
    """
    partial = Path(f"{path}.partial")
    try:
        with open(partial, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())  # on the disk before it gets its name
        os.replace(partial, path)
    finally:
        partial.unlink(missing_ok=True)  # there only if something failed


def fingerprint(X: Any, y: Any) -> dict[str, Any]:
    """Return the number and SHA-256 of training rows; another order is another hash."""
    if hasattr(X, "tocoo"):  # sparse: what is not 0, and where
        coo = X.tocoo()
        rows, X = X.shape[0], np.stack([coo.row, coo.col, coo.data])
    else:
        rows = len(X)
    try:
        bytes_of_X = np.ascontiguousarray(X, dtype=float).tobytes()
    except (ValueError, TypeError):  # words, dates, gaps
        bytes_of_X = json.dumps(values_of(X), default=str).encode()
    digest = hashlib.sha256(bytes_of_X + repr(np.asarray(y).tolist()).encode())
    return {"rows": rows, "sha256": digest.hexdigest()}


def _array_of(entries: list[Any]) -> np.ndarray:
    """Return answers as they were: numpy would make a text of a 1 beside an "a"."""
    with suppress(ValueError):  # lists of different lengths
        array = np.array(entries)
        if array.tolist() == entries:
            return array
    array = np.empty(len(entries), dtype=object)
    array[:] = entries
    return array


def _manifest_of(fields: dict[str, Any]) -> Manifest:
    if not re.fullmatch("[0-9a-f]{8}", fields["version"]):  # it names files
        raise ValueError(f"a version has 8 digits, not {fields['version']!r:.40}")
    columns = tuple(Column(**each) for each in fields["columns"])
    if "examples" not in fields:  # an older lessonlib kept one
        fields = fields | {"examples": [fields["example"]]}
        del fields["example"]
    image = fields.get("image")
    return Manifest(
        **fields
        | {
            "columns": columns,
            "classes": plain_classes(fields["classes"]),
            "examples": tuple(map(tuple, fields["examples"])),
            "image": None if image is None else check_image(image, columns),
        }
    )


def _canonical(fields: dict[str, Any]) -> bytes:
    """Return one text for all JSON that says the same, however it is laid out."""
    return json.dumps(fields, sort_keys=True).encode()


def _seal(fields: dict[str, Any]) -> str:
    return hashlib.sha256(_canonical(fields)).hexdigest()
