"""How does another process trust a saved model?

`save_model` writes a folder: the model, a manifest that says what it is, and golden
rows with the answers that the model gave when it was saved. `load_model` hands the
model out only after the bytes, the library versions and the golden answers agree.
A hash finds damage, not malice: load only files that you or a colleague made.
"""

import hashlib
import io
import json
import os
import sys
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

import joblib
import numpy as np

from lessonlib.errors import ArtifactError

_LIBRARIES = ("scikit-learn", "numpy", "joblib")
_SAME = 1e-9  # room for another processor's last digits, not for another model


@dataclass(frozen=True)
class Feature:
    """One number of a row, and the limits that a client must keep (None: no limit)."""

    name: str
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True)
class Manifest:
    """What a saved model is, so that nobody has to guess."""

    name: str
    version: str  # the first 8 digits of `sha256`: the same bytes are the same version
    features: tuple[Feature, ...]
    classes: tuple[Any, ...] | None  # None for a model that predicts numbers
    sha256: str  # of the model file and the golden file, one after the other
    size_bytes: int  # of the model file
    libraries: dict[str, str]  # exact versions, Python's among them
    data: dict[str, Any]  # the training data's rows and SHA-256; empty if not given
    metrics: dict[str, float]

    def __repr__(self) -> str:
        return (
            f"{self.name} {self.version}: {len(self.features)} features, "
            f"{self.size_bytes:,} bytes, scikit-learn {self.libraries['scikit-learn']}"
        )


@dataclass(frozen=True)
class Model:
    """A loaded model and its manifest. Call it with rows, shape (n, k)."""

    estimator: Any
    manifest: Manifest

    def __call__(self, rows: np.ndarray) -> np.ndarray:
        """Return probabilities, shape (n, classes), or else predictions, shape (n,)."""
        return _answers(self.estimator, rows)

    def __repr__(self) -> str:
        return repr(self.manifest)


def save_model(
    model: Any,
    folder: str | Path,
    *,
    example: np.ndarray,
    features: Sequence[Feature] | None = None,
    data: tuple[np.ndarray, np.ndarray] | None = None,
    metrics: dict[str, float] | None = None,
) -> Manifest:
    """Save a fitted model in `folder` and return its manifest.

    `example`, shape (n, k), becomes the golden rows. `data` is (X, y) of the training,
    kept only as a fingerprint. The manifest is written last and whole: whoever loads
    meanwhile, or after a crash, gets the model before or this one. One saver at a time.
    """
    example = np.asarray(example, dtype=float)
    if example.ndim != 2 or len(example) == 0:
        raise ValueError(f"example must have shape (n, k), n > 0, got {example.shape}")
    features = tuple(features or (Feature(f"x{i}") for i in range(example.shape[1])))
    if len(features) != example.shape[1]:
        raise ValueError(f"{len(features)} features, but {example.shape[1]} columns")
    folder, answers = Path(folder).resolve(), _answers(model, example)
    model_bytes = _bytes_of(lambda file: joblib.dump(model, file))
    golden_bytes = _bytes_of(lambda file: np.savez(file, rows=example, answers=answers))
    digest = hashlib.sha256(model_bytes + golden_bytes).hexdigest()
    manifest = Manifest(
        name=folder.name,
        version=digest[:8],
        features=features,
        classes=_plain(getattr(model, "classes_", None)),
        sha256=digest,
        size_bytes=len(model_bytes),
        libraries=_libraries(),
        data=fingerprint(*data) if data else {},
        metrics={name: float(value) for name, value in (metrics or {}).items()},
    )
    folder.mkdir(parents=True, exist_ok=True)
    text = json.dumps(asdict(manifest), indent=1).encode()
    contents = (model_bytes, golden_bytes, text)
    for path, content in zip(_files(folder, digest[:8]), contents, strict=True):
        write_whole(path, content)
    for old in (*folder.glob("model-*.joblib*"), *folder.glob("golden-*.npz*")):
        with suppress(OSError):  # on Windows, while somebody reads it: next time
            if manifest.version not in old.name:
                old.unlink()
    return manifest


