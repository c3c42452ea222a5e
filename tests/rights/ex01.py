"""Right answers to the exercises of notebook 01, written differently."""

import io
import os
import tempfile
from pathlib import Path

import numpy as np

# -- save


def beside_then_rename(write, path):
    with open(f"{path}.partial", "wb") as file:
        write(file)
    os.replace(f"{path}.partial", path)


def with_a_name_from_tempfile(write, path):
    folder = os.path.dirname(path)
    with tempfile.NamedTemporaryFile("wb", dir=folder, delete=False) as file:
        try:
            write(file)
        except BaseException:
            file.close()
            os.unlink(file.name)
            raise
    Path(file.name).replace(path)


def with_a_descriptor(write, path):
    descriptor, name = tempfile.mkstemp(dir=Path(path).parent)
    with os.fdopen(descriptor, "wb") as file:
        write(file)
        file.flush()
        os.fsync(descriptor)
    os.replace(name, path)
    return path


def gathered_first(write, path):
    buffer = io.BytesIO()
    write(buffer)
    beside = Path(path).with_suffix(".new")
    beside.write_bytes(buffer.getvalue())
    return beside.replace(path)


# -- verdict


def by_allclose(ours, theirs):
    def close(a, b):
        return np.allclose(a, b, rtol=0, atol=1e-9)

    if close(ours, theirs):
        return "same"
    if close(sorted(ours.tolist()), sorted(theirs.tolist())):
        return "shuffled"
    same_digits = np.array_equal(ours.argmax(1), theirs.argmax(1))
    return "nearly" if same_digits else "other"


def by_lexsort(ours, theirs):
    here, there = (table[np.lexsort(table.T)] for table in (ours, theirs))
    if float(abs(ours - theirs).max()) <= 1e-9:
        return "same"
    if float(abs(here - there).max()) <= 1e-9:
        return "shuffled"
    moved = (np.argmax(ours, axis=1) != np.argmax(theirs, axis=1)).sum()
    return "other" if moved else "nearly"


def row_by_row(ours, theirs):
    def differ(a, b):
        return any(abs(x - y) > 1e-9 for x, y in zip(a, b, strict=True))

    if not any(map(differ, ours, theirs)):
        return "same"
    known = {tuple(line) for line in ours.round(8)}
    if known == {tuple(line) for line in theirs.round(8)}:
        return "shuffled"
    for mine, other in zip(ours.tolist(), theirs.tolist(), strict=True):
        if mine.index(max(mine)) != other.index(max(other)):
            return "other"
    return "nearly"


# -- formats, and what travels


def keep_parts(model):
    return {"mean": model[0].mean_, "scale": model[0].scale_, "classifier": model[1]}


def answer_with_parts(kept, rows):
    return kept["classifier"].predict((rows - kept["mean"]) / kept["scale"])


# -- fits


def by_comprehensions(names, learned):
    shared = [name for name in names if name in learned]
    return {
        "missing": [name for name in learned if name not in names],
        "unknown": [name for name in names if name not in learned],
        "moved": shared != [name for name in learned if name in names],
    }


def by_sets(names, learned):
    places = [learned.index(name) for name in names if name in learned]
    return {
        "missing": set(learned) - set(names),
        "unknown": set(names) - set(learned),
        "moved": places != sorted(places),
    }


RIGHTS = {
    "save": [
        beside_then_rename,
        with_a_name_from_tempfile,
        with_a_descriptor,
        gathered_first,
    ],
    "verdict": [by_allclose, by_lexsort, row_by_row],
    "formats": ["DAB", "dab", "D, A, B", ["D", "A", "B"]],
    "travels": [
        (lambda model: model, lambda kept, rows: kept.predict(rows)),
        (
            lambda model: (model[0], model[-1]),
            lambda kept, rows: kept[1].predict(kept[0].transform(rows)),
        ),
        (keep_parts, answer_with_parts),
        (
            lambda model: model,
            lambda kept, rows: kept.classes_[kept.predict_proba(rows).argmax(axis=1)],
        ),
    ],
    "fits": [by_comprehensions, by_sets],
}
