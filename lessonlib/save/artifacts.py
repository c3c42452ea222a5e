"""How does another process trust a saved model?

`save_model` writes a folder: the model, a manifest that says what it is, and golden
rows with the answers that the model gave when it was saved. `load_model` hands the
model out only after the bytes, the library versions and the golden answers agree.
A hash finds damage, not malice: load only files that you or a colleague made.
"""

import io
import json
import math
import sys
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from importlib.metadata import packages_distributions
from pathlib import Path
from typing import Any

import joblib

from lessonlib.errors import ArtifactError
from lessonlib.save.answers import CLASSES, Answers, answer_kind, ask, classes_of
from lessonlib.save.columns import (
    FRAME,
    Column,
    Image,
    Values,
    build_table,
    check_image,
)
from lessonlib.save.disk import changing, named_folder
from lessonlib.save.examples import read_example
from lessonlib.save.imports import imports_of
from lessonlib.save.manifest import (
    Manifest,
    check_versions,
    fingerprint,
    libraries,
    read_files,
    read_golden,
    stamped,
    write_files,
)
from lessonlib.save.rehearsal import in_a_line, rehearse
from lessonlib.save.turns import taking_turns

_SAME = 1e-9  # room for another processor's last digits, not for another model
_EXAMPLES = 5  # golden rows that stand in the manifest, too
_KNOWN = {"sklearn", "numpy", "lessonlib"}


@dataclass(frozen=True)
class Model:
    """A loaded model and its manifest. Call it with what it has learned from."""

    estimator: Any
    manifest: Manifest

    def __call__(self, table: Any) -> Answers:
        """Return what the model says of rows, shape (n, k)."""
        return ask(self.estimator, table)

    def __repr__(self) -> str:
        return repr(self.manifest)


def save_model(
    model: Any,
    folder: str | Path,
    *,
    example: Any,
    columns: Sequence[Column] | None = None,
    image: Image | None = None,
    data: tuple[Any, Any] | None = None,
    metrics: dict[str, float] | None = None,
) -> Manifest:
    """Save a fitted model in `folder` and return its manifest.

    `example` becomes the golden rows: some rows of what the model has learned from, as
    an array or a DataFrame of shape (n, k), or a list of texts. Names and kinds of the
    columns are read from it, unless `columns` says more. If each row is a picture,
    `image` says so: (8, 8, 16) is 8 lines of 8 values, from 0 (white) to 16 (black).
    `data` is (X, y) of the training, kept only as a fingerprint. The manifest is
    written last and whole: whoever loads meanwhile, or after a crash, gets the model
    before or this one. Savers take turns. Raises ValueError for what cannot be served,
    with the reason.
    """
    folder, kind = named_folder(folder), answer_kind(model)
    seen = read_example(model, example, columns=columns)
    answers = rehearse(model, seen)
    model_bytes = _bytes_of(model)
    golden_bytes = json.dumps({"rows": seen.values} | answers.as_json()).encode()
    manifest = Manifest(
        name=folder.name,
        version="",  # this and the hash come with the stamp
        columns=seen.columns,
        classes=classes_of(model) if kind == CLASSES else None,
        sha256="",
        size_bytes=len(model_bytes),
        libraries=libraries(_made_by(model, seen.form)),
        data={} if data is None else _fingerprint(data),
        metrics=_checked_metrics(metrics or {}),
        form=seen.form,
        answers=kind,
        examples=_telling(seen.values, answers),
        image=None if image is None else check_image(image, seen.columns),
    )
    manifest = stamped(manifest, model_bytes, golden_bytes)
    again = Model(_read_back(model_bytes), manifest)
    if problem := _problem_with_golden(again, golden_bytes):
        raise ValueError(f"read back from its file, the model {problem}")
    _write(folder, manifest, model_bytes, golden_bytes)
    return manifest


def load_model(folder: str | Path) -> Model:
    """Return the model of `folder`, after its bytes, versions and answers were checked.

    Raises ArtifactError if a file is missing or changed, if scikit-learn, numpy, joblib
    or Python are not those of the manifest, or if a golden row gets another answer.
    """
    manifest, model_bytes, golden_bytes = read_files(folder)
    found = stamped(manifest, model_bytes, golden_bytes).sha256
    if found != manifest.sha256:
        raise ArtifactError(
            f"the model in {folder} has changed since it was saved (SHA-256 "
            f"{found[:8]}..., expected {manifest.sha256[:8]}...); take it from its "
            "source again, and do not load this one"
        )
    check_versions(manifest)
    model = Model(_unpickle(model_bytes, folder), manifest)
    if problem := _problem_with_golden(model, golden_bytes):
        message = f"the model in {folder} {problem}"
        raise ArtifactError(f"{message}; do not serve it, train and save again")
    return model