def load_model(folder: str | Path) -> Model:
    """Return the model of `folder`, after its bytes, versions and answers were checked.

    Raises ArtifactError if a file is missing or changed, if scikit-learn, numpy, joblib
    or Python are not those of the manifest, or if a golden row gets another answer.
    """
    manifest, model_bytes, golden_bytes = _read_all(folder)
    found = hashlib.sha256(model_bytes + golden_bytes).hexdigest()
    if found != manifest.sha256:
        raise ArtifactError(
            f"the model in {folder} has changed since it was saved (SHA-256 "
            f"{found[:8]}..., expected {manifest.sha256[:8]}...); take it from its "
            "source again, and do not load this one"
        )
    _check_versions(manifest)
    model = Model(_unpickle(model_bytes, folder), manifest)
    if not _keeps_golden_answers(model, golden_bytes):
        raise ArtifactError(
            f"the model in {folder} answers its golden rows differently than when it "
            "was saved; do not serve it, train and save again"
        )
    return model


def read_manifest(folder: str | Path) -> Manifest:
    """Return the manifest of a saved model. The model itself is not loaded."""
    path = Path(folder) / "manifest.json"
    try:
        fields = json.loads(_read(path))
        fields["features"] = tuple(Feature(**each) for each in fields["features"])
        fields["classes"] = _plain(fields["classes"])
        return Manifest(**fields)
    except (ValueError, TypeError, KeyError) as error:
        raise ArtifactError(f"{path} is no manifest of save_model ({error})") from None


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


def fingerprint(X: np.ndarray, y: np.ndarray) -> dict[str, Any]:
    """Return the number and SHA-256 of training rows; another order is another hash."""
    X = np.ascontiguousarray(X, dtype=float)
    digest = hashlib.sha256(X.tobytes() + repr(np.asarray(y).tolist()).encode())
    return {"rows": len(X), "sha256": digest.hexdigest()}


def _answers(model: Any, rows: np.ndarray) -> np.ndarray:
    answers = np.asarray(getattr(model, "predict_proba", model.predict)(rows))
    return answers.astype(str) if answers.dtype == object else answers


def _bytes_of(write: Callable[[io.BytesIO], object]) -> bytes:
    write(buffer := io.BytesIO())
    return buffer.getvalue()


def _unpickle(model_bytes: bytes, folder: str | Path) -> Any:
    try:
        return joblib.load(io.BytesIO(model_bytes))
    except (ImportError, AttributeError) as error:
        message = f"the model in {folder} needs code that is not here ({error}); keep"
        raise ArtifactError(f"{message} it in a module, and save again") from None


def _keeps_golden_answers(model: Model, golden_bytes: bytes) -> bool:
    with np.load(io.BytesIO(golden_bytes)) as golden:
        then, now = golden["answers"], model(golden["rows"])
    if then.shape != now.shape or then.dtype.kind == "U":  # U: classes with names
        return np.array_equal(then, now)
    return np.allclose(then, now, rtol=_SAME, atol=_SAME)


def _libraries() -> dict[str, str]:
    python = "{}.{}".format(*sys.version_info)
    return {"python": python} | {name: version(name) for name in _LIBRARIES}


def _check_versions(manifest: Manifest) -> None:
    for name, here in _libraries().items():
        if (then := manifest.libraries.get(name)) != here:
            message = f"saved with {name} {then}, but this is {here}; install the saved"
            raise ArtifactError(f"{message} version, or train and save again")


def _plain(classes: Sequence[Any] | np.ndarray | None) -> tuple[Any, ...] | None:
    # numpy's int64 is not JSON, and JSON has no tuples
    return None if classes is None else tuple(np.asarray(classes).tolist())


def _files(folder: str | Path, digits: str) -> list[Path]:
    names = (f"model-{digits}.joblib", f"golden-{digits}.npz", "manifest.json")
    return [Path(folder) / name for name in names]


def _read_all(folder: str | Path) -> tuple[Manifest, bytes, bytes]:
    manifest = read_manifest(folder)
    try:
        model, golden, _ = _files(folder, manifest.version)
        return manifest, _read(model), _read(golden)
    except ArtifactError:
        if read_manifest(folder) == manifest:
            raise
        return _read_all(folder)  # another model was saved in this moment


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except FileNotFoundError:
        message = f"no {path.name} in {path.parent}. Was it saved with save_model?"
        raise ArtifactError(message) from None
