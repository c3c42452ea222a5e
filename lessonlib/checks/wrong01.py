"""Wrong answers to the exercises of notebook 01, and what to tell who gives them."""

import os
import shutil
import tempfile
from pathlib import Path

import numpy as np

from lessonlib.checks import Mistake

# -- save


def _straight(write, path):
    with open(path, "wb") as file:
        write(file)


def _beside(write, path):
    with open(f"{path}.partial", "wb") as file:
        write(file)


def _without_rename(write, path):
    _beside(write, path)


def _old_one_first(write, path):
    os.remove(path)
    _beside(write, path)
    os.replace(f"{path}.partial", path)


def _copied(write, path):
    _beside(write, path)
    shutil.copyfile(f"{path}.partial", path)


def _renamed_anyway(write, path):
    try:
        _beside(write, path)
    finally:
        os.replace(f"{path}.partial", path)


def _elsewhere(write, path):
    with tempfile.TemporaryDirectory() as folder:
        beside = str(Path(folder) / "model")
        with open(beside, "wb") as file:
            write(file)
        shutil.move(beside, path)


SAVE = (
    Mistake(
        "straight to the file",
        "the old file itself is opened for writing, and that empties it at once. Where "
        "else could the new bytes go until they are complete?",
        _straight,
    ),
    Mistake(
        "no rename",
        "the new model is complete, but under a name that nobody loads. Which last "
        "step of `write_beside_then_rename` is still missing?",
        _without_rename,
    ),
    Mistake(
        "old one removed first",
        "the old file is gone before the new one is there: a crash between the two "
        "leaves nothing. What does `os.replace` do with a file that has the name?",
        _old_one_first,
    ),
    Mistake(
        "copied",
        "a copy is a write like any other: it empties the old file and can be cut "
        "short. Which call changes the name only, and moves no bytes?",
        _copied,
    ),
    Mistake(
        "renamed after a failure",
        "the rename comes although the write has failed, so half a file takes the good "
        "one's place. Look at when `finally` (or the line after an `except`) runs",
        _renamed_anyway,
    ),
    Mistake(
        "another folder",
        "the new file is written in another folder. That may be another disk, and "
        "between disks a rename becomes a copy. Which folder is surely on the same?",
        _elsewhere,
    ),
)


# -- same

_NINTH = 1e-9


def _close(a, b):
    return np.abs(a - b) <= _NINTH


SAME = (
    Mistake(
        "the first row only",
        "only some of the rows are compared, the first perhaps. The lonely classifier "
        "of the lesson would pass on seven cards in ten: compare them all",
        lambda a, b, rows: bool(_close(a(rows[:1]), b(rows[:1])).all()),
    ),
    Mistake(
        "any for all",
        "one equal number is enough for this to say yes. What should hold of *every* "
        "number in the table: look up `any` and `all`",
        lambda a, b, rows: bool(_close(a(rows), b(rows)).any()),
    ),
    Mistake(
        "digits only",
        "this compares which answer comes out on top. Two models can agree on that and "
        "still give other numbers: compare the numbers themselves",
        lambda a, b, rows: bool((a(rows).argmax(1) == b(rows).argmax(1)).all()),
    ),
    Mistake(
        "to the last bit",
        "not a digit may differ here. Another processor rounds the last ones "
        "otherwise, and the same model would be called another: leave room for 1e-9",
        lambda a, b, rows: bool((a(rows) == b(rows)).all()),
    ),
    Mistake(
        "no absolute value",
        "a number of b that is much *higher* is let through: then a - b is negative, "
        "and so below any limit. What has to be taken off a difference first?",
        lambda a, b, rows: bool((a(rows) - b(rows) <= _NINTH).all()),
    ),
    Mistake(
        "the habits of allclose",
        "`np.allclose` (or `isclose`) also lets numbers differ by a part of their own "
        "size, unless you tell it not to: look up `rtol` and `atol`",
        lambda a, b, rows: bool(np.allclose(a(rows), b(rows))),
    ),
)


# -- formats

FORMATS = (
    Mistake(
        "small for quick",
        "job 1 has room, and wants a quick start. In the figure of the lesson, where "
        "on the time axis was the smallest file?",
        "AAB",
    ),
    Mistake(
        "a map for a forest",
        "a memory map does nothing for job 1: a forest is many small arrays, and "
        "each tree copies its own anyway. Which format loaded quickest?",
        "BAB",
    ),
    Mistake(
        "quick for the archive",
        "job 2 loads once in years, and stores every week. What does it want: little "
        "time, or little room?",
        "DDB",
    ),
    Mistake(
        "a map of a compressed file",
        "job 3: a map shows the bytes of a file as they lie there, and in this one "
        "they are packed; joblib warns, and reads it all. What must the file be like?",
        "DAC",
    ),
    Mistake(
        "packed, eight times",
        "job 3: each of the eight processes would unpack the whole table into a memory "
        "of its own, to look at a few rows. How can they share one?",
        "DAA",
    ),
    Mistake(
        "read, eight times",
        "job 3: each of the eight processes would read all of the table, and hold a "
        "copy, to look at a few rows. How can they share one?",
        "DAD",
    ),
)


# -- travels


def _scaler_of_the_request(classifier, rows):
    from sklearn.preprocessing import StandardScaler

    return classifier.predict(StandardScaler().fit_transform(rows))


def _mean_only(kept, rows):
    mean, classifier = kept
    return classifier.predict(rows - mean)


TRAVELS = (
    Mistake(
        "scaled by the request",
        "the scaler is fitted anew on the cards of each request. A card alone is then "
        "its own mean, so every pixel becomes 0. Whose mean did the classifier learn "
        "with?",
        (lambda model: model[-1], _scaler_of_the_request),
    ),
    Mistake(
        "no scaler",
        "the classifier gets raw pixels: this is the slip of the lesson. Which step of "
        "the model stayed behind?",
        (lambda model: model[-1], lambda kept, rows: kept.predict(rows)),
    ),
    Mistake(
        "scaled twice",
        "the cards are scaled, and then scaled again: a pipeline does all of its steps "
        "itself. What do you have to do before `predict`, if you keep all of it?",
        (lambda m: m, lambda kept, rows: kept.predict(kept[0].transform(rows))),
    ),
    Mistake(
        "mean without spread",
        "the mean of the training cards travelled, but a scaler has two parts: it also "
        "divides. What else did it learn from the training cards?",
        (lambda model: (model[0].mean_, model[-1]), _mean_only),
    ),
    Mistake(
        "probabilities for digits",
        "these are probabilities, one for each digit. The belt wants one digit for "
        "each card: which method of a model gives that?",
        (lambda model: model, lambda kept, rows: kept.predict_proba(rows)),
    ),
)
