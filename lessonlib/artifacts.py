"""How does another process trust a saved model?

`save_model` writes a folder: the model, a manifest that says what it is, and golden
rows with the answers that the model gave when it was saved. `load_model` hands the
model out only after the bytes, the library versions and the golden answers agree.
A hash finds damage, not malice: load only files that you or a colleague made.
"""

import hashlib
import importlib.metadata
import io
import json
import os
import platform
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import joblib
import numpy as np

from lessonlib.errors import ArtifactError

_LIBRARIES = ("scikit-learn", "numpy", "joblib")
_SAME_ANSWER = 1e-9  # room for another processor's last digits, not for another model


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
    sha256: str  # of the model file
    size_bytes: int
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
        """Return probabilities, shape (n, classes), or numbers, shape (n,)."""
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
    kept only as a fingerprint. The manifest is written last, by a rename that happens
    whole or not at all: whoever loads meanwhile gets the model before or this one.
    """
    example = np.asarray(example, dtype=float)
    if example.ndim != 2 or len(example) == 0:
        raise ValueError(f"example must have shape (n, k), n > 0, got {example.shape}")
    features = tuple(features or (Feature(f"x{i}") for i in range(example.shape[1])))
    if len(features) != example.shape[1]:
        raise ValueError(f"{len(features)} features, but {example.shape[1]} columns")
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    model_bytes, golden_bytes = _dump(model), io.BytesIO()
    np.savez(golden_bytes, rows=example, answers=_answers(model, example))
    digest = hashlib.sha256(model_bytes).hexdigest()
    manifest = Manifest(
        name=folder.name,
        version=digest[:8],
        features=features,
        classes=_plain(getattr(model, "classes_", None)),
        sha256=digest,
        size_bytes=len(model_bytes),
        libraries=_libraries(),
        data=fingerprint(*data) if data else {},
        metrics=dict(metrics or {}),
    )
    _write(folder / f"golden-{manifest.version}.npz", golden_bytes.getvalue())
    _write(folder / f"model-{manifest.version}.joblib", model_bytes)
    text = json.dumps(asdict(manifest), indent=1)
    _write(folder / "manifest.json", text.encode())
    for old in [*folder.glob("model-*.joblib"), *folder.glob("golden-*.npz")]:
        if manifest.version not in old.name:
            old.unlink(missing_ok=True)
    return manifest


def load_model(folder: str | Path) -> Model:
    """Return the model of `folder`, after its bytes, versions and answers were checked.

    Raises ArtifactError if a file is missing or changed, if scikit-learn, numpy, joblib
    or Python are not those of the manifest, or if a golden row gets another answer.
    """
    folder = Path(folder)
    manifest = read_manifest(folder)
    model_bytes = _read(folder / f"model-{manifest.version}.joblib")
    found = hashlib.sha256(model_bytes).hexdigest()
    if found != manifest.sha256:
        raise ArtifactError(
            f"the model file in {folder} has changed since it was saved (SHA-256 "
            f"{found[:8]}..., expected {manifest.sha256[:8]}...); take it from its "
            "source again, and do not load this one"
        )
    for library, version in _libraries().items():
        if manifest.libraries.get(library) != version:
            raise ArtifactError(
                f"saved with {library} {manifest.libraries.get(library)}, but this is "
                f"{version}; install the saved version, or train and save again"
            )
    model = Model(joblib.load(io.BytesIO(model_bytes)), manifest)
    golden_bytes = _read(folder / f"golden-{manifest.version}.npz")
    with np.load(io.BytesIO(golden_bytes)) as golden:
        if not np.allclose(model(golden["rows"]), golden["answers"], atol=_SAME_ANSWER):
            raise ArtifactError(
                f"the model in {folder} answers its golden rows differently than when "
                "it was saved; do not serve it, train and save again"
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
        message = f"{path} is not a manifest of save_model ({error})"
        raise ArtifactError(message) from None


def fingerprint(X: np.ndarray, y: np.ndarray) -> dict[str, Any]:
    """Return the number and SHA-256 of training rows; another order is another hash."""
    X, y = np.ascontiguousarray(X, dtype=float), np.ascontiguousarray(y)
    digest = hashlib.sha256(X.tobytes() + y.astype(str).astype("U16").tobytes())
    return {"rows": len(X), "sha256": digest.hexdigest()}


def _answers(model, rows):
    classifier = hasattr(model, "predict_proba")
    return model.predict_proba(rows) if classifier else model.predict(rows)


def _dump(model):
    buffer = io.BytesIO()
    joblib.dump(model, buffer)
    return buffer.getvalue()


def _libraries():
    versions = {name: importlib.metadata.version(name) for name in _LIBRARIES}
    major, minor, _ = platform.python_version_tuple()
    return {"python": f"{major}.{minor}"} | versions


def _plain(classes):
    # numpy's int64 is not JSON, and JSON has no tuples
    return None if classes is None else tuple(np.asarray(classes).tolist())


def _read(path):
    try:
        return path.read_bytes()
    except FileNotFoundError:
        raise ArtifactError(
            f"no {path.name} in {path.parent}. Was the model saved with save_model?"
        ) from None


def _write(path, content):
    partial = path.with_name(path.name + ".partial")
    with open(partial, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())  # on the disk before it gets its name
    os.replace(partial, path)