def _telling(values: Values, answers: Answers) -> tuple[tuple[Any, ...], ...]:
    """Return the first rows that get different answers: a person may try them."""
    rows: dict[str, tuple[Any, ...]] = {}
    for row, answer in zip(values, answers.as_json()["predictions"], strict=True):
        rows.setdefault(json.dumps(answer), tuple(row))
    return tuple(rows.values())[:_EXAMPLES]


def _fingerprint(data: tuple[Any, Any]) -> dict[str, Any]:
    if not isinstance(data, tuple) or len(data) != 2:
        kind = type(data).__name__
        raise ValueError(f"data must be (X, y) of the training, got a {kind}")
    return fingerprint(*data)


def _checked_metrics(metrics: dict[str, float]) -> dict[str, float]:
    try:
        checked = {str(name): float(value) for name, value in metrics.items()}
    except (TypeError, ValueError, AttributeError):
        checked = {"": math.nan}
    if not all(map(math.isfinite, checked.values())):
        raise ValueError(f"metrics must be finite numbers by name, got {metrics!r:.80}")
    return checked


def _bytes_of(model: Any) -> bytes:
    buffer = io.BytesIO()
    try:
        joblib.dump(model, buffer)
        name = imports_of(model).get("__main__")
    except Exception as error:  # each class says in its own way that it cannot
        message = f"the model does not fit into a file ({in_a_line(error)}): a lambda"
        hint = "or a function in a function? Put it into a module"
        raise ValueError(f"{message} {hint}") from None
    if name:
        message = f"the model uses {name}, which only this notebook or script has"
        raise ValueError(f"{message}: put it into a module beside it, and import it")
    return buffer.getvalue()


def _read_back(model_bytes: bytes) -> Any:
    try:
        return joblib.load(io.BytesIO(model_bytes))
    except Exception as error:
        message = f"the model cannot be read back from its file ({in_a_line(error)})"
        raise ValueError(f"{message}: save an object of a plain class") from None


def _write(
    folder: Path, manifest: Manifest, model_bytes: bytes, golden_bytes: bytes
) -> None:
    """Write three files, the manifest last; then remove those of older models."""
    with changing(folder), taking_turns(folder):
        write_files(folder, manifest, model_bytes, golden_bytes)
        for old in (*folder.glob("model-*.joblib*"), *folder.glob("golden-*.json*")):
            with suppress(OSError):  # on Windows, while somebody reads it: next time
                if manifest.version not in old.name:
                    old.unlink()


def _unpickle(model_bytes: bytes, folder: str | Path) -> Any:
    try:
        return joblib.load(io.BytesIO(model_bytes))
    except (ImportError, AttributeError) as error:
        message = f"the model in {folder} needs code that is not here ({error}):"
        raise ArtifactError(f"{message} run this where that module is") from None
    except Exception as error:  # of any kind: a file may call whatever it likes
        message = f"the model in {folder} cannot be read back ({in_a_line(error)})"
        raise ArtifactError(f"{message}; train and save again") from None


def _problem_with_golden(model: Model, golden_bytes: bytes) -> str:
    """Return what is wrong with what a model says of its golden rows, or nothing."""
    golden, manifest = read_golden(golden_bytes), model.manifest
    try:
        answers = model(build_table(golden.values, manifest.columns, manifest.form))
    except Exception as error:  # of any kind: the model may be anybody's
        return f"cannot answer its golden rows ({in_a_line(error)})"
    if answers.agree_with(golden.answers, tolerance=_SAME):
        return ""
    return "answers its golden rows differently than when it was saved"


def _made_by(model: Any, form: str) -> list[str]:
    """Return the packages beside scikit-learn whose code a model's file needs."""
    modules = {module.partition(".")[0] for module in imports_of(model)} - _KNOWN
    modules -= sys.stdlib_module_names
    found = packages_distributions() if modules else {}
    names = {found[module][0] for module in modules if module in found}
    return sorted(names | ({"pandas"} if form == FRAME else set()))
